//! `docs/config-differences.md`, made from the list and from what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use crate::bench::Trial;
use crate::compare::{Kind, Mismatch};
use crate::differences::DELIBERATE;
use crate::table::Place;

/// Holds the page to the list; with `UPDATE_DOCS` in the environment, writes it.
pub(crate) fn hold(trials: &[Trial], found: &BTreeMap<Place, Mismatch>) {
    let wanted = page(trials, found);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/config-differences.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == wanted,
        "docs/config-differences.md is not what the list makes: run this test with UPDATE_DOCS=1"
    );
}

fn page(trials: &[Trial], found: &BTreeMap<Place, Mismatch>) -> String {
    let mut page = INTRODUCTION.to_owned();
    for class in DELIBERATE {
        let _ = write!(page, "\n## {}\n\n{}\n\n", class.title, class.reason);
        page.push_str("| case | line | keepalived 2.2.7 | kad |\n|---|---|---|---|\n");
        for (case, at) in class.places {
            let place = ((*case).to_owned(), (*at).to_owned());
            let trial = trials.iter().find(|trial| trial.case.name == *case);
            if let (Some(mismatch), Some(trial)) = (found.get(&place), trial) {
                let _ = writeln!(page, "{}", row(trial, mismatch));
            }
        }
    }
    page
}

fn row(trial: &Trial, mismatch: &Mismatch) -> String {
    let line = if mismatch.at.is_some() {
        let (_, at) = mismatch.place();
        format!("{at}: `{}`", mismatch.line.replace('|', "\\|").replace('`', "'"))
    } else {
        "the file".to_owned()
    };
    let (theirs, ours) = match mismatch.kind {
        Kind::Stricter => ("says nothing", "an error"),
        Kind::Missing => ("complains", "nothing"),
    };
    let lines: BTreeSet<_> = trial
        .kad
        .iter()
        .filter_map(|finding| Some(finding.at.as_ref()?.line))
        .collect();
    let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
    let ours = match mismatch.kind {
        Kind::Missing if !lines.is_empty() => format!("speaks of line {}", lines.join(", ")),
        _ => ours.to_owned(),
    };
    format!("| {} | {line} | {theirs} | {ours} |", trial.case.name)
}

const INTRODUCTION: &str = "\
# Where `kad check` says something else than `keepalived -t`

<!-- Made by the test config_oracle from tests/config_oracle/differences.rs; UPDATE_DOCS=1 writes it again. -->

Both read every sample file of Debian's keepalived package and some hundreds of small files, each with one thing that
is special. Wherever keepalived says nothing, kad finds no error; wherever keepalived complains about a line, kad says
something about the same line. These are the exceptions, and the reasons. (What else is different about the two
programs is in [differences.md](differences.md).)
";
