//! The events, one after another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vrrp_engine::{Output, StateKind, Time};
use vrrp_proto::AdvertInterval;

use super::judge::{Judge, Phases};
use super::machine::{Machine, Outputs};
use super::network::{Network, Packet};
use super::rng::Rng;
use super::scenario::{GOOD_DELAY, Scenario};

/// A simulated world.
#[derive(Debug)]
pub(crate) struct World {
    pub(super) now: Time,
    pub(super) rng: Rng,
    pub(super) scenario: Scenario,
    pub(super) machines: Vec<Machine>,
    pub(super) network: Network,
    pub(super) judge: Judge,
    pub(super) phases: Phases,
    events: BTreeMap<(Time, u64), Event>,
    scheduled: u64,
    trace: Option<Vec<String>>,
}

/// How a world ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Report {
    /// What went wrong, if anything.
    pub(crate) outcome: Result<(), String>,
    /// Everything that happened, if that was asked for.
    pub(crate) trace: Vec<String>,
    pub(crate) reasons: BTreeMap<&'static str, u64>,
    pub(crate) discards: BTreeSet<&'static str>,
    pub(crate) transitions: u64,
    pub(crate) packets: u64,
    pub(crate) announcements: u64,
}

#[derive(Debug)]
pub(super) enum Event {
    Boot(usize),
    Arrival(usize, Packet),
    /// A timer is due.
    Wake(usize),
    /// A machine that stood still goes on.
    Resume(usize),
    /// Something breaks, or is repaired.
    Chaos,
    Healed,
    Quiet,
}

