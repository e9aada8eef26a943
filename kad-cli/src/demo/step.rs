//! What happens in the demo, step by step, and what is checked after each.

use std::time::Duration;

use vrrp_engine::Time;

use super::players::Players;
use crate::simulate::{Step, Takeover};

impl Step {
    /// For a table's first column.
    pub(super) fn title(self, players: &Players) -> String {
        match self {
            Self::Start => "all start".to_owned(),
            Self::Kill(router) => format!("{} dies", players.name(router)),
            Self::Return(router) => format!("{} is back", players.name(router)),
            Self::Resign(router) => format!("{} is stopped", players.name(router)),
            Self::End => "all are stopped".to_owned(),
        }
    }

    /// What the wait for a takeover is counted from.
    pub(super) fn since(self, players: &Players) -> String {
        match self {
            Self::Start => "its start".to_owned(),
            Self::Kill(router) => format!("{}'s last advert", players.name(router)),
            Self::Return(router) => format!("{}'s start", players.name(router)),
            Self::Resign(router) => format!("{}'s resignation", players.name(router)),
            Self::End => "the end".to_owned(),
        }
    }
}

/// A step, what was to come of it, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Check {
    pub(super) step: Step,
    pub(super) begun: Time,
    pub(super) ended: Time,
    /// Who is to be master.
    pub(super) expected: String,
    /// Who is.
    pub(super) seen: String,
    /// The new master of the first virtual router, where the files want a new one, and what the timers say about it.
    pub(super) timers: Option<Takeover>,
    /// How long it took, counted from the same moment.
    pub(super) took: Option<Duration>,
    /// What is wrong, in a sentence.
    pub(super) problem: Option<String>,
    pub(super) numbers: Numbers,
}

impl Check {
    pub(super) fn is_fine(&self) -> bool {
        self.problem.is_none()
    }
}

/// What was counted during a step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Numbers {
    pub(super) pings_sent: usize,
    pub(super) pings_lost: usize,
    /// The client's longest time without an answer.
    pub(super) outage: Option<Outage>,
    /// Adverts by each router, for all virtual routers.
    pub(super) adverts: Vec<usize>,
}

/// A time without answers: from the first request that got none to the next answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outage {
    pub(super) begun: Time,
    pub(super) lasted: Duration,
}
