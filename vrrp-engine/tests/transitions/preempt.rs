//! Preempt_Mode, and keepalived's `preempt_delay`.

use vrrp_engine::{Discard, Preempt, RouterConfig, StateKind};
use vrrp_proto::Priority;

use crate::support::{Bench, config, ms, us, version_2};

fn after(seconds: u64) -> RouterConfig {
    RouterConfig {
        preempt: Preempt::After(ms(seconds * 1000)),
        ..config()
    }
}

#[test]
fn never_accepts_a_lower_priority_for_ever() {
    for config in [config(), version_2()] {
        let preempt = Preempt::Never;
        let mut bench = Bench::backup(RouterConfig { preempt, ..config });
        for _ in 0..100 {
            bench.hear(1).unwrap();
            assert_eq!(bench.due(), us(3_609_375));
            bench.wait(ms(1000));
        }
        assert_eq!((bench.state(), bench.take()), (StateKind::Backup, vec![]));
    }
}

#[test]
fn never_still_takes_over_from_the_dead() {
    let preempt = Preempt::Never;
    let mut bench = Bench::backup(RouterConfig { preempt, ..config() });
    bench.hear(1).unwrap();
    bench.wait(us(3_609_375));
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: 10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)"
    );
}

/// Ten seconds of patience, and then Master_Down_Timer has to run out.
#[test]
fn delay_begins_with_the_first_lower_advert() {
    let mut bench = Bench::backup(after(10));
    bench.wait(ms(3000));
    for _ in 0..10 {
        bench.hear(50).unwrap();
        bench.wait(ms(1000));
    }
    assert_eq!(bench.hear(50), Err(Discard::LowerPriority(Priority::new(50))));
    // The last one was accepted a second ago.
    assert_eq!(bench.due(), us(2_609_375));
    bench.wait(ms(1000));
    bench.hear(50).unwrap_err();
    bench.wait(bench.due());
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: 10.0.0.2 has priority 50, lower than our 100"
    );
}

#[test]
fn delay_is_cleared_by_an_advert_that_is_not_lower() {
    for priority in [100, 200] {
        let mut bench = Bench::backup(after(10));
        bench.hear(50).unwrap();
        bench.wait(ms(2000));
        bench.hear(priority).unwrap();
        bench.wait(ms(2000));
        // Another ten seconds from here.
        for _ in 0..10 {
            bench.hear(50).unwrap();
            bench.wait(ms(1000));
        }
        assert!(bench.hear(50).is_err());
    }
}

#[test]
fn delay_does_not_hold_up_who_follows_the_dead() {
    let mut bench = Bench::backup(after(60));
    bench.hear(50).unwrap();
    bench.wait(us(3_609_375));
    assert_eq!(bench.state(), StateKind::Master);
}

#[test]
fn delay_is_over_once_master() {
    let mut bench = Bench::backup(after(10));
    bench.hear(50).unwrap();
    bench.wait(us(3_609_375));
    bench.hear(200).unwrap();
    assert_eq!(bench.state(), StateKind::Backup);
    bench.wait(ms(1000));
    // It begins anew.
    for _ in 0..10 {
        bench.hear(50).unwrap();
        bench.wait(ms(1000));
    }
    assert!(bench.hear(50).is_err());
}
