//! Starting a program that dies with whoever started it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

/// Becomes the program; returns only if that fails. The first argument is the id of the process that starts it, the
/// others are the program and its arguments.
pub fn exec(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let (Some(starter), Some(program)) = (arguments.next(), arguments.next()) else {
        return io::Error::new(io::ErrorKind::InvalidInput, "no program to run");
    };
    if let Err(errno) = set_pdeathsig(Signal::SIGKILL) {
        return errno.into();
    }
    // A death before that has not been noticed.
    if !is_parent(&starter) {
        return io::Error::other("whoever started this is gone");
    }
    Command::new(program).args(arguments).exec()
}

fn is_parent(process: &OsStr) -> bool {
    process.to_str().and_then(|id| id.parse().ok()) == Some(getppid().as_raw())
}
