//! Section 6.4.2: Backup.

use vrrp_engine::{Discard, Preempt, RouterConfig, Start, StateKind};
use vrrp_proto::Priority;

use crate::support::{Bench, HIGHER_ADDRESS, Packet, VIRTUAL, centis, config, ms, owner, us, version_2};

#[test]
fn backup_timer_runs_out_becomes_master() {
    for config in [config(), version_2()] {
        let mut bench = Bench::backup(config);
        let seen = bench.watch(us(3_609_375));
        let expected = [
            "advert 100",
            "add addresses",
            "announce all x5",
            "BACKUP -> MASTER: no master heard for 3.61 s (3 x 1 s + skew 0.61 s)",
        ];
        assert_eq!(seen, expected.map(|output| (3609, output.to_owned())));
        assert_eq!(bench.due(), ms(1000));
    }
}

#[test]
fn backup_timer_does_not_run_out_a_nanosecond_early() {
    let mut bench = Bench::backup(config());
    bench.stall(us(3_609_375) - std::time::Duration::from_nanos(1));
    assert_eq!((bench.state(), bench.take()), (StateKind::Backup, vec![]));
    bench.stall(std::time::Duration::from_nanos(1));
    assert_eq!(bench.state(), StateKind::Master);
}

#[test]
fn backup_names_the_master_that_fell_silent() {
    let mut bench = Bench::backup(config());
    bench.wait(ms(500));
    bench.hear(200).unwrap();
    bench.wait(us(3_609_375));
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: 10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)"
    );
}

#[test]
fn backup_priority_zero_sets_timer_to_skew() {
    for config in [config(), version_2()] {
        let mut bench = Bench::backup(config);
        bench.hear(200).unwrap();
        bench.wait(ms(700));
        bench.hear(0).unwrap();
        assert_eq!(bench.due(), us(609_375));
        let seen = bench.watch(bench.due());
        assert_eq!(
            seen.last().unwrap().1,
            "BACKUP -> MASTER: 10.0.0.2 resigned (priority 0), skew 0.61 s"
        );
        let counters = bench.engine.counters(bench.router).unwrap();
        assert_eq!(
            (counters.adverts_received, counters.priority_zero_received),
            (2, 1)
        );
    }
}

#[test]
fn backup_priority_zero_counts_whatever_preempt_mode_is() {
    for preempt in [Preempt::Never, Preempt::After(ms(60_000)), Preempt::Immediately] {
        let mut bench = Bench::backup(RouterConfig { preempt, ..config() });
        bench.hear(0).unwrap();
        assert_eq!(bench.due(), us(609_375), "{preempt:?}");
    }
}

#[test]
fn backup_forgets_a_resignation_when_the_next_master_speaks() {
    let mut bench = Bench::backup(config());
    bench.hear(0).unwrap();
    bench.wait(ms(600));
    let next = Packet::of(&config(), 120).from(HIGHER_ADDRESS);
    bench.hear_packet(&next).unwrap();
    assert_eq!(bench.due(), us(3_609_375));
    assert_eq!(
        bench.engine.known_master(bench.router).unwrap().address,
        HIGHER_ADDRESS
    );
}

#[test]
fn backup_higher_priority_resets_timer() {
    for config in [config(), version_2()] {
        let mut bench = Bench::backup(config);
        for _ in 0..5 {
            bench.wait(ms(3600));
            bench.hear(101).unwrap();
            assert_eq!(bench.due(), us(3_609_375));
        }
        assert_eq!((bench.state(), bench.take()), (StateKind::Backup, vec![]));
    }
}

/// The addresses break ties between masters only: a backup accepts its own priority from whomever.
#[test]
fn backup_equal_priority_resets_timer_whatever_the_address() {
    for from in [crate::support::LOWER_ADDRESS, HIGHER_ADDRESS] {
        let mut bench = Bench::backup(config());
        bench.wait(ms(3000));
        let packet = Packet::of(&config(), 100).from(from);
        bench.hear_packet(&packet).unwrap();
        assert_eq!(bench.due(), us(3_609_375));
        let master = bench.engine.known_master(bench.router).unwrap();
        assert_eq!((master.address, master.priority), (from, Priority::new(100)));
        assert_eq!(master.last_heard, bench.now);
    }
}

#[test]
fn backup_lower_priority_is_discarded_and_the_timer_runs_on() {
    for config in [config(), version_2()] {
        let mut bench = Bench::backup(config);
        for _ in 0..3 {
            bench.wait(ms(1000));
            assert_eq!(bench.hear(99), Err(Discard::LowerPriority(Priority::new(99))));
        }
        assert_eq!(bench.due(), us(609_375));
        bench.wait(bench.due());
        assert_eq!(
            bench.take().last().unwrap(),
            "BACKUP -> MASTER: 10.0.0.2 has priority 99, lower than our 100"
        );
        assert_eq!(bench.discards(), [("lower_priority", 3)]);
    }
}

