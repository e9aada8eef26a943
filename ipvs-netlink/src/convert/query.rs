use crate::ServiceId;
use crate::convert::command::only;
use crate::packet::{IpvsCommand, IpvsMessage};

/// What the kernel can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Query {
    /// All services; each answer is a [`ServiceEntry`](crate::ServiceEntry).
    Services,
    /// One service; the answer is a [`ServiceEntry`](crate::ServiceEntry).
    Service(ServiceId),
    /// The destinations of a service; each answer is a [`DestinationEntry`](crate::DestinationEntry). Of a service that is not
    /// there, it is an empty list.
    Destinations(ServiceId),
    /// The sync daemons that run; each answer is a [`Daemon`](crate::Daemon).
    Daemons,
    /// How long connections are remembered; the answer is [`Timeouts`](crate::Timeouts).
    Timeouts,
    /// What IPVS says of itself; the answer is [`Info`](crate::Info).
    Info,
}

impl Query {
    /// What is sent to the kernel, as a request (NLM_F_REQUEST).
    #[must_use]
    pub fn message(&self) -> IpvsMessage {
        let (command, service) = match self {
            Self::Services => (IpvsCommand::GetService, None),
            Self::Service(id) => (IpvsCommand::GetService, Some(id)),
            Self::Destinations(id) => (IpvsCommand::GetDest, Some(id)),
            Self::Daemons => (IpvsCommand::GetDaemon, None),
            Self::Timeouts => (IpvsCommand::GetConfig, None),
            Self::Info => (IpvsCommand::GetInfo, None),
        };
        IpvsMessage {
            command,
            attributes: service.into_iter().map(only).collect(),
        }
    }

    /// Whether the request is for a list (NLM_F_DUMP), whose end is a message of its own (NLMSG_DONE).
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Services | Self::Destinations(_) | Self::Daemons)
    }
}
