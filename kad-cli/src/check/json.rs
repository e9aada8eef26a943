//! What machines are told.

use std::net::IpAddr;

use kaconf::{Diagnostic, Severity, SourceMap, Span};
use serde::Serialize;

use super::Report;
use super::cluster::{Cluster, Fate, Masters, OnReturn};
use crate::exit::Status;

/// The whole document.
pub(super) fn document(reports: &[Report], cluster: Option<&Cluster>, status: Status) -> String {
    let document = Document {
        version: VERSION,
        status: word(status),
        files: reports.iter().map(file).collect(),
        cluster: cluster.map(|cluster| together(cluster, reports)),
    };
    serde_json::to_string_pretty(&document).expect("strings, numbers and lists of them")
}

#[derive(Serialize)]
struct Document {
    version: u32,
    status: &'static str,
    files: Vec<File>,
    cluster: Option<Together>,
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

/// What is to be said about all files together.
#[derive(Serialize)]
struct Together {
    errors: usize,
    warnings: usize,
    note: Option<String>,
    routers: Vec<Router>,
    diagnostics: Vec<Problem>,
    virtual_routers: Vec<VirtualRouter>,
}

#[derive(Serialize)]
struct Router {
    name: String,
    file: String,
}

#[derive(Serialize)]
struct VirtualRouter {
    name: String,
    virtual_router_id: u8,
    family: String,
    interface: String,
    addresses: Vec<IpAddr>,
    members: Vec<Member>,
    all_up: Who,
    without: Vec<Without>,
    on_return: Option<&'static str>,
    stuck: bool,
}

#[derive(Serialize)]
struct Member {
    router: String,
    instance: String,
    priority: u8,
}

/// One of `masters`, or all of them if they are so `at_once`.
#[derive(Serialize)]
struct Who {
    masters: Vec<String>,
    at_once: bool,
}

#[derive(Serialize)]
struct Without {
    router: String,
    #[serde(flatten)]
    who: Who,
}

#[derive(Serialize)]
struct Problem {
    code: String,
    name: &'static str,
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
        status: word(report.status()),
        errors: count.errors,
        warnings: count.warnings,
        includes: included
            .map(|source| source.path().display().to_string())
            .collect(),
        diagnostics: problems(&report.parsed.diagnostics, &report.parsed.sources),
    }
}

fn together(cluster: &Cluster, reports: &[Report]) -> Together {
    let count = cluster.count();
    let routers = cluster.names.iter().zip(reports);
    Together {
        errors: count.errors,
        warnings: count.warnings,
        note: cluster.note.clone(),
        routers: routers
            .map(|(name, report)| Router {
                name: name.clone(),
                file: report.path.display().to_string(),
            })
            .collect(),
        diagnostics: problems(&cluster.found.diagnostics, &cluster.found.sources),
        virtual_routers: cluster
            .fates
            .iter()
            .map(|fate| virtual_router(fate, &cluster.names))
            .collect(),
    }
}

fn virtual_router(fate: &Fate, names: &[String]) -> VirtualRouter {
    let group = &fate.group;
    let name = |router: usize| names.get(router).cloned().unwrap_or_default();
    let members = group.members.iter().map(|member| Member {
        router: name(member.router),
        instance: member.instance.clone(),
        priority: member.priority,
    });
    let without = fate.without.iter().zip(names).map(|(masters, router)| Without {
        router: router.clone(),
        who: who(masters, names),
    });
    VirtualRouter {
        name: group.name.clone(),
        virtual_router_id: group.vrid.get(),
        family: group.family.to_string(),
        interface: fate.interface.clone(),
        addresses: group.addresses.clone(),
        members: members.collect(),
        all_up: who(&fate.all_up, names),
        without: without.collect(),
        on_return: fate.on_return.map(|on_return| match on_return {
            OnReturn::TakesBack => "takes-back",
            OnReturn::Keeps => "keeps",
            OnReturn::Depends => "depends",
        }),
        stuck: fate.stuck,
    }
}

fn who(masters: &Masters, names: &[String]) -> Who {
    let at_once = !masters.at_once.is_empty();
    let of = if at_once {
        &masters.at_once
    } else {
        &masters.possible
    };
    Who {
        masters: of
            .iter()
            .filter_map(|router| names.get(*router).cloned())
            .collect(),
        at_once,
    }
}

fn problems(diagnostics: &[Diagnostic], sources: &SourceMap) -> Vec<Problem> {
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
        name: diagnostic.code.name(),
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
