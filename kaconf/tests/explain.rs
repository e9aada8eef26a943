//! Each code has a page, and its examples do what they say.

mod common;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use common::{lines, parsed};
use kaconf::{Code, explain};

/// Codes without an example, each with the reason.
const WITHOUT_AN_EXAMPLE: &[(Code, &str)] = &[
    (Code::Unreadable, "is about the file system"),
    (Code::FileTooLarge, "needs 64 MiB"),
    (Code::ByteOrderMark, "cannot be seen on a page"),
    (Code::OddBlank, "cannot be seen on a page"),
    (Code::LoneCarriageReturn, "cannot be seen on a page"),
    (Code::NulByte, "cannot be seen on a page"),
    (Code::LineTooLong, "needs 256 KiB"),
    (Code::NotUtf8, "a page is UTF-8"),
    (Code::IncludeTooDeep, "needs several files"),
    (Code::TooManyFiles, "needs several files"),
    (Code::NotSupportedYet, "which keywords cause it changes"),
    (Code::TooDeep, "needs 32 blocks"),
    (Code::TooManyProblems, "needs 1,000 problems"),
    (Code::Refused, "nothing is refused so far"),
    (Code::TooManyAddresses, "needs 256 addresses"),
    (Code::NoPort, "several different things cause it"),
    (Code::FamilyUnknown, "needs a service without any address"),
    (
        Code::InvalidAddressRange,
        "its group is left out, which is said too",
    ),
    (Code::OptionNotSupportedYet, "which options cause it changes"),
];

/// Codes of this machine and of several files: a text alone causes none of them.
const OF_THE_SURROUNDINGS: RangeInclusive<u16> = 220..=269;

const PAGES: &str = include_str!("../diagnostics.md");

#[test]
fn every_code_has_a_page() {
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !has_page(**code))
        .map(Code::to_string)
        .collect();
    assert_eq!(
        missing, [""; 0],
        "write them in kaconf/diagnostics.md, in the order of the numbers"
    );
}

#[test]
fn every_page_has_a_code_and_they_are_in_order() {
    let headings: Vec<_> = PAGES
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let expected: Vec<_> = Code::ALL
        .iter()
        .filter(|code| has_page(**code))
        .map(|code| format!("{code}: {}", code.title()))
        .collect();
    assert_eq!(headings, expected);
}

#[test]
fn a_page_has_all_its_parts() {
    for (code, page) in pages() {
        let length = page.lines().count();
        assert!((4..=60).contains(&length), "{code} has {length} lines");
        let prose = page.split("```").next().unwrap_or_default();
        assert_eq!(
            prose.matches("\nTo mend it: ").count(),
            1,
            "{code} says how to mend it once"
        );
        assert!(
            prose.lines().nth(1).is_some_and(|line| line.len() > 40),
            "{code} says what it means"
        );
        assert!(
            page.lines().all(|line| line.len() <= 120),
            "{code} has a line too long"
        );
        let bare = WITHOUT_AN_EXAMPLE.iter().any(|(without, _)| *without == code);
        let examples = usize::from(!bare && !OF_THE_SURROUNDINGS.contains(&code.number()));
        if !OF_THE_SURROUNDINGS.contains(&code.number()) {
            assert_eq!(example(page, "wrong").into_iter().count(), examples, "{code}");
            assert_eq!(example(page, "right").into_iter().count(), examples, "{code}");
        }
        assert_eq!(page.matches("```").count() % 2, 0, "{code} closes its examples");
    }
}

#[test]
fn what_is_called_wrong_is_wrong() {
    for (code, text) in examples("wrong") {
        let parsed = parsed(text);
        let seen: BTreeSet<_> = parsed
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert!(seen.contains(&code), "{code}: {:#?}", lines(&parsed));
    }
}

#[test]
fn what_is_called_wrong_is_wrong_in_nothing_else() {
    for (code, text) in examples("wrong") {
        let parsed = parsed(text);
        let others = parsed
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code != code && diagnostic.code != Code::NotSupportedYet);
        assert!(!others, "{code}: {:#?}", lines(&parsed));
    }
}

#[test]
fn what_is_called_right_is_right() {
    for (code, text) in examples("right") {
        let mut parsed = parsed(text);
        parsed.allow(Code::NotSupportedYet);
        assert!(parsed.diagnostics.is_empty(), "{code}: {:#?}", lines(&parsed));
    }
}

fn pages() -> impl Iterator<Item = (Code, &'static str)> {
    let codes = Code::ALL.iter().copied().filter(|code| has_page(*code));
    codes.map(|code| (code, explain(code)))
}

fn has_page(code: Code) -> bool {
    explain(code).starts_with("## ")
}

/// The example of one kind on each page that has it.
fn examples(kind: &'static str) -> impl Iterator<Item = (Code, &'static str)> {
    let of_texts = pages().filter(|(code, _)| !OF_THE_SURROUNDINGS.contains(&code.number()));
    of_texts.filter_map(move |(code, page)| Some((code, example(page, kind)?)))
}

/// A whole file: what stands between its fences.
fn example<'a>(page: &'a str, kind: &str) -> Option<&'a str> {
    let (_, after) = page.split_once(&format!("\n```keepalived,{kind}\n"))?;
    let end = after.find("```")?;
    after.get(..end)
}
