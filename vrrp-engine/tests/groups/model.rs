//! Every interleaving of two machines on two LANs: packets in any order, lost or not; links, crashes, a tracker.

use std::time::Duration;

use stateright::{Checker, HasDiscoveries, Model, Property};
use vrrp_engine::{Input, Time, TrackerStatus};

use super::machine::{LANS, Machine, Sent, TRACKER};

#[derive(Clone)]
struct Lans {
    priorities: [[u8; LANS]; MACHINES],
    faults: u8,
    /// Who is better on one LAN is worse on the other.
    crossed: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    machines: Vec<Option<Machine>>,
    /// In order, so that equal worlds are equal. With the machine that each packet is for.
    wire: Vec<(usize, Sent)>,
    faults_left: u8,
    /// Ticks since the last fault or repair, as far as they matter.
    quiet: u8,
    well: [bool; MACHINES],
    links: [[bool; LANS]; MACHINES],
    wrong: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Action {
    Deliver(usize, Sent),
    Fire(usize),
    Tick,
    Lose(usize, Sent),
    Crash(usize),
    Boot(usize),
    Link(usize, usize),
    Track(usize),
}

impl Model for Lans {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let mut world = World {
            machines: vec![None; MACHINES],
            wire: Vec::new(),
            faults_left: self.faults,
            quiet: 0,
            well: [true; MACHINES],
            links: [[true; LANS]; MACHINES],
            wrong: None,
        };
        (0..MACHINES).for_each(|number| self.boot(&mut world, number));
        vec![world]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        let mut wire = world.wire.clone();
        wire.dedup();
        let more = world.faults_left > 0;
        for (to, packet) in wire {
            if more {
                actions.push(Action::Lose(to, packet.clone()));
            }
            actions.push(Action::Deliver(to, packet));
        }
        for number in 0..MACHINES {
            match &world.machines[number] {
                Some(machine) if is_due(machine) => actions.push(Action::Fire(number)),
                Some(_) => {}
                None => actions.push(Action::Boot(number)),
            }
            // What is broken is repaired at any time; breaking costs.
            let links = (0..LANS).filter(|lan| more || !world.links[number][*lan]);
            actions.extend(links.map(|lan| Action::Link(number, lan)));
            if more || !world.well[number] {
                actions.push(Action::Track(number));
            }
            if more && world.machines[number].is_some() {
                actions.push(Action::Crash(number));
            }
        }
        if world.is_still() {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Deliver(to, packet) => {
                next.take(to, &packet);
                next.step(to, |machine| machine.hear(Time::ZERO, &packet));
            }
            Action::Fire(number) => next.step(number, |machine| machine.fire(Time::ZERO)),
            Action::Tick => next.tick(),
            Action::Lose(to, packet) => {
                next.fault();
                next.take(to, &packet);
            }
            Action::Crash(number) => {
                next.fault();
                next.machines[number] = None;
            }
            Action::Boot(number) => {
                next.quiet = 0;
                self.boot(&mut next, number);
            }
            Action::Link(number, lan) => {
                let up = !next.links[number][lan];
                next.disturb(!up);
                next.links[number][lan] = up;
                next.step(number, |machine| machine.link(Time::ZERO, lan, up));
            }
            Action::Track(number) => {
                let well = !next.well[number];
                next.disturb(!well);
                next.well[number] = well;
                let status = status(well);
                let input = Input::Tracker {
                    tracker: TRACKER,
                    status,
                };
                next.step(number, |machine| machine.input(Time::ZERO, input));
            }
        }
        next.wire.sort();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("members are in step", |_, world: &World| world.wrong.is_none()),
            Property::always(
                "one machine is master of all when it has been quiet",
                |lans: &Self, world: &World| {
                    let settled = world.quiet >= AGREED_AFTER && world.is_still();
                    lans.crossed || !settled || world.is_agreed()
                },
            ),
            Property::sometimes("a machine is master of all", |_, world: &World| {
                world
                    .machines
                    .iter()
                    .flatten()
                    .any(|machine| machine.is_master(0))
            }),
            Property::sometimes("the other one takes over", |_, world: &World| {
                world.machines[0].is_some() && world.machines[1].as_ref().is_some_and(|it| it.is_master(0))
            }),
        ]
    }
}

