//! Trackers: what they do to a router's state. What they do to its priority is in `priority`.

use vrrp_engine::{
    Engine, Environment, Input, Output, RouterConfig, Start, StateKind, Time, Tracker, TrackerId,
    TrackerStatus, Weight,
};
use vrrp_proto::Priority;

use crate::support::{Bench, OURS, config, ms, owner};

const FIRST: TrackerId = TrackerId(1);
const SECOND: TrackerId = TrackerId(2);

/// Watching two things, without weight.
fn watching() -> RouterConfig {
    let weight = Weight::default();
    RouterConfig {
        trackers: [FIRST, SECOND].map(|id| Tracker { id, weight }).to_vec(),
        ..config()
    }
}

fn tell(bench: &mut Bench, tracker: TrackerId, status: TrackerStatus) {
    bench.input(Input::Tracker { tracker, status });
}

#[test]
fn it_does_not_start_before_all_is_known() {
    let mut bench = Bench::started(watching());
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.state(), StateKind::Initialize);
    tell(&mut bench, FIRST, TrackerStatus::Up);
    assert_eq!(bench.state(), StateKind::Initialize);
    tell(&mut bench, SECOND, TrackerStatus::Up);
    assert_eq!(bench.take(), ["INIT -> BACKUP: started"]);
}

#[test]
fn what_is_not_well_at_the_start_is_a_fault_at_once() {
    let mut bench = Bench::started(watching());
    tell(&mut bench, FIRST, TrackerStatus::Down);
    assert_eq!(bench.take(), ["INIT -> FAULT: something it tracks is not well"]);
    // The other is still unknown: it neither starts nor is it well.
    tell(&mut bench, FIRST, TrackerStatus::Up);
    assert_eq!(bench.state(), StateKind::Fault);
    tell(&mut bench, SECOND, TrackerStatus::Up);
    assert_eq!(bench.take(), ["FAULT -> BACKUP: what it tracks is well"]);
}

#[test]
fn faults_of_trackers_are_counted() {
    let mut bench = Bench::started(watching());
    for id in [FIRST, SECOND] {
        tell(&mut bench, id, TrackerStatus::Up);
    }
    bench.wait(bench.due());
    bench.take();
    tell(&mut bench, FIRST, TrackerStatus::Down);
    assert_eq!(
        bench.take(),
        [
            "advert 0",
            "remove addresses",
            "MASTER -> FAULT: something it tracks is not well"
        ]
    );
    tell(&mut bench, SECOND, TrackerStatus::Down);
    tell(&mut bench, FIRST, TrackerStatus::Up);
    assert_eq!((bench.take(), bench.state()), (vec![], StateKind::Fault));
    tell(&mut bench, SECOND, TrackerStatus::Up);
    assert_eq!(bench.state(), StateKind::Backup);
}

#[test]
fn what_becomes_unknown_does_not_stop_what_runs() {
    let mut bench = Bench::started(watching());
    for id in [FIRST, SECOND] {
        tell(&mut bench, id, TrackerStatus::Up);
    }
    bench.wait(bench.due());
    tell(&mut bench, FIRST, TrackerStatus::Unknown);
    assert_eq!(bench.state(), StateKind::Master);
}

#[test]
fn what_was_known_before_a_router_is_known_to_it() {
    let mut engine = Engine::new();
    for (tracker, status) in [(FIRST, TrackerStatus::Up), (SECOND, TrackerStatus::Down)] {
        let input = Input::Tracker { tracker, status };
        engine.handle_input(Time::ZERO, input).unwrap();
    }
    let here = Environment {
        link_up: true,
        source: Some(OURS),
    };
    let router = engine.add_router(watching(), here).unwrap();
    engine.handle_input(Time::ZERO, Input::Startup).unwrap();
    assert_eq!(engine.state(router), Some(StateKind::Fault));
}

#[test]
fn an_owner_is_in_fault_like_anyone_but_keeps_its_priority() {
    let mut bench = Bench::master(RouterConfig {
        trackers: vec![Tracker {
            id: FIRST,
            weight: Weight {
                value: -50,
                reverse: false,
            },
        }],
        ..owner(Start::Master)
    });
    tell(&mut bench, FIRST, TrackerStatus::Down);
    assert_eq!(
        bench.engine.effective_priority(bench.router),
        Some(Priority::OWNER)
    );
    let mut bench = Bench::started(RouterConfig {
        trackers: watching().trackers,
        ..owner(Start::Master)
    });
    tell(&mut bench, FIRST, TrackerStatus::Down);
    assert_eq!(bench.state(), StateKind::Fault);
}

#[test]
fn a_change_of_priority_is_told_once() {
    let mut bench = Bench::backup(RouterConfig {
        trackers: vec![Tracker {
            id: FIRST,
            weight: Weight {
                value: -20,
                reverse: false,
            },
        }],
        ..config()
    });
    let mut changes = |status| {
        tell(&mut bench, FIRST, status);
        let outputs: Vec<_> = std::iter::from_fn(|| bench.engine.poll_output()).collect();
        outputs.into_iter().map(|(_, output)| output).collect::<Vec<_>>()
    };
    let changed = |from, to| Output::PriorityChanged {
        from: Priority::new(from),
        to: Priority::new(to),
    };
    assert_eq!(changes(TrackerStatus::Up), []);
    assert_eq!(changes(TrackerStatus::Down), [changed(100, 80)]);
    assert_eq!(changes(TrackerStatus::Down), []);
    assert_eq!(changes(TrackerStatus::Up), [changed(80, 100)]);
}

#[test]
fn an_interface_that_is_not_tracked_may_be_down() {
    let mut bench = Bench::master(RouterConfig {
        track_link: false,
        ..config()
    });
    bench.link(false);
    assert_eq!(bench.state(), StateKind::Master);
    bench.wait(ms(1000));
    assert_eq!(bench.take(), ["advert 100"]);
}
