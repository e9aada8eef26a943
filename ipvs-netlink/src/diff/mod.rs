//! What has to be done to a table so that it is the wanted one.

mod merge;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::{Command, Pool, ServiceId, Table};
use merge::{Side, merge};

/// What becomes of the kernel's services that are not wanted. A service that is wanted is the caller's as a whole: its
/// destinations that are not wanted are always deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scope {
    /// All of them stay as they are.
    #[default]
    Wanted,
    /// These are deleted, if the kernel has them: the caller's own, as it knows from what it wanted before. The others stay
    /// as they are.
    Own(BTreeSet<ServiceId>),
    /// All of them are deleted.
    All,
}

impl Scope {
    /// Whether a service that is not wanted is to be deleted.
    #[must_use]
    pub fn contains(&self, id: &ServiceId) -> bool {
        match self {
            Self::Wanted => false,
            Self::Own(own) => own.contains(id),
            Self::All => true,
        }
    }
}

/// The fewest commands that make `kernel` into `wanted`, in an order in which none is refused.
///
/// What is equal needs no command, a service or destination that differs needs one, and a service that goes takes its
/// destinations with it. So the difference of a table to itself is empty, and a weight that a health check changes is one
/// [`Command::SetDestination`], which leaves connections alone. [`Command::Flush`] is never used: it would also take what
/// someone else added after `kernel` was read.
///
/// - Services come in the order of their identities, each before its destinations. Those that go come last, so that
///   whatever moves from one service to another is served all along.
/// - Within a service, destinations that are new or have changed come before those that go, so that a service that has
///   destinations before and after is never without one in between.
/// - What stays is never deleted: [`SetService`](Command::SetService) changes the scheduler, its flags, one-packet
///   scheduling, persistence and its engine, and [`SetDestination`](Command::SetDestination) changes the forwarding with its
///   tunnel, the weight and the thresholds. Only an identity cannot be changed: another port is another destination.
///
/// The commands are for the table that `kernel` is: if it has changed since it was read, a command may be refused because
/// something is there already, or no longer. Read it again then, and take the difference anew.
///
/// Some destinations the kernel never takes, whatever else there is: those that do not suit their service
/// ([`Service::suits`](crate::Service::suits)). A wanted one of them is not left out of the difference, and its command is
/// refused. The same holds of a destination of another family than its service, which goes through a tunnel, while a sync
/// daemon runs.
///
/// ```
/// use ipvs_netlink::{diff, Destination, Forward, Pool, Scheduler, Scope, Service, ServiceId, Table, Weight};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = Service::new(ServiceId::tcp("10.0.0.1:80".parse::<std::net::SocketAddr>()?), Scheduler::WRR);
/// let server = Destination::new("10.0.1.1:80".parse::<std::net::SocketAddr>()?, Forward::Masquerade);
/// let mut kernel = Table::new();
/// kernel.insert(service.clone()).insert(server);
/// let mut wanted = Table::new();
/// wanted.insert(service).insert(server.with_weight(Weight::ZERO));
///
/// let commands = diff(&wanted, &kernel, &Scope::Wanted);
/// assert_eq!(commands.len(), 1);
/// assert_eq!(commands[0].to_string(), "change 10.0.1.1:80 of TCP 10.0.0.1:80: Masq, weight 0");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn diff(wanted: &Table, kernel: &Table, scope: &Scope) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut gone = Vec::new();
    for side in merge(wanted.iter(), kernel.iter(), |pool| pool.service().id()) {
        match side {
            Side::Left(wanted) => add(wanted, &mut commands),
            Side::Both(wanted, kernel) => change(wanted, kernel, &mut commands),
            Side::Right(kernel) => gone.push(kernel.service().id()),
        }
    }
    let gone = gone.into_iter().filter(|id| scope.contains(id));
    commands.extend(gone.map(Command::DeleteService));
    commands
}

/// A service that the kernel does not have.
fn add(wanted: &Pool, commands: &mut Vec<Command>) {
    let id = wanted.service().id();
    commands.push(Command::AddService(wanted.service().clone()));
    let destinations = wanted.destinations();
    commands.extend(destinations.map(|destination| Command::AddDestination(id, *destination)));
}

/// A service that the kernel has.
fn change(wanted: &Pool, kernel: &Pool, commands: &mut Vec<Command>) {
    let id = wanted.service().id();
    if wanted.service() != kernel.service() {
        commands.push(Command::SetService(wanted.service().clone()));
    }
    let mut gone = Vec::new();
    for side in merge(wanted.destinations(), kernel.destinations(), |found| found.id) {
        match side {
            Side::Left(wanted) => commands.push(Command::AddDestination(id, *wanted)),
            Side::Both(wanted, kernel) if wanted == kernel => {}
            Side::Both(wanted, _) => commands.push(Command::SetDestination(id, *wanted)),
            Side::Right(kernel) => gone.push(Command::DeleteDestination(id, kernel.id)),
        }
    }
    commands.append(&mut gone);
}
