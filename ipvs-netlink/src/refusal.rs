use std::fmt;
use std::io;
use std::net::IpAddr;

use crate::exchange::Failure;
use crate::{
    Command, Daemon, Destination, DestinationId, Family, Forward, PersistenceEngine, Scheduler, Service,
    ServiceId, SyncRole,
};

/// What became of a command.
pub type Outcome = Result<(), Refusal>;

/// Why the kernel refused a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What the error number means for this request.
    pub reason: Reason,
    /// The error number (errno(3)).
    pub errno: i32,
    /// The kernel's own words, if it said any (NLMSGERR_ATTR_MSG in linux/netlink.h). They are about the request's shape.
    pub message: Option<String>,
    /// Where in the request the attribute is that the kernel did not understand, in octets (NLMSGERR_ATTR_OFFS).
    pub offset: Option<u32>,
}

/// What an error number means, which depends on the request. What is to be done about it stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The kernel has no such scheduler, and found no module of the name (ENOENT).
    NoScheduler(Scheduler),
    /// The kernel lacks one of the two; it does not say which (ENOENT).
    NoSchedulerOrEngine(Scheduler, PersistenceEngine),
    /// The service to be added is there (EEXIST).
    ServiceExists(ServiceId),
    /// The service is not there (ESRCH).
    NoService(ServiceId),
    /// The destination to be added is there (EEXIST).
    DestinationExists(ServiceId, DestinationId),
    /// The destination is not there (ENOENT).
    NoDestination(ServiceId, DestinationId),
    /// A destination of another family than its service, without a tunnel (EINVAL).
    TunnelNeeded(ServiceId, DestinationId),
    /// A destination of another family than its service, while a sync daemon runs (EINVAL).
    SyncDaemonRuns(ServiceId, DestinationId),
    /// A destination's address is not one of a single machine, as the kernel's routes have it (EINVAL).
    NotUnicast(IpAddr),
    /// A sync daemon cannot be started while destinations are of another family than their service (EINVAL).
    MixedFamilies,
    /// A sync daemon of this role runs (EEXIST).
    DaemonExists(SyncRole),
    /// No sync daemon of this role runs (ESRCH).
    NoDaemon(SyncRole),
    /// The sync daemon's interface is not there (ENODEV).
    NoInterface(String),
    /// The sync daemon cannot send from its interface to its group (ENETUNREACH).
    Unreachable(String),
    /// Another program has the sync daemon's UDP port (EADDRINUSE).
    PortInUse(u16),
    /// This process lacks the capability (EPERM).
    NotPermitted,
    /// The kernel was built without this family (EAFNOSUPPORT).
    NoFamily(Family),
    /// The kernel has no memory for it (ENOMEM).
    OutOfMemory,
    /// None of these: the error number has its usual meaning.
    Other,
}

impl Refusal {
    /// Of a command.
    pub(crate) fn of_command(command: &Command, failure: Failure) -> Self {
        let reason = common(failure.errno).unwrap_or_else(|| of_command(command, failure.errno));
        Self::new(reason, failure)
    }

    /// Of a request that changes nothing.
    pub(crate) fn of_read(service: Option<ServiceId>, failure: Failure) -> Self {
        let reason = match (failure.errno, service) {
            (ESRCH, Some(id)) => Reason::NoService(id),
            (EAFNOSUPPORT, Some(id)) => Reason::NoFamily(id.family()),
            (errno, _) => common(errno).unwrap_or(Reason::Other),
        };
        Self::new(reason, failure)
    }

    /// What the kernel answers, among others, when there is no family of the number that the request was sent to.
    pub(crate) fn may_be_lost(&self) -> bool {
        self.errno == ENOENT
    }

    fn new(reason: Reason, failure: Failure) -> Self {
        Self {
            reason,
            errno: failure.errno,
            message: failure.message,
            offset: failure.offset,
        }
    }
}

/// What means the same for every request.
fn common(errno: i32) -> Option<Reason> {
    match errno {
        EPERM | EACCES => Some(Reason::NotPermitted),
        ENOMEM => Some(Reason::OutOfMemory),
        _ => None,
    }
}

/// In the order in which ip_vs_genl_set_cmd of the kernel's net/netfilter/ipvs/ip_vs_ctl.c looks at things.
fn of_command(command: &Command, errno: i32) -> Reason {
    match command {
        Command::AddService(service) => of_service(service, errno),
        Command::SetService(service) => of_service(service, errno),
        Command::DeleteService(id) | Command::Zero(Some(id)) => of_id(*id, errno),
        Command::AddDestination(id, destination) | Command::SetDestination(id, destination) => {
            of_destination(*id, destination, errno)
        }
        Command::DeleteDestination(id, destination) => match errno {
            ENOENT => Reason::NoDestination(*id, *destination),
            _ => of_id(*id, errno),
        },
        Command::StartDaemon(daemon) => of_daemon(daemon, errno),
        Command::StopDaemon(role) if errno == ESRCH => Reason::NoDaemon(*role),
        _ => Reason::Other,
    }
}

fn of_service(service: &Service, errno: i32) -> Reason {
    match (errno, service.persistence_engine()) {
        (ENOENT, None) => Reason::NoScheduler(service.scheduler().clone()),
        (ENOENT, Some(engine)) => Reason::NoSchedulerOrEngine(service.scheduler().clone(), engine.clone()),
        (EEXIST, _) => Reason::ServiceExists(service.id()),
        _ => of_id(service.id(), errno),
    }
}

