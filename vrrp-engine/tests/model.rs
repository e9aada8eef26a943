//! Every interleaving of a small world, over the real engine.
//!
//! Two or three routers on one LAN. At any instant the model delivers the packets that are on the wire in every order,
//! and fires the timers that are due before, between and after them; then time goes on by a tick, a quarter of the
//! advertisement interval. A budget of faults is spent in every possible way: a packet is lost, delivered twice, or
//! late by a tick or more (and so behind later ones), a router crashes, loses its link, is shut down, or sleeps through a
//! tick; whatever is broken is repaired at any later time, or never.
//!
//! States are compared on a clock that starts anew at every tick ([`Engine::rebased`]), so there are finitely many, and
//! the checker visits *all* that can be reached with the faults of the budget: no depth is cut off. As measured:
//!
//! | routers | faults | states | steps to the farthest |
//! |---|---|---|---|
//! | two that preempt | 5 | 108,823 | 47 |
//! | two of equal priority (version 2) | 5 | 193,868 | 45 |
//! | two, the better does not preempt | 5 | 99,966 | 45 |
//! | two, the better preempts after two seconds | 5 | 122,489 | 67 |
//! | three that preempt | 2 | 106,441 | 71 |
//! | three, two of them equal | 2 | 257,240 | 74 |
//! | three, the best does not preempt | 2 | 68,888 | 70 |
#![allow(clippy::indexing_slicing, reason = "a test that panics has failed")]

#[path = "sim_support/small_lan.rs"]
mod small_lan;
#[path = "sim_support/small_world.rs"]
mod small_world;
#[path = "sim_support/watch.rs"]
mod watch;

use std::net::IpAddr;
use std::time::Duration;

use Preempt::{After, Immediately, Never};
use small_lan::{INTERFACE, Lan};
use small_world::{Action, Event, TICK, World};
use stateright::{Checker, HasDiscoveries, Model, Property};
use vrrp_engine::{AddressList, Announcements, Preempt, RouterConfig};
use vrrp_proto::{Family, Priority, Version, Vrid};

impl Model for Lan {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.first()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.steps(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        Some(self.after(world, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(
                "nothing is wrong with any router's outputs",
                |_, world: &World| world.wrong.is_none(),
            ),
            Property::always(
                "one master after a quiet Master_Down_Interval",
                |_, world: &World| {
                    world.quiet < MASTER_DOWN_TICKS || !world.is_still() || world.masters().count() <= 1
                },
            ),
            Property::always("the right master then", |lan: &Self, world: &World| {
                world.quiet < lan.agreed_after || !world.is_still() || lan.is_agreed(world)
            }),
        ];
        properties.extend(
            POSSIBLE
                .into_iter()
                .filter(|(name, _)| self.possible.contains(name))
                .map(|(name, condition)| Property::sometimes(name, condition)),
        );
        properties
    }
}

/// What may happen, and how it is seen.
const POSSIBLE: [(&str, Condition); 6] = [
    (SILENT, |_, world| world.event == Some(Event::SilentReplaced)),
    (RESIGNED, |_, world| world.event == Some(Event::ResignedReplaced)),
    (PREEMPTED, |_, world| world.event == Some(Event::LowerReplaced)),
    (HIGHER_PRIORITY, |_, world| {
        world.event == Some(Event::YieldedToPriority)
    }),
    (HIGHER_ADDRESS, |_, world| {
        world.event == Some(Event::YieldedToAddress)
    }),
    (SPLIT, |_, world| world.is_still() && world.masters().count() > 1),
];

type Condition = fn(&Lan, &World) -> bool;

const SILENT: &str = "a silent master is replaced";
const RESIGNED: &str = "a master that resigned is replaced";
const PREEMPTED: &str = "a master of lower priority is replaced";
const HIGHER_PRIORITY: &str = "a master yields to a higher priority";
const HIGHER_ADDRESS: &str = "a master yields to a higher address";
const SPLIT: &str = "two are master for a tick or more";

/// Priorities of 64, 128 and 192 make Skew_Times of whole ticks.
fn router(priority: u8, preempt: Preempt) -> RouterConfig {
    let addresses = AddressList::new(Family::Ipv4, [IpAddr::from([10, 0, 0, 100])]).expect("IPv4");
    RouterConfig {
        priority: Priority::new(priority),
        preempt,
        announcements: Announcements {
            repeat: 1,
            delay: Duration::ZERO,
            refresh: Duration::ZERO,
            refresh_repeat: 1,
            lower_priority_repeat: 1,
            lower_priority_delay: Duration::ZERO,
        },
        ..RouterConfig::new(INTERFACE, Vrid::new(1).expect("1 is a VRID"), addresses)
    }
}

/// Visits every state there is, and does not believe it if there are few.
fn check(routers: Vec<RouterConfig>, faults: u8, possible: &'static [&'static str], at_least: usize) {
    // A delay begins with the first advert, which may be as far away as a Master_Down_Interval.
    let patience = routers.iter().map(|router| match router.preempt {
        After(_) => PATIENCE_TICKS + MASTER_DOWN_TICKS,
        _ => 0,
    });
    let agreed_after = MASTER_DOWN_TICKS + patience.max().unwrap_or_default();
    let lan = Lan {
        routers,
        faults,
        agreed_after,
        possible,
    };
    // Beyond a state that is wrong there may be no end of others.
    let checker = lan
        .checker()
        .finish_when(HasDiscoveries::AnyFailures)
        .threads(1)
        .spawn_bfs()
        .join();
    checker.assert_properties();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    assert!(states >= at_least, "only {states} states, {depth} steps deep");
}

