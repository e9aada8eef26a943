//! What the files say will happen: the real election, in simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use thiserror::Error;
use vrrp_engine::{Discard, InvalidConfig, Preempt, RouterConfig, StateKind, Time};

use super::election::{Election, What};
use super::players::{Member, Players};
use super::step::{Step, Takeover};
use super::topology::Topology;
use crate::plan::Plan;

/// Every course that the files allow: where priorities are equal, who is first is chance.
#[derive(Clone, Debug)]
pub(super) struct Forecast<'a> {
    players: &'a Players,
    worlds: Vec<World<'a>>,
    /// Long enough for anything that is ever to happen after a step.
    horizon: Duration,
}

/// One of them.
#[derive(Clone, Debug)]
struct World<'a> {
    election: Election<'a>,
    order: Vec<usize>,
    /// How much later than the first router the others start.
    late: Duration,
    started: Vec<Time>,
}

/// What a step leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Prospect {
    /// For each group, who may be master.
    pub(super) masters: Vec<BTreeSet<Option<usize>>>,
    /// How each router that may become master of the first group does.
    pub(super) takeovers: BTreeMap<usize, Takeover>,
    /// When it can be seen.
    pub(super) settles: Duration,
}

/// The files make no master, or more than one.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("as the files are, {masters} of {group} at once{}", because(.discards))]
pub(super) struct Conflict {
    group: String,
    masters: String,
    /// Who does not accept whose adverts, and why.
    discards: BTreeSet<(String, String, String)>,
}

/// An instance that cannot be run at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    pub(super) router: usize,
    pub(super) instance: String,
    pub(super) source: InvalidConfig,
}

impl<'a> Forecast<'a> {
    pub(super) fn new(
        plans: &'a [&'a Plan],
        topology: &'a Topology,
        players: &'a Players,
    ) -> Result<Self, Refused> {
        let routers = players.routers.len();
        let mut worlds = Vec::new();
        for first in 0..routers {
            let order: Vec<usize> = (first..routers).chain(0..first).collect();
            for late in [Duration::ZERO, LATE] {
                let election = Election::new(plans, topology, &players.groups, order.clone());
                worlds.push(World {
                    election,
                    order: order.clone(),
                    late,
                    started: vec![Time::ZERO; routers],
                });
            }
        }
        if let Some(world) = worlds.first() {
            world.check()?;
        }
        Ok(Self {
            players,
            worlds,
            horizon: horizon(plans),
        })
    }

    /// Goes through all steps in every world. Answers with how long they take, without what one waits to see them.
    pub(super) fn rehearse(&self) -> Result<Duration, Conflict> {
        let mut longest = Duration::ZERO;
        for world in &self.worlds {
            let mut forecast = Self {
                worlds: vec![world.clone()],
                ..self.clone()
            };
            let mut total = forecast.look(Step::Start)?.settles;
            let first = forecast.master();
            for step in [Step::Kill, Step::Return] {
                total += forecast.look(step(first))?.settles;
            }
            total += forecast.look(Step::Resign(forecast.master()))?.settles;
            longest = longest.max(total);
        }
        Ok(longest)
    }

    /// The first group's master in the first world.
    fn master(&self) -> usize {
        let world = self.worlds.first();
        let masters = world.map(|world| world.election.masters(0));
        masters
            .and_then(|masters| masters.first().copied())
            .unwrap_or_default()
    }

    /// Takes a step, and looks at what comes of it.
    pub(super) fn look(&mut self, step: Step) -> Result<Prospect, Conflict> {
        let mut prospect = Prospect {
            masters: vec![BTreeSet::new(); self.players.groups.len()],
            takeovers: BTreeMap::new(),
            settles: Duration::ZERO,
        };
        for world in &mut self.worlds {
            let since = world.take(step, self.horizon);
            let from = world.election.now;
            world.election.run(self.horizon);
            for (group, masters) in prospect.masters.iter_mut().enumerate() {
                masters.insert(world.master(group, self.players)?);
            }
            prospect.settles = prospect.settles.max(world.settled(from));
            prospect.takeovers.extend(world.takeover(step, since));
        }
        if let Step::Return(router) = step {
            prospect.settles = prospect.settles.max(longest_wait(self.players, router));
        }
        Ok(prospect)
    }

    /// Leaves only the worlds in which these are the masters, by group, if there are any.
    pub(super) fn keep(&mut self, seen: &[Option<usize>]) {
        let agrees = |world: &World<'_>| {
            seen.iter()
                .enumerate()
                .all(|(group, seen)| world.election.masters(group).first() == seen.as_ref())
        };
        if self.worlds.iter().any(agrees) {
            self.worlds.retain(agrees);
        }
    }
}

