use std::env;
use std::io::Write;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::in_namespace;
use crate::place::{NoKernel, Place, enter, is_guest};

/// A name, and a function that panics if what it tests is not so.
pub type Test = (&'static str, fn());

/// The main function of a test program: runs the tests, or those that its arguments name, where there is IPVS.
///
/// Without such a kernel each of them writes the line `SKIPPED: reason` to standard error and passes; with `CI` in the
/// environment each fails.
#[must_use]
pub fn run(tests: &[Test]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.list {
        return conclude(&arguments, trials(tests, |_| Ok(())));
    }
    match enter() {
        Ok(Place::Here) => {
            if is_guest() {
                arguments.test_threads = Some(1);
            }
            conclude(&arguments, trials(tests, run_one))
        }
        Ok(Place::Elsewhere(code)) => code,
        Err(reason) => {
            let reason: &'static NoKernel = Box::leak(Box::new(reason));
            conclude(&arguments, trials(tests, |_| skip(reason)))
        }
    }
}

fn trials(tests: &[Test], run: impl Fn(fn()) -> Result<(), Failed> + Copy + Send + 'static) -> Vec<Trial> {
    let trial = |&(name, test): &Test| Trial::test(name, move || run(test));
    tests.iter().map(trial).collect()
}

fn conclude(arguments: &Arguments, trials: Vec<Trial>) -> ExitCode {
    libtest_mimic::run(arguments, trials).exit_code()
}

fn run_one(test: fn()) -> Result<(), Failed> {
    in_namespace(test);
    Ok(())
}

fn skip(reason: &NoKernel) -> Result<(), Failed> {
    if env::var_os("CI").is_some() {
        return Err(format!("cannot run: {reason}").into());
    }
    let _ = std::io::stderr().write_all(format!("SKIPPED: {reason}\n").as_bytes());
    Ok(())
}
