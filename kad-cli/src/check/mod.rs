//! `kad check`: everything that is wrong with configuration files, said so that a person can mend it.

mod cluster;
mod commands;
mod explain;
mod json;
mod levels;
mod machine;
mod report;
mod scripts;
mod users;

pub(crate) use levels::Levels;
pub(crate) use report::Report;
pub use scripts::{ScriptProblem, script_problems};

use cluster::Cluster;
use report::Count;

use crate::cli::CheckArgs;
use crate::exit::Status;
use crate::keys::Keys;

/// Checks the files. What there is to say goes to `show`, in pieces of one or several lines, in colours if somebody
/// looks on who likes them.
pub fn run(args: &CheckArgs, colour: bool, show: &mut dyn FnMut(&str)) -> Status {
    if let Some(code) = args.explain {
        show(&explain::page(code));
        return Status::Fine;
    }
    let levels = Levels::of(args);
    let read = |file| {
        // Of several machines' files, at most one is about this one.
        let here = !args.offline && args.files.len() == 1;
        let keys = if here { Keys::Here } else { Keys::Elsewhere };
        let mut report = Report::read(file, args.config_id.as_deref(), keys);
        if here {
            report.look_at_this_machine();
        }
        levels.apply(&mut report.parsed);
        report
    };
    let reports: Vec<Report> = args.files.iter().map(|file| read(file)).collect();
    let mut cluster = Cluster::of(&reports);
    if let Some(cluster) = &mut cluster {
        levels.apply(&mut cluster.found);
    }
    let counts = reports.iter().map(Report::count);
    let counts = counts.chain(cluster.as_ref().map(Cluster::count));
    let status = if reports.iter().any(Report::is_unreadable) {
        Status::CannotRun
    } else {
        status(counts, args.strict)
    };
    if args.json {
        show(&json::document(&reports, cluster.as_ref(), status));
    } else {
        reports.iter().for_each(|report| tell(report, colour, show));
        for text in cluster.iter().flat_map(|cluster| cluster.told(&reports, colour)) {
            show(&text);
        }
    }
    // The process ends here: to give back each of 50,000 real servers by itself would be for nothing.
    std::mem::forget((reports, cluster));
    status
}

/// Says what is wrong with a file, and in one line how it is.
fn tell(report: &Report, colour: bool, show: &mut dyn FnMut(&str)) {
    for text in report.rendered(colour) {
        show(&format!("{text}\n"));
    }
    show(&summary(report));
}

/// How a file is, in one line.
pub(crate) fn summary(report: &Report) -> String {
    let how = if report.is_unreadable() {
        "cannot be read".to_owned()
    } else {
        report.count().in_words()
    };
    format!("{}: {how}", report.path.display())
}

/// What the command exits with, if it can read its files.
fn status(mut counts: impl Iterator<Item = Count>, strict: bool) -> Status {
    if counts.any(|count| count.errors > 0 || strict && count.warnings > 0) {
        Status::Failed
    } else {
        Status::Fine
    }
}
