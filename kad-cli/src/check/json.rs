//! What machines are told.

use kaconf::{Diagnostic, Severity, SourceMap, Span};
use serde::Serialize;

use super::Report;
use crate::exit::Status;

/// The whole document.
pub(super) fn document(reports: &[Report], status: Status) -> String {
    let document = Document {
        version: VERSION,
        status: word(status),
        files: reports.iter().map(file).collect(),
    };
    serde_json::to_string_pretty(&document).expect("strings, numbers and lists of them")
}

#[derive(Serialize)]
struct Document {
    version: u32,
    status: &'static str,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: String,
    status: &'static str,
    errors: usize,
    warnings: usize,
    includes: Vec<String>,
    diagnostics: Vec<Problem>,
}

#[derive(Serialize)]
pub(super) struct Problem {
    code: String,
    severity: &'static str,
    message: String,
    labels: Vec<Label>,
    help: Vec<String>,
    suggestion: Option<Suggestion>,
    chain: Vec<Link>,
}

#[derive(Serialize)]
struct Label {
    #[serde(flatten)]
    place: Place,
    text: String,
}

#[derive(Serialize)]
struct Suggestion {
    #[serde(flatten)]
    place: Place,
    replacement: String,
    message: String,
}

/// A step on the way by which a text came to where it was read.
#[derive(Serialize)]
struct Link {
    #[serde(flatten)]
    place: Place,
    expansion: Option<String>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn file(report: &Report) -> File {
    let count = report.count();
    let included = report.parsed.sources.sources().skip(1);
    File {
        path: report.path.display().to_string(),
        status: match (report.is_unreadable(), count.errors) {
            (true, _) => word(Status::CannotRun),
            (false, 0) => word(Status::Fine),
            (false, _) => word(Status::Failed),
        },
        errors: count.errors,
        warnings: count.warnings,
        includes: included
            .map(|source| source.path().display().to_string())
            .collect(),
        diagnostics: problems(&report.parsed.diagnostics, &report.parsed.sources),
    }
}

pub(super) fn problems(diagnostics: &[Diagnostic], sources: &SourceMap) -> Vec<Problem> {
    diagnostics
        .iter()
        .map(|diagnostic| problem(diagnostic, sources))
        .collect()
}

fn problem(diagnostic: &Diagnostic, sources: &SourceMap) -> Problem {
    let labels = diagnostic.labels.iter().filter_map(|label| {
        Some(Label {
            place: place(label.span, sources)?,
            text: label.text.clone(),
        })
    });
    let suggestion = diagnostic.suggestion.as_ref().and_then(|suggestion| {
        Some(Suggestion {
            place: place(suggestion.span, sources)?,
            replacement: suggestion.replacement.clone(),
            message: suggestion.message.clone(),
        })
    });
    Problem {
        code: diagnostic.code.to_string(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: diagnostic.message.clone(),
        labels: labels.collect(),
        help: diagnostic.help.clone(),
        suggestion,
        chain: diagnostic
            .span()
            .map(|span| chain(span, sources))
            .unwrap_or_default(),
    }
}

/// The innermost step first.
fn chain(span: Span, sources: &SourceMap) -> Vec<Link> {
    let mut links = Vec::new();
    let mut at = span;
    while let Some(outer) = sources.outer(at) {
        links.extend(place(outer, sources).map(|place| Link {
            place,
            expansion: sources.expansion(at.expansion).map(|it| it.of.clone()),
        }));
        at = outer;
    }
    links
}

fn place(span: Span, sources: &SourceMap) -> Option<Place> {
    let start = sources.location(span)?;
    let end = sources.location(span.after())?;
    Some(Place {
        file: start.path.display().to_string(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Fine => "fine",
        Status::Failed => "errors",
        Status::CannotRun => "unreadable",
    }
}

/// Rises when a field changes its meaning or goes; a new field does not raise it.
const VERSION: u32 = 1;