impl World {
    /// The world of a seed.
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let mut rng = Rng::new(seed);
        let scenario = Scenario::draw(&mut rng);
        let mut world = Self::of(rng, scenario, traced);
        for machine in 0..world.scenario.machines {
            let at = Time::ZERO + world.rng.duration(world.scenario.trouble / 2);
            world.schedule(at, Event::Boot(machine));
        }
        world
    }

    /// Two machines of 255 virtual routers that start together. If `tied`, all have the same priority. A packet keeps
    /// a machine busy for `cost`.
    pub(crate) fn crowd(interval: AdvertInterval, tied: bool, cost: Duration) -> Self {
        let mut rng = Rng::new(255);
        let scenario = Scenario::crowd(&mut rng, interval, tied, cost);
        let mut world = Self::of(rng, scenario, false);
        for machine in 0..2 {
            let at = Time::ZERO + world.rng.duration(GOOD_DELAY);
            world.schedule(at, Event::Boot(machine));
        }
        world
    }

    fn of(mut rng: Rng, scenario: Scenario, traced: bool) -> Self {
        let machine = |number| {
            let clock = Duration::from_secs(1_000_000) + rng.duration(Duration::from_secs(100));
            Machine::new(number, &scenario, clock)
        };
        let machines = (0..scenario.machines).map(machine).collect();
        let phases = Phases::of(&scenario);
        let mut world = Self {
            now: Time::ZERO,
            rng,
            machines,
            network: Network::new(&scenario),
            judge: Judge::new(&scenario),
            phases,
            events: BTreeMap::new(),
            scheduled: 0,
            trace: traced.then(Vec::new),
            scenario,
        };
        if !world.scenario.faults.every.is_zero() {
            world.schedule(Time::ZERO, Event::Chaos);
        }
        world.schedule(phases.healed, Event::Healed);
        world.schedule(phases.quiet, Event::Quiet);
        world
    }

    /// Lets it all happen.
    pub(crate) fn run(mut self) -> Report {
        let scenario = format!("{:#?}", self.scenario.faults);
        self.note(|| scenario);
        let outcome = self.live();
        let discards = self
            .machines
            .iter()
            .filter_map(|machine| machine.engine.as_ref())
            .flat_map(|engine| {
                engine
                    .routers()
                    .flat_map(|id| engine.discards(id))
                    .map(|(kind, _)| kind.name())
                    .collect::<Vec<_>>()
            });
        Report {
            discards: discards.collect(),
            outcome,
            trace: self.trace.unwrap_or_default(),
            reasons: self.judge.reasons,
            transitions: self.judge.transitions,
            packets: self.judge.packets,
            announcements: self.judge.announcements,
        }
    }

    fn live(&mut self) -> Result<(), String> {
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at > self.phases.end {
                break;
            }
            self.now = at;
            self.happen(event)
                .map_err(|wrong| format!("at {at:?}: {wrong}"))?;
        }
        self.judge.verdict(&self.machines, &self.scenario)
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Boot(machine) => self.boot(machine),
            Event::Arrival(machine, packet) => self.arrive(machine, packet),
            Event::Wake(machine) => self.wake(machine),
            Event::Resume(machine) => self.resume(machine),
            Event::Chaos => {
                let pause = self.rng.duration(self.scenario.faults.every * 2);
                if self.now + pause < self.phases.healed {
                    self.schedule(self.now + pause, Event::Chaos);
                    self.chaos()?;
                }
                Ok(())
            }
            Event::Healed => self.heal(),
            Event::Quiet => {
                self.judge.quiet(&self.machines);
                Ok(())
            }
        }
    }

    pub(super) fn schedule(&mut self, at: Time, event: Event) {
        self.scheduled += 1;
        self.events.insert((at, self.scheduled), event);
    }

    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12.6} {}", (now - Time::ZERO).as_secs_f64(), line()));
        }
    }

    pub(super) fn boot(&mut self, machine: usize) -> Result<(), String> {
        if self.machines[machine].engine.is_some() {
            return Ok(());
        }
        self.note(|| format!("m{machine} boots"));
        let outputs = self.machines[machine].boot(self.now)?;
        self.follow(machine, outputs)
    }

    fn arrive(&mut self, machine: usize, packet: Packet) -> Result<(), String> {
        let there = &mut self.machines[machine];
        if !there.link_up[packet.lan] || there.engine.is_none() {
            return Ok(());
        }
        if there.stalled_until > self.now {
            if there.backlog.len() < RECEIVE_BUFFER {
                there.backlog.push_back(packet);
            }
            return Ok(());
        }
        self.receive(machine, &packet)
    }

    fn receive(&mut self, machine: usize, packet: &Packet) -> Result<(), String> {
        let (outputs, discard) = self.machines[machine].receive(self.now, packet)?;
        self.note(|| {
            let thought = discard.map_or("accepted".to_owned(), |discard| discard.to_string());
            format!(
                "m{machine} hears {} say {:02x?}: {thought}",
                packet.source, packet.pdu
            )
        });
        if !self.scenario.cost.is_zero() {
            self.stall(machine, self.scenario.cost);
        }
        self.follow(machine, outputs)
    }

    fn wake(&mut self, machine: usize) -> Result<(), String> {
        // A wake-up that was scheduled before the deadline moved comes early, and does nothing.
        if self.machines[machine].stalled_until <= self.now {
            self.fire(machine)?;
        }
        Ok(())
    }

    pub(super) fn fire(&mut self, machine: usize) -> Result<(), String> {
        let outputs = self.machines[machine].fire(self.now)?;
        self.follow(machine, outputs)
    }

    /// Lets a machine stand still. What it receives meanwhile waits.
    pub(super) fn stall(&mut self, machine: usize, time: Duration) {
        let until = self.now + time;
        self.machines[machine].stalled_until = until;
        self.schedule(until, Event::Resume(machine));
    }

    fn resume(&mut self, machine: usize) -> Result<(), String> {
        if self.machines[machine].stalled_until > self.now {
            return Ok(());
        }
        let timers_first = self.rng.chance(500);
        if timers_first {
            self.fire(machine)?;
        }
        while self.machines[machine].stalled_until <= self.now {
            let Some(packet) = self.machines[machine].backlog.pop_front() else {
                break;
            };
            self.receive(machine, &packet)?;
        }
        if !timers_first && self.machines[machine].stalled_until <= self.now {
            self.fire(machine)?;
        }
        self.schedule_wake(machine);
        Ok(())
    }

    /// Does what a machine's engine wants done.
    pub(super) fn follow(&mut self, machine: usize, outputs: Outputs) -> Result<(), String> {
        for (group, output) in outputs {
            match output {
                Output::Transmit(transmit) => {
                    self.judge.sent(self.now, group, machine);
                    let lan = self.machines[machine].seats[group].lan;
                    if !self.machines[machine].link_up[lan] {
                        continue;
                    }
                    for (to, packet, delay) in self.network.carry(&mut self.rng, lan, machine, &transmit) {
                        self.schedule(self.now + delay, Event::Arrival(to, packet));
                    }
                }
                Output::Transition(transition) => {
                    self.note(|| {
                        format!(
                            "m{machine} g{group} {} -> {}: {}",
                            transition.from, transition.to, transition.reason
                        )
                    });
                    self.judge.transition(self.now, group, &transition.reason)?;
                    let is_master = transition.to == StateKind::Master;
                    self.judge.mastership(self.now, group, machine, is_master)?;
                }
                Output::Announce { .. } => self.judge.announced(self.now, group),
                other => self.note(|| format!("m{machine} g{group} {other:?}")),
            }
        }
        self.schedule_wake(machine);
        Ok(())
    }

    /// One wake-up for each deadline, a little late as everywhere.
    fn schedule_wake(&mut self, machine: usize) {
        let there = &mut self.machines[machine];
        let due = there.due();
        if due.is_some() && due == there.wake && due > Some(self.now) {
            return;
        }
        there.wake = due;
        if let Some(due) = due {
            let late = if self.rng.chance(100) {
                self.rng.duration(GOOD_DELAY)
            } else {
                Duration::ZERO
            };
            let at = due.max(self.machines[machine].stalled_until).max(self.now) + late;
            self.schedule(at, Event::Wake(machine));
        }
    }
}

/// Packets that a machine keeps while it does not read.
const RECEIVE_BUFFER: usize = 1000;
