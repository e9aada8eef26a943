//! Who is master when: the real engine over the files, in simulated time.

use std::collections::BTreeSet;

use kaconf::{Code, Diagnostic};

use super::lans::on_common_interfaces;
use super::matching::Matches;
use crate::check::Report;
use crate::plan::Plan;
use crate::simulate::{Conflict, Forecast, Group, Step, Topology, groups};

/// What becomes of a virtual router.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    pub(crate) group: Group,
    /// What its interface is called in the first file that has it.
    pub(crate) interface: String,
    pub(crate) all_up: Masters,
    /// By machine: with that one gone.
    pub(crate) without: Vec<Masters>,
    /// What is seen when the master was gone and is back; `None` if nobody else could be master, or no one was.
    pub(crate) on_return: Option<OnReturn>,
    /// Whether a sync group holds it where it is, whatever its priorities say.
    pub(crate) stuck: bool,
}

/// Who may be master, by number of the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Masters {
    /// One of these; if they are several, chance decides, or who starts first.
    pub(crate) possible: BTreeSet<usize>,
    /// These at once, which is never right.
    pub(crate) at_once: BTreeSet<usize>,
}

/// Whether a master that was gone is master again when it is back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnReturn {
    /// It takes the addresses back.
    TakesBack,
    /// Who took over keeps them.
    Keeps,
    /// It depends on who the master was.
    Depends,
}

/// Everything that is foretold.
#[derive(Clone, Debug)]
pub(super) struct Foretold {
    pub(super) fates: Vec<Fate>,
    conflicts: Vec<Conflict>,
}

/// Runs the engine over the plans, in every order of starting. In words, why that cannot be done.
pub(super) fn foretell(
    reports: &[Report],
    names: &[String],
    matches: &Matches<'_>,
) -> Result<Foretold, String> {
    let plans = on_common_interfaces(reports, names, matches);
    let plans: Vec<&Plan> = plans.iter().collect();
    let topology = Topology::new(&plans);
    let groups = groups(&plans, &topology);
    let forecast = Forecast::new(&plans, &topology, &groups, names).map_err(|refused| {
        format!(
            "no forecast, for {} cannot run: {}",
            refused.instance, refused.source
        )
    })?;
    if forecast.adverts_per_step() > MOST {
        return Err("no forecast, for it would take long".to_owned());
    }
    let mut foretold = Foretold {
        fates: groups
            .iter()
            .map(|group| Fate::new(group, &topology, plans.len()))
            .collect(),
        conflicts: Vec::new(),
    };
    for mut world in forecast.each_world() {
        foretold.follow(&mut world, plans.len());
    }
    Ok(foretold)
}

impl Foretold {
    /// Lets one course of events happen: all start, and then each in turn goes and comes back.
    fn follow(&mut self, world: &mut Forecast<'_>, machines: usize) {
        let start = world.watch(Step::Start);
        for (fate, masters) in self.fates.iter_mut().zip(&start.masters) {
            fate.all_up.possible.extend(masters.iter().flatten());
        }
        self.note(&start.conflicts, |fate| Some(&mut fate.all_up));
        for machine in 0..machines {
            let mut world = world.clone();
            let gone = world.watch(Step::Kill(machine));
            let back = world.watch(Step::Return(machine));
            for (place, fate) in self.fates.iter_mut().enumerate() {
                let master = |masters: &[BTreeSet<Option<usize>>]| {
                    let masters = masters.get(place)?;
                    masters.first().copied().flatten()
                };
                let then = master(&gone.masters);
                if let Some(without) = fate.without.get_mut(machine) {
                    without.possible.extend(then);
                }
                if master(&start.masters) == Some(machine) && then.is_some() {
                    fate.returned(master(&back.masters) == Some(machine));
                }
            }
            self.note(&gone.conflicts, |fate| fate.without.get_mut(machine));
        }
        self.conflicts.extend(start.conflicts);
    }

    /// Enters conflicts where they were met.
    fn note(&mut self, conflicts: &[Conflict], entry: impl Fn(&mut Fate) -> Option<&mut Masters>) {
        for conflict in conflicts {
            if let Some(masters) = self.fates.get_mut(conflict.group).and_then(&entry) {
                masters.at_once.extend(&conflict.masters);
            }
        }
    }

    /// The virtual routers of a sync group whose priorities cross: what the engine makes of each alone is not so.
    pub(super) fn get_stuck(&mut self, routers: &[(usize, String)]) {
        for fate in &mut self.fates {
            let is_it = |(router, name): &(usize, String)| {
                let mut members = fate.group.members.iter();
                members.any(|member| member.router == *router && member.instance == *name)
            };
            if routers.iter().any(is_it) {
                fate.get_stuck();
            }
        }
    }

    /// Elections without one master that nothing said before explains.
    pub(super) fn problems(&self, doubtful: &[bool], matches: &Matches<'_>) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for (place, fate) in self.fates.iter().enumerate() {
            let Some(conflict) = self.conflicts.iter().find(|conflict| conflict.group == place) else {
                continue;
            };
            let is_it = |(router, name): (usize, &str)| {
                let mut members = fate.group.members.iter();
                members.any(|member| member.router == router && member.instance == name)
            };
            let routers = matches.routers.iter().zip(doubtful);
            let mut routers = routers.filter(|(router, _)| {
                let mut members = router.members.iter();
                members.any(|member| is_it((member.router, member.name())))
            });
            if let Some((router, false)) = routers.next() {
                let diagnostic = Diagnostic::error(Code::ElectionFails, conflict.to_string());
                let members = router.members.iter();
                problems.push(members.fold(diagnostic, |diagnostic, member| diagnostic.at(member.named())));
            }
        }
        problems
    }
}

impl Fate {
    fn new(group: &Group, topology: &Topology, machines: usize) -> Self {
        Self {
            group: group.clone(),
            interface: topology.lans.get(group.lan).cloned().unwrap_or_default(),
            all_up: Masters::default(),
            without: vec![Masters::default(); machines],
            on_return: None,
            stuck: false,
        }
    }

    /// Whoever is master first stays it.
    fn get_stuck(&mut self) {
        let all: BTreeSet<usize> = self.group.members.iter().map(|member| member.router).collect();
        for (machine, without) in self.without.iter_mut().enumerate() {
            without.possible = all.iter().filter(|other| **other != machine).copied().collect();
        }
        self.all_up.possible = all;
        self.on_return = Some(OnReturn::Keeps);
        self.stuck = true;
    }

    fn returned(&mut self, takes_back: bool) {
        let now = if takes_back {
            OnReturn::TakesBack
        } else {
            OnReturn::Keeps
        };
        self.on_return = match self.on_return {
            None => Some(now),
            Some(before) if before == now => Some(now),
            Some(_) => Some(OnReturn::Depends),
        };
    }
}

/// More adverts would take longer than anybody waits.
const MOST: u64 = 2_000_000;
