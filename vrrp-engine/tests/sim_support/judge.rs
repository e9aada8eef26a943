//! What must hold of all machines together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{Delivery, Preempt, Reason, RouterConfig, Time};
use vrrp_proto::Priority;

use super::machine::Machine;
use super::scenario::{GOOD_DELAY, Scenario};

/// When what must hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    /// Nothing goes wrong any more.
    pub(crate) healed: Time,
    /// And the last packet that was delayed by a fault has arrived.
    pub(crate) quiet: Time,
    /// Nothing may change any more.
    pub(crate) settled: Time,
    pub(crate) end: Time,
}

impl Phases {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let healed = Time::ZERO + scenario.trouble;
        let quiet = healed + scenario.faults.delay;
        let settled = quiet + scenario.settling;
        Self {
            healed,
            quiet,
            settled,
            end: settled + scenario.calm,
        }
    }
}

/// Follows who is master, and what it costs.
#[derive(Debug)]
pub(crate) struct Judge {
    phases: Phases,
    contests: Vec<Contest>,
    /// How often a state was changed for which reason.
    pub(crate) reasons: BTreeMap<&'static str, u64>,
    pub(crate) transitions: u64,
    pub(crate) packets: u64,
    pub(crate) announcements: u64,
}

/// One group.
#[derive(Debug)]
struct Contest {
    masters: BTreeSet<usize>,
    /// Since when there is more than one.
    contested: Option<Time>,
    /// From when on two may be master no longer than a packet takes.
    agreed: Time,
    overlap: Duration,
    /// The best of the masters when the network had become quiet.
    best: Option<(Priority, IpAddr)>,
    /// Since the network became quiet.
    quiet_transitions: u64,
    quiet_packets: BTreeMap<usize, u64>,
    /// Since nothing may change any more.
    calm_packets: BTreeMap<usize, u64>,
    calm_announcements: u64,
}

