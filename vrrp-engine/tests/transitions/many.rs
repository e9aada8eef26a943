//! Many routers in one engine.

use std::time::Duration;

use vrrp_engine::{
    AddressList, Delivery, Engine, Environment, Input, InterfaceId, InvalidConfig, Output, RouterConfig,
    RouterId, StateKind, Time,
};
use vrrp_proto::{Family, Priority, Version, Vrid};

use crate::support::{Bench, INTERFACE, LOWER_ADDRESS, OURS, Packet, centis, config, ip, ms, us};

const HERE: Environment = Environment {
    link_up: true,
    source: Some(OURS),
};

fn unicast(peers: &[std::net::IpAddr]) -> RouterConfig {
    RouterConfig {
        delivery: Delivery::Unicast(peers.iter().copied().map(Into::into).collect()),
        ..config()
    }
}

fn of_vrid(vrid: u8) -> RouterConfig {
    RouterConfig {
        vrid: Vrid::new(vrid).unwrap(),
        ..config()
    }
}

#[test]
fn unicast_goes_to_every_peer_but_ourselves() {
    let peers = [LOWER_ADDRESS, OURS, ip(192, 0, 2, 1)];
    let mut bench = Bench::master(unicast(&peers));
    let before = bench.engine.counters(bench.router).unwrap().adverts_sent;
    bench.wait(ms(1000));
    assert_eq!(
        bench.take(),
        ["advert 100 to 10.0.0.2", "advert 100 to 192.0.2.1"]
    );
    assert_eq!(
        bench.engine.counters(bench.router).unwrap().adverts_sent,
        before + 2
    );
}

#[test]
fn a_router_is_told_by_interface_family_identifier_and_delivery() {
    let ipv6 = RouterConfig {
        addresses: AddressList::new(Family::Ipv6, ["fe80::100".parse().unwrap()]).unwrap(),
        delivery: Delivery::Multicast("ff02::12".parse().unwrap()),
        ..config()
    };
    let elsewhere = RouterConfig {
        interface: InterfaceId(8),
        ..config()
    };
    let configs = [config(), of_vrid(52), ipv6, elsewhere, unicast(&[LOWER_ADDRESS])];
    let mut engine = Engine::new();
    let ids = configs
        .clone()
        .map(|config| engine.add_router(config, HERE).unwrap());
    assert_eq!(engine.routers().collect::<Vec<_>>(), ids);
    for (config, id) in configs.into_iter().zip(ids) {
        let duplicate = InvalidConfig::Duplicate {
            vrid: config.vrid,
            family: config.addresses.family(),
            router: id,
        };
        assert_eq!(engine.add_router(config, HERE), Err(duplicate));
    }
    assert_eq!(engine.routers().count(), 5);
}

#[test]
fn a_packet_finds_its_router() {
    let mut bench = Bench::backup(config());
    let unicast = bench.engine.add_router(unicast(&[LOWER_ADDRESS]), HERE).unwrap();
    let other = bench.engine.add_router(of_vrid(52), HERE).unwrap();
    bench.input(Input::Startup);
    bench.wait(ms(1000));
    let received = |bench: &Bench| {
        [bench.router, unicast, other].map(|id| bench.engine.counters(id).unwrap().adverts_received)
    };
    bench.hear(200).unwrap();
    assert_eq!(received(&bench), [1, 0, 0]);
    let to_us = Packet {
        destination: OURS,
        ..Packet::of(&config(), 200)
    };
    bench.hear_packet(&to_us).unwrap();
    assert_eq!(received(&bench), [1, 1, 0]);
    bench.hear_packet(&Packet::of(&of_vrid(52), 200)).unwrap();
    assert_eq!(received(&bench), [1, 1, 1]);
}

