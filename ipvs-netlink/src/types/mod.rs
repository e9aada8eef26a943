//! What the kernel's table holds, as types whose values it does not refuse for their shape.

mod daemon;
mod destination;
mod flags;
mod forward;
mod info;
mod persistence;
mod scheduler;
mod service;
mod service_id;
mod statistics;
mod table;
mod timeouts;

pub use daemon::{Daemon, InvalidDaemon, MulticastGroup, SyncRole};
pub use destination::{
    Destination, DestinationEntry, DestinationId, InvalidThresholds, InvalidWeight, Thresholds, Weight,
};
pub use flags::SchedulerFlags;
pub use forward::{Checksum, Forward, Tunnel, UnknownForward, UnknownTunnel};
pub use info::{Info, Version};
pub use persistence::{Granularity, InvalidPersistence, Persistence};
pub use scheduler::{InvalidName, PersistenceEngine, Scheduler};
pub use service::{Service, ServiceEntry, WrongFamily};
pub use service_id::{Family, Protocol, ServiceId};
pub use statistics::{Rates, Statistics};
pub use table::{Pool, Table};
pub use timeouts::Timeouts;
