//! The program `kad`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "only main prints")]

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use kad_cli::cli::{Cli, Command};
use kad_cli::{check, config, demo, exit, lab, run, script};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args, &mut |text| eprintln!("{text}")),
        Command::Check(args) => {
            let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            // Whoever stops reading has seen enough.
            check::run(&args, colour, &mut |text| drop(writeln!(io::stdout(), "{text}")))
        }
        Command::Config(args) => {
            let mut show = |line: &str| drop(writeln!(io::stdout(), "{line}"));
            config::run(&args, &mut show, &mut |line| eprintln!("{line}"))
        }
        Command::Demo(args) => {
            let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            // Whoever stops reading has seen enough; the demo ends in order all the same.
            let mut show = |line: &str| drop(writeln!(io::stdout(), "{line}"));
            demo::run(&args, colour, &mut show, &mut |line| eprintln!("{line}"))
        }
        Command::Exec { command } => {
            eprintln!("kad: {}", lab::exec(command.into_iter()));
            exit::Status::CannotRun
        }
        Command::Script { command } => {
            script::become_script(command.into_iter());
            exit::Status::CannotRun
        }
    };
    outcome.into()
}
