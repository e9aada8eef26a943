//! All scripts of one kind: so many at a time, each watched until it ends.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::time::Duration;

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use vrrp_engine::Time;

use super::Credentials;
use super::chatter::{Allowance, Chatter, Rest};
use super::child::Child;

/// Runs programs, in the order in which they were given, a bounded number of them at a time.
///
/// It waits for none of them: [`register`](Self::register) it for readability, and after each event and each
/// [`poll_timeout`](Self::poll_timeout) take what has [`finished`](Self::poll_finished).
pub struct Runner {
    poll: Poll,
    helper: PathBuf,
    secure: bool,
    /// The most that anything may take that begins from now on.
    limit: Option<Duration>,
    next: usize,
    waiting: VecDeque<(JobId, Job)>,
    running: BTreeMap<JobId, Child>,
    /// What is still written to standard error, also by what a script has left behind.
    chatters: BTreeMap<JobId, Chatter>,
    /// Those that were not read to the end.
    unread: BTreeSet<JobId>,
    allowance: Allowance,
    finished: VecDeque<Finished>,
    /// Since when there are some.
    unread_since: Option<Time>,
    /// When the last few were started, and how many.
    pace: (Time, usize),
}

/// A program to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The program and its arguments; a program without a slash is looked for on PATH.
    pub argv: Vec<String>,
    /// Whom it runs as.
    pub user: Credentials,
    /// What is added to the environment.
    pub environment: Vec<(String, String)>,
    /// How long it may take; then it is ended.
    pub timeout: Option<Duration>,
}

/// A job of one runner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(usize);

/// The end of a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// Which.
    pub job: JobId,
    /// How.
    pub outcome: Outcome,
    /// How long it ran.
    pub took: Duration,
}

/// How a job ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It had not ended in time, and was ended.
    TimedOut,
    /// It never ran, for this reason.
    NotStarted(String),
}

impl Runner {
    /// Runs programs by way of this program itself (`kad __script`).
    pub fn new() -> io::Result<Self> {
        Self::with_helper(PathBuf::from("/proc/self/exe"))
    }