fn of_id(id: ServiceId, errno: i32) -> Reason {
    match errno {
        ESRCH => Reason::NoService(id),
        EAFNOSUPPORT => Reason::NoFamily(id.family()),
        _ => Reason::Other,
    }
}

fn of_destination(id: ServiceId, destination: &Destination, errno: i32) -> Reason {
    let is_mixed = destination.id.family() != id.family();
    match errno {
        EEXIST => Reason::DestinationExists(id, destination.id),
        ENOENT => Reason::NoDestination(id, destination.id),
        EINVAL if is_mixed && !matches!(destination.forward, Forward::Tunnel(_)) => {
            Reason::TunnelNeeded(id, destination.id)
        }
        EINVAL if is_mixed && may_be_unicast(destination.id) => Reason::SyncDaemonRuns(id, destination.id),
        EINVAL => Reason::NotUnicast(destination.id.address),
        EAFNOSUPPORT => Reason::NoFamily(destination.id.family()),
        _ => of_id(id, errno),
    }
}

/// As far as that can be seen without the kernel's routes.
fn may_be_unicast(id: DestinationId) -> bool {
    let is_local = matches!(id.address, IpAddr::V6(address) if address.is_unicast_link_local());
    id.is_unicast() && !is_local
}

fn of_daemon(daemon: &Daemon, errno: i32) -> Reason {
    match errno {
        EEXIST => Reason::DaemonExists(daemon.role()),
        ENODEV => Reason::NoInterface(daemon.interface().to_owned()),
        EINVAL => Reason::MixedFamilies,
        ENETUNREACH => Reason::Unreachable(daemon.interface().to_owned()),
        EADDRINUSE => Reason::PortInUse(daemon.port.map_or(Daemon::DEFAULT_PORT, Into::into)),
        EAFNOSUPPORT => Reason::NoFamily(Family::Ipv6),
        _ => Reason::Other,
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Other => io::Error::from_raw_os_error(self.errno).fmt(f)?,
            reason => reason.fmt(f)?,
        }
        match (&self.message, self.offset) {
            (Some(message), _) => write!(f, " (the kernel: {message})"),
            (None, Some(offset)) => write!(f, " (at octet {offset} of the request)"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheduler(scheduler) => write!(
                f,
                "no such scheduler \"{scheduler}\": is the module ip_vs_{scheduler} there?"
            ),
            Self::NoSchedulerOrEngine(scheduler, engine) => write!(
                f,
                "no such scheduler \"{scheduler}\", or no such persistence engine \"{engine}\": \
                 are the modules ip_vs_{scheduler} and ip_vs_pe_{engine} there?"
            ),
            Self::ServiceExists(id) => write!(f, "there is a service {id} already"),
            Self::NoService(id) => write!(f, "there is no service {id}"),
            Self::DestinationExists(id, destination) => {
                write!(f, "{id} has the destination {destination} already")
            }
            Self::NoDestination(id, destination) => write!(f, "{id} has no destination {destination}"),
            Self::TunnelNeeded(id, destination) => write!(
                f,
                "{destination} is not of {}, as {id} is: such a destination can be reached by tunnel only",
                id.family()
            ),
            Self::SyncDaemonRuns(id, destination) => write!(
                f,
                "{destination} is not of {}, as {id} is, and a sync daemon runs: it cannot send such connections, \
                 stop it first",
                id.family()
            ),
            Self::NotUnicast(address) => write!(
                f,
                "{address} is not the address of one machine, but a broadcast, multicast, link-local or unspecified one"
            ),
            Self::MixedFamilies => f.write_str(
                "a sync daemon cannot send connections to destinations of another family than their service: \
                 there are such, delete them first",
            ),
            Self::DaemonExists(role) => write!(f, "a sync daemon that is {role} runs already"),
            Self::NoDaemon(role) => write!(f, "no sync daemon that is {role} runs"),
            Self::NoInterface(name) => write!(f, "there is no interface \"{name}\""),
            Self::Unreachable(name) => write!(
                f,
                "the sync daemon's group cannot be reached from the interface \"{name}\": is it up?"
            ),
            Self::PortInUse(port) => write!(
                f,
                "another program has UDP port {port}, which the sync daemon needs"
            ),
            Self::NotPermitted => f.write_str(
                "not permitted: IPVS is for root, or a process with CAP_NET_ADMIN outside of user namespaces",
            ),
            Self::NoFamily(family) => write!(f, "IPVS has no {family} in this kernel"),
            Self::OutOfMemory => f.write_str("the kernel has no memory for it"),
            Self::Other => f.write_str("the kernel's error number says it all"),
        }
    }
}

// asm-generic/errno-base.h, the same everywhere.
const EPERM: i32 = 1;
pub(crate) const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const ENOMEM: i32 = 12;
const EACCES: i32 = 13;
const EEXIST: i32 = 17;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
// asm-generic/errno.h; the few architectures where they differ get `Reason::Other`.
const EAFNOSUPPORT: i32 = 97;
const EADDRINUSE: i32 = 98;
const ENETUNREACH: i32 = 101;

#[cfg(test)]
mod tests;
