//! The same files read by Debian's keepalived (`keepalived -t`) and by kad: wherever keepalived has nothing to say,
//! kad finds no error, and wherever keepalived finds fault, kad finds something on the same line. What differs on
//! purpose is in `differences.rs`, and with it in `docs/config-differences.md`.
//!
//! `KAD_ORACLE_SHOW=PART cargo test -p kad-cli --test config_oracle -- --nocapture` shows each case whose name has PART
//! in it, with both answers. `UPDATE_DOCS=1` writes the page again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod bench;
mod cases;
mod compare;
mod differences;
mod kad;
mod keepalived;
mod page;
mod samples;
#[path = "../support/mod.rs"]
mod support;
mod table;

use std::collections::BTreeMap;

use bench::{Bench, Trial};
use cases::Case;
use compare::{Mismatch, mismatches};
use support::{Daemon, can_run, skip};
use table::Place;

/// Fewer than this, and the bench has lost a file.
const CASES: usize = 950;
/// What the Debian package has.
const SAMPLES: usize = 26;

#[test]
fn kad_finds_what_keepalived_finds() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let (cases, samples) = every_file();
    let trials = Bench::new().run(&cases);
    show(&trials);
    assert_both_kinds(&trials);
    let found: BTreeMap<_, _> = trials
        .iter()
        .flat_map(mismatches)
        .map(|it| (it.place(), it))
        .collect();
    assert_listed(&found, samples);
    assert_elsewhere(&trials);
    if samples {
        page::hold(&found);
    }
}

/// The cases, and the samples if they are there.
fn every_file() -> (Vec<Case>, bool) {
    let mut cases = cases::all();
    assert!(cases.len() >= CASES, "only {} cases", cases.len());
    let Some(samples) = samples::all() else {
        skip("Debian's package keepalived is here without its sample files (dpkg's path-exclude)");
        return (cases, false);
    };
    assert!(samples.len() >= SAMPLES, "only {} samples", samples.len());
    cases.extend(samples);
    (cases, true)
}

/// What was found is what the list has.
fn assert_listed(found: &BTreeMap<Place, Mismatch>, samples: bool) {
    let listed = table::all();
    let unlisted: Vec<_> = found
        .iter()
        .filter(|(place, _)| !listed.contains(place))
        .map(|(_, it)| it)
        .collect();
    let looked_for = |place: &&Place| samples || !samples::is_one(&place.0);
    let stale: Vec<_> = listed
        .iter()
        .filter(looked_for)
        .filter(|place| !found.contains_key(*place))
        .collect();
    assert!(
        unlisted.is_empty() && stale.is_empty(),
        "{} differences that are not in the list:\n{}\n{}",
        unlisted.len(),
        compare::story(&unlisted),
        table::stale(&stale)
    );
    eprintln!("{} places where they differ on purpose", found.len());
}

/// keepalived did run: it takes many a file without a word, and finds fault with many another.
fn assert_both_kinds(trials: &[Trial]) {
    let fine = trials.iter().filter(|trial| trial.keepalived.is_fine()).count();
    let located = trials
        .iter()
        .flat_map(|trial| &trial.keepalived.complaints)
        .filter(|it| it.at.is_some())
        .count();
    eprintln!(
        "{} files: keepalived takes {fine} without a word, and complains {located} times about a line",
        trials.len()
    );
    assert!(
        fine >= 80 && trials.len() - fine >= 120 && located >= 120,
        "this is not what keepalived says"
    );
}

/// Where kad is said to find the fault in another place, it does find one.
fn assert_elsewhere(trials: &[Trial]) {
    for (case, _) in differences::DELIBERATE
        .iter()
        .filter(|class| class.elsewhere)
        .flat_map(|class| class.places)
    {
        let trial = trials.iter().find(|trial| trial.case.name == *case);
        assert!(
            trial.is_none_or(|trial| !trial.kad.is_empty()),
            "kad finds nothing at all in {case}"
        );
    }
}

fn show(trials: &[Trial]) {
    let Ok(part) = std::env::var("KAD_ORACLE_SHOW") else {
        return;
    };
    for trial in trials.iter().filter(|trial| trial.case.name.contains(&part)) {
        eprintln!("{}", compare::both(trial));
    }
}
