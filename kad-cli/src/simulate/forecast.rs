//! What the files say will happen: the real election, in simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use thiserror::Error;
use vrrp_engine::{Discard, InvalidConfig, Preempt, RouterConfig, StateKind, Time};

use super::{Election, Group, Member, Step, Takeover, Topology, What, listed};
use crate::plan::Plan;

/// Every course that the files allow: where priorities are equal, who is first is chance.
#[derive(Clone, Debug)]
pub(crate) struct Forecast<'a> {
    groups: &'a [Group],
    /// What the routers are called.
    names: &'a [String],
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
pub(crate) struct Prospect {
    /// For each group, who may be master.
    pub(crate) masters: Vec<BTreeSet<Option<usize>>>,
    /// Where it is not one, in the order in which they were met.
    pub(crate) conflicts: Vec<Conflict>,
    /// How each router that may become master of the first group does.
    pub(crate) takeovers: BTreeMap<usize, Takeover>,
    /// When it can be seen.
    pub(crate) settles: Duration,
}

/// The files make no master, or more than one.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("as the files are, {what} of {name} at once{}", because(.discards))]
pub(crate) struct Conflict {
    /// Its number.
    pub(crate) group: usize,
    pub(crate) masters: Vec<usize>,
    name: String,
    what: String,
    /// Who does not accept whose adverts, and why.
    discards: BTreeSet<(String, String, String)>,
}

/// An instance that cannot be run at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refused {
    pub(crate) router: usize,
    pub(crate) instance: String,
    pub(crate) source: InvalidConfig,
}

impl<'a> Forecast<'a> {
    pub(crate) fn new(
        plans: &'a [&'a Plan],
        topology: &'a Topology,
        groups: &'a [Group],
        names: &'a [String],
    ) -> Result<Self, Refused> {
        let routers = plans.len();
        let mut worlds = Vec::new();
        for first in 0..routers {
            let order: Vec<usize> = (first..routers).chain(0..first).collect();
            for late in [Duration::ZERO, LATE] {
                let election = Election::new(plans, topology, groups, order.clone());
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
            groups,
            names,
            worlds,
            horizon: horizon(plans),
        })
    }

    /// Goes through all steps in every world. Answers with how long they take, without what one waits to see them.
    pub(crate) fn rehearse(&self) -> Result<Duration, Conflict> {
        let mut longest = Duration::ZERO;
        for mut forecast in self.each_world() {
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

    /// About how many adverts one step in all courses comes to.
    pub(crate) fn adverts_per_step(&self) -> u64 {
        let members = self.groups.iter().flat_map(|group| &group.members);
        let each = members.map(|member| {
            let adverts = self.horizon.as_millis() / member.interval.as_millis().max(1);
            u64::try_from(adverts).unwrap_or(u64::MAX)
        });
        let courses = u64::try_from(self.worlds.len()).unwrap_or(u64::MAX);
        each.fold(0, u64::saturating_add).saturating_mul(courses)
    }

    /// Every course by itself.
    pub(crate) fn each_world(&self) -> impl Iterator<Item = Self> {
        self.worlds.iter().map(|world| Self {
            worlds: vec![world.clone()],
            ..*self
        })
    }

    /// The first group's master in the first world.
    fn master(&self) -> usize {
        let world = self.worlds.first();
        let masters = world.map(|world| world.election.masters(0));
        masters
            .and_then(|masters| masters.first().copied())
            .unwrap_or_default()
    }

    /// Takes a step, and looks at what comes of it, which is one master for each group.
    pub(crate) fn look(&mut self, step: Step) -> Result<Prospect, Conflict> {
        let mut prospect = self.watch(step);
        match prospect.conflicts.is_empty() {
            true => Ok(prospect),
            false => Err(prospect.conflicts.swap_remove(0)),
        }
    }

    /// Takes a step, and looks at what comes of it, whatever it is.
    pub(crate) fn watch(&mut self, step: Step) -> Prospect {
        let mut prospect = Prospect {
            masters: vec![BTreeSet::new(); self.groups.len()],
            conflicts: Vec::new(),
            takeovers: BTreeMap::new(),
            settles: Duration::ZERO,
        };
        for world in &mut self.worlds {
            let since = world.take(step, self.horizon);
            let from = world.election.now;
            world.election.run(self.horizon);
            let seen = world.election.masters_by_group();
            for (group, (masters, seen)) in prospect.masters.iter_mut().zip(seen).enumerate() {
                match world.master(group, &seen, self.names) {
                    Ok(master) => drop(masters.insert(master)),
                    Err(conflict) => prospect.conflicts.push(conflict),
                }
            }
            prospect.settles = prospect.settles.max(world.settled(from));
            prospect.takeovers.extend(world.takeover(step, since));
        }
        if let Step::Return(router) = step {
            prospect.settles = prospect.settles.max(longest_wait(self.groups, router));
        }
        prospect
    }

    /// Leaves only the worlds in which these are the masters, by group, if there are any.
    pub(crate) fn keep(&mut self, seen: &[Option<usize>]) {
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
        if let Step::Kill(router) = step
            && self.election.masters(0).contains(&router)
        {
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
    fn master(&self, group: usize, masters: &[usize], names: &[String]) -> Result<Option<usize>, Conflict> {
        match *masters {
            [router] => Ok(Some(router)),
            [] if !self.election.is_served(group) => Ok(None),
            _ => Err(self.conflict(group, masters, names)),
        }
    }

    fn conflict(&self, group: usize, masters: &[usize], names: &[String]) -> Conflict {
        let name = |router: usize| names.get(router).map_or("?", String::as_str);
        let discards = self.election.log.iter().filter(|it| it.group == group);
        let discards = discards.filter_map(|it| match it.what {
            What::Discard { from, reason } if !is_ordinary(&reason) => {
                let (by, of) = (name(it.router).to_owned(), name(from).to_owned());
                Some((by, of, reason.to_string()))
            }
            _ => None,
        });
        let listed = listed(
            &masters.iter().map(|router| name(*router)).collect::<Vec<_>>(),
            "and",
        );
        Conflict {
            group,
            name: self
                .election
                .group(group)
                .map(|group| group.name.clone())
                .unwrap_or_default(),
            masters: masters.to_vec(),
            what: format!("{listed} would be master"),
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
fn longest_wait(groups: &[Group], router: usize) -> Duration {
    let members = groups.iter().filter_map(|group| group.member(router));
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
    // Members of a sync group wait once more for the slowest of them.
    waits.unwrap_or_default() * 3 + delays.unwrap_or_default() + LATE
}

/// Programs do not start at the same moment.
const LATE: Duration = Duration::from_millis(100);