#[test]
fn two_routers_that_preempt() {
    let routers = vec![router(192, Immediately), router(64, Immediately)];
    check(
        routers,
        5,
        &[SILENT, RESIGNED, PREEMPTED, HIGHER_PRIORITY, SPLIT],
        80_000,
    );
}

#[test]
fn two_routers_of_equal_priority() {
    let version_2 = || RouterConfig {
        version: Version::V2,
        ..router(128, Immediately)
    };
    let possible = &[SILENT, RESIGNED, HIGHER_ADDRESS, SPLIT];
    check(vec![version_2(), version_2()], 5, possible, 150_000);
}

#[test]
fn two_routers_of_which_the_better_does_not_preempt() {
    let routers = vec![router(192, Never), router(64, Immediately)];
    check(routers, 5, &[SILENT, RESIGNED, HIGHER_PRIORITY, SPLIT], 80_000);
}

#[test]
fn two_routers_of_which_the_better_preempts_later() {
    let routers = vec![
        router(192, After(TICK * PATIENCE_TICKS.into())),
        router(64, Immediately),
    ];
    check(
        routers,
        5,
        &[SILENT, RESIGNED, PREEMPTED, HIGHER_PRIORITY, SPLIT],
        80_000,
    );
}

#[test]
fn three_routers_that_preempt() {
    let routers = vec![
        router(192, Immediately),
        router(128, Immediately),
        router(64, Immediately),
    ];
    check(
        routers,
        2,
        &[SILENT, RESIGNED, PREEMPTED, HIGHER_PRIORITY, SPLIT],
        80_000,
    );
}

#[test]
fn three_routers_of_which_two_are_equal() {
    let routers = vec![
        router(128, Immediately),
        router(128, Immediately),
        router(64, Immediately),
    ];
    let possible = &[
        SILENT,
        RESIGNED,
        PREEMPTED,
        HIGHER_PRIORITY,
        HIGHER_ADDRESS,
        SPLIT,
    ];
    check(routers, 2, possible, 200_000);
}

#[test]
fn three_routers_of_which_the_best_does_not_preempt() {
    let routers = vec![
        router(192, Never),
        router(128, Immediately),
        router(64, Immediately),
    ];
    check(
        routers,
        2,
        &[SILENT, RESIGNED, PREEMPTED, HIGHER_PRIORITY, SPLIT],
        50_000,
    );
}
/// Of the routers below: the interval is a second, a tick a quarter of that.
const INTERVAL_TICKS: u8 = 4;
/// Three intervals, and the Skew_Time of priority 64.
const MASTER_DOWN_TICKS: u8 = 3 * INTERVAL_TICKS + 3;
/// What a router that preempts later waits before it counts the master as gone.
const PATIENCE_TICKS: u8 = 8;
