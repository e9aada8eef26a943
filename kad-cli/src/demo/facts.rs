//! What the demo has to tell.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::MacAddr;

/// Something worth a line.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Fact {
    pub(super) at: Time,
    /// The machine it happened on.
    pub(super) who: String,
    pub(super) what: Happening,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Happening {
    /// A router's daemon was started.
    Started { daemon: &'static str },
    /// A router changed its state.
    State {
        instance: String,
        state: StateKind,
        reason: String,
    },
    /// A burst of gratuitous ARPs or unsolicited neighbour advertisements.
    Announced {
        address: IpAddr,
        mac: MacAddr,
        frames: u32,
    },
    /// The machine was killed.
    Died,
    /// The machine is there again.
    Returned,
    /// A router's daemon ended by itself.
    Ended { how: String },
    /// The client had no answers for a while, and now has them again.
    Silence { lost: usize, lasted: Duration },
    /// Something else a daemon said that matters.
    Note(String),
}

/// One thing that was to happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Check {
    pub(super) what: &'static str,
    pub(super) expected: String,
    pub(super) seen: String,
    pub(super) ok: bool,
}

/// A router, for those who watch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) daemon: &'static str,
    pub(super) addresses: Vec<IpAddr>,
    /// Each instance with its priority.
    pub(super) instances: Vec<(String, u8)>,
}

/// Who plays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Credits {
    pub(super) members: Vec<Member>,
    pub(super) client: Vec<IpAddr>,
    pub(super) target: IpAddr,
    pub(super) ping_interval: Duration,
}

/// Everything, at the end.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Outcome {
    pub(super) credits: Credits,
    pub(super) start: Time,
    pub(super) end: Time,
    pub(super) facts: Vec<Fact>,
    pub(super) checks: Vec<Check>,
    /// Every advert of the watched virtual router: when, and by which router.
    pub(super) adverts: Vec<(Time, usize)>,
    /// Every echo request: when it was sent, and whether it was answered.
    pub(super) pings: Vec<(Time, bool)>,
    /// How long the address was gone, and how long the timers allow.
    pub(super) outage: Option<(Time, Duration, Duration)>,
}

impl Outcome {
    /// Whether everything happened as the files say.
    pub(super) fn is_fine(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }

    pub(super) fn lost(&self) -> usize {
        self.pings.iter().filter(|(_, answered)| !answered).count()
    }

    pub(super) fn adverts_of(&self, router: usize) -> usize {
        self.adverts.iter().filter(|(_, by)| *by == router).count()
    }
}

/// Shows the demo to somebody.
pub(super) trait Teller {
    /// Before it begins.
    fn begin(&mut self, credits: &Credits) -> Vec<String>;
    /// As it happens.
    fn tell(&mut self, start: Time, fact: &Fact) -> Vec<String>;
    /// When it is over.
    fn end(&mut self, outcome: &Outcome) -> Vec<String>;
}

/// Seconds and milliseconds, as a person reads them.
pub(super) fn readable(duration: Duration) -> String {
    if duration >= Duration::from_secs(1) {
        format!("{:.2} s", duration.as_secs_f64())
    } else {
        format!("{:.0} ms", duration.as_secs_f64() * 1e3)
    }
}
