//! The program `kad`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "only main prints")]

use std::process::ExitCode;

use clap::Parser;
use kad_cli::cli::{Cli, Command};
use kad_cli::{exit, lab, run};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args, &mut |text| eprintln!("{text}")),
        Command::Demo(_) => exit::Status::CannotRun,
        Command::Exec { command } => {
            eprintln!("kad: {}", lab::exec(command.into_iter()));
            exit::Status::CannotRun
        }
    };
    outcome.into()
}
