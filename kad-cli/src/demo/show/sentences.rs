//! The words of the timeline.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::StateKind;

use crate::demo::facts::{Outcome, Silence};
use crate::demo::players::Players;
use crate::demo::step::Check;
use crate::demo::words::{count, millis, seconds};
use crate::simulate::Member;
use crate::simulate::Step;

/// What a newcomer needs to know.
pub(super) fn introduction(players: &Players, takes: Duration) -> Vec<String> {
    let Some(group) = players.groups.first() else {
        return Vec::new();
    };
    let all: Vec<usize> = (0..players.routers.len()).collect();
    let wait = |member: &Member| {
        format!(
            "{} after {}",
            players.name(member.router),
            seconds(member.master_down())
        )
    };
    let waits: Vec<String> = group.members.iter().map(wait).collect();
    let first = group.members.first();
    let mut lines = vec![format!(
        "{} share {}. One is the master: it has the address, and says so {}. Whoever hears no such advert for {} \
         intervals and a skew, which is shorter the higher its own priority, takes over: {}.",
        players.names(&all, "and"),
        players.target,
        first.map(|member| every(member.interval)).unwrap_or_default(),
        first.map(|member| member.adverts).unwrap_or_default(),
        waits.join(", ")
    )];
    if players.groups.len() > 1 {
        let names: Vec<&str> = players.shown().map(|(_, group)| group.name.as_str()).collect();
        let rest = players.groups.len() - names.len();
        let rest = if rest > 0 {
            format!(" ({rest} more are checked, and not shown)")
        } else {
            String::new()
        };
        lines.push(format!(
            "One letter for each instance: {}{rest}.",
            names.join(", ")
        ));
    }
    lines.push(format!("This takes about {:.0} s.", takes.as_secs_f64()));
    lines
}

/// `every second`, `every 0.1 s`.
pub(super) fn every(interval: Duration) -> String {
    if interval == Duration::from_secs(1) {
        "every second".to_owned()
    } else {
        format!("every {} s", interval.as_secs_f64())
    }
}

/// What the demo does, and how.
pub(super) fn step(players: &Players, step: Step) -> (String, String) {
    let target = players.target;
    match step {
        Step::Start => (
            if players.routers.len() == 2 {
                "Both routers start".to_owned()
            } else {
                format!("All {} routers start", players.routers.len())
            },
            "each with a configuration file of its own".to_owned(),
        ),
        Step::Kill(router) => (
            format!("{} dies", players.name(router)),
            format!(
                "SIGKILL, and its cable is pulled: the machine is gone (a killed program alone would leave {target} \
                 on the machine)"
            ),
        ),
        Step::Return(router) => (
            format!("{} is switched on again", players.name(router)),
            "nothing is on its interfaces but its own addresses, and its program starts".to_owned(),
        ),
        Step::Resign(router) => (
            format!("{} is told to stop", players.name(router)),
            "SIGTERM: it says goodbye (priority 0), so that nobody has to miss it first".to_owned(),
        ),
        Step::End => (
            "Whoever is left is told to stop".to_owned(),
            "SIGTERM: every address is removed".to_owned(),
        ),
    }
}

/// What became of a router.
pub(super) fn state(
    players: &Players,
    group: usize,
    from: Option<StateKind>,
    to: StateKind,
    reason: &str,
) -> String {
    let Some(it) = players.groups.get(group) else {
        return reason.to_owned();
    };
    let address = it
        .addresses
        .first()
        .map_or_else(|| it.name.clone(), ToString::to_string);
    let what = match (from, to) {
        (_, StateKind::Master) => format!("takes {address}"),
        (Some(StateKind::Master), _) => format!("gives up {address}"),
        (_, StateKind::Backup) => "listens".to_owned(),
        (_, StateKind::Fault) => "cannot take part".to_owned(),
        (_, StateKind::Initialize) => "stops".to_owned(),
    };
    match players.groups.len() {
        1 => format!("{what}: {reason}"),
        _ => format!("{}: {what}: {reason}", it.name),
    }
}

/// The client has an answer.
pub(super) fn answer(target: IpAddr, after: Option<Silence>) -> String {
    match after {
        None => format!("{target} answers"),
        Some(Silence { lasted, lost }) => {
            format!(
                "{target} answers again after {}, {} lost",
                millis(lasted),
                count(lost, "ping")
            )
        }
    }
}

/// What came of a step.
pub(super) fn check(players: &Players, check: &Check) -> String {
    if let Some(problem) = &check.problem {
        return problem.clone();
    }
    let seen = match check.step {
        Step::End => return "all have ended well, and nobody has an address".to_owned(),
        _ => &check.seen,
    };
    match (&check.timers, check.took) {
        (Some(timers), Some(took)) => format!(
            "master: {seen}, {} after {}; by the timers {}",
            millis(took),
            check.step.since(players),
            millis(timers.wait)
        ),
        _ => format!("master: {seen}, as before"),
    }
}

/// What was counted during a step.
pub(super) fn numbers(players: &Players, check: &Check) -> String {
    let routers = players.routers.iter().zip(&check.numbers.adverts);
    let adverts: Vec<String> = routers
        .map(|(router, count)| format!("{} {count}", router.name))
        .collect();
    let numbers = &check.numbers;
    let pings = match numbers.pings_sent {
        0 => String::new(),
        sent => format!("; {}, {} lost", count(sent, "ping"), numbers.pings_lost),
    };
    format!("adverts: {}{pings}", adverts.join(", "))
}

/// What it all amounts to.
pub(super) fn verdict(players: &Players, outcome: &Outcome) -> Vec<String> {
    if outcome.is_fine() {
        return vec![success(players, outcome)];
    }
    let wrong = outcome.checks.iter().filter_map(|check| {
        let problem = check.problem.as_ref()?;
        Some(format!("{}: {problem}.", check.step.title(players)))
    });
    let mut lines = vec!["Not as the files say.".to_owned()];
    lines.extend(wrong);
    lines.extend(
        outcome
            .given_up
            .iter()
            .map(|reason| format!("Given up: {reason}.")),
    );
    lines
}

fn success(players: &Players, outcome: &Outcome) -> String {
    let seen = |of: fn(&Step) -> bool| {
        let check = outcome.checks.iter().find(|check| of(&check.step));
        check.map_or("nobody", |check| check.seen.as_str())
    };
    let first = outcome.failover().and_then(|check| check.step.router());
    let first = first.map_or("nobody", |router| players.name(router));
    let heir = seen(|step| matches!(step, Step::Kill(_)));
    let back = seen(|step| matches!(step, Step::Return(_)));
    let target = players.target;
    if players.groups.len() > 1 {
        return format!("{first} died and came back, and all addresses were where the files say.");
    }
    let then = if back == first {
        format!("came back to {first}")
    } else {
        format!("stayed there when {first} came back")
    };
    format!("{target} moved to {heir} when {first} died, and {then}: as the files say.")
}
