//! `kad check`: everything that is wrong with configuration files, said so that a person can mend it.

mod json;
mod report;

pub(crate) use report::Report;

use crate::cli::CheckArgs;
use crate::exit::Status;

/// Checks the files. What there is to say goes to `show`, in pieces of one or several lines, in colours if somebody
/// looks on who likes them.
pub fn run(args: &CheckArgs, colour: bool, show: &mut dyn FnMut(&str)) -> Status {
    let reports: Vec<Report> = args
        .files
        .iter()
        .map(|file| Report::read(file, args.config_id.as_deref()))
        .collect();
    let status = status(&reports, args.strict);
    if args.json {
        show(&json::document(&reports, status));
    } else {
        reports.iter().for_each(|report| tell(report, colour, show));
    }
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

/// What the command exits with.
pub(crate) fn status(reports: &[Report], strict: bool) -> Status {
    let count = |report: &Report| report.count();
    if reports.iter().any(Report::is_unreadable) {
        Status::CannotRun
    } else if reports
        .iter()
        .map(count)
        .any(|count| count.errors > 0 || strict && count.warnings > 0)
    {
        Status::Failed
    } else {
        Status::Fine
    }
}
