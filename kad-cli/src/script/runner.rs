//! The programs that run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, pidfd_open};
use vrrp_engine::Time;

use super::Credentials;

/// A program that is started. Handed out by the runner, never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(u64);

/// A program to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Whom it runs as.
    pub user: Credentials,
    /// What it finds in its environment, beside what this process has.
    pub environment: Vec<(String, String)>,
    /// After that it is told to end, and a little later made to.
    pub timeout: Option<Duration>,
}

/// What became of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// Which.
    pub job: JobId,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It ended itself, with this status.
    Exited(i32),
    /// A signal ended it.
    Signalled(i32),
    /// It took too long, and was ended.
    TimedOut,
    /// It did not even begin.
    NotStarted(String),
}

/// Runs programs. It waits for none of them: [`register`](Self::register) it for readability, and after each event and
/// each [`poll_timeout`](Self::poll_timeout) take what has [`finished`](Self::poll_finished).
pub struct Runner {
    helper: PathBuf,
    poll: Poll,
    events: Events,
    running: BTreeMap<JobId, Running>,
    deadlines: BTreeSet<(Time, JobId)>,
    finished: VecDeque<Finished>,
    last: u64,
}

struct Running {
    child: Child,
    pidfd: OwnedFd,
    started: Time,
    deadline: Option<Time>,
    timed_out: bool,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let jobs: Vec<_> = self.running.keys().collect();
        f.debug_struct("Runner")
            .field("running", &jobs)
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// With this very program as the helper.
    pub fn new() -> io::Result<Self> {
        Self::with_helper(PathBuf::from("/proc/self/exe"))
    }

    /// With a program as the helper that becomes a script when it is called with `__script`
    /// ([`become_script`](super::become_script)).
    pub fn with_helper(helper: PathBuf) -> io::Result<Self> {
        Ok(Self {
            helper,
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            running: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            finished: VecDeque::new(),
            last: 0,
        })
    }

