//! The document that lists the RFCs' demands, held to its word; and those tests it cites that no other file has: which
//! packets count, what is sent, and how long is waited.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "rfc_support/acceptance.rs"]
mod acceptance;
#[path = "rfc_support/bench.rs"]
mod bench;
#[path = "rfc_support/document.rs"]
mod document;
#[path = "rfc_support/sending.rs"]
mod sending;

use document::{Row, Verdict};

#[test]
fn the_document_is_whole() {
    let rows = document::rows();
    for rfc in [3768, 9568] {
        let count = |section: &str| {
            let matches = |row: &&Row| row.rfc == rfc && row.section.starts_with(section);
            rows.iter().filter(matches).count()
        };
        assert!(count("") > 40, "RFC {rfc} has {} rows", count(""));
        for section in ["5.2", "5.3", "6.1", "6.4.1", "6.4.2", "6.4.3", "7.1", "7.2", "8."] {
            let absent = rfc == 9568 && section == "5.3";
            assert_eq!(
                count(section) == 0,
                absent,
                "RFC {rfc} section {section} has {} rows",
                count(section)
            );
        }
    }
    let held = rows.iter().filter(|row| row.verdict == Verdict::Held).count();
    assert!(
        held > rows.len() / 2,
        "only {held} of {} are held by a test",
        rows.len()
    );
}

#[test]
fn every_row_has_what_its_verdict_needs() {
    for Row {
        line,
        level,
        demand,
        verdict,
        tests,
        reason,
        ..
    } in document::rows()
    {
        let levels = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "step", "rule"];
        assert!(
            levels.contains(&level.as_str()),
            "line {line} has the level {level}"
        );
        assert!(demand.len() > 10, "line {line} demands nothing");
        match verdict {
            Verdict::Held => assert!(!tests.is_empty(), "line {line} is held by no test"),
            Verdict::Deviates => {
                assert!(!tests.is_empty(), "line {line} deviates, and no test shows how");
                assert!(reason.len() > 20, "line {line} deviates without a reason");
            }
            Verdict::Elsewhere => assert!(reason.len() > 20, "line {line} does not say who holds it"),
        }
    }
}

#[test]
fn every_test_that_is_cited_exists() {
    let mut missing = Vec::new();
    for row in document::rows() {
        let absent = row.tests.iter().filter(|test| !test.exists());
        missing.extend(absent.map(|test| format!("line {}: {test:?}", row.line)));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
