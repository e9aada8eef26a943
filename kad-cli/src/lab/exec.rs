//! Starting a program that dies with whoever started it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

/// Becomes the program; returns only if that fails.
pub fn exec(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let Some(program) = arguments.next() else {
        return io::Error::new(io::ErrorKind::InvalidInput, "no program to run");
    };
    if let Err(errno) = set_pdeathsig(Signal::SIGKILL) {
        return errno.into();
    }
    Command::new(program).args(arguments).exec()
}