    /// With a program as the helper that becomes a script when it is called with `__script`
    /// ([`become_script`](super::become_script)).
    pub fn with_helper(helper: PathBuf) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            helper,
            secure: false,
            limit: None,
            next: 0,
            waiting: VecDeque::new(),
            running: BTreeMap::new(),
            chatters: BTreeMap::new(),
            unread: BTreeSet::new(),
            allowance: Allowance::default(),
            finished: VecDeque::new(),
            unread_since: None,
            pace: (Time::ZERO, 0),
        })
    }

    /// keepalived's `enable_script_security`: nothing is run as root that others than root can change. Each script is
    /// looked at right before it is run.
    pub fn set_security(&mut self, on: bool) {
        self.secure = on;
    }

    /// Has `token` of the registry tell of everything that happens here.
    pub fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        SourceFd(&self.poll.as_raw_fd()).register(registry, token, Interest::READABLE)
    }

    /// Takes a job, and starts it at once unless many were started just now or run. If it cannot be started, that is an
    /// outcome like others.
    pub fn start(&mut self, now: Time, job: &Job) -> JobId {
        let id = JobId(self.next);
        self.next = self.next.wrapping_add(1);
        if self.waiting.len() >= MOST_WAITING {
            self.never_ran(id, format!("{MOST_WAITING} others wait already"));
        } else if job.argv.is_empty() {
            self.never_ran(id, "no program is named".to_owned());
        } else {
            self.waiting.push_back((id, job.clone()));
            self.start_waiting(now);
        }
        id
    }

    /// As many as may begin now.
    fn start_waiting(&mut self, now: Time) {
        if now - self.pace.0 >= PACE {
            self.pace = (now, 0);
        }
        while self.running.len() < MOST_RUNNING && self.pace.1 < STARTS_AT_ONCE {
            let Some((id, job)) = self.waiting.pop_front() else {
                return;
            };
            self.pace.1 += 1;
            self.begin(now, id, &job);
        }
    }

    /// Ends a job, which counts as taking too long: asks first, and insists two seconds later.
    pub fn stop(&mut self, now: Time, id: JobId) {
        if let Some(child) = self.running.get_mut(&id) {
            child.ask(now);
        } else if let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == id) {
            self.waiting.remove(place);
            self.never_ran(id, "its turn did not come in time".to_owned());
        }
    }

    /// Gives everything this much time from now, and what has not begun this much from its beginning.
    pub fn hurry(&mut self, now: Time, limit: Duration) {
        self.limit = Some(limit);
        for child in self.running.values_mut() {
            child.hurry(now + limit);
        }
    }

    /// Ends everything.
    pub fn stop_all(&mut self, now: Time) {
        let waiting = self.waiting.iter().map(|(id, _)| *id);
        let all: Vec<JobId> = waiting.chain(self.running.keys().copied()).collect();
        for id in all {
            self.stop(now, id);
        }
    }

    /// Whether some program waits or runs, or its end has not been taken yet.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty() || !self.running.is_empty() || !self.finished.is_empty()
    }

    /// When `handle_timeout` is to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        let deadlines = self.running.values().filter_map(|child| child.deadline);
        let may_start = !self.waiting.is_empty() && self.running.len() < MOST_RUNNING;
        let start = may_start.then(|| self.pace.0 + PACE);
        deadlines.chain(start).chain(self.unread_since).min()
    }

    /// The next job that has ended.
    pub fn poll_finished(&mut self) -> Option<Finished> {
        self.finished.pop_front()
    }

    /// The registered token is ready.
    pub fn handle_ready(&mut self, now: Time) {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            match self.poll.poll(&mut events, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // Nothing can be learned; a later event tries again.
                Err(_) => return,
                Ok(()) if events.is_empty() => return,
                Ok(()) => {}
            }
            for event in &events {
                let Token(token) = event.token();
                let id = JobId(token >> 1);
                if token & 1 == ENDS {
                    self.look_after(now, id);
                } else {
                    self.listen(now, id);
                }
            }
        }
    }

    /// A deadline has passed, or jobs wait to be started.
    pub fn handle_timeout(&mut self, now: Time) {
        for child in self.running.values_mut() {
            if child.deadline.is_some_and(|deadline| deadline <= now) {
                child.handle_deadline(now);
            }
        }
        // What cannot be ended is told of, and keeps its place until it ends after all.
        for (id, child) in &mut self.running {
            if child.take_stuck() {
                self.finished.push_back(Finished {
                    job: *id,
                    outcome: Outcome::TimedOut,
                    took: now - child.begun,
                });
            }
        }
        self.unread_since = None;
        for id in std::mem::take(&mut self.unread) {
            self.listen(now, id);
        }
        self.start_waiting(now);
    }

    fn begin(&mut self, now: Time, id: JobId, job: &Job) {
        let begun = Child::start(now, job, &self.helper, self.secure)
            .and_then(|(child, chatter)| self.watch(id, child, chatter));
        if let Err(error) = begun {
            self.never_ran(id, error.to_string());
        }
    }

    fn watch(&mut self, id: JobId, mut child: Child, mut chatter: Chatter) -> io::Result<()> {
        if let Some(limit) = self.limit {
            child.hurry(child.begun + limit);
        }
        let registry = self.poll.registry();
        let token = id.0 << 1;
        let pidfd = child.descriptor();
        let registered = registry
            .register(&mut SourceFd(&pidfd), Token(token | ENDS), Interest::READABLE)
            .and_then(|()| registry.register(&mut chatter.pipe, Token(token), Interest::READABLE));
        if let Err(error) = registered {
            child.abandon();
            return Err(error);
        }
        self.running.insert(id, child);
        self.chatters.insert(id, chatter);
        if self.chatters.len() > MOST_CHATTERS {
            self.chatters.pop_first();
        }
        Ok(())
    }

    /// It may have ended.
    fn look_after(&mut self, now: Time, id: JobId) {
        let Some(outcome) = self.running.get_mut(&id).and_then(Child::outcome) else {
            return;
        };
        // What it said last comes before what became of it.
        self.listen(now, id);
        if let Some(child) = self.running.remove(&id)
            && !child.is_stuck()
        {
            let took = now - child.begun;
            self.finished.push_back(Finished {
                job: id,
                outcome,
                took,
            });
        }
        self.start_waiting(now);
    }

    fn listen(&mut self, now: Time, id: JobId) {
        let Some(chatter) = self.chatters.get_mut(&id) else {
            return;
        };
        match chatter.read(now, &mut self.allowance) {
            Rest::None => {}
            Rest::More => {
                self.unread.insert(id);
                self.unread_since.get_or_insert(now);
            }
            Rest::Ended => {
                self.chatters.remove(&id);
            }
        }
    }

    fn never_ran(&mut self, job: JobId, reason: String) {
        self.finished.push_back(Finished {
            job,
            outcome: Outcome::NotStarted(reason),
            took: Duration::ZERO,
        });
    }
}

impl Drop for Runner {
    /// Nothing outlives it.
    fn drop(&mut self) {
        self.running.values_mut().for_each(Child::abandon);
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("waiting", &self.waiting)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// The bit of a token that means the script's end, not what it says.
const ENDS: usize = 1;
const EVENTS: usize = 64;
/// Scripts that run at the same time; more wait.
const MOST_RUNNING: usize = 64;
/// Scripts that wait.
const MOST_WAITING: usize = 10_000;
/// Programs that are started in a row; each takes a good half of a millisecond, and the election must not wait.
const STARTS_AT_ONCE: usize = 8;
/// The time from one such row to the next.
const PACE: Duration = Duration::from_millis(10);
/// Standard errors that are read, also of what scripts have left behind.
const MOST_CHATTERS: usize = 2 * MOST_RUNNING;
