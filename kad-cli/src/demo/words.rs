//! Who is master, in words, and what is wrong with that.

use std::collections::BTreeSet;
use std::time::Duration;

use super::players::Players;

/// Who may be master of each group.
pub(super) type Wanted = [BTreeSet<Option<usize>>];
/// Who is, by the wire and by the machines' addresses.
pub(super) type Seen = [Vec<usize>];

/// Whether a group has its master.
pub(super) fn agrees(wanted: &BTreeSet<Option<usize>>, seen: &[usize]) -> bool {
    match *seen {
        [] => wanted.contains(&None),
        [router] => wanted.contains(&Some(router)),
        _ => false,
    }
}

/// `r1`, `r1 or r2`, `VI_1: r1, VI_2: r2`.
pub(super) fn wanted(players: &Players, wanted: &Wanted) -> String {
    by_group(players, wanted.iter().map(|masters| wanted_of(players, masters)))
}

/// `r1`, `r1 and r2`, `nobody`.
pub(super) fn seen(players: &Players, seen: &Seen) -> String {
    by_group(players, seen.iter().map(|masters| players.names(masters, "and")))
}

fn wanted_of(players: &Players, masters: &BTreeSet<Option<usize>>) -> String {
    let routers: Vec<usize> = masters.iter().flatten().copied().collect();
    players.names(&routers, "or")
}

/// One word if all groups have the same, otherwise the groups' names before it.
fn by_group(players: &Players, words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.first() {
        Some(first) if words.iter().all(|word| word == first) => first.clone(),
        _ => {
            let groups = players.groups.iter().zip(&words);
            let mut list: Vec<String> = groups
                .take(SHOWN)
                .map(|(group, word)| format!("{}: {word}", group.name))
                .collect();
            if words.len() > SHOWN {
                list.push("...".to_owned());
            }
            list.join(", ")
        }
    }
}

/// What did not happen, in a sentence; `None` if all is as it should be.
pub(super) fn problem(players: &Players, wanted: &Wanted, seen: &Seen, waited: Duration) -> Option<String> {
    let groups = players.groups.iter().zip(wanted.iter().zip(seen));
    let wrong: Vec<String> = groups
        .filter(|(_, (wanted, seen))| !agrees(wanted, seen))
        .map(|(group, (wanted, seen))| {
            let address = group.addresses.first();
            let what = address.map_or_else(|| group.name.clone(), ToString::to_string);
            format!(
                "{what} is with {}, where the files say {}",
                players.names(seen, "and"),
                wanted_of(players, wanted)
            )
        })
        .collect();
    let (first, others) = wrong.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        count => format!(" (and {count} more like it)"),
    };
    Some(format!("after {}, {first}{more}", seconds(waited)))
}

/// `3.61 s`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// `3609 ms`.
pub(super) fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}

/// `1 ping`, `2 pings`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

const SHOWN: usize = 3;
