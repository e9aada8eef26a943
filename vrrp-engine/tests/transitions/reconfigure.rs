//! Another configuration for a router that runs: what stays is not touched.

use vrrp_engine::{
    AddressList, Announcements, Input, InterfaceId, InvalidConfig, RouterConfig, StateKind, Tracker,
    TrackerId, TrackerStatus, Weight,
};
use vrrp_proto::{Family, Priority, Vrid};

use crate::support::{Bench, Packet, VIRTUAL, advert_in, centis, config, ms, us};

fn reconfigure(bench: &mut Bench, config: RouterConfig) {
    bench.engine.reconfigure(bench.now, bench.router, config).unwrap();
}

#[test]
fn a_master_stays_master_and_its_rhythm_is_kept() {
    let mut bench = Bench::master(config());
    bench.wait(ms(300));
    let fewer = AddressList::new(Family::Ipv4, [VIRTUAL[1]]).unwrap();
    reconfigure(
        &mut bench,
        RouterConfig {
            addresses: fewer.clone(),
            priority: Priority::new(120),
            ..config()
        },
    );
    assert_eq!(
        bench.take(),
        [""; 0],
        "nothing is sent, added or announced for it"
    );
    assert_eq!(bench.due(), ms(700));
    bench.wait(ms(700));
    let Some((_, vrrp_engine::Output::Transmit(packet))) = bench.engine.poll_output() else {
        panic!("an advert is due")
    };
    let advert = advert_in(&packet);
    assert_eq!(
        (advert.priority().get(), advert.addresses()),
        (120, fewer.as_addresses())
    );
    assert_eq!(bench.engine.counters(bench.router).unwrap().became_master, 1);
}

#[test]
fn a_shorter_interval_begins_at_once_and_a_longer_one_after_the_next_advert() {
    let mut bench = Bench::master(config());
    let every = |interval| RouterConfig {
        interval: centis(interval),
        ..config()
    };
    reconfigure(&mut bench, every(10));
    assert_eq!(bench.due(), ms(100));
    reconfigure(&mut bench, every(500));
    assert_eq!(bench.due(), ms(100), "no peer waits longer than it was told");
    bench.wait(ms(100));
    assert_eq!(bench.due(), ms(5000));
}

#[test]
fn a_backup_still_knows_its_master() {
    let mut bench = Bench::backup(config());
    bench.hear(200).unwrap();
    bench.wait(ms(1000));
    reconfigure(
        &mut bench,
        RouterConfig {
            priority: Priority::new(164),
            ..config()
        },
    );
    assert_eq!(bench.due(), us(2_609_375) - ms(250));
    let master = bench.engine.known_master(bench.router).unwrap();
    assert_eq!(master.priority, Priority::new(200));
    assert_eq!(bench.take(), [""; 0]);
}

#[test]
fn a_backups_new_intervals_count_from_when_the_master_was_heard() {
    let mut bench = Bench::backup(config());
    bench.wait(ms(1000));
    reconfigure(
        &mut bench,
        RouterConfig {
            interval: centis(200),
            ..config()
        },
    );
    // Three intervals of two seconds and the skew of two, less the second that has passed.
    assert_eq!(bench.due(), us(7_218_750) - ms(1000));
    reconfigure(
        &mut bench,
        RouterConfig {
            interval: centis(10),
            ..config()
        },
    );
    bench.stall(ms(0));
    assert_eq!(bench.state(), StateKind::Master, "the wait is over already");
}

#[test]
fn trackers_that_are_known_count_at_once() {
    let mut bench = Bench::master(config());
    let (tracker, status) = (TrackerId(9), TrackerStatus::Down);
    bench.input(Input::Tracker { tracker, status });
    let weight = Weight::default();
    let with = RouterConfig {
        trackers: vec![Tracker { id: tracker, weight }],
        ..config()
    };
    reconfigure(&mut bench, with.clone());
    assert_eq!(bench.state(), StateKind::Fault);
    reconfigure(&mut bench, config());
    assert_eq!(bench.state(), StateKind::Backup);
    // One that is not known does not stop what runs.
    let unknown = TrackerId(10);
    let with = RouterConfig {
        trackers: vec![Tracker { id: unknown, weight }],
        ..with
    };
    reconfigure(&mut bench, with);
    assert_eq!(bench.state(), StateKind::Backup);
}

#[test]
fn a_refresh_that_was_not_asked_for_begins_now() {
    let mut bench = Bench::master(config());
    let announcements = Announcements {
        refresh: ms(10_000),
        ..config().announcements
    };
    bench.wait(ms(500));
    reconfigure(
        &mut bench,
        RouterConfig {
            announcements,
            ..config()
        },
    );
    let seen = bench.watch(ms(10_000));
    assert!(seen.contains(&(10_000, "announce all x1".to_owned())), "{seen:?}");
}

#[test]
fn another_router_is_not_made_of_it() {
    let mut bench = Bench::master(config());
    let before = bench.engine.clone();
    let others = [
        RouterConfig {
            interface: InterfaceId(99),
            ..config()
        },
        RouterConfig {
            vrid: Vrid::new(99).unwrap(),
            ..config()
        },
    ];
    for other in others {
        let refused = bench.engine.reconfigure(bench.now, bench.router, other);
        assert_eq!(refused, Err(InvalidConfig::OtherRouter));
    }
    let release = RouterConfig {
        priority: Priority::RELEASE,
        ..config()
    };
    let refused = bench.engine.reconfigure(bench.now, bench.router, release);
    assert_eq!(refused, Err(InvalidConfig::PriorityZero));
    assert_eq!(bench.engine, before, "what is refused changes nothing");
}

/// In version 3 it is the master's interval that counts, and that did not change.
#[test]
fn a_shorter_interval_does_not_make_a_backup_miss_its_master() {
    let mut bench = Bench::backup(config());
    bench.hear(200).unwrap();
    bench.wait(ms(500));
    reconfigure(
        &mut bench,
        RouterConfig {
            interval: centis(10),
            ..config()
        },
    );
    assert_eq!(bench.due(), us(3_609_375) - ms(500));
    let slow = Packet::of(bench.config(), 200).every(centis(100));
    bench.hear_packet(&slow).unwrap();
    assert_eq!(bench.due(), us(3_609_375));
}

#[test]
fn a_resignation_is_not_forgotten() {
    let mut bench = Bench::backup(config());
    bench.hear(200).unwrap();
    bench.hear(0).unwrap();
    bench.wait(ms(100));
    reconfigure(
        &mut bench,
        RouterConfig {
            down_timer_adverts: 5.try_into().unwrap(),
            ..config()
        },
    );
    assert_eq!(bench.due(), us(609_375) - ms(100));
}