impl World<'_> {
    /// Whether all instances of all files can run.
    fn check(&self) -> Result<(), Refused> {
        let mut election = self.election.clone();
        for router in &self.order {
            election.start(*router).map_err(|(instance, source)| Refused {
                router: *router,
                instance,
                source,
            })?;
        }
        Ok(())
    }

    /// Does it. Answers with the moment from which the wait for the next master is counted.
    fn take(&mut self, step: Step, horizon: Duration) -> Time {
        if let Step::Kill(router) = step {
            self.election.run_until_advert(router, 0, horizon);
        }
        self.election.log.clear();
        match step {
            Step::Start => {
                for (place, router) in self.order.clone().into_iter().enumerate() {
                    if place == 1 {
                        self.election.run(self.late);
                    }
                    self.start(router);
                }
            }
            Step::Kill(router) => self.election.kill(router),
            Step::Return(router) => self.start(router),
            Step::Resign(router) => self.election.resign(router),
            Step::End => self.order.iter().for_each(|router| self.election.resign(*router)),
        }
        self.election.now
    }

    fn start(&mut self, router: usize) {
        let started = self.election.start(router);
        debug_assert!(started.is_ok(), "checked at the beginning: {started:?}");
        if let Some(time) = self.started.get_mut(router) {
            *time = self.election.now;
        }
    }

    /// The only master of a group; nobody only if nobody could be.
    fn master(&self, group: usize, players: &Players) -> Result<Option<usize>, Conflict> {
        match *self.election.masters(group) {
            [router] => Ok(Some(router)),
            [] if !self.election.is_served(group) => Ok(None),
            ref masters => Err(self.conflict(group, masters, players)),
        }
    }

    fn conflict(&self, group: usize, masters: &[usize], players: &Players) -> Conflict {
        let discards = self.election.log.iter().filter(|it| it.group == group);
        let discards = discards.filter_map(|it| match it.what {
            What::Discard { from, reason } if !is_ordinary(&reason) => {
                let name = |router| players.name(router).to_owned();
                Some((name(it.router), name(from), reason.to_string()))
            }
            _ => None,
        });
        let name = players.groups.get(group).map(|group| group.name.clone());
        Conflict {
            group: name.unwrap_or_default(),
            masters: match masters {
                [] => "nobody would be master".to_owned(),
                masters => format!("{} would be master", players.names(masters, "and")),
            },
            discards: discards.collect(),
        }
    }

    /// When the last change of any router was.
    fn settled(&self, from: Time) -> Duration {
        let changes = self.election.log.iter();
        let changes = changes.filter(|it| matches!(it.what, What::Transition(_)));
        changes.map(|it| it.at - from).max().unwrap_or_default()
    }

    /// How the first group got its new master, if it did.
    fn takeover(&self, step: Step, since: Time) -> Option<(usize, Takeover)> {
        let mut log = self.election.log.iter().rev().filter(|it| it.group == 0);
        let (router, at, reason) = log.find_map(|it| match it.what {
            What::Transition(change) if change.to == StateKind::Master => {
                Some((it.router, it.at, change.reason.to_string()))
            }
            _ => None,
        })?;
        let since = match step {
            Step::Start => self.started.get(router).copied()?,
            _ => since,
        };
        let wait = at - since;
        Some((router, Takeover { wait, reason }))
    }
}

/// What is discarded in every election.
fn is_ordinary(reason: &Discard) -> bool {
    matches!(reason, Discard::LowerPriority(_) | Discard::NotListening)
}

fn because(discards: &BTreeSet<(String, String, String)>) -> String {
    let reasons: Vec<String> = discards
        .iter()
        .map(|(by, from, why)| format!("{by} discards {from}'s adverts ({why})"))
        .collect();
    if reasons.is_empty() {
        String::new()
    } else {
        format!(", because {}", reasons.join(" and "))
    }
}

/// How long a router that starts may wait for a master.
fn longest_wait(players: &Players, router: usize) -> Duration {
    let groups = players.groups.iter();
    let members = groups.filter_map(|group| group.member(router));
    members.map(Member::master_down).max().unwrap_or_default()
}

/// The longest that the files can make anyone wait, twice, and their delays.
fn horizon(plans: &[&Plan]) -> Duration {
    let wait = |router: &RouterConfig| {
        router.interval.as_duration() * (u32::from(router.down_timer_adverts.get()) + 1)
            + Duration::from_secs(1)
    };
    let delay = |router: &RouterConfig| match router.preempt {
        Preempt::After(delay) => delay,
        Preempt::Immediately | Preempt::Never => Duration::ZERO,
    };
    let instances = || plans.iter().flat_map(|plan| &plan.instances);
    let waits = instances().map(|instance| wait(&instance.router)).max();
    let delays = instances().map(|instance| delay(&instance.router)).max();
    waits.unwrap_or_default() * 2 + delays.unwrap_or_default() + LATE
}

/// Programs do not start at the same moment.
const LATE: Duration = Duration::from_millis(100);
