//! One script that runs.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::Duration;

use mio::unix::pipe::Receiver;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
use vrrp_engine::Time;

use super::chatter::Chatter;
use super::helper::SECURE;
use super::runner::{Job, Outcome};

/// A script that runs, or has ended and was not looked at yet.
#[derive(Debug)]
pub(super) struct Child {
    process: Process,
    /// Readable when it has ended.
    pidfd: OwnedFd,
    /// Says why the script did not begin; nothing if it did.
    status: Receiver,
    pub(super) begun: Time,
    /// When something must be done about it.
    pub(super) deadline: Option<Time>,
    end: End,
}

/// How it is with its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// It may take its time.
    Open,
    /// It was asked to end.
    Asked,
    /// It was ended.
    Killed,
    /// It was, and goes on all the same: it waits for a disk, or is somebody else's by now.
    Stuck,
}

impl Child {
    /// Starts it. Takes as long as it takes to start a small program, not to copy this process.
    pub(super) fn start(now: Time, job: &Job, helper: &Path, secure: bool) -> io::Result<(Self, Chatter)> {
        let mut command = command(job, helper, secure);
        let mut process = command.spawn()?;
        match Self::watch(job, &mut process) {
            Ok((pidfd, status, chatter)) => {
                let child = Self {
                    process,
                    pidfd,
                    status,
                    begun: now,
                    deadline: job.timeout.map(|timeout| now + timeout),
                    end: End::Open,
                };
                Ok((child, chatter))
            }
            Err(error) => {
                // Nobody would notice its end.
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }

    fn watch(job: &Job, process: &mut Process) -> io::Result<(OwnedFd, Receiver, Chatter)> {
        let pid = rustix::process::Pid::from_child(process);
        let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK)?;
        let gone = || io::Error::other("a pipe is missing");
        let status = Receiver::from(process.stdout.take().ok_or_else(gone)?);
        let chatter = Receiver::from(process.stderr.take().ok_or_else(gone)?);
        status.set_nonblocking(true)?;
        chatter.set_nonblocking(true)?;
        let program = job.argv.first().map_or("", String::as_str);
        Ok((pidfd, status, Chatter::new(program, chatter)))
    }

    pub(super) fn descriptor(&self) -> i32 {
        self.pidfd.as_raw_fd()
    }

    /// Asks it to end, and gives it a moment.
    pub(super) fn ask(&mut self, now: Time) {
        if self.end == End::Open {
            self.signal(Signal::SIGTERM);
            self.end = End::Asked;
            self.deadline = Some(now + GRACE);
        }
    }

    /// It has until then at most.
    pub(super) fn hurry(&mut self, end: Time) {
        if self.end == End::Open {
            self.deadline = Some(self.deadline.map_or(end, |deadline| deadline.min(end)));
        }
    }

    /// It took too long: to do its work, or to end.
    pub(super) fn handle_deadline(&mut self, now: Time) {
        match self.end {
            End::Open => self.ask(now),
            End::Asked => {
                self.signal(Signal::SIGKILL);
                self.end = End::Killed;
                self.deadline = Some(now + GRACE);
            }
            End::Killed | End::Stuck => self.deadline = None,
        }
    }

    /// Whether it does not end though it was made to, and that was told of.
    pub(super) fn is_stuck(&self) -> bool {
        self.end == End::Stuck
    }

    /// The same, but not told of yet.
    pub(super) fn take_stuck(&mut self) -> bool {
        let is_so = self.end == End::Killed && self.deadline.is_none();
        if is_so {
            self.end = End::Stuck;
        }
        is_so
    }

    /// How it ended, if it has.
    pub(super) fn outcome(&mut self) -> Option<Outcome> {
        if self.end != End::Open && self.has_ended() {
            // What it has started ends with it. Its id is nobody else's until it is waited for.
            self.signal(Signal::SIGKILL);
        }
        match self.process.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(self.judge(status)),
            Err(error) => Some(Outcome::NotStarted(format!("its end was not told: {error}"))),
        }
    }

    fn judge(&mut self, status: ExitStatus) -> Outcome {
        let mut reason = Vec::new();
        // Ends with `WouldBlock` if somebody else holds the pipe.
        let _ = (&mut self.status).take(MOST_STATUS).read_to_end(&mut reason);
        match (self.end, status.code(), status.signal()) {
            _ if !reason.is_empty() => Outcome::NotStarted(String::from_utf8_lossy(&reason).into_owned()),
            (End::Asked | End::Killed | End::Stuck, ..) => Outcome::TimedOut,
            (End::Open, Some(code), _) => Outcome::Exited(code),
            (End::Open, None, signal) => Outcome::Signalled(signal.unwrap_or_default()),
        }
    }

    fn has_ended(&self) -> bool {
        let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::PidFd(self.pidfd.as_fd()), how).is_ok_and(|ended| ended.is_some())
    }

    /// To it and everything that it has started and that did not leave its process group.
    pub(super) fn signal(&self, signal: Signal) {
        if let Ok(pid) = i32::try_from(self.process.id()) {
            // It may just have ended.
            let _ = killpg(Pid::from_raw(pid), signal);
        }
    }

    /// Ends it without regard.
    pub(super) fn abandon(&mut self) {
        self.signal(Signal::SIGKILL);
        // One that cannot be ended is waited for by whoever comes after us.
        for _ in 0..ABANDON_TRIES {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(ABANDON_STEP);
        }
    }
}

/// The helper, in a process group of its own. The standard library starts it with `posix_spawn` as long as nothing here
/// needs a fork: no user, no group, no directory.
fn command(job: &Job, helper: &Path, secure: bool) -> Command {
    let mut command = Command::new(helper);
    let user = &job.user;
    let groups: Vec<String> = user.groups.iter().map(u32::to_string).collect();
    command.arg("__script");
    if secure && user.uid == 0 {
        command.arg(SECURE);
    }
    command
        .args([user.uid.to_string(), user.gid.to_string(), groups.join(",")])
        .arg(std::process::id().to_string())
        .args(&job.argv);
    command.envs(job.environment.iter().map(|(name, value)| (name, value)));
    for name in UNWANTED {
        command.env_remove(name);
    }
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What would change how a script is run; keepalived takes the same away.
const UNWANTED: [&str; 3] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"];
/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// What is killed is gone within this, unless it cannot be.
const ABANDON_TRIES: u32 = 50;
const ABANDON_STEP: Duration = Duration::from_millis(2);
const MOST_STATUS: u64 = 1024;
