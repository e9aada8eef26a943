//! FAULT: the link, the source address, and both.

use vrrp_engine::{Discard, Environment, Start, StateKind};

use crate::support::{Bench, OURS, config, ip, ms, owner, us};

type Act = fn(&mut Bench);

#[test]
fn fault_of_a_master_resigns() {
    let lose_link: Act = |bench| bench.link(false);
    let lose_source: Act = |bench| bench.source(None);
    for (lose, reason) in [(lose_link, "interface down"), (lose_source, "no source address")] {
        let mut bench = Bench::master(config());
        lose(&mut bench);
        // The last words still come from the address that is gone.
        let expected = [
            "advert 0".to_owned(),
            "remove addresses".to_owned(),
            format!("MASTER -> FAULT: {reason}"),
        ];
        assert_eq!(bench.take(), expected);
        assert_eq!(bench.engine.poll_timeout(), None);
    }
}

#[test]
fn fault_of_a_backup_says_nothing() {
    let mut bench = Bench::backup(config());
    bench.link(false);
    assert_eq!(bench.take(), ["BACKUP -> FAULT: interface down"]);
    assert_eq!(bench.engine.poll_timeout(), None);
    let mut bench = Bench::backup(config());
    bench.source(None);
    assert_eq!(bench.take(), ["BACKUP -> FAULT: no source address"]);
}

#[test]
fn fault_ends_in_backup_for_a_whole_master_down_interval() {
    let mut bench = Bench::master(config());
    bench.link(false);
    bench.wait(ms(60_000));
    bench.take();
    bench.link(true);
    assert_eq!(bench.take(), ["FAULT -> BACKUP: interface up"]);
    assert_eq!(bench.due(), us(3_609_375));
    bench.source(None);
    bench.take();
    bench.source(Some(OURS));
    assert_eq!(bench.take(), ["FAULT -> BACKUP: source address found"]);
    assert_eq!(bench.due(), us(3_609_375));
}

#[test]
fn fault_of_the_owner_ends_in_master_at_once() {
    let mut bench = Bench::master(owner(Start::Master));
    bench.link(false);
    bench.take();
    bench.link(true);
    let expected = [
        "advert 255",
        "add addresses",
        "announce all x5",
        "FAULT -> MASTER: interface up",
    ];
    assert_eq!(bench.take(), expected);
}

#[test]
fn fault_of_an_owner_that_starts_as_backup_ends_in_backup() {
    let mut bench = Bench::master(owner(Start::Backup));
    bench.link(false);
    bench.link(true);
    assert_eq!(bench.take().last().unwrap(), "FAULT -> BACKUP: interface up");
}

/// keepalived once left FAULT when the first of two faults was over.
#[test]
fn fault_lasts_until_nothing_is_missing() {
    let orders: [(&str, Act, Act); 2] = [
        (
            "source address found",
            |bench| bench.link(true),
            |bench| bench.source(Some(OURS)),
        ),
        (
            "interface up",
            |bench| bench.source(Some(OURS)),
            |bench| bench.link(true),
        ),
    ];
    for (reason, first, second) in orders {
        let mut bench = Bench::backup(config());
        bench.link(false);
        bench.source(None);
        assert_eq!(bench.take(), ["BACKUP -> FAULT: interface down"]);
        first(&mut bench);
        assert_eq!((bench.state(), bench.take()), (StateKind::Fault, vec![]));
        second(&mut bench);
        assert_eq!(bench.take(), [format!("FAULT -> BACKUP: {reason}")]);
    }
}

#[test]
fn fault_listens_to_nobody() {
    let mut bench = Bench::backup(config());
    bench.link(false);
    bench.take();
    let before = bench.engine.clone();
    for priority in [0, 50, 100, 255] {
        assert_eq!(bench.hear(priority), Err(Discard::NotListening));
    }
    bench.lose(crate::support::VIRTUAL[0]);
    assert_eq!(bench.engine, before);
    assert_eq!(bench.discards(), [("not_listening", 4)]);
}

#[test]
fn what_is_known_already_changes_nothing() {
    for mut bench in [Bench::backup(config()), Bench::master(config())] {
        let before = bench.engine.clone();
        bench.link(true);
        bench.source(Some(OURS));
        assert_eq!(bench.engine, before);
    }
    let environment = Environment {
        link_up: false,
        source: None,
    };
    let mut bench = Bench::started_in(config(), environment);
    bench.take();
    let before = bench.engine.clone();
    bench.link(false);
    bench.source(None);
    assert_eq!(bench.engine, before);
}

#[test]
fn another_interface_is_none_of_our_business() {
    let mut bench = Bench::master(config());
    let before = bench.engine.clone();
    let interface = vrrp_engine::InterfaceId(8);
    bench.input(vrrp_engine::Input::Link { interface, up: false });
    assert_eq!(bench.engine, before);
}

#[test]
fn a_source_that_changes_is_used_from_then_on() {
    let mut bench = Bench::master(config());
    let new = ip(10, 0, 0, 77);
    bench.source(Some(new));
    assert_eq!((bench.state(), bench.take()), (StateKind::Master, vec![]));
    bench.wait(ms(1000));
    assert_eq!(bench.take(), ["advert 100 from 10.0.0.77"]);
    // It also breaks ties.
    let between = crate::support::Packet::of(&config(), 100).from(ip(10, 0, 0, 50));
    bench.hear_packet(&between).unwrap();
    assert_eq!(bench.state(), StateKind::Master);
}

#[test]
fn a_source_of_the_other_family_is_none() {
    let mut bench = Bench::master(config());
    bench.source(Some("fe80::5".parse().unwrap()));
    assert_eq!(bench.take().last().unwrap(), "MASTER -> FAULT: no source address");
}

#[test]
fn a_fault_forgets_what_was_learned() {
    let mut bench = Bench::backup(config());
    let fast = crate::support::Packet::of(&config(), 200).every(crate::support::centis(10));
    bench.hear_packet(&fast).unwrap();
    bench.link(false);
    bench.link(true);
    assert_eq!(bench.due(), us(3_609_375));
    assert_eq!(bench.engine.known_master(bench.router), None);
}

/// Tracking goes on while in FAULT.
#[test]
fn priority_may_change_in_fault() {
    let mut bench = Bench::backup(config());
    bench.link(false);
    bench.set_priority(164);
    bench.link(true);
    assert_eq!(bench.due(), us(3_359_375));
}