#[test]
fn configurations_that_make_no_router_are_refused() {
    let refused = |config| Engine::new().add_router(config, HERE).unwrap_err();
    let priority = Priority::RELEASE;
    assert_eq!(
        refused(RouterConfig { priority, ..config() }),
        InvalidConfig::PriorityZero
    );
    for peer in [ip(224, 0, 0, 18), "fe80::1".parse().unwrap()] {
        assert_eq!(
            refused(unicast(&[LOWER_ADDRESS, peer])),
            InvalidConfig::Destination(peer)
        );
    }
    for group in [OURS, "ff02::12".parse().unwrap()] {
        let delivery = Delivery::Multicast(group);
        assert_eq!(
            refused(RouterConfig { delivery, ..config() }),
            InvalidConfig::Destination(group)
        );
    }
    let half = RouterConfig {
        version: Version::V2,
        interval: centis(50),
        ..config()
    };
    assert!(matches!(refused(half), InvalidConfig::Advertisement(_)));
}

#[test]
fn a_removed_router_resigns_and_is_gone() {
    let mut bench = Bench::master(config());
    bench.engine.remove_router(bench.now, bench.router);
    assert_eq!(
        bench.take(),
        ["advert 0", "remove addresses", "MASTER -> INIT: shut down"]
    );
    assert_eq!(
        (bench.engine.state(bench.router), bench.engine.poll_timeout()),
        (None, None)
    );
    // Whatever is said to it or asked of it afterwards.
    bench.engine.remove_router(bench.now, bench.router);
    bench.link(false);
    bench.source(None);
    bench.set_priority(7);
    bench.lose(crate::support::VIRTUAL[0]);
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.engine.counters(bench.router), None);
    assert_eq!(bench.discards(), []);
}

#[test]
fn an_identity_is_never_used_again() {
    let mut bench = Bench::backup(config());
    bench.engine.remove_router(bench.now, bench.router);
    let again = bench.engine.add_router(config(), HERE).unwrap();
    bench.input(Input::Startup);
    assert_ne!(again, bench.router);
    assert_eq!(bench.engine.state(again), Some(StateKind::Backup));
}

#[test]
fn what_befalls_an_interface_befalls_all_its_routers() {
    let mut engine = Engine::new();
    let ids: Vec<RouterId> = (1..=255)
        .map(|vrid| engine.add_router(of_vrid(vrid), HERE).unwrap())
        .collect();
    let elsewhere = RouterConfig {
        interface: InterfaceId(8),
        ..config()
    };
    let elsewhere = engine.add_router(elsewhere, HERE).unwrap();
    engine.handle_input(Time::ZERO, Input::Startup).unwrap();
    let up = false;
    engine
        .handle_input(
            Time::ZERO,
            Input::Link {
                interface: INTERFACE,
                up,
            },
        )
        .unwrap();
    assert!(ids.iter().all(|id| engine.state(*id) == Some(StateKind::Fault)));
    assert_eq!(engine.state(elsewhere), Some(StateKind::Backup));
    engine.handle_input(Time::ZERO, Input::Shutdown).unwrap();
    assert!(
        engine
            .routers()
            .all(|id| engine.state(id) == Some(StateKind::Initialize))
    );
}

/// All that are due together are handled by one call, and each sends on its own grid.
#[test]
fn a_crowd_keeps_its_rhythm() {
    let mut engine = Engine::new();
    let fast = |vrid| RouterConfig {
        interval: centis(1),
        ..of_vrid(vrid)
    };
    for vrid in 1..=255 {
        engine.add_router(fast(vrid), HERE).unwrap();
        let now = Time::ZERO + us(vrid.into());
        engine.handle_input(now, Input::Startup).unwrap();
    }
    let mut now = Time::from_millis(100);
    engine.handle_timeout(now);
    assert!(
        engine
            .routers()
            .all(|id| engine.state(id) == Some(StateKind::Master))
    );
    while engine.poll_output().is_some() {}
    for _ in 0..100 {
        now += ms(10);
        engine.handle_timeout(now);
        assert!(engine.poll_timeout() > Some(now));
        let sent = std::iter::from_fn(|| engine.poll_output())
            .filter(|(_, output)| matches!(output, Output::Transmit(_)));
        assert_eq!(sent.count(), 255);
    }
    assert_eq!(engine.poll_timeout(), Some(now + Duration::from_millis(10)));
}
