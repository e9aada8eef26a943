//! Where the answers do not go together.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::bench::{MAIN, Trial};
use crate::keepalived::Place;

/// A place where kad does not say what keepalived says.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub case: String,
    /// Nowhere, if keepalived names no line.
    pub at: Option<Place>,
    pub kind: Kind,
    /// What the one that complains says.
    pub words: Vec<String>,
    /// The line.
    pub line: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// kad finds an error in a file that keepalived takes without a word.
    Stricter,
    /// keepalived complains about a line, or about the file, and kad does not.
    Missing,
}

pub(crate) fn mismatches(trial: &Trial) -> Vec<Mismatch> {
    let mut found: BTreeMap<Option<Place>, Vec<String>> = BTreeMap::new();
    let kind = if trial.keepalived.is_fine() {
        for finding in trial.kad.iter().filter(|finding| finding.error) {
            let words = format!("{}: {}", finding.code, finding.message);
            found.entry(finding.at.clone()).or_default().push(words);
        }
        Kind::Stricter
    } else {
        for complaint in &trial.keepalived.complaints {
            let answered = match &complaint.at {
                Some(at) => trial.kad.iter().any(|finding| finding.at.as_ref() == Some(at)),
                None => !trial.kad.is_empty(),
            };
            if !answered {
                found
                    .entry(complaint.at.clone())
                    .or_default()
                    .push(complaint.text.clone());
            }
        }
        if trial.keepalived.complaints.is_empty() && trial.kad.is_empty() {
            let words = format!("exit {:?} without a word", trial.keepalived.exit);
            found.entry(None).or_default().push(words);
        }
        Kind::Missing
    };
    let mismatch = |(at, words): (Option<Place>, Vec<String>)| Mismatch {
        case: trial.case.name.clone(),
        line: at.as_ref().map(|at| line(trial, at)).unwrap_or_default(),
        at,
        kind,
        words,
    };
    found.into_iter().map(mismatch).collect()
}

fn line(trial: &Trial, at: &Place) -> String {
    let main = String::from_utf8_lossy(&trial.case.text);
    let also = trial.case.also.iter().find(|(name, _)| name.ends_with(&at.file));
    let text = also.map_or(&*main, |(_, text)| text);
    text.lines()
        .nth(at.line.saturating_sub(1))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

impl Mismatch {
    /// How the tables name it: the case, and `LINE`, `FILE:LINE` or `-`.
    pub(crate) fn place(&self) -> (String, String) {
        let place = match &self.at {
            None => "-".to_owned(),
            Some(at) if at.file == MAIN => at.line.to_string(),
            Some(at) => format!("{}:{}", at.file, at.line),
        };
        (self.case.clone(), place)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (case, place) = self.place();
        let who = match self.kind {
            Kind::Stricter => "only kad",
            Kind::Missing => "only keepalived",
        };
        write!(
            f,
            "(\"{case}\", \"{place}\") `{}` {who}: {}",
            self.line,
            self.words.join(" / ")
        )
    }
}

/// All of them, one to a line.
pub(crate) fn story(mismatches: &[&Mismatch]) -> String {
    mismatches.iter().fold(String::new(), |mut story, mismatch| {
        let _ = writeln!(story, "{mismatch}");
        story
    })
}

/// Everything that was said of a case.
pub(crate) fn both(trial: &Trial) -> String {
    let mut text = format!("== {} (exit {:?})\n", trial.case.name, trial.keepalived.exit);
    for (number, line) in String::from_utf8_lossy(&trial.case.text).lines().enumerate() {
        let _ = writeln!(text, "{:4} {line}", number + 1);
    }
    for complaint in &trial.keepalived.complaints {
        let _ = writeln!(
            text,
            "  keepalived {}: {}",
            place(complaint.at.as_ref()),
            complaint.text
        );
    }
    for finding in &trial.kad {
        let severity = if finding.error { "error" } else { "warning" };
        let _ = writeln!(
            text,
            "  kad {}: {severity} {} {}",
            place(finding.at.as_ref()),
            finding.code,
            finding.message
        );
    }
    text
}

fn place(at: Option<&Place>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| format!("{}:{}", at.file, at.line))
}
