//! Deadlines are absolute; lateness is not handed on; early calls do nothing.

use std::time::Duration;

use vrrp_engine::{RouterConfig, StateKind};

use crate::support::{Bench, centis, config, ms, us};

#[test]
fn adverts_do_not_drift_when_each_is_late() {
    let interval = ms(10);
    let mut bench = Bench::master(RouterConfig {
        interval: centis(1),
        ..config()
    });
    let begin = bench.now;
    for advert in 1..=1000 {
        let due = begin + interval * advert;
        assert_eq!(bench.engine.poll_timeout(), Some(due));
        bench.now = due + us(u64::from(advert * 7919 % 9999));
        bench.engine.handle_timeout(bench.now);
        assert_eq!(bench.take(), ["advert 100"]);
    }
}

#[test]
fn a_stall_costs_adverts_and_no_burst_follows() {
    let mut bench = Bench::master(config());
    bench.stall(ms(5400));
    let notice = "notice: an advert left 4.40 s late: this process or machine stood still";
    assert_eq!(bench.take(), [notice, "advert 100"]);
    // On the same grid as before.
    assert_eq!(bench.due(), ms(600));
}

#[test]
fn a_stall_of_less_than_an_interval_is_none() {
    let mut bench = Bench::master(config());
    bench.stall(ms(1999));
    assert_eq!(bench.take(), ["advert 100"]);
    assert_eq!(bench.due(), ms(1));
    bench.stall(ms(1001));
    assert_eq!(bench.take().len(), 2);
}

#[test]
fn stalls_are_told_once_a_second() {
    let mut bench = Bench::master(RouterConfig {
        interval: centis(1),
        ..config()
    });
    let mut notices = 0;
    for _ in 0..100 {
        bench.stall(ms(30));
        notices += bench.take().len() - 1;
    }
    assert_eq!(notices, 3);
}

/// Packets that wait in a socket are handed over first, and then it was not the master that stood still.
#[test]
fn a_backup_that_stood_still_listens_before_it_takes_over() {
    let mut bench = Bench::backup(config());
    bench.hear(200).unwrap();
    bench.now += ms(20_000);
    bench.hear(200).unwrap();
    bench.engine.handle_timeout(bench.now);
    assert_eq!((bench.state(), bench.take()), (StateKind::Backup, vec![]));
    assert_eq!(bench.due(), us(3_609_375));
}

#[test]
fn spurious_timeouts_do_nothing() {
    for mut bench in [Bench::backup(config()), Bench::master(config())] {
        let before = bench.engine.clone();
        for _ in 0..999 {
            bench.now += us(1000);
            bench.engine.handle_timeout(bench.now);
        }
        assert_eq!(bench.engine, before);
    }
}

#[test]
fn the_next_deadline_is_later_than_the_timeout_that_was_handled() {
    for stall in [1, 999, 1000, 1001, 3610, 123_456_789] {
        for mut bench in [Bench::backup(config()), Bench::master(config())] {
            bench.stall(ms(stall));
            assert!(bench.due() > Duration::ZERO);
        }
    }
}

/// Equal but for the clock: what the model checker relies on.
#[test]
fn rebased_engines_behave_alike_at_any_hour() {
    let at_noon = Bench::master(config());
    let mut later = at_noon.clone();
    later.wait(ms(7000));
    later.take();
    assert_ne!(at_noon.engine, later.engine);
    let rebased = |bench: &Bench| bench.engine.rebased(bench.now);
    assert_eq!(rebased(&at_noon), rebased(&later));
    assert_eq!(
        rebased(&later).poll_timeout(),
        Some(vrrp_engine::Time::from_millis(1000))
    );
}