    /// Has the caller woken when a program ends.
    pub fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.poll.as_raw_fd()), token, Interest::READABLE)
    }

    /// Starts a program. If it cannot be started, that is an outcome like others.
    pub fn start(&mut self, now: Time, job: &Job) -> JobId {
        self.last += 1;
        let id = JobId(self.last);
        if let Err(error) = self.try_start(now, id, job) {
            self.finished.push_back(Finished {
                job: id,
                outcome: Outcome::NotStarted(error.to_string()),
                took: Duration::ZERO,
            });
        }
        id
    }

    fn try_start(&mut self, now: Time, id: JobId, job: &Job) -> io::Result<()> {
        if self.running.len() >= MOST {
            return Err(io::Error::other(format!("{MOST} programs are running already")));
        }
        let mut child = self.command(job).spawn()?;
        match self.follow(id, &child) {
            Ok(pidfd) => {
                let deadline = job.timeout.map(|timeout| now + timeout);
                self.deadlines.extend(deadline.map(|due| (due, id)));
                let running = Running {
                    child,
                    pidfd,
                    started: now,
                    deadline,
                    timed_out: false,
                };
                self.running.insert(id, running);
                Ok(())
            }
            Err(error) => {
                // Nobody would notice its end.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    fn command(&self, job: &Job) -> Command {
        let user = &job.user;
        let groups: Vec<String> = user.groups.iter().map(u32::to_string).collect();
        let mut command = Command::new(&self.helper);
        command
            .arg("__script")
            .args([user.uid.to_string(), user.gid.to_string(), groups.join(",")])
            .arg(std::process::id().to_string())
            .args(&job.argv)
            .envs(job.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        for name in DANGEROUS {
            command.env_remove(name);
        }
        command
    }

    fn follow(&self, id: JobId, child: &Child) -> io::Result<OwnedFd> {
        let pidfd = pidfd_open(rustix::process::Pid::from_child(child), PidfdFlags::NONBLOCK)?;
        let token = Token(usize::try_from(id.0).unwrap_or(usize::MAX));
        let registry = self.poll.registry();
        registry.register(&mut SourceFd(&pidfd.as_raw_fd()), token, Interest::READABLE)?;
        Ok(pidfd)
    }

    /// Some program ended.
    pub fn handle_ready(&mut self, now: Time) {
        loop {
            if let Err(error) = self.poll.poll(&mut self.events, Some(Duration::ZERO))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return tracing::error!("scripts: {error}");
            }
            let ended: Vec<JobId> = self
                .events
                .iter()
                .filter_map(|event| u64::try_from(event.token().0).ok().map(JobId))
                .collect();
            if ended.is_empty() {
                return;
            }
            for id in ended {
                self.reap(now, id);
            }
        }
    }

    fn reap(&mut self, now: Time, id: JobId) {
        let Some(running) = self.running.get_mut(&id) else {
            return;
        };
        let outcome = match running.child.try_wait() {
            Ok(None) => return,
            Ok(Some(status)) => running.outcome(status),
            Err(error) => Outcome::NotStarted(error.to_string()),
        };
        let Some(running) = self.running.remove(&id) else {
            return;
        };
        running.deadline.map(|due| self.deadlines.remove(&(due, id)));
        // Closing it would do, unless the descriptor is shared.
        let _ = self
            .poll
            .registry()
            .deregister(&mut SourceFd(&running.pidfd.as_raw_fd()));
        self.finished.push_back(Finished {
            job: id,
            outcome,
            took: now - running.started,
        });
    }

    /// Ends what has taken too long: first by asking, then by force.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some((_, id)) = self.deadlines.first().copied().filter(|(due, _)| *due <= now) {
            self.deadlines.pop_first();
            let Some(running) = self.running.get_mut(&id) else {
                continue;
            };
            let signal = if running.timed_out {
                Signal::SIGKILL
            } else {
                Signal::SIGTERM
            };
            running.timed_out = true;
            running.end(signal);
            running.deadline = Some(now + GRACE);
            self.deadlines.insert((now + GRACE, id));
        }
    }

    /// Ends a program now, which counts as taking too long.
    pub fn stop(&mut self, now: Time, job: JobId) {
        if let Some(running) = self.running.get_mut(&job).filter(|running| !running.timed_out) {
            running.deadline.map(|due| self.deadlines.remove(&(due, job)));
            running.deadline = Some(now);
            self.deadlines.insert((now, job));
            self.handle_timeout(now);
        }
    }

    /// Ends all programs.
    pub fn stop_all(&mut self, now: Time) {
        for id in self.running.keys().copied().collect::<Vec<_>>() {
            self.stop(now, id);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// What has ended, in the order in which it did.
    pub fn poll_finished(&mut self) -> Option<Finished> {
        self.finished.pop_front()
    }

    /// Whether some program runs, or its end has not been taken yet.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty() || !self.finished.is_empty()
    }
}

impl Drop for Runner {
    /// Nothing is left without somebody who looks after it.
    fn drop(&mut self) {
        for running in self.running.values_mut() {
            running.end(Signal::SIGKILL);
            let _ = running.child.wait();
        }
    }
}

impl Running {
    /// Tells the program and all that it started.
    fn end(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            // It may be gone.
            let _ = killpg(Pid::from_raw(id), signal);
        }
    }

    fn outcome(&mut self, status: ExitStatus) -> Outcome {
        if self.timed_out {
            return Outcome::TimedOut;
        }
        match (self.complaint(), status.code(), status.signal()) {
            (Some(complaint), ..) => Outcome::NotStarted(complaint),
            (None, Some(code), _) => Outcome::Exited(code),
            (None, None, signal) => Outcome::Signalled(signal.unwrap_or_default()),
        }
    }

    /// Why the helper could not become the program. The pipe is the helper's only, and it is gone.
    fn complaint(&mut self) -> Option<String> {
        let mut text = String::new();
        let pipe = self.child.stdout.take()?;
        pipe.take(COMPLAINT).read_to_string(&mut text).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

/// What may have been meant for this process, and would make others do something else.
const DANGEROUS: [&str; 3] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"];
/// Programs at once; more are not started.
const MOST: usize = 4096;
/// From being asked to end to being made to.
const GRACE: Duration = Duration::from_secs(2);
const COMPLAINT: u64 = 1024;
const EVENTS: usize = 64;
