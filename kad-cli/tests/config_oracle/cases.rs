//! The cases, from the text files in `cases/`.
//!
//! A file is a sequence of parts, each begun by a line of its own:
//!
//! - `%% base NAME`: a configuration that has nothing wrong. A line `%%` in it is where the changes of the cases after
//!   it go.
//! - `%% case NAME`: what to put there.
//! - `%% file NAME`: a whole configuration, without a base.
//! - `%% also PATH`: a file beside the configuration of the case before, or of every case if it follows a base.
//! - `%% bytes NAME`: a whole configuration in which `\r`, `\f`, `\0` and `\xHH` are bytes, and `\z` ends the file.

use std::collections::BTreeSet;

/// A configuration, and the files beside it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// AREA/WHAT IS SPECIAL.
    pub name: String,
    pub text: Vec<u8>,
    pub also: Vec<(String, String)>,
}

/// Every case; their names differ.
pub(crate) fn all() -> Vec<Case> {
    let cases: Vec<Case> = FILES.iter().flat_map(|(area, text)| read(area, text)).collect();
    let mut names = BTreeSet::new();
    for case in &cases {
        assert!(names.insert(&case.name), "two cases are named {:?}", case.name);
    }
    cases
}

const FILES: [(&str, &str); 9] = [
    ("language", include_str!("cases/language.txt")),
    ("global", include_str!("cases/global.txt")),
    ("static", include_str!("cases/static.txt")),
    ("tracking", include_str!("cases/tracking.txt")),
    ("group", include_str!("cases/group.txt")),
    ("instance", include_str!("cases/instance.txt")),
    ("addresses", include_str!("cases/addresses.txt")),
    ("lvs", include_str!("cases/lvs.txt")),
    ("checkers", include_str!("cases/checkers.txt")),
];

fn read(area: &str, text: &str) -> Vec<Case> {
    let mut parts = text.split("%% ");
    assert_eq!(parts.next(), Some(""), "{area}: a file begins with a part");
    let mut base = Base::default();
    let mut cases: Vec<Case> = Vec::new();
    for part in parts {
        let (head, body) = part.split_once('\n').expect("a part has a line of its own");
        let (kind, name) = head.split_once(' ').expect("a part has a name");
        let name = name.trim();
        let mut add = |text: Vec<u8>, also: &[(String, String)]| {
            cases.push(Case {
                name: format!("{area}/{name}"),
                text,
                also: also.to_vec(),
            });
        };
        match kind {
            "base" => {
                base = Base {
                    text: body.to_owned(),
                    ..Base::default()
                }
            }
            "case" => {
                base.used = true;
                add(base.with(body), &base.also);
            }
            "file" => add(body.into(), &[]),
            "bytes" => add(unescape(body), &[]),
            "also" if base.used || base.text.is_empty() => {
                let case = cases.last_mut().expect("there is a case before");
                case.also.push((name.to_owned(), body.to_owned()));
            }
            "also" => base.also.push((name.to_owned(), body.to_owned())),
            _ => panic!("{area}: no part is called {kind:?}"),
        }
    }
    cases
}

#[derive(Default)]
struct Base {
    text: String,
    also: Vec<(String, String)>,
    used: bool,
}

impl Base {
    fn with(&self, change: &str) -> Vec<u8> {
        let (before, after) = self
            .text
            .split_once("%%\n")
            .expect("a base has a place for changes");
        [before, change, after].concat().into_bytes()
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, length) = match escape.chars().next() {
            Some('r') => (b'\r', 1),
            Some('f') => (b'\x0c', 1),
            Some('0') => (0, 1),
            Some('x') => (u8::from_str_radix(&escape[1..3], 16).expect("two hex digits"), 3),
            Some('z') => return bytes,
            other => panic!("no escape is {other:?}"),
        };
        bytes.push(byte);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
