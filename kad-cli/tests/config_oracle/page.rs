//! `docs/config-differences.md`, made from the list and from what was found.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::compare::{Kind, Mismatch};
use crate::differences::DELIBERATE;
use crate::table::Place;

/// Holds the page to the list; with `UPDATE_DOCS` in the environment, writes it.
pub(crate) fn hold(found: &BTreeMap<Place, Mismatch>) {
    let wanted = page(found);
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

fn page(found: &BTreeMap<Place, Mismatch>) -> String {
    let mut page = INTRODUCTION.to_owned();
    for class in DELIBERATE {
        let _ = write!(page, "\n## {}\n\n{}\n\n", class.title, class.reason);
        page.push_str("| case | line | keepalived 2.2.7 | kad |\n|---|---|---|---|\n");
        for (case, at) in class.places {
            let place = ((*case).to_owned(), (*at).to_owned());
            if let Some(mismatch) = found.get(&place) {
                let _ = writeln!(page, "{}", row(class.elsewhere, mismatch));
            }
        }
    }
    page
}

fn row(elsewhere: bool, mismatch: &Mismatch) -> String {
    let line = if mismatch.at.is_some() {
        let (_, at) = mismatch.place();
        format!("{at}: `{}`", mismatch.line.replace('|', "\\|").replace('`', "'"))
    } else {
        "the file".to_owned()
    };
    let (theirs, ours) = match mismatch.kind {
        Kind::Stricter => ("says nothing", "an error"),
        Kind::Missing if elsewhere => ("complains", "complains elsewhere"),
        Kind::Missing => ("complains", "says nothing"),
    };
    format!("| {} | {line} | {theirs} | {ours} |", mismatch.case)
}

const INTRODUCTION: &str = "\
# Where `kad check` says something else than `keepalived -t`

<!-- Made by the test config_oracle from tests/config_oracle/differences.rs; UPDATE_DOCS=1 writes it again. -->

Both read every sample file of Debian's keepalived package and some hundreds of small files, each with one thing that
is special. Wherever keepalived says nothing, kad finds no error; wherever keepalived complains about a line, kad says
something about the same line. These are the exceptions, and the reasons. (What else is different about the two
programs is in [differences.md](differences.md).)
";
