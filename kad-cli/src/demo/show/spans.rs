//! What each router was, from when to when.

use vrrp_engine::{StateKind, Time};
use vrrp_proto::Priority;

use crate::demo::facts::{Fact, Happening, Outcome};
use crate::simulate::Step;

/// A router's part in a group, or its machine, for some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Phase {
    /// Not running.
    #[default]
    Off,
    Dead,
    Backup,
    Master,
    Fault,
}

impl Phase {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Off => "-",
            Self::Dead => "dead",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
            Self::Fault => "FAULT",
        }
    }

    /// What a fact makes of a router in a group.
    pub(super) fn after(self, fact: &Fact, router: usize, group: usize) -> Self {
        let concerns = |by: usize, of: usize| (by, of) == (router, group);
        match &fact.what {
            Happening::Step(Step::Kill(dead)) if *dead == router => Self::Dead,
            Happening::Step(Step::Return(back)) if *back == router => Self::Off,
            // What was on its way when the machine died.
            _ if self == Self::Dead => self,
            Happening::Ended { router: ended, .. } if *ended == router => Self::Off,
            Happening::Advert {
                router: by,
                group: of,
                priority: Priority::RELEASE,
            } if concerns(*by, *of) => Self::Off,
            Happening::State {
                router: by,
                group: of,
                to,
                ..
            } if concerns(*by, *of) => match to {
                StateKind::Initialize => Self::Off,
                StateKind::Fault => Self::Fault,
                StateKind::Backup => Self::Backup,
                StateKind::Master => Self::Master,
            },
            _ => self,
        }
    }
}

/// All spans of a router in a group, in order and without gaps.
pub(super) fn spans(outcome: &Outcome, router: usize, group: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut from, mut phase) = (outcome.start, Phase::Off);
    let mut end = |from: Time, to: Time, phase: Phase| {
        if to > from {
            spans.push(Span { from, to, phase });
        }
    };
    for fact in &outcome.facts {
        let next = phase.after(fact, router, group);
        if next != phase {
            end(from, fact.at, phase);
            (from, phase) = (fact.at, next);
        }
    }
    end(from, outcome.end, phase);
    spans
}
