//! kad beside Debian's keepalived, in one run: both do the same at the same time or by turns, so that whatever else the
//! machine does meets both alike. Tables in Markdown on standard output, progress on standard error.
//!
//! Arguments name the parts to run; without any, all are.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark ends where something cannot be measured"
)]

mod bed;
mod check;
mod failover;
mod interval;
mod items;
mod load;
mod numbers;
mod procfs;
mod reload;
mod start;

use std::path::Path;
use std::process::ExitCode;

use bed::KEEPALIVED;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, command @ ..] = arguments.as_slice()
        && first == check::MEASURE
    {
        check::measure_child(command);
        return ExitCode::SUCCESS;
    }
    // `cargo test --all-targets` comes by here too, and a benchmark is no test.
    if !arguments.iter().any(|argument| argument == "--bench") {
        eprintln!("a benchmark: `make bench` runs it");
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    if let Some(unknown) = wanted
        .iter()
        .find(|name| !PARTS.iter().any(|(part, _)| part == *name))
    {
        eprintln!(
            "no part is called {unknown}; there are {:?}",
            PARTS.map(|(name, _)| name)
        );
        return ExitCode::FAILURE;
    }
    if !nix::unistd::geteuid().is_root() || !Path::new(KEEPALIVED).exists() {
        eprintln!("this needs root, for network namespaces, and Debian's package keepalived");
        return ExitCode::FAILURE;
    }
    for (name, run) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|part| *part == name) {
            run();
        }
    }
    ExitCode::SUCCESS
}

const PARTS: [(&str, fn()); 7] = [
    ("check", check::run),
    ("failover", failover::run),
    ("interval", interval::run),
    ("items", items::run),
    ("load", load::run),
    ("reload", reload::run),
    ("start", start::run),
];
