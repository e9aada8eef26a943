//! What is watched beside an instance's own interface: scripts, files, processes, other interfaces.

mod debounce;
mod file;
mod links;
mod process;
mod schedule;
mod scripts;
mod setup;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use vrrp_engine::{InterfaceId, Time, TrackerId, TrackerStatus};

use self::file::Files;
use self::links::Links;
use self::process::Processes;
use self::scripts::Scripts;
pub use self::setup::{
    FileSetup, Kind, LinkDelays, Pattern, ProcessSetup, QuorumSetup, ScheduleSetup, ScriptSetup, TrackerKind,
    TrackerSetup,
};

/// Everything that is tracked.
///
/// Register it, say what to [`follow`](Trackers::follow), call [`Trackers::handle_ready`] when its token is ready, [`Trackers::handle_link`] for every interface at
/// the start and when one changes, and [`Trackers::handle_timeout`] when [`Trackers::poll_timeout`] says so. After each,
/// [`Trackers::poll_event`] tells what is now known. Nothing here ever waits.
#[derive(Debug)]
pub struct Trackers {
    poll: Poll,
    ready: Events,
    scripts: Scripts,
    files: Files,
    processes: Processes,
    links: Links,
    events: VecDeque<TrackEvent>,
}

/// What became known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TrackEvent {
    /// Of something that is tracked.
    Tracker {
        /// Its number.
        tracker: TrackerId,
        /// What is known.
        status: TrackerStatus,
    },
    /// An interface now counts as up or down, which may be later than it was.
    Link {
        /// The interface.
        interface: InterfaceId,
        /// Whether it counts as up.
        up: bool,
    },
}

impl Trackers {
    /// Nothing is tracked yet.
    pub fn new() -> io::Result<Self> {
        let trackers = Self {
            poll: Poll::new()?,
            ready: Events::with_capacity(DESCRIPTORS),
            scripts: Scripts::new()?,
            files: Files::new()?,
            processes: Processes::new(),
            links: Links::new(),
            events: VecDeque::new(),
        };
        trackers.scripts.register(trackers.poll.registry(), SCRIPTS)?;
        Ok(trackers)
    }

    /// Tracks these from now on. What was tracked in the same way before keeps what is known of it.
    pub fn follow(&mut self, now: Time, setups: &[TrackerSetup], delays: &[LinkDelays]) -> io::Result<()> {
        let (mut scripts, mut files, mut processes, mut links) = (vec![], vec![], vec![], vec![]);
        for setup in setups {
            let (id, name) = (setup.id, setup.name.as_str());
            match &setup.kind {
                TrackerKind::Script(script) => scripts.push((id, name, script)),
                TrackerKind::File(file) => files.push((id, name, file)),
                TrackerKind::Process(process) => processes.push((id, name, process)),
                TrackerKind::Interface(interface) => links.push((id, *interface)),
                TrackerKind::Statics => {}
            }
        }
        let had_descriptor = self.processes.descriptor().is_some();
        let known = [
            self.scripts.follow(now, &scripts),
            self.processes.follow(now, &processes),
            self.links.follow(delays, links),
        ];
        self.tell(known.concat());
        // Files come last, since they alone may fail.
        let known = self.files.follow(&files);
        self.tell(known?);
        let registry = self.poll.registry();
        registry.register(
            &mut SourceFd(&self.files.as_fd().as_raw_fd()),
            FILES,
            Interest::READABLE,
        )?;
        if let Some(processes) = self.processes.descriptor().filter(|_| !had_descriptor) {
            registry.register(
                &mut SourceFd(&processes.as_raw_fd()),
                PROCESSES,
                Interest::READABLE,
            )?;
        }
        Ok(())
    }

    /// Whether an interface counts as up, if that is known.
    pub fn link(&self, interface: InterfaceId) -> Option<bool> {
        self.links.counts(interface)
    }

    /// Its one descriptor goes to `registry`.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.poll.as_raw_fd()), token, Interest::READABLE)
    }

    /// Takes in everything that is there.
    pub fn handle_ready(&mut self, now: Time) {
        loop {
            match self.poll.poll(&mut self.ready, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::warn!("what is tracked cannot be followed: {error}"),
                Ok(()) if self.ready.is_empty() => return,
                Ok(()) => {}
            }
            let ready: Vec<Token> = self.ready.iter().map(mio::event::Event::token).collect();
            for token in ready {
                let changed = match token {
                    FILES => self.files.handle_ready(),
                    SCRIPTS => self.scripts.handle_ready(now),
                    _ => self.processes.handle_ready(now),
                };
                self.tell(changed);
            }
        }
    }

    /// An interface is up or down.
    pub fn handle_link(&mut self, now: Time, interface: InterfaceId, up: bool) {
        let events = self.links.learn(now, interface, up);
        self.events.extend(events);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Time) {
        let events = self.links.handle_timeout(now);
        self.events.extend(events);
        let changed = [
            self.scripts.handle_timeout(now),
            self.processes.handle_timeout(now),
        ];
        self.tell(changed.concat());
    }

    /// Whether [`Trackers::handle_timeout`] has more to do at once: what would take long is done in pieces.
    pub fn is_busy(&self) -> bool {
        self.processes.is_busy()
    }

    /// When something is due next.
    pub fn poll_timeout(&self) -> Option<Time> {
        let due = [
            self.links.poll_timeout(),
            self.scripts.poll_timeout(),
            self.processes.poll_timeout(),
        ];
        due.into_iter().flatten().min()
    }

    /// What became known, in order.
    pub fn poll_event(&mut self) -> Option<TrackEvent> {
        self.events.pop_front()
    }

    fn tell(&mut self, known: impl IntoIterator<Item = (TrackerId, TrackerStatus)>) {
        let events = known
            .into_iter()
            .map(|(tracker, status)| TrackEvent::Tracker { tracker, status });
        self.events.extend(events);
    }
}

const FILES: Token = Token(0);
const PROCESSES: Token = Token(1);
const SCRIPTS: Token = Token(2);
const DESCRIPTORS: usize = 4;
