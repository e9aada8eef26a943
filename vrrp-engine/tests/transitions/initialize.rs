//! Section 6.4.1: Initialize, and the Shutdown event of all states.

use vrrp_engine::{Discard, Environment, Input, Start, StateKind};

use crate::support::{Bench, OURS, config, ms, owner, us, version_2};

#[test]
fn initialize_startup_of_owner_becomes_master_at_once() {
    let mut bench = Bench::started(owner(Start::Master));
    let expected = [
        "advert 255",
        "add addresses",
        "announce all x5",
        "INIT -> MASTER: started as the owner of its addresses (priority 255)",
    ];
    assert_eq!(bench.take(), expected);
    assert_eq!(bench.due(), ms(1000));
}

#[test]
fn initialize_startup_of_others_becomes_backup_for_a_master_down_interval() {
    for config in [config(), version_2()] {
        let mut bench = Bench::started(config);
        assert_eq!(bench.take(), ["INIT -> BACKUP: started"]);
        assert_eq!(bench.due(), us(3_609_375));
    }
}

#[test]
fn initialize_startup_with_state_master_gives_no_head_start() {
    let mut bench = Bench::started(vrrp_engine::RouterConfig {
        start: Start::Master,
        ..config()
    });
    assert_eq!(bench.take(), ["INIT -> BACKUP: started"]);
    assert_eq!(bench.due(), us(3_609_375));
}

#[test]
fn initialize_startup_of_owner_with_state_backup_waits() {
    let mut bench = Bench::started(owner(Start::Backup));
    assert_eq!(bench.take(), ["INIT -> BACKUP: started"]);
    // 3 s and a 256th.
    assert_eq!(bench.due(), us(3_003_906) + std::time::Duration::from_nanos(250));
}

#[test]
fn initialize_startup_without_link_or_source_is_a_fault() {
    let cases = [
        (false, Some(OURS), "interface down"),
        (true, None, "no source address"),
        (false, None, "interface down"),
        (true, Some("fe80::5".parse().unwrap()), "no source address"),
    ];
    for (link_up, source, reason) in cases {
        for config in [config(), owner(Start::Master)] {
            let mut bench = Bench::started_in(config, Environment { link_up, source });
            assert_eq!(bench.take(), [format!("INIT -> FAULT: {reason}")]);
            assert_eq!(bench.engine.poll_timeout(), None);
        }
    }
}

#[test]
fn backup_shutdown_cancels_the_timer_and_says_nothing() {
    let mut bench = Bench::backup(config());
    bench.input(Input::Shutdown);
    assert_eq!(bench.take(), ["BACKUP -> INIT: shut down"]);
    assert_eq!(bench.engine.poll_timeout(), None);
}

#[test]
fn master_shutdown_sends_priority_zero() {
    for config in [config(), version_2(), owner(Start::Master)] {
        let mut bench = Bench::master(config);
        bench.input(Input::Shutdown);
        let expected = ["advert 0", "remove addresses", "MASTER -> INIT: shut down"];
        assert_eq!(bench.take(), expected);
        assert_eq!(bench.engine.poll_timeout(), None);
        let counters = bench.engine.counters(bench.router).unwrap();
        assert_eq!((counters.became_master, counters.released_master), (1, 1));
        assert_eq!((counters.adverts_sent, counters.priority_zero_sent), (2, 1));
    }
}

#[test]
fn fault_shutdown_says_nothing() {
    let mut bench = Bench::master(config());
    bench.link(false);
    bench.take();
    bench.input(Input::Shutdown);
    assert_eq!(bench.take(), ["FAULT -> INIT: shut down"]);
}

#[test]
fn initialize_after_shutdown_ignores_everything() {
    let mut bench = Bench::master(config());
    bench.input(Input::Shutdown);
    bench.take();
    assert_eq!(bench.hear(200), Err(Discard::NotListening));
    bench.link(false);
    bench.link(true);
    bench.source(None);
    bench.source(Some(OURS));
    bench.set_priority(50);
    bench.lose(crate::support::VIRTUAL[0]);
    bench.input(Input::Shutdown);
    bench.wait(ms(60_000));
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.state(), StateKind::Initialize);
    assert_eq!(bench.discards(), [("not_listening", 1)]);
}
