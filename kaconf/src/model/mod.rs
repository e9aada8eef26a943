//! What a keepalived.conf means, as types: every default filled in, every inheritance resolved.

mod address;
mod bfd;
mod checker;
mod command;
mod config;
mod daemon;
mod files;
mod garp;
mod global;
mod groups;
mod hmac;
mod instance;
mod lvs;
mod mail;
mod nftables;
mod password;
mod processes;
mod real_server;
mod route;
mod rule;
mod script;
mod server_group;
mod shared;
mod sockets;
mod spanned;
mod ssl;
mod sync_group;
mod track_file;
mod track_process;
mod tracking;
mod virtual_server;
mod vmac;

pub use address::{Broadcast, Scope, VirtualAddress};
pub use bfd::BfdInstance;
pub use checker::{
    BfdCheck, Check, Checker, Connection, DnsCheck, FileCheck, HttpCheck, HttpProtocol, MiscCheck, Origin,
    PingCheck, RecordType, RegexOption, ReplyByte, SmtpCheck, SmtpHost, StatusCodes, TcpCheck, UdpCheck, Url,
};
pub use command::{Command, Fifo, Notify, NotifyDeleted, ScriptUser};
pub use config::Config;
pub use daemon::{Daemon, IpvsNamespace};
pub use files::{Files, JsonVersion, NotifyFifo, ReloadCheck, ReloadFile};
pub use garp::Garp;
pub use global::GlobalDefs;
pub use groups::{GarpGroup, InterfaceDelays, TrackGroup};
pub use hmac::{AntiReplay, AuthHmac, HmacKey, HmacMode, HmacSecret};
pub use instance::{
    AuthKind, Authentication, Family, GarpExtraIf, InitialState, OldUnicastChecksum, UnicastPeer,
    VrrpInstance, VrrpVersion,
};
pub use lvs::{FlushOnStop, Lvs, LvsSyncDaemon, LvsTimeouts};
pub use mail::{Mail, SmtpServer};
pub use nftables::Nftables;
pub use password::Password;
pub use processes::{CpuSet, Process, Processes, Umask};
pub use real_server::{Extras, RealServer};
pub use route::{
    CongestionControl, Destination, Name, NextHop, Route, RouteKind, RouteMetric, RouteMetricKind,
    RoutePreference,
};
pub use rule::{Rule, RuleAction};
pub use script::VrrpScript;
pub use server_group::{GroupEntry, VirtualServerGroup};
pub use shared::Shared;
pub use sockets::{Buffer, Buffers, RxBufsPolicy};
pub use spanned::Spanned;
pub use ssl::{Passphrase, Ssl};
pub use sync_group::SyncGroup;
pub use track_file::{InitFile, TrackFile};
pub use track_process::{ParamMatch, TrackProcess};
pub use tracking::{Tracked, Tracking, Weight};
pub use virtual_server::{
    Contact, Endpoint, Forwarding, Granularity, Protocol, QuorumNotify, Schedule, Scheduler, SchedulerFlags,
    Service, Tunnel, TunnelChecksum, VirtualServer,
};
pub use vmac::{Ipvlan, IpvlanMode, MacAddress, Vmac};
