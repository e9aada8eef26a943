#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod command;
mod convert;
mod diff;
pub mod ipvsadm;
pub mod packet;
mod types;

pub use command::Command;
pub use convert::{DecodeError, Query};
pub use diff::{Scope, diff};
pub use types::{
    Checksum, Daemon, Destination, DestinationEntry, DestinationId, Family, Forward, Granularity, Info,
    InvalidDaemon, InvalidName, InvalidPersistence, InvalidThresholds, InvalidWeight, MulticastGroup,
    Persistence, PersistenceEngine, Pool, Protocol, Rates, Scheduler, SchedulerFlags, Service, ServiceEntry,
    ServiceId, Statistics, SyncRole, Table, Thresholds, Timeouts, Tunnel, UnknownForward, UnknownTunnel,
    Version, Weight, WrongFamily,
};
