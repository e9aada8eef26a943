//! The helper that becomes a program: `kad __script [--secure] UID GID GROUPS PARENT PROGRAM [ARGUMENT...]`.
//!
//! Its standard output is a pipe to whoever started it, where it says why the program cannot be run. It is closed when
//! the program begins, which writes to nowhere. With `--secure` a program is refused that others than root could have
//! changed: what was fine when the configuration was read may not be so any more.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, dup2_stdout, getegid, geteuid, getppid, setgid, setgroups, setuid};
use rustix::process::{getpriority_process, setpriority_process};
use rustix::thread::clear_ambient_capability_set;

use super::Credentials;
use crate::check::{ScriptProblem, script_problems};
use crate::sys;

/// Becomes the program; returns only if that fails, when the reason has been said.
pub fn become_script(arguments: impl Iterator<Item = OsString>) {
    let Ok(mut starter) = take_standard_output() else {
        return;
    };
    let reason = match run(arguments) {
        Ok(never) => match never {},
        Err(reason) => reason,
    };
    // Nobody is left to be told if this fails.
    let _ = starter.write_all(reason.as_bytes());
}

/// The pipe to the starter, which is closed when the program begins.
fn take_standard_output() -> io::Result<File> {
    let pipe = io::stdout().as_fd().try_clone_to_owned()?;
    dup2_stdout(OpenOptions::new().write(true).open("/dev/null")?)?;
    Ok(pipe.into())
}

/// Fails with why the program does not run.
fn run(arguments: impl Iterator<Item = OsString>) -> Result<Infallible, String> {
    let mut arguments = arguments.peekable();
    let secure = arguments.next_if(|argument| argument == SECURE).is_some();
    let user = user(&mut arguments)?;
    let parent = number(arguments.next().as_deref())?;
    let program = arguments.next().ok_or(USAGE)?;
    if secure {
        unchanged(&program)?;
    }
    schedule_normally();
    become_user(&user).map_err(|(what, errno)| format!("{what}: {}", io::Error::from(errno)))?;
    if !geteuid().is_root() {
        // Those that would outlive the way into the program.
        let _ = clear_ambient_capability_set();
    }
    // After the change of user, which would undo it.
    set_pdeathsig(Signal::SIGTERM).map_err(|errno| format!("prctl: {errno}"))?;
    if u32::try_from(getppid().as_raw()).ok() != Some(parent) {
        return Err("whoever started it is gone".to_owned());
    }
    Err(refusal(&program, &Command::new(&program).args(arguments).exec()))
}

fn user(arguments: &mut impl Iterator<Item = OsString>) -> Result<Credentials, String> {
    let (uid, gid) = (
        number(arguments.next().as_deref())?,
        number(arguments.next().as_deref())?,
    );
    let groups = arguments.next().unwrap_or_default();
    let groups = groups.to_str().ok_or(USAGE)?.split(',');
    let groups = groups.filter(|group| !group.is_empty());
    let groups = groups
        .map(|group| number(Some(OsStr::new(group))))
        .collect::<Result<_, _>>()?;
    Ok(Credentials { uid, gid, groups })
}

fn number(argument: Option<&OsStr>) -> Result<u32, String> {
    let number = argument
        .and_then(OsStr::to_str)
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| USAGE.to_owned())
}

fn unchanged(program: &OsStr) -> Result<(), String> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let mut problems = script_problems(program.to_str().unwrap_or_default(), &search).into_iter();
    match problems.find(|problem| matches!(problem, ScriptProblem::Writable { .. })) {
        Some(problem) => Err(format!(
            "{problem}; enable_script_security forbids to run it as root"
        )),
        None => Ok(()),
    }
}

/// The daemon's urgency is not the program's. Whoever may raise it may take it back.
fn schedule_normally() {
    let _ = sys::schedule_normally();
    if getpriority_process(None).is_ok_and(|nice| nice < 0) {
        let _ = setpriority_process(None, 0);
    }
}

/// Root gives up its groups, then its group, then itself; anybody else is whom it should be already.
fn become_user(wanted: &Credentials) -> Result<(), (String, Errno)> {
    let own = Credentials::current();
    if own.uid != 0 || own.is_like(wanted) {
        // In a user namespace even root may not set what it has.
        return Ok(());
    }
    let groups: Vec<Gid> = wanted.groups.iter().copied().map(Gid::from_raw).collect();
    setgroups(&groups).map_err(|errno| ("its groups cannot be set".to_owned(), errno))?;
    let (uid, gid) = (Uid::from_raw(wanted.uid), Gid::from_raw(wanted.gid));
    setgid(gid).map_err(|errno| (format!("it cannot become group {gid}"), errno))?;
    setuid(uid).map_err(|errno| (format!("it cannot become user {uid}"), errno))?;
    if (geteuid(), getegid()) != (uid, gid) {
        return Err((format!("it cannot become user {uid}"), Errno::EPERM));
    }
    Ok(())
}

/// The kernel says the same where a program is not there and where the one that should read it is not.
fn refusal(program: &OsStr, error: &io::Error) -> String {
    let has_path = program.as_encoded_bytes().contains(&b'/');
    match error.kind() {
        ErrorKind::NotFound if !has_path => "no directory of PATH has it".to_owned(),
        ErrorKind::NotFound if Path::new(program).exists() => {
            "the interpreter that its first line names does not exist".to_owned()
        }
        ErrorKind::NotFound => "it does not exist".to_owned(),
        ErrorKind::PermissionDenied => format!("user {} may not execute it", geteuid()),
        _ => error.to_string(),
    }
}

/// Says that the program must be nobody's but root's.
pub(super) const SECURE: &str = "--secure";
const USAGE: &str = "usage: [--secure] UID GID GROUPS PARENT PROGRAM [ARGUMENT...]";