impl Judge {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let phases = Phases::of(scenario);
        let overlap = GOOD_DELAY * 2 + scenario.cost * 1000;
        let contest = |group: &super::scenario::Group| Contest {
            masters: BTreeSet::new(),
            contested: None,
            agreed: phases.quiet + group.master_down() + overlap,
            overlap,
            best: None,
            quiet_transitions: 0,
            quiet_packets: BTreeMap::new(),
            calm_packets: BTreeMap::new(),
            calm_announcements: 0,
        };
        Self {
            phases,
            contests: scenario.groups.iter().map(contest).collect(),
            reasons: BTreeMap::new(),
            transitions: 0,
            packets: 0,
            announcements: 0,
        }
    }

    pub(crate) fn transition(&mut self, now: Time, group: usize, reason: &Reason) -> Result<(), String> {
        self.transitions += 1;
        self.contests[group].quiet_transitions += u64::from(now > self.phases.quiet);
        *self.reasons.entry(name(reason)).or_default() += 1;
        if now > self.phases.settled {
            return Err(format!("a transition after everything had settled: {reason}"));
        }
        Ok(())
    }

    pub(crate) fn sent(&mut self, now: Time, group: usize, machine: usize) {
        self.packets += 1;
        let contest = &mut self.contests[group];
        if now > self.phases.quiet {
            *contest.quiet_packets.entry(machine).or_default() += 1;
        }
        if now > self.phases.settled {
            *contest.calm_packets.entry(machine).or_default() += 1;
        }
    }

    pub(crate) fn announced(&mut self, now: Time, group: usize) {
        self.announcements += 1;
        if now > self.phases.settled {
            self.contests[group].calm_announcements += 1;
        }
    }

    /// Who is master of a group now. In calm times two are for no longer than the first advert takes.
    pub(crate) fn mastership(
        &mut self,
        now: Time,
        group: usize,
        machine: usize,
        is_master: bool,
    ) -> Result<(), String> {
        let contest = &mut self.contests[group];
        if is_master {
            contest.masters.insert(machine);
        } else {
            contest.masters.remove(&machine);
        }
        match (contest.contested, contest.masters.len() > 1) {
            (None, true) => contest.contested = Some(now),
            (Some(_), false) => {
                contest.check_overlap(now)?;
                contest.contested = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// The network has just become quiet.
    pub(crate) fn quiet(&mut self, machines: &[Machine]) {
        for (group, contest) in self.contests.iter_mut().enumerate() {
            let rank = |machine: &usize| machines[*machine].rank(group);
            contest.best = contest.masters.iter().filter_map(rank).max();
        }
    }

    /// Everything is over: exactly one master of each group, and the right one.
    ///
    /// The right one is a master that no machine in good order outranks which preempts. If priorities are equal, or
    /// the better machine does not preempt, the master that is there stays; so none is worse than the best of those
    /// that were master when the network became quiet.
    pub(crate) fn verdict(&self, machines: &[Machine], scenario: &Scenario) -> Result<(), String> {
        for (group, contest) in self.contests.iter().enumerate() {
            contest.check_overlap(self.phases.end)?;
            let fit: Vec<usize> = (0..machines.len())
                .filter(|machine| machines[*machine].rank(group).is_some())
                .collect();
            let masters: Vec<usize> = contest.masters.iter().copied().collect();
            let [master] = masters[..] else {
                if masters.is_empty() && fit.is_empty() {
                    continue;
                }
                return Err(format!(
                    "group {group} ends with the masters {masters:?}; in good order are {fit:?}"
                ));
            };
            let rank = machines[master]
                .rank(group)
                .ok_or_else(|| format!("group {group}: master {master} is unfit"))?;
            let entitled = |machine: &&usize| {
                let preempts = preempts(&machines[**machine].seats[group].config);
                preempts
                    && machines[**machine]
                        .rank(group)
                        .is_some_and(|(priority, _)| priority > rank.0)
            };
            if let Some(better) = fit.iter().find(entitled) {
                return Err(format!(
                    "group {group} ends with master {master}, but {better} is better and preempts"
                ));
            }
            if contest.best.is_some_and(|best| best > rank) {
                return Err(format!(
                    "group {group} ends with master {master}, {rank:?}, but there was {:?}",
                    contest.best
                ));
            }
            contest
                .check_quiet(
                    &scenario.groups[group].members,
                    self.phases.end - self.phases.quiet,
                )
                .map_err(|wrong| format!("group {group}: {wrong}"))?;
            contest
                .check_cost(master, &scenario.groups[group].members[master], scenario.calm)
                .map_err(|wrong| format!("group {group}: {wrong}"))?;
        }
        Ok(())
    }
}

impl Contest {
    fn check_overlap(&self, now: Time) -> Result<(), String> {
        let Some(contested) = self.contested else {
            return Ok(());
        };
        let since = contested.max(self.agreed);
        if now - since > self.overlap {
            return Err(format!(
                "{:?} are all master from {contested:?} to {now:?}",
                self.masters
            ));
        }
        Ok(())
    }

    /// The way to agreement is short: nobody changes its mind again and again, and nobody sends more than its adverts
    /// and an answer for each.
    fn check_quiet(&self, members: &[RouterConfig], time: Duration) -> Result<(), String> {
        if self.quiet_transitions > 3 * members.len() as u64 {
            return Err(format!("{} transitions to agree", self.quiet_transitions));
        }
        for (machine, sent) in &self.quiet_packets {
            let config = &members[*machine];
            let intervals = time.as_micros() / config.interval.as_duration().as_micros();
            if u128::from(*sent) > (2 * intervals + 3) * destinations(config) {
                return Err(format!("{machine} sent {sent} packets in {intervals} intervals"));
            }
        }
        Ok(())
    }

    /// In the end the master sends one advert an interval, and no one else anything.
    fn check_cost(&self, master: usize, config: &RouterConfig, calm: Duration) -> Result<(), String> {
        if self.calm_packets.keys().any(|sender| *sender != master) {
            return Err(format!(
                "{master} is master, but these sent packets: {:?}",
                self.calm_packets
            ));
        }
        let intervals = calm.as_micros() / config.interval.as_duration().as_micros();
        let sent = u128::from(self.calm_packets.get(&master).copied().unwrap_or_default());
        if sent > (intervals + 1) * destinations(config) {
            return Err(format!("{sent} packets in {intervals} intervals"));
        }
        let multicast = matches!(config.delivery, Delivery::Multicast(_));
        if multicast && sent + 1 < intervals {
            return Err(format!("only {sent} packets in {intervals} intervals"));
        }
        let refreshes = match config.announcements.refresh.as_micros() {
            0 => 0,
            refresh => calm.as_micros() / refresh + 1,
        };
        if u128::from(self.calm_announcements) > refreshes + 2 {
            return Err(format!(
                "{} announcements for {refreshes} refreshes",
                self.calm_announcements
            ));
        }
        Ok(())
    }
}

impl Machine {
    /// What decides between masters; none if the machine cannot be one.
    fn rank(&self, group: usize) -> Option<(Priority, IpAddr)> {
        let seat = &self.seats[group];
        seat.id?;
        let link_up = self.link_up[seat.lan];
        seat.source
            .filter(|_| link_up)
            .map(|source| (seat.watch.priority(), source))
    }
}

/// Packets for each advert, at most: one peer may be the machine itself.
fn destinations(config: &RouterConfig) -> u128 {
    match &config.delivery {
        Delivery::Multicast(_) => 1,
        Delivery::Unicast(peers) => peers.len() as u128,
    }
}

fn preempts(config: &RouterConfig) -> bool {
    config.priority.is_owner() || config.preempt != Preempt::Never
}

fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Started => "started",
        Reason::Owner => "owner",
        Reason::MasterSilent { .. } => "silent",
        Reason::MasterResigned { .. } => "resigned",
        Reason::Preempted { .. } => "preempted",
        Reason::HigherPriority { .. } => "higher priority",
        Reason::HigherAddress { .. } => "higher address",
        Reason::Fault(_) => "fault",
        Reason::Recovered(_) => "recovered",
        Reason::Shutdown => "shutdown",
        _ => "another",
    }
}