#[test]
fn backup_waits_for_its_master_though_a_lower_one_speaks() {
    let mut bench = Bench::backup(config());
    let master = Packet::of(&config(), 200).from(HIGHER_ADDRESS);
    bench.hear_packet(&master).unwrap();
    bench.wait(ms(1000));
    bench.hear(50).unwrap_err();
    assert_eq!(bench.due(), us(2_609_375));
    bench.wait(bench.due());
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: 10.0.0.10 silent for 3.61 s (3 x 1 s + skew 0.61 s)"
    );
}

#[test]
fn backup_waits_for_who_resigned_though_a_lower_one_speaks() {
    let mut bench = Bench::backup(config());
    bench
        .hear_packet(&Packet::of(&config(), 0).from(HIGHER_ADDRESS))
        .unwrap();
    bench.hear(50).unwrap_err();
    bench.wait(bench.due());
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: 10.0.0.10 resigned (priority 0), skew 0.61 s"
    );
}

#[test]
fn backup_owner_preempts_whatever_preempt_mode_is() {
    for preempt in [Preempt::Never, Preempt::After(ms(60_000))] {
        let mut bench = Bench::backup(RouterConfig {
            preempt,
            ..owner(Start::Backup)
        });
        let before = bench.due();
        assert_eq!(bench.hear(254), Err(Discard::LowerPriority(Priority::new(254))));
        assert_eq!(bench.due(), before);
        bench.wait(before);
        assert_eq!(bench.state(), StateKind::Master);
    }
}

#[test]
fn backup_of_version_3_learns_the_interval() {
    let mut bench = Bench::backup(config());
    let fast = Packet::of(&config(), 200).every(centis(10));
    bench.hear_packet(&fast).unwrap();
    let expected = "notice: 10.0.0.2 sends every 100 ms, which is not the interval configured here; adopted";
    assert_eq!(bench.take(), [expected]);
    // 3 x 100 ms, and 156/256 of 100 ms.
    assert_eq!(bench.due(), us(360_937) + std::time::Duration::from_nanos(500));
    // Skew_Time follows too.
    bench.hear(0).unwrap();
    assert_eq!(bench.due(), us(60_937) + std::time::Duration::from_nanos(500));
    // A learned interval is no news.
    bench.hear_packet(&fast).unwrap();
    assert_eq!(bench.take(), [""; 0]);
}

#[test]
fn backup_takes_the_configured_interval_for_no_news() {
    let mut bench = Bench::backup(config());
    bench
        .hear_packet(&Packet::of(&config(), 200).every(centis(10)))
        .unwrap();
    bench.wait(ms(100));
    bench.take();
    bench.now += ms(5000);
    bench.hear(200).unwrap();
    assert_eq!((bench.take(), bench.due()), (vec![], us(3_609_375)));
}

#[test]
fn backup_of_version_3_learns_nothing_from_who_is_not_accepted() {
    let mut bench = Bench::backup(config());
    let before = bench.due();
    let slow = Packet::of(&config(), 50).every(centis(1000));
    bench.hear_packet(&slow).unwrap_err();
    assert_eq!(bench.due(), before);
}

#[test]
fn backup_that_learned_an_interval_sends_its_own_as_master() {
    let mut bench = Bench::backup(config());
    bench
        .hear_packet(&Packet::of(&config(), 200).every(centis(10)))
        .unwrap();
    bench.wait(ms(361));
    assert_eq!(bench.state(), StateKind::Master);
    bench.take();
    let times: Vec<u64> = bench.watch(ms(3000)).into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [999, 1999, 2999]);
}

#[test]
fn backup_never_sends() {
    let mut bench = Bench::backup(config());
    for priority in [0, 100, 99, 255, 101, 1].into_iter().cycle().take(300) {
        // The lower ones are discarded.
        assert_eq!(bench.hear(priority).is_ok(), !(1..100).contains(&priority));
        bench.wait(ms(500));
        assert_eq!((bench.state(), bench.take()), (StateKind::Backup, vec![]));
    }
}

/// Whose address it is that somebody removed is no matter of a backup.
#[test]
fn backup_address_lost_is_ignored() {
    let mut bench = Bench::backup(config());
    let before = bench.engine.clone();
    bench.lose(VIRTUAL[0]);
    assert_eq!(bench.engine, before);
}
