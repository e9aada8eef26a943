use std::fmt;

use crate::{Daemon, Destination, DestinationId, Persistence, Service, ServiceId, SyncRole, Timeouts};

/// One change of the kernel's table. It happens wholly or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// A service that is not there yet, without destinations.
    AddService(Service),
    /// Everything about a service but what it is found by. Connections and destinations stay.
    SetService(Service),
    /// A service goes, with its destinations.
    DeleteService(ServiceId),
    /// A destination that its service does not have yet.
    AddDestination(ServiceId, Destination),
    /// Everything about a destination but what it is found by. Connections stay.
    SetDestination(ServiceId, Destination),
    /// A destination goes. What becomes of its connections is for net.ipv4.vs.expire_nodest_conn to say.
    DeleteDestination(ServiceId, DestinationId),
    /// Everything goes.
    Flush,
    /// The counters of one service and its destinations, or of everything, become 0.
    Zero(Option<ServiceId>),
    /// A sync daemon begins.
    StartDaemon(Daemon),
    /// A sync daemon ends.
    StopDaemon(SyncRole),
    /// How long connections are remembered.
    SetTimeouts(Timeouts),
}

/// What is done, as a person reads it: `add 10.0.1.1:80 to TCP 10.0.0.1:80, Masq, weight 1`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddService(service) => write!(f, "add {}", Described(service)),
            Self::SetService(service) => write!(f, "change {}", Described(service)),
            Self::DeleteService(id) => write!(f, "delete {id}"),
            Self::AddDestination(id, destination) => {
                write!(f, "add {} to {id}, {}", destination.id, Share(destination))
            }
            Self::SetDestination(id, destination) => {
                write!(f, "change {} of {id}: {}", destination.id, Share(destination))
            }
            Self::DeleteDestination(id, destination) => write!(f, "delete {destination} of {id}"),
            Self::Flush => f.write_str("delete all services"),
            Self::Zero(None) => f.write_str("set all counters to 0"),
            Self::Zero(Some(id)) => write!(f, "set the counters of {id} to 0"),
            Self::StartDaemon(daemon) => {
                write!(
                    f,
                    "start the sync daemon as {} on {}",
                    daemon.role(),
                    daemon.interface()
                )
            }
            Self::StopDaemon(role) => write!(f, "stop the sync daemon that is {role}"),
            Self::SetTimeouts(_) => f.write_str("set the timeouts"),
        }
    }
}

struct Described<'a>(&'a Service);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.0.id(), self.0.scheduler())?;
        match self.0.persistence().as_ref().map(Persistence::seconds) {
            Some(seconds) => write!(f, ", persistent for {seconds} s"),
            None => Ok(()),
        }
    }
}

struct Share<'a>(&'a Destination);

impl fmt::Display for Share<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, weight {}", self.0.forward, self.0.weight)
    }
}
