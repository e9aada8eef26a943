use crate::convert::{daemon, destination, service, settings};
use crate::packet::{DestinationAttribute, IpvsAttribute, IpvsCommand, IpvsMessage};
use crate::{Command, ServiceId};

impl Command {
    /// What is sent to the kernel, as a request whose answer is an acknowledgement (NLM_F_REQUEST and NLM_F_ACK).
    ///
    /// ```
    /// use ipvs_netlink::packet::IpvsCommand;
    /// use ipvs_netlink::{Command, Scheduler, Service, ServiceId};
    ///
    /// let id = ServiceId::tcp(([10, 0, 0, 1], 80));
    /// let message = Command::AddService(Service::new(id, Scheduler::WRR)).message();
    /// assert_eq!(message.command, IpvsCommand::NewService);
    /// ```
    #[must_use]
    pub fn message(&self) -> IpvsMessage {
        let (command, attributes) = match self {
            Self::AddService(service) => (IpvsCommand::NewService, whole(service)),
            Self::SetService(service) => (IpvsCommand::SetService, whole(service)),
            Self::DeleteService(id) => (IpvsCommand::DelService, vec![only(id)]),
            Self::AddDestination(id, destination) => {
                let attributes = destination::attributes(destination);
                (IpvsCommand::NewDest, within(id, attributes))
            }
            Self::SetDestination(id, destination) => {
                let attributes = destination::attributes(destination);
                (IpvsCommand::SetDest, within(id, attributes))
            }
            Self::DeleteDestination(id, destination) => {
                let attributes = destination::id_attributes(destination);
                (IpvsCommand::DelDest, within(id, attributes))
            }
            Self::Flush => (IpvsCommand::Flush, Vec::new()),
            Self::Zero(id) => (IpvsCommand::Zero, id.iter().map(only).collect()),
            Self::StartDaemon(daemon) => {
                let attributes = daemon::attributes(daemon);
                (IpvsCommand::NewDaemon, vec![IpvsAttribute::Daemon(attributes)])
            }
            Self::StopDaemon(role) => {
                let attributes = vec![daemon::role_attribute(*role)];
                (IpvsCommand::DelDaemon, vec![IpvsAttribute::Daemon(attributes)])
            }
            Self::SetTimeouts(timeouts) => (IpvsCommand::SetConfig, settings::attributes(timeouts)),
        };
        IpvsMessage { command, attributes }
    }
}

fn whole(service: &crate::Service) -> Vec<IpvsAttribute> {
    vec![IpvsAttribute::Service(service::attributes(service))]
}

/// A service by what it is found by.
pub(super) fn only(id: &ServiceId) -> IpvsAttribute {
    IpvsAttribute::Service(service::id_attributes(id))
}

fn within(id: &ServiceId, destination: Vec<DestinationAttribute>) -> Vec<IpvsAttribute> {
    vec![only(id), IpvsAttribute::Destination(destination)]
}
