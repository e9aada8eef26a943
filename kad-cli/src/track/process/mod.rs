//! Processes of programs, counted.

mod connector;
mod event;
mod pattern;
mod procfs;
mod quorum;
mod table;

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use vrrp_engine::{Time, TrackerId, TrackerStatus};

use self::connector::{Connector, Received};
use self::event::ProcessEvent;
use self::procfs::Walk;
use self::quorum::Quorum;
use self::table::Table;
use super::setup::ProcessSetup;

/// All tracked programs.
///
/// The kernel tells who forks, becomes another program and ends; where it does not, all processes are looked at again and
/// again. Either way all of them are looked at in the beginning, a few in each turn, so that nothing else waits.
#[derive(Debug)]
pub(super) struct Processes {
    programs: Vec<Program>,
    table: Table,
    connector: Option<Connector>,
    /// There may be more to read.
    unread: bool,
    walk: Option<Walking>,
    next_walk: Option<Time>,
    /// Whether a walk has ended.
    is_complete: bool,
}

#[derive(Debug)]
struct Program {
    id: TrackerId,
    name: String,
    setup: ProcessSetup,
    quorum: Quorum,
    count: usize,
}

/// A look at all processes.
#[derive(Debug)]
struct Walking {
    walk: Walk,
    /// Those that counted when it began and were not met since.
    unseen: BTreeSet<u32>,
}

impl Processes {
    pub(super) fn new() -> Self {
        Self {
            programs: Vec::new(),
            table: Table::new([]),
            connector: None,
            unread: false,
            walk: None,
            next_walk: None,
            is_complete: false,
        }
    }

    /// Counts these from now on. What was counted in the same way keeps what is known of it; the answer is what is known
    /// of the others.
    pub(super) fn follow(
        &mut self,
        now: Time,
        wanted: &[(TrackerId, &str, &ProcessSetup)],
    ) -> Vec<(TrackerId, TrackerStatus)> {
        let is_same = |(program, (id, _, setup)): (&Program, &(TrackerId, &str, &ProcessSetup))| {
            program.id == *id && program.setup == **setup
        };
        if self.programs.len() == wanted.len() && self.programs.iter().zip(wanted).all(is_same) {
            return Vec::new();
        }
        let mut old = std::mem::take(&mut self.programs);
        let mut known = Vec::new();
        for (id, name, setup) in wanted {
            let kept = old
                .iter()
                .position(|program| program.id == *id && program.setup == **setup);
            let program = kept.map(|place| old.swap_remove(place)).unwrap_or_else(|| {
                let program = Program::new(*id, name, setup);
                known.push(program.status());
                program
            });
            self.programs.push(program);
        }
        self.table = Table::new(wanted.iter().map(|(.., setup)| setup.pattern.clone()));
        (self.walk, self.is_complete) = (None, false);
        self.next_walk = (!wanted.is_empty()).then_some(now);
        self.listen();
        known
    }

    /// Listens to the kernel as long as there is something to count.
    fn listen(&mut self) {
        if self.programs.is_empty() {
            self.connector = None;
        } else if self.connector.is_none() {
            match Connector::open() {
                Ok(connector) => self.connector = Some(connector),
                Err(error) => {
                    let every = POLL_INTERVAL.as_millis();
                    tracing::warn!("{error}; looking at all processes every {every} ms instead");
                }
            }
        }
    }

