#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
mod client;
mod command;
mod convert;
mod diff;
mod error;
mod exchange;
pub mod ipvsadm;
pub mod packet;
mod refusal;
mod types;

#[cfg(feature = "client")]
pub use client::Client;
pub use command::Command;
pub use convert::{DecodeError, Query};
pub use diff::{Scope, diff};
pub use error::Error;
pub use exchange::{Batch, Exchange, FamilyNumber, Malformed, Reply, Undecodable};
pub use refusal::{Outcome, Reason, Refusal};
pub use types::{
    Checksum, Daemon, Destination, DestinationEntry, DestinationId, Family, Forward, Granularity, Info,
    InvalidDaemon, InvalidName, InvalidPersistence, InvalidThresholds, InvalidWeight, MulticastGroup,
    Persistence, PersistenceEngine, Pool, Protocol, Rates, Scheduler, SchedulerFlags, Service, ServiceEntry,
    ServiceId, Statistics, SyncRole, Table, Thresholds, Timeouts, Tunnel, UnknownForward, UnknownTunnel,
    Version, Weight, WrongFamily,
};
