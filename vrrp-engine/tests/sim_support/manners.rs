//! What a router owes to an advert that it accepted, and what it may not do for one.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{Delivery, Output, Preempt, Reason, RouterConfig, Time};
use vrrp_proto::{AdvertInterval, Priority};

use super::watch::{Watch, skew};

/// What one router has done for the adverts it heard, on its own clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manners {
    /// When it last answered a lower priority.
    answered: Option<Time>,
    /// When it last told the neighbours for one.
    told: Option<Time>,
    /// When it last heard a priority that is not lower.
    not_lower: Option<Time>,
}

/// An advert that a router accepted.
#[derive(Debug)]
pub(crate) struct Heard<'a> {
    pub(crate) config: &'a RouterConfig,
    pub(crate) now: Time,
    /// Where the router sends from.
    pub(crate) source: Option<IpAddr>,
    pub(crate) was_master: bool,
    pub(crate) theirs: Priority,
    /// Of the router after the advert.
    pub(crate) watch: &'a Watch,
    /// What it did at once.
    pub(crate) outputs: Vec<&'a Output>,
    /// When the machine's next timer is due.
    pub(crate) due: Option<Time>,
    /// The longest interval that anyone has here.
    pub(crate) longest: AdvertInterval,
}

impl Manners {
    /// Judges what came of an advert.
    pub(crate) fn hear(&mut self, heard: &Heard<'_>) -> Result<(), String> {
        if !heard.was_master && heard.theirs >= heard.watch.priority() {
            self.not_lower = Some(heard.now);
        }
        match (heard.was_master, heard.watch.is_master(), heard.theirs) {
            (true, true, Priority::RELEASE) => heard.check_reassurance(),
            (true, true, _) => self.check_answer(heard),
            (false, false, Priority::RELEASE) => heard.check_wait(),
            _ => Ok(()),
        }
    }

    /// A router with a delay preempts only when lower priorities are all it has heard for so long.
    pub(crate) fn check_patience(
        &self,
        config: &RouterConfig,
        now: Time,
        output: &Output,
    ) -> Result<(), String> {
        let (Output::Transition(transition), Preempt::After(delay)) = (output, config.preempt) else {
            return Ok(());
        };
        let preempted = matches!(transition.reason, Reason::Preempted { .. }) && !config.priority.is_owner();
        match self.not_lower.filter(|since| now < *since + delay) {
            Some(since) if preempted => Err(format!(
                "preempted {:?} after a better advert, not {delay:?}",
                now - since
            )),
            _ => Ok(()),
        }
    }

    /// A lower priority is answered, and the neighbours are told; neither again too soon.
    fn check_answer(&mut self, heard: &Heard<'_>) -> Result<(), String> {
        let interval = heard.config.interval.as_duration();
        let early = |last: Option<Time>, pause| last.is_some_and(|at| heard.now < at + pause);
        let answer_is_early = early(self.answered, interval);
        match (heard.sent(), answer_is_early) {
            (true, true) => return Err("two answers within an interval".to_owned()),
            (true, false) => self.answered = Some(heard.now),
            (false, false) if heard.has_listeners() => return Err("no answer to a lower priority".to_owned()),
            (false, _) => {}
        }
        if heard
            .outputs
            .iter()
            .any(|it| matches!(it, Output::Announce { .. }))
        {
            if early(self.told, interval.max(SECOND)) {
                return Err("the neighbours were told twice within a second or an interval".to_owned());
            }
            self.told = Some(heard.now);
        }
        Ok(())
    }
}

impl Heard<'_> {
    fn sent(&self) -> bool {
        self.outputs.iter().any(|it| matches!(it, Output::Transmit(_)))
    }

    fn has_listeners(&self) -> bool {
        match &self.config.delivery {
            Delivery::Multicast(_) => true,
            Delivery::Unicast(peers) => peers.iter().any(|peer| Some(peer.address) != self.source),
        }
    }

    /// Who resigned while we are master: the others hear of us before the first of them takes over.
    fn check_reassurance(&self) -> Result<(), String> {
        let first = skew(self.config.version, Priority::new(254), self.config.interval);
        if self.sent() || !self.has_listeners() || self.due <= Some(self.now + first) {
            Ok(())
        } else {
            Err(format!(
                "a resigning router is not answered before {:?}",
                self.due
            ))
        }
    }

    /// The master resigned: Skew_Time is left.
    fn check_wait(&self) -> Result<(), String> {
        let wait = skew(self.config.version, self.watch.priority(), self.longest);
        match self.due {
            Some(due) if due <= self.now + wait => Ok(()),
            due => Err(format!(
                "the master resigned at {:?}, and {due:?} is later than {wait:?} after that",
                self.now
            )),
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