    /// The descriptor that says when there is something to read.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.connector.as_ref().map(AsFd::as_fd)
    }

    /// Whether there is more to do at once.
    pub(super) fn is_busy(&self) -> bool {
        self.unread || self.walk.is_some()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let delays = self
            .programs
            .iter()
            .filter_map(|program| program.quorum.poll_timeout());
        delays.chain(self.next_walk).min()
    }

    /// Reads what the kernel has to tell.
    pub(super) fn handle_ready(&mut self, now: Time) -> Vec<(TrackerId, TrackerStatus)> {
        self.read();
        self.count(now)
    }

    /// Does what is due, or a part of it.
    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<(TrackerId, TrackerStatus)> {
        if self.unread {
            self.read();
        }
        if self.walk.is_none() && self.next_walk.is_some_and(|due| due <= now) {
            self.begin_walk(now);
        }
        self.go_on_walking();
        let mut changed = self.count(now);
        for program in &mut self.programs {
            if program.quorum.handle_timeout(now) {
                changed.push(program.changed());
            }
        }
        changed
    }

    fn read(&mut self) {
        let Some(connector) = &self.connector else { return };
        self.unread = false;
        let mut events = Vec::new();
        for _ in 0..EVENTS_A_TURN {
            match connector.receive() {
                Received::Event(event) => events.push(event),
                Received::Noise => {}
                Received::Overrun => {
                    tracing::info!(
                        "the kernel told of more processes than could be read; looking at all of them"
                    );
                    self.next_walk = Some(Time::ZERO);
                    self.walk = None;
                }
                Received::Nothing => return self.take_all(events),
            }
        }
        self.unread = true;
        self.take_all(events);
    }

    fn take_all(&mut self, events: Vec<ProcessEvent>) {
        for event in events {
            match event {
                ProcessEvent::Forked { parent, child } if self.table.has(parent) => self.look_at(child),
                // A child is what its parent is.
                ProcessEvent::Forked { .. } | ProcessEvent::Answer { .. } => {}
                ProcessEvent::Changed(pid) => self.look_at(pid),
                ProcessEvent::Ended(pid) => self.table.ended(pid),
            }
        }
    }

    fn look_at(&mut self, pid: u32) {
        if let Some(walking) = &mut self.walk {
            walking.unseen.remove(&pid);
        }
        match procfs::process(pid, self.table.needs_command_line()) {
            Some(process) => self.table.found(pid, &process),
            None => self.table.ended(pid),
        }
    }

    fn begin_walk(&mut self, now: Time) {
        self.next_walk = self.connector.is_none().then(|| now + POLL_INTERVAL);
        match Walk::begin() {
            Ok(walk) => {
                let unseen = self.table.pids();
                self.walk = Some(Walking { walk, unseen });
            }
            Err(error) => {
                tracing::warn!("/proc cannot be read, so no process is counted: {error}");
                self.next_walk = Some(now + RETRY);
            }
        }
    }

    fn go_on_walking(&mut self) {
        for _ in 0..PROCESSES_A_TURN {
            let Some(walking) = &mut self.walk else { return };
            match walking.walk.next() {
                Some(pid) => self.look_at(pid),
                None => {
                    let gone = std::mem::take(&mut walking.unseen);
                    gone.into_iter().for_each(|pid| self.table.ended(pid));
                    self.walk = None;
                    self.is_complete = true;
                }
            }
        }
    }

    /// Brings the numbers up to date; answers with what changed. Before all processes were looked at once, the numbers are
    /// too low.
    fn count(&mut self, now: Time) -> Vec<(TrackerId, TrackerStatus)> {
        if !self.is_complete {
            return Vec::new();
        }
        let mut changed = Vec::new();
        for (program, count) in self.programs.iter_mut().zip(self.table.counts()) {
            program.count = count;
            if program.quorum.learn(now, count) {
                changed.push(program.changed());
            }
        }
        changed
    }
}

impl Program {
    fn new(id: TrackerId, name: &str, setup: &ProcessSetup) -> Self {
        Self {
            id,
            name: name.to_owned(),
            setup: setup.clone(),
            quorum: Quorum::new(setup.quorum),
            count: 0,
        }
    }

    fn status(&self) -> (TrackerId, TrackerStatus) {
        let status = match self.quorum.counts() {
            None => TrackerStatus::Unknown,
            Some(true) => TrackerStatus::Up,
            Some(false) => TrackerStatus::Down,
        };
        (self.id, status)
    }

    fn changed(&self) -> (TrackerId, TrackerStatus) {
        let Self { name, count, .. } = self;
        let plural = if *count == 1 { "process" } else { "processes" };
        if self.quorum.counts() == Some(true) {
            tracing::info!("vrrp_track_process {name}: {count} {plural}: well");
        } else {
            tracing::warn!("vrrp_track_process {name}: {count} {plural}: not well");
        }
        self.status()
    }
}

#[cfg(test)]
mod tests;

/// How often all processes are looked at where the kernel does not tell of them.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// When /proc is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// Adverts wait while these are looked at: about a millisecond.
const PROCESSES_A_TURN: usize = 64;
const EVENTS_A_TURN: usize = 256;