impl Lans {
    fn boot(&self, world: &mut World, number: usize) {
        let (links, status) = (world.links[number], status(world.well[number]));
        let (machine, sent) = Machine::boot(Time::ZERO, number, self.priorities[number], links, status);
        world.machines[number] = Some(machine);
        world.carry(number, sent);
    }
}

impl World {
    fn fault(&mut self) {
        self.disturb(true);
    }

    fn disturb(&mut self, costs: bool) {
        self.quiet = 0;
        self.faults_left -= u8::from(costs);
    }

    fn take(&mut self, to: usize, packet: &Sent) {
        let place = self
            .wire
            .iter()
            .position(|(of, there)| (*of, there) == (to, packet));
        self.wire
            .remove(place.expect("the action is about a packet on the wire"));
    }

    fn step(&mut self, number: usize, act: impl FnOnce(&mut Machine) -> Result<Vec<Sent>, String>) {
        if let Some(machine) = &mut self.machines[number] {
            let sent = act(machine);
            self.carry(number, sent);
        }
    }

    fn carry(&mut self, from: usize, sent: Result<Vec<Sent>, String>) {
        match sent {
            Ok(sent) => {
                for packet in sent {
                    for to in (0..MACHINES).filter(|to| *to != from && self.machines[*to].is_some()) {
                        self.wire.push((to, packet.clone()));
                    }
                }
            }
            Err(wrong) => self.wrong = Some(format!("machine {from}: {wrong}")),
        }
    }

    /// Whether all that happens at this instant has happened.
    fn is_still(&self) -> bool {
        self.wire.is_empty() && !self.machines.iter().flatten().any(is_due)
    }

    fn tick(&mut self) {
        for machine in self.machines.iter_mut().flatten() {
            machine.engine = machine.engine.rebased(Time::ZERO + TICK);
        }
        self.quiet = (self.quiet + 1).min(AGREED_AFTER);
    }

    /// The machines that can be are master of all or of nothing, and one of them of all.
    fn is_agreed(&self) -> bool {
        let fit = |number: &usize| {
            self.machines[*number].is_some() && self.well[*number] && self.links[*number] == [true; LANS]
        };
        let masters = |lan| {
            (0..MACHINES).filter(move |number| {
                self.machines[*number]
                    .as_ref()
                    .is_some_and(|it| it.is_master(lan))
            })
        };
        let expected = usize::from((0..MACHINES).any(|number| fit(&number)));
        (0..LANS).all(|lan| masters(lan).count() == expected)
    }
}

fn is_due(machine: &Machine) -> bool {
    machine.engine.poll_timeout().is_some_and(|due| due <= Time::ZERO)
}

fn status(well: bool) -> TrackerStatus {
    if well {
        TrackerStatus::Up
    } else {
        TrackerStatus::Down
    }
}

/// Visits every state there is, and does not believe it if there are few.
fn check(priorities: [[u8; LANS]; MACHINES], faults: u8, at_least: usize) {
    let [one, other] = priorities;
    let lans = Lans {
        priorities,
        faults,
        crossed: one[0] > other[0] && one[1] < other[1],
    };
    let checker = lans
        .checker()
        .finish_when(HasDiscoveries::AnyFailures)
        .threads(1)
        .spawn_bfs()
        .join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    assert!(states >= at_least, "only {states} states");
}

#[test]
fn one_machine_is_better_on_both_lans() {
    check([[192, 192], [64, 64]], 2, 60_000);
}

#[test]
fn priorities_are_crossed() {
    check([[192, 64], [64, 192]], 1, 1_000_000);
}

#[test]
fn priorities_differ_on_one_lan_only() {
    check([[192, 128], [64, 128]], 2, 500_000);
}

const MACHINES: usize = 2;
const TICK: Duration = Duration::from_millis(250);
/// A member that is willing waits for the slowest, which may just have begun to wait again: two Master_Down_Intervals of
/// three intervals and the Skew_Time of priority 64.
const AGREED_AFTER: u8 = 2 * (3 * 4 + 3);
