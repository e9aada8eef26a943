//! `kad run`: from a file to a running daemon.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tracing::Level;

use crate::check::{self, Report};
use crate::cli::RunArgs;
use crate::exit::Status;
use crate::keys::Keys;
use crate::log;
use crate::pid::PidFile;
use crate::plan::Plan;
use crate::vrrp::{Configure, Daemon};

/// Runs until told to stop. Messages about the configuration go to `say`; everything else to the log.
pub fn run(args: &RunArgs, say: &mut dyn FnMut(&str)) -> Status {
    let plan = match configure(args, say) {
        Ok(plan) => plan,
        Err(status) => return status,
    };
    if args.config_test {
        return Status::Fine;
    }
    let _log = log::init(if args.log_detail {
        Level::DEBUG
    } else {
        Level::INFO
    });
    let Ok(_pid_files) = pid_files(args) else {
        return Status::CannotRun;
    };
    if args.check {
        tracing::warn!("-C: kad has no checkers yet, and nothing else was asked for; waiting for SIGTERM");
    } else if plan.instances.is_empty() {
        tracing::warn!("{}: no vrrp_instance; waiting for SIGTERM", args.file.display());
    }
    let plan = if args.check { Plan::default() } else { plan };
    match Daemon::start(plan, configure_again(args)).and_then(|mut daemon| daemon.run()) {
        Ok(()) => Status::Fine,
        Err(error) => {
            tracing::error!("{error}");
            Status::CannotRun
        }
    }
}

/// Reads the file, says everything that is wrong with it, and answers with the plan if nothing is.
fn configure(args: &RunArgs, say: &mut dyn FnMut(&str)) -> Result<Plan, Status> {
    let report = Report::read(&args.file, args.config_id.as_deref(), Keys::Here);
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    report.rendered(colour).for_each(|text| say(&format!("{text}\n")));
    let status = report.status();
    let summary = check::summary(&report);
    let nothing = if args.config_test || status == Status::Fine {
        ""
    } else {
        "; nothing was changed"
    };
    if args.config_test || !nothing.is_empty() {
        say(&format!("{summary}{nothing}"));
    }
    report.plan.ok_or(status)
}

/// How the file is read while the daemon runs. What is wrong with it goes to the log.
fn configure_again(args: &RunArgs) -> Option<Configure> {
    if args.check {
        return None;
    }
    let (file, config_id) = (args.file.clone(), args.config_id.clone());
    Some(Arc::new(move |names| {
        let report = Report::read_again(names, &file, config_id.as_deref());
        for (diagnostic, text) in report.parsed.diagnostics.iter().zip(report.rendered(false)) {
            for line in text.lines() {
                if diagnostic.is_error() {
                    tracing::error!("{line}");
                } else {
                    tracing::warn!("{line}");
                }
            }
        }
        let summary = check::summary(&report);
        report.plan.ok_or(summary)
    }))
}

fn pid_files(args: &RunArgs) -> Result<Vec<PidFile>, ()> {
    let wanted = [
        args.pid.as_ref(),
        args.vrrp_pid.as_ref().filter(|_| !args.check),
        args.checkers_pid.as_ref().filter(|_| args.check),
    ];
    let created: Result<Vec<_>, _> = wanted
        .into_iter()
        .flatten()
        .map(|path| PidFile::create(path))
        .collect();
    created.map_err(|error| tracing::error!("{error}"))
}

/// keepalived's default for `-i`: the node's name up to the first dot.
pub(crate) fn host_name() -> Option<String> {
    let name: io::Result<_> = nix::unistd::gethostname().map_err(io::Error::from);
    let name = name.ok()?.into_string().ok()?;
    name.split('.').next().map(str::to_owned)
}
