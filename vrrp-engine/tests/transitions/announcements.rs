//! Gratuitous ARPs and unsolicited neighbour advertisements: keepalived's `garp_*`.

use std::time::Duration;

use vrrp_engine::{Announcements, RouterConfig, StateKind};

use crate::support::{Bench, config, ms};

fn scheduled(announcements: Announcements) -> RouterConfig {
    RouterConfig {
        announcements,
        ..config()
    }
}

/// Only the announcements, with their times.
fn announced(seen: Vec<(u64, String)>) -> Vec<(u64, String)> {
    seen.into_iter()
        .filter(|(_, output)| output.starts_with("announce"))
        .collect()
}

fn all(at: u64, repeat: u8) -> (u64, String) {
    (at, format!("announce all x{repeat}"))
}

#[test]
fn announcements_are_five_and_five_more_after_five_seconds() {
    let mut bench = Bench::backup(scheduled(Announcements::default()));
    let seen = announced(bench.watch(ms(3_600_000)));
    assert_eq!(seen, [all(3609, 5), all(8609, 5)]);
}

#[test]
fn announcements_are_refreshed() {
    let schedule = Announcements {
        delay: ms(2000),
        refresh: ms(10_000),
        refresh_repeat: 3,
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    let seen = announced(bench.watch(ms(35_000)));
    assert_eq!(
        seen,
        [all(2000, 5), all(12_000, 3), all(22_000, 3), all(32_000, 3)]
    );
}

#[test]
fn announcements_are_refreshed_without_a_second_burst() {
    let schedule = Announcements {
        delay: Duration::ZERO,
        refresh: ms(10_000),
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    assert_eq!(
        announced(bench.watch(ms(25_000))),
        [all(10_000, 1), all(20_000, 1)]
    );
}

#[test]
fn announcements_of_nothing_are_one() {
    let schedule = Announcements {
        repeat: 0,
        refresh: ms(10_000),
        refresh_repeat: 0,
        ..Announcements::default()
    };
    let mut bench = Bench::backup(scheduled(schedule));
    let seen = announced(bench.watch(ms(20_000)));
    assert_eq!(seen, [all(3609, 1), all(8609, 1), all(18_609, 1)]);
}

#[test]
fn announcements_after_a_lower_priority_come_twice() {
    let schedule = Announcements {
        delay: Duration::ZERO,
        lower_priority_repeat: 4,
        lower_priority_delay: ms(3000),
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    bench.wait(ms(100));
    bench.take();
    bench.hear(50).unwrap();
    assert_eq!(bench.take()[1], "announce all x4");
    assert_eq!(announced(bench.watch(ms(60_000))), [all(3000, 4)]);
}

#[test]
fn announcements_after_a_lower_priority_can_be_none() {
    let schedule = Announcements {
        delay: Duration::ZERO,
        lower_priority_repeat: 0,
        lower_priority_delay: ms(3000),
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    bench.hear(50).unwrap();
    assert_eq!(bench.take().len(), 2);
    assert_eq!(announced(bench.watch(ms(60_000))), []);
}

#[test]
fn announcements_end_with_mastership() {
    let schedule = Announcements {
        refresh: ms(10_000),
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    bench.hear(50).unwrap();
    bench.hear(200).unwrap();
    assert_eq!(bench.state(), StateKind::Backup);
    bench.take();
    for _ in 0..100 {
        bench.wait(ms(1000));
        bench.hear(200).unwrap();
    }
    assert_eq!(bench.take(), [""; 0]);
}

#[test]
fn announcements_that_were_missed_are_not_made_up_for() {
    let schedule = Announcements {
        delay: Duration::ZERO,
        refresh: ms(1000),
        ..Announcements::default()
    };
    let mut bench = Bench::master(scheduled(schedule));
    bench.stall(ms(60_500));
    let bursts = bench
        .take()
        .into_iter()
        .filter(|output| output.starts_with("announce"));
    assert_eq!(bursts.count(), 1);
    // On the same grid as before.
    assert_eq!(announced(bench.watch(ms(1000))), [all(500, 1)]);
}
