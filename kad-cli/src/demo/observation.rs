//! Waiting for what is to come of a step, and judging what came.

use std::time::Duration;

use vrrp_engine::Time;
use vrrp_proto::Priority;

use super::director::{Director, LOOK, SLACK};
use super::error::DemoError;
use super::facts::Waiting;
use super::recorder::PING_INTERVAL;
use super::step::Check;
use super::{tally, words};
use crate::clock;
use crate::simulate::Prospect;
use crate::simulate::Step;

impl Director<'_> {
    /// Waits until all is as it is to be, and has been for a moment; for as long as the files can make anyone wait, and
    /// some. Answers with whether it came to that.
    pub(super) fn observe(
        &mut self,
        step: Step,
        prospect: &Prospect,
        begun: Time,
        since: Time,
    ) -> Result<bool, DemoError> {
        let least = begun + prospect.settles + self.hold();
        let limit = least + prospect.settles / 2 + SLACK;
        let next = prospect
            .takeovers
            .iter()
            .max_by_key(|(_, takeover)| takeover.wait);
        let waiting = Waiting {
            step,
            since: if next.is_some() { since } else { begun },
            next: next.map(|(router, _)| *router),
            wait: next.map_or(prospect.settles, |(_, takeover)| takeover.wait),
        };
        loop {
            let now = clock::now();
            let masters = self.masters()?;
            if self.pinger.is_none() && self.agrees(prospect, &masters) {
                self.pinger = Some(self.machines.ping(self.players.target, PING_INTERVAL)?);
            }
            if now >= least && self.agrees(prospect, &masters) && self.is_quiet(now, prospect) {
                return Ok(true);
            }
            if now >= limit || self.lost_program().is_some() {
                return Ok(false);
            }
            let first_advert = |router| tally::first_advert(&self.recorder.adverts, router, 0, since);
            if now - since < waiting.wait && waiting.next.is_none_or(|router| first_advert(router).is_none())
            {
                let lines = self.teller.wait(self.players, now, &waiting);
                self.say(&lines);
            }
            self.watch(LOOK)?;
        }
    }

    fn agrees(&self, prospect: &Prospect, masters: &[Vec<usize>]) -> bool {
        let mut groups = prospect.masters.iter().zip(masters);
        groups.all(|(wanted, seen)| words::agrees(wanted, seen))
    }

    /// Whether nobody but the masters has spoken for a while, and the client gets answers.
    fn is_quiet(&self, now: Time, prospect: &Prospect) -> bool {
        let adverts = &self.recorder.adverts;
        let mut served = prospect
            .masters
            .iter()
            .enumerate()
            .filter(|(_, wanted)| !wanted.contains(&None));
        let quiet = served.all(|(group, wanted)| {
            tally::reign(adverts, group)
                .is_some_and(|reign| wanted.contains(&Some(reign.router)) && now - reign.since >= self.hold())
        });
        let mut pings = self.recorder.pings.iter().rev().take(RECENT_PINGS);
        quiet && pings.any(|ping| ping.answered.is_some_and(|at| now - at < FRESH))
    }

    /// Who is master of each group: who speaks for it, and who has its address.
    pub(super) fn masters(&self) -> Result<Vec<Vec<usize>>, DemoError> {
        let addresses = self.machines.addresses()?;
        let groups = self.players.groups.iter().enumerate();
        let masters = groups.map(|(group, it)| {
            let has = |router: &usize| {
                let own = addresses.get(*router);
                it.addresses
                    .first()
                    .is_some_and(|address| own.is_some_and(|own| own.contains(address)))
            };
            let speaker = tally::reign(&self.recorder.adverts, group).map(|reign| reign.router);
            let speaks =
                |router: &usize| speaker == Some(*router) && self.machines.process(*router).is_some();
            let members = it.members.iter().map(|member| member.router);
            members.filter(|router| has(router) || speaks(router)).collect()
        });
        Ok(masters.collect())
    }

    pub(super) fn check(
        &mut self,
        step: Step,
        prospect: &Prospect,
        begun: Time,
        since: Time,
    ) -> Result<Check, DemoError> {
        let now = clock::now();
        let masters = self.masters()?;
        let mut problem = words::problem(self.players, &prospect.masters, &masters, now - begun);
        if problem.is_none() && !self.is_quiet(now, prospect) {
            problem = Some(format!(
                "after {}, it is not quiet yet: two routers speak, or {} does not answer",
                words::seconds(now - begun),
                self.players.target
            ));
        }
        if let Some(lost) = self.lost_program() {
            problem = Some(lost);
        }
        let new = masters.first().and_then(|masters| masters.first().copied());
        let timers = new.and_then(|router| prospect.takeovers.get(&router).cloned());
        let since = match step {
            Step::Resign(router) => {
                let release = |priority| priority == Priority::RELEASE;
                tally::last_advert(&self.recorder.adverts, router, 0, now, release).unwrap_or(since)
            }
            _ => since,
        };
        let took = new.filter(|_| timers.is_some()).and_then(|router| {
            let first = tally::first_advert(&self.recorder.adverts, router, 0, since)?;
            Some(first - since)
        });
        Ok(Check {
            step,
            begun,
            ended: now,
            expected: words::wanted(self.players, &prospect.masters),
            seen: words::seen(self.players, &masters),
            timers,
            took,
            problem,
            numbers: self.numbers(begun, now),
        })
    }

    /// A program that is to run, and does not.
    fn lost_program(&self) -> Option<String> {
        (0..self.players.routers.len()).find_map(|router| {
            let process = self.machines.process(router)?;
            self.recorder.exits.get(&process)?;
            let last = self.recorder.last_line.get(&router).cloned();
            Some(format!(
                "{}'s program ended by itself; it said last: {}",
                self.players.name(router),
                last.unwrap_or_else(|| "nothing".to_owned())
            ))
        })
    }
}

/// An answer that is a sign of life.
pub(super) const FRESH: Duration = Duration::from_millis(300);
const RECENT_PINGS: usize = 100;
