use std::collections::BTreeSet;

use ipvs_netlink::{Command, DestinationId, Pool, Scope, ServiceId, Table, diff};

use super::Kernel;

/// Everything that is promised of a difference: no command is refused, what comes out is what was wanted and what was left
/// alone, there is nothing left to do, there is no command too many, and what stays is there all along.
pub(crate) fn holds(wanted: &Table, start: &Table, scope: &Scope) {
    let commands = diff(wanted, start, scope);
    let expected = expected(wanted, start, scope);
    let mut kernel = Kernel::with(start.clone());
    for command in &commands {
        let answer = kernel.apply(command);
        assert_eq!(answer, Ok(()), "{command} was refused, of {commands:#?}");
        check_stays(start, &expected, kernel.table(), command);
    }
    assert_eq!(kernel.table(), &expected, "after {commands:#?}");
    assert_eq!(diff(wanted, kernel.table(), scope), [], "a second time");
    assert_eq!(commands.len(), differing(start, &expected), "{commands:#?}");
    check_order(&commands);
}

/// What there is afterwards: what is wanted, and what the scope leaves alone.
pub(crate) fn expected(wanted: &Table, start: &Table, scope: &Scope) -> Table {
    let is_left = |pool: &&Pool| {
        let id = pool.service().id();
        wanted.get(&id).is_none()
            && match scope {
                Scope::Wanted => true,
                Scope::Own(own) => !own.contains(&id),
                Scope::All => false,
            }
    };
    start
        .iter()
        .filter(is_left)
        .chain(wanted.iter())
        .cloned()
        .collect()
}

/// How many services and destinations are not the same here and there. Those of a service that goes do not count.
fn differing(start: &Table, end: &Table) -> usize {
    let ids: BTreeSet<ServiceId> = services(start).union(&services(end)).copied().collect();
    ids.iter()
        .map(|id| match (start.get(id), end.get(id)) {
            (Some(start), Some(end)) => differing_in(start, end),
            (None, Some(end)) => 1 + end.destinations().len(),
            _ => 1,
        })
        .sum()
}

fn differing_in(start: &Pool, end: &Pool) -> usize {
    let ids: BTreeSet<DestinationId> = destinations(start).union(&destinations(end)).copied().collect();
    let differ = ids.iter().filter(|id| start.get(id) != end.get(id)).count();
    differ + usize::from(start.service() != end.service())
}

/// No service and no destination that is there before and after is absent in between, and no service that has destinations
/// before and after is without.
fn check_stays(start: &Table, end: &Table, now: &Table, command: &Command) {
    for id in services(start).intersection(&services(end)) {
        let found = now
            .get(id)
            .unwrap_or_else(|| panic!("{id} is gone after {command}"));
        let (start, end) = (&start.get(id), &end.get(id));
        let (start, end) = (start.map(destinations), end.map(destinations));
        let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
        for destination in start.intersection(&end) {
            let found = found.get(destination);
            assert!(found.is_some(), "{destination} is gone after {command}");
        }
        let served = found.destinations().len() > 0 || start.is_empty() || end.is_empty();
        assert!(served, "{id} has no destination after {command}");
    }
}

/// Services that go are the last.
fn check_order(commands: &[Command]) {
    let is_deletion = |command: &Command| matches!(command, Command::DeleteService(_));
    assert!(commands.is_sorted_by_key(is_deletion), "{commands:#?}");
}

fn services(table: &Table) -> BTreeSet<ServiceId> {
    table.iter().map(|pool| pool.service().id()).collect()
}

fn destinations(pool: &Pool) -> BTreeSet<DestinationId> {
    pool.destinations().map(|destination| destination.id).collect()
}
