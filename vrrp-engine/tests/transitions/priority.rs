//! Tracking: the effective priority.

use vrrp_engine::{Discard, Output, Start, StateKind};
use vrrp_proto::Priority;

use crate::support::{Bench, advert_in, config, ms, owner, us, version_2};

#[test]
fn effective_priority_shifts_a_backups_timer_by_the_skews_difference() {
    for config in [config(), version_2()] {
        let mut bench = Bench::backup(config);
        bench.hear(200).unwrap();
        bench.wait(ms(1000));
        assert_eq!(bench.due(), us(2_609_375));
        bench.set_priority(164);
        assert_eq!(bench.due(), us(2_609_375) - ms(250));
        bench.set_priority(36);
        assert_eq!(bench.due(), us(2_609_375) + ms(250));
        bench.set_priority(100);
        assert_eq!(bench.due(), us(2_609_375));
    }
}

#[test]
fn effective_priority_is_what_adverts_are_compared_with() {
    let mut bench = Bench::backup(config());
    bench.hear(90).unwrap_err();
    bench.set_priority(80);
    bench.hear(90).unwrap();
    bench.set_priority(91);
    assert_eq!(bench.hear(90), Err(Discard::LowerPriority(Priority::new(90))));
}

#[test]
fn effective_priority_is_what_a_master_sends() {
    let mut bench = Bench::master(config());
    for priority in [90, 100, 254, 7] {
        bench.set_priority(priority);
        bench.wait(ms(1000));
        assert_eq!(bench.take(), [format!("advert {priority}")]);
        assert_eq!(
            bench.engine.effective_priority(bench.router),
            Some(Priority::new(priority))
        );
    }
}

#[test]
fn effective_priority_makes_a_master_yield_at_the_next_advert() {
    let mut bench = Bench::master(config());
    bench.set_priority(50);
    bench.hear(90).unwrap();
    assert_eq!(
        bench.take().last().unwrap(),
        "MASTER -> BACKUP: 10.0.0.2 has priority 90, ours is 50"
    );
}

#[test]
fn effective_priority_stays_between_1_and_254() {
    let mut bench = Bench::master(config());
    for (given, sent) in [(0, 1), (1, 1), (254, 254), (255, 254)] {
        bench.set_priority(given);
        assert_eq!(
            bench.engine.effective_priority(bench.router),
            Some(Priority::new(sent))
        );
        bench.wait(ms(1000));
        assert_eq!(bench.take(), [format!("advert {sent}")]);
    }
}

#[test]
fn effective_priority_of_the_owner_never_changes() {
    let mut bench = Bench::master(owner(Start::Master));
    bench.set_priority(10);
    bench.wait(ms(1000));
    assert_eq!(bench.take(), ["advert 255"]);
    bench.hear(254).unwrap();
    assert_eq!(bench.state(), StateKind::Master);
}

#[test]
fn a_reason_names_no_priority_that_is_not_lower_any_more() {
    let mut bench = Bench::backup(config());
    bench.wait(ms(3500));
    bench.hear(90).unwrap_err();
    bench.set_priority(90);
    bench.wait(bench.due());
    assert_eq!(
        bench.take().last().unwrap(),
        "BACKUP -> MASTER: no master heard for 3.65 s (3 x 1 s + skew 0.65 s)"
    );
}

/// Encoding costs an allocation; an advert that is sent again does not.
#[test]
fn adverts_are_encoded_once() {
    let mut bench = Bench::master(config());
    let next = |bench: &mut Bench| {
        bench.wait(ms(1000));
        match bench.engine.poll_output() {
            Some((_, Output::Transmit(packet))) => packet,
            other => panic!("an advert is due, not {other:?}"),
        }
    };
    let first = next(&mut bench);
    assert_eq!(first.pdu.as_ptr(), next(&mut bench).pdu.as_ptr());
    bench.set_priority(90);
    bench.take();
    let other = next(&mut bench);
    assert_ne!(first.pdu, other.pdu);
    assert_eq!(advert_in(&other).priority(), Priority::new(90));
}
