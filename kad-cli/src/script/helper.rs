//! The helper that becomes a program: `kad __script UID GID GROUPS PARENT PROGRAM [ARGUMENT...]`.
//!
//! Its standard output is a pipe to whoever started it, where it says why the program cannot be run. It is closed when
//! the program begins, whose standard streams are all `/dev/null`.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, dup2_stderr, dup2_stdout, getegid, geteuid, getppid, setgid, setgroups, setuid};

use super::Credentials;

/// Becomes the program; returns only if that fails, when the reason has been said.
pub fn become_script(arguments: impl Iterator<Item = OsString>) {
    let Ok(mut report) = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from) else {
        return;
    };
    let error = match run(arguments) {
        Ok(never) => match never {},
        Err(error) => error,
    };
    // Nobody is left to be told if this fails.
    let _ = write!(report, "{error}");
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> io::Result<std::convert::Infallible> {
    let mut number = || {
        let argument = arguments.next();
        parse(argument.as_deref())
    };
    let (uid, gid) = (number()?, number()?);
    let groups = arguments.next().unwrap_or_default();
    let groups = groups
        .to_str()
        .unwrap_or_default()
        .split(',')
        .filter(|group| !group.is_empty());
    let groups: Vec<u32> = groups
        .map(|group| parse(Some(OsStr::new(group))))
        .collect::<Result<_, _>>()?;
    let parent = parse(arguments.next().as_deref())?;
    become_user(&Credentials { uid, gid, groups })?;
    // After the change of user, which would undo it.
    set_pdeathsig(Signal::SIGTERM)?;
    if u32::try_from(getppid().as_raw()).ok() != Some(parent) {
        return Err(io::Error::other("whoever started this is gone"));
    }
    let program = arguments.next().ok_or_else(usage)?;
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Err(Command::new(program).args(arguments).exec())
}

/// Root gives up its groups, then its group, then itself; anybody else is whom it should be already.
fn become_user(wanted: &Credentials) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let groups: Vec<Gid> = wanted.groups.iter().copied().map(Gid::from_raw).collect();
    setgroups(&groups)?;
    setgid(Gid::from_raw(wanted.gid))?;
    setuid(Uid::from_raw(wanted.uid))?;
    if (geteuid().as_raw(), getegid().as_raw()) != (wanted.uid, wanted.gid) {
        return Err(io::Error::other("the change of user had no effect"));
    }
    Ok(())
}

fn parse(argument: Option<&OsStr>) -> io::Result<u32> {
    let number = argument
        .and_then(OsStr::to_str)
        .and_then(|text| text.parse().ok());
    number.ok_or_else(usage)
}

fn usage() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "usage: UID GID GROUPS PARENT PROGRAM [ARGUMENT...]",
    )
}
