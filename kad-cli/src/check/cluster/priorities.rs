//! Who outranks whom.

use std::collections::{BTreeMap, BTreeSet};

use kaconf::{Code, Diagnostic, VrrpInstance};

use super::Side;
use super::matching::{Matches, VirtualRouter};
use crate::check::Report;
use crate::simulate::listed;

/// Priorities that two routers of a virtual router share.
pub(super) fn problems(router: &VirtualRouter<'_>) -> Vec<Diagnostic> {
    let mut by_priority: BTreeMap<u8, Vec<&Side<'_>>> = BTreeMap::new();
    for side in &router.members {
        by_priority
            .entry(side.config.priority.value)
            .or_default()
            .push(side);
    }
    let shared = by_priority
        .into_iter()
        .rev()
        .filter(|(_, sides)| different_files(sides));
    shared
        .filter_map(|(priority, sides)| match priority {
            VrrpInstance::OWNER => Some(owners(router, &sides)),
            _ => tie(router, priority, &sides),
        })
        .collect()
}

fn different_files(sides: &[&Side<'_>]) -> bool {
    sides
        .iter()
        .map(|side| side.router)
        .collect::<BTreeSet<_>>()
        .len()
        > 1
}

fn owners(router: &VirtualRouter<'_>, sides: &[&Side<'_>]) -> Diagnostic {
    let message = format!(
        "`{}` has priority 255 in {}, and only one router can own the addresses",
        router.name(),
        files(sides)
    );
    labelled(Diagnostic::error(Code::OwnersClash, message), sides)
        .help("an owner never yields, so that all are master at once; 255 is for the router whose own addresses these are")
}

/// Equals that never preempt are often meant: whoever has the addresses keeps them.
fn tie(router: &VirtualRouter<'_>, priority: u8, sides: &[&Side<'_>]) -> Option<Diagnostic> {
    if sides.iter().all(|side| side.config.nopreempt.value) {
        return None;
    }
    let message = format!("`{}` has priority {priority} in {}", router.name(), files(sides));
    let sources = sides
        .iter()
        .filter_map(|side| Some((side.config.source.as_ref()?.value, side.file())));
    let winner = match sources.clone().count() == sides.len() {
        true => sources.max().map_or(String::new(), |(address, file)| {
            format!(", which is {address} of {file}")
        }),
        false => String::new(),
    };
    Some(
        labelled(Diagnostic::warning(Code::PrioritiesTie, message), sides)
            .help(format!(
                "whoever is master first stays it; if two are at once, the higher source address does{winner}"
            ))
            .help("a priority of its own for each router makes it plain who is master"),
    )
}

fn labelled(diagnostic: Diagnostic, sides: &[&Side<'_>]) -> Diagnostic {
    sides.iter().fold(diagnostic, |diagnostic, side| {
        let priority = &side.config.priority;
        let text = if priority.is_written() {
            String::new()
        } else {
            format!("{priority} by default")
        };
        diagnostic.label(side.place(priority), text)
    })
}

fn files(sides: &[&Side<'_>]) -> String {
    let files: Vec<String> = sides.iter().map(|side| side.file()).collect();
    listed(&files.iter().map(String::as_str).collect::<Vec<_>>(), "and")
}

/// A sync group in which one machine outranks the other for one virtual router, and is outranked for another.
#[derive(Clone, Debug)]
pub(super) struct Crossing {
    /// The instances of the group, by their files' numbers.
    pub(super) instances: Vec<(usize, String)>,
    /// The virtual routers of the group, by their numbers.
    routers: Vec<usize>,
    pub(super) diagnostic: Diagnostic,
}

/// Every such group, once for two machines.
pub(super) fn crossings(reports: &[Report], matches: &Matches<'_>) -> Vec<Crossing> {
    let mut crossings: Vec<Crossing> = Vec::new();
    for (one, report) in reports.iter().enumerate() {
        for group in &report.parsed.config.sync_groups {
            let is_in = |side: &&Side<'_>| group.group.iter().any(|name| name.value == side.name());
            let routers: Vec<(usize, &VirtualRouter<'_>)> = matches
                .routers
                .iter()
                .enumerate()
                .filter(|(_, router)| router.member(one).filter(is_in).is_some())
                .collect();
            for other in (0..reports.len()).filter(|other| *other != one) {
                let numbers: Vec<usize> = routers.iter().map(|(number, _)| *number).collect();
                let is_known = crossings.iter().any(|known| known.routers == numbers);
                let crossing = crossing(&group.name.value, &routers, one, other);
                crossings.extend(crossing.filter(|_| !is_known).map(|diagnostic| Crossing {
                    instances: group.group.iter().map(|name| (one, name.value.clone())).collect(),
                    routers: numbers,
                    diagnostic,
                }));
            }
        }
    }
    crossings
}

fn crossing(
    group: &str,
    routers: &[(usize, &VirtualRouter<'_>)],
    one: usize,
    other: usize,
) -> Option<Diagnostic> {
    let pairs = routers
        .iter()
        .filter_map(|(_, router)| Some((router.member(one)?, router.member(other)?)));
    let outranks = |(a, b): &(&Side<'_>, &Side<'_>)| a.config.priority.value > b.config.priority.value;
    let outranked = |(a, b): &(&Side<'_>, &Side<'_>)| a.config.priority.value < b.config.priority.value;
    let (up, down) = (pairs.clone().find(outranks)?, pairs.clone().find(outranked)?);
    let message = format!(
        "the priorities in sync group `{group}` cross: {} has the higher one for `{}`, and {} for `{}`",
        up.0.file(),
        up.0.name(),
        down.1.file(),
        down.1.name()
    );
    let diagnostic = Diagnostic::warning(Code::PrioritiesCross, message);
    let sides = [up.0, up.1, down.0, down.1];
    let diagnostic = sides.into_iter().fold(diagnostic, |diagnostic, side| {
        let text = format!("{} for `{}`", side.config.priority, side.name());
        diagnostic.label(side.place(&side.config.priority), text)
    });
    Some(
        diagnostic
            .help("a group moves as a whole, so whoever is master first keeps all of it, and the other asks in vain")
            .help("give one machine the higher priority for every instance of the group"),
    )
}
