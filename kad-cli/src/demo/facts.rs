//! What the demo has to tell, and to whom.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::{MacAddr, Priority};

use super::players::Players;
use super::step::Check;
use crate::simulate::Step;

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Fact {
    pub(super) at: Time,
    pub(super) what: Happening,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Happening {
    /// The demo takes a step.
    Step(Step),
    /// A router's daemon was started.
    Started { router: usize },
    /// A router changed its state; before, it had another or none.
    State {
        router: usize,
        group: usize,
        from: Option<StateKind>,
        to: StateKind,
        reason: String,
    },
    /// An advert on the wire.
    Advert {
        router: usize,
        group: usize,
        priority: Priority,
    },
    /// A burst of gratuitous ARPs or unsolicited neighbour advertisements.
    Announced {
        router: usize,
        address: IpAddr,
        mac: MacAddr,
        frames: u32,
    },
    /// The client's requests get no answers any more.
    Silence,
    /// The client has an answer: its first, or the first after some silence.
    Answer { after: Option<Silence> },
    /// A router's daemon ended.
    Ended { router: usize, how: String },
    /// Something else a daemon said that matters.
    Note { router: usize, text: String },
    /// What came of the step.
    Checked(Box<Check>),
}

/// What the client went without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Silence {
    pub(super) lasted: Duration,
    pub(super) lost: usize,
}

/// An advert that was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Advert {
    pub(super) at: Time,
    pub(super) router: usize,
    pub(super) group: usize,
    pub(super) priority: Priority,
}

/// An echo request: when it was sent, and when the answer came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Echo {
    pub(super) sent: Time,
    pub(super) answered: Option<Time>,
}

/// Everything, at the end.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Outcome {
    pub(super) start: Time,
    pub(super) end: Time,
    pub(super) facts: Vec<Fact>,
    pub(super) checks: Vec<Check>,
    /// In the order in which they were sent.
    pub(super) pings: Vec<Echo>,
    /// Why the rest was not done.
    pub(super) given_up: Option<String>,
}

impl Outcome {
    /// Whether everything happened as the files say.
    pub(super) fn is_fine(&self) -> bool {
        self.given_up.is_none() && self.checks.iter().all(Check::is_fine)
    }

    pub(super) fn pings_lost(&self) -> usize {
        self.pings.iter().filter(|ping| ping.answered.is_none()).count()
    }

    /// Adverts of each router.
    pub(super) fn adverts(&self, players: &Players) -> Vec<usize> {
        let by = |router: usize| {
            let facts = self.facts.iter();
            facts
                .filter(|fact| matches!(fact.what, Happening::Advert { router: by, .. } if by == router))
                .count()
        };
        (0..players.routers.len()).map(by).collect()
    }

    /// The step in which the client was longest without an answer because a machine died.
    pub(super) fn failover(&self) -> Option<&Check> {
        self.checks
            .iter()
            .find(|check| matches!(check.step, Step::Kill(_)))
    }
}

/// What the demo waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    pub(super) step: Step,
    /// Since when.
    pub(super) since: Time,
    /// Who is to take over, and how long it may take; otherwise nothing is to happen for so long.
    pub(super) next: Option<usize>,
    pub(super) wait: Duration,
}

/// Shows the demo to somebody, in lines.
pub(super) trait Teller {
    /// Before it begins. It will take about so long.
    fn begin(&mut self, players: &Players, start: Time, takes: Duration) -> Vec<String>;
    /// As it happens.
    fn tell(&mut self, players: &Players, fact: &Fact) -> Vec<String>;
    /// While nothing happens.
    fn wait(&mut self, players: &Players, now: Time, waiting: &Waiting) -> Vec<String>;
    /// When it is over.
    fn end(&mut self, players: &Players, outcome: &Outcome) -> Vec<String>;
}
