use thiserror::Error;

use crate::packet::IpvsCommand;
use crate::{InvalidDaemon, InvalidName, InvalidThresholds, InvalidWeight, WrongFamily};

/// A message of the kernel does not say what one of its kind has to say, or says what no kernel up to now could mean.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// It is of another kind.
    #[error("the message is {found:?}, expected {expected:?}")]
    Command {
        /// What it is.
        found: IpvsCommand,
        /// What it ought to be.
        expected: IpvsCommand,
    },
    /// An attribute is not there, or has a size that this version does not know.
    #[error("the message has no {0}, or one of a size that is not known here")]
    Missing(&'static str),
    /// Neither IPv4 nor IPv6.
    #[error("address family {0}: expected 2 (IPv4) or 10 (IPv6)")]
    AddressFamily(u16),
    /// The name of a scheduler.
    #[error("a scheduler's name: {0}")]
    Scheduler(#[source] InvalidName),
    /// The name of a persistence engine.
    #[error("a persistence engine's name: {0}")]
    PersistenceEngine(#[source] InvalidName),
    /// A persistence granularity for IPv6.
    #[error("a persistence granularity of {0} bits: expected an IPv6 prefix length of 1 to 128")]
    PrefixLength(u32),
    /// A persistence granularity of the other family than the service.
    #[error(transparent)]
    PersistenceFamily(#[from] WrongFamily),
    /// A weight that is negative for the kernel.
    #[error(transparent)]
    Weight(#[from] InvalidWeight),
    /// Thresholds that contradict each other.
    #[error(transparent)]
    Thresholds(#[from] InvalidThresholds),
    /// Neither a master nor a backup.
    #[error("state {0} of a sync daemon: expected 1 (master) or 2 (backup)")]
    SyncState(u32),
    /// The messages of sync daemons have no room for it.
    #[error("sync id {0}: expected 0 to 255")]
    SyncId(u32),
    /// A sync daemon's interface or group.
    #[error(transparent)]
    Daemon(#[from] InvalidDaemon),
}
