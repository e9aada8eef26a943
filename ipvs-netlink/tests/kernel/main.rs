//! A real kernel's IPVS: what it makes of what we say, and what Debian's ipvsadm sees of it.
//!
//! A test is a function in one of the modules and a line in the module's `TESTS`. Each is alone in a network namespace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends there")]

mod batch;
mod daemons;
mod farm;
mod foreign;
mod lab;
mod module;
mod reasons;
mod said;
mod statistics;
mod sync;
mod there;
mod traffic;

use std::process::ExitCode;

fn main() -> ExitCode {
    let tests: Vec<_> = [
        there::TESTS,
        said::TESTS,
        foreign::TESTS,
        reasons::TESTS,
        daemons::TESTS,
        batch::TESTS,
        statistics::TESTS,
        traffic::TESTS,
        sync::TESTS,
        module::TESTS,
    ]
    .concat();
    ipvs_guest::run(&tests)
}
