//! Adverts between peers.

use vrrp_engine::{
    Conduct, Delivery, Discard, FaultReason, Input, OldChecksum, Output, Peer, RouterConfig, StateKind,
};
use vrrp_proto::{Advertisement, Context, Family, V3Checksum, multicast_group};

use crate::support::{
    Bench, HIGHER_ADDRESS, INTERFACE, LOWER_ADDRESS, OURS, Packet, config, ip, ms, version_2,
};

const STRANGER: std::net::IpAddr = ip(10, 0, 0, 77);

fn unicast() -> RouterConfig {
    RouterConfig {
        // One file for all machines: we are in the list, too.
        delivery: Delivery::Unicast([LOWER_ADDRESS, OURS, HIGHER_ADDRESS].map(Peer::from).to_vec()),
        ..config()
    }
}

fn to_us(config: &RouterConfig, priority: u8) -> Packet {
    Packet {
        destination: OURS,
        ..Packet::of(config, priority)
    }
}

#[test]
fn every_peer_but_ourselves_gets_an_advert_of_the_time_to_live_that_is_asked_for() {
    for base in [
        unicast(),
        RouterConfig {
            delivery: unicast().delivery,
            ..version_2()
        },
    ] {
        let mut bench = Bench::master(RouterConfig {
            unicast_ttl: 3,
            ..base
        });
        bench.wait(ms(1000));
        let sent: Vec<_> = std::iter::from_fn(|| bench.engine.poll_output())
            .filter_map(|(_, output)| match output {
                Output::Transmit(packet) => Some((packet.destination, packet.hop_limit)),
                _ => None,
            })
            .collect();
        assert_eq!(sent, [(LOWER_ADDRESS, 3), (HIGHER_ADDRESS, 3)]);
    }
}

#[test]
fn multicast_adverts_have_255_whatever_unicast_ones_have() {
    let mut bench = Bench::master(RouterConfig {
        unicast_ttl: 3,
        ..config()
    });
    bench.wait(ms(1000));
    let Some((_, Output::Transmit(packet))) = bench.engine.poll_output() else {
        panic!("an advert is due");
    };
    assert_eq!(packet.hop_limit, 255);
}

#[test]
fn time_to_live_of_a_peer_is_within_its_bounds() {
    let bounded = Peer {
        address: LOWER_ADDRESS,
        min_ttl: 60,
        max_ttl: 64,
    };
    let config = RouterConfig {
        delivery: Delivery::Unicast(vec![bounded, HIGHER_ADDRESS.into()]),
        ..config()
    };
    let mut bench = Bench::backup(config.clone());
    let hear = |bench: &mut Bench, from, hop_limit| {
        let packet = Packet {
            hop_limit,
            ..to_us(&config, 150).from(from)
        };
        bench.hear_packet(&packet)
    };
    for (ttl, good) in [(59, false), (60, true), (64, true), (65, false), (255, false)] {
        let outcome = match good {
            true => Ok(()),
            false => Err(Discard::PeerHopLimit {
                ttl,
                min: 60,
                max: 64,
            }),
        };
        assert_eq!(hear(&mut bench, LOWER_ADDRESS, ttl), outcome);
        assert_eq!(hear(&mut bench, HIGHER_ADDRESS, ttl), Ok(()), "it has no bounds");
    }
    assert_eq!(bench.discards(), [("hop_limit", 3)]);
}

#[test]
fn strangers_are_heard_unless_the_sender_is_checked() {
    for (checked, outcome) in [(false, Ok(())), (true, Err(Discard::UnknownPeer))] {
        let mut bench = Bench::backup(RouterConfig {
            conduct: Conduct {
                only_from_peers: checked,
                ..Conduct::default()
            },
            ..unicast()
        });
        bench.wait(ms(3000));
        let config = bench.config().clone();
        assert_eq!(bench.hear_packet(&to_us(&config, 200).from(STRANGER)), outcome);
        bench.wait(ms(700));
        let state = if checked {
            StateKind::Master
        } else {
            StateKind::Backup
        };
        assert_eq!(bench.state(), state, "what is discarded moves no timer");
        assert_eq!(bench.hear_packet(&to_us(&config, 200)), Ok(()), "peers are heard");
    }
}

#[test]
fn checking_the_sender_does_not_concern_multicast() {
    let mut bench = Bench::backup(RouterConfig {
        conduct: Conduct {
            only_from_peers: true,
            ..Conduct::default()
        },
        ..config()
    });
    let packet = Packet::of(bench.config(), 200).from(STRANGER);
    bench.hear_packet(&packet).unwrap();
}

#[test]
fn without_a_peer_it_is_in_fault() {
    let mut bench = Bench::started(RouterConfig {
        delivery: Delivery::Unicast(Vec::new()),
        ..config()
    });
    assert_eq!(bench.take(), ["INIT -> FAULT: no unicast peer"]);
    let router = bench.router;
    bench.engine.reconfigure(bench.now, router, unicast()).unwrap();
    let words = bench.take();
    assert_eq!(words[1], "FAULT -> BACKUP: a unicast peer is configured");
    assert_eq!(FaultReason::NoPeer.to_string(), "no unicast peer");
}

#[test]
fn after_a_fault_peers_are_told_where_we_are() {
    for (config, told) in [(unicast(), true), (config(), false)] {
        let mut bench = Bench::backup(config);
        bench.link(false);
        bench.take();
        bench.link(true);
        let words = bench.take();
        assert_eq!(
            words.contains(&format!("announce our own {OURS}")),
            told,
            "{words:?}"
        );
    }
}

#[test]
fn sockets_that_cannot_be_opened_are_a_fault_of_their_family() {
    let mut bench = Bench::backup(config());
    let sockets = |bench: &mut Bench, family, open| {
        bench.input(Input::Sockets {
            interface: INTERFACE,
            family,
            open,
        });
        bench.take()
    };
    assert_eq!(sockets(&mut bench, Family::Ipv6, false), [""; 0]);
    assert_eq!(
        sockets(&mut bench, Family::Ipv4, false),
        ["BACKUP -> FAULT: no socket for its adverts"]
    );
    assert_eq!(sockets(&mut bench, Family::Ipv4, false), [""; 0]);
    assert_eq!(
        sockets(&mut bench, Family::Ipv4, true),
        ["FAULT -> BACKUP: sockets open"]
    );
}

/// The advert with its checksum made as if it went to the group.
fn old_fashioned(packet: &Packet) -> Vec<u8> {
    let group = Packet {
        destination: multicast_group(Family::Ipv4),
        ..packet.clone()
    };
    group.pdu()
}

/// Whether the next regular advert to that peer is old-fashioned.
fn sends_old(bench: &mut Bench, peer: std::net::IpAddr) -> bool {
    bench.take();
    bench.wait(bench.due());
    let packet = std::iter::from_fn(|| bench.engine.poll_output())
        .find_map(|(_, output)| match output {
            Output::Transmit(packet) if packet.destination == peer => Some(packet),
            _ => None,
        })
        .expect("an advert to the peer");
    let context = |destination| Context {
        source: packet.source,
        destination,
        checksum: V3Checksum::PseudoHeader,
    };
    let old = Advertisement::parse(&packet.pdu, &context(multicast_group(Family::Ipv4)));
    let new = Advertisement::parse(&packet.pdu, &context(peer));
    assert!(old.is_ok() || new.is_ok());
    old.is_ok()
}

#[test]
fn peer_with_old_checksums_gets_old_checksums_until_it_is_renewed() {
    let mut bench = Bench::master(unicast());
    assert!(!sends_old(&mut bench, LOWER_ADDRESS));
    let packet = to_us(&unicast(), 50);
    bench.hear_octets(&packet, &old_fashioned(&packet)).unwrap();
    let words = bench.take();
    assert!(
        words.iter().any(|word| word.contains("keepalived before 1.3.7")),
        "{words:?}"
    );
    assert!(sends_old(&mut bench, LOWER_ADDRESS));
    assert!(!sends_old(&mut bench, HIGHER_ADDRESS), "each by itself");
    bench.hear_packet(&packet).unwrap();
    assert!(!sends_old(&mut bench, LOWER_ADDRESS));
    // A stranger teaches nothing.
    let stranger = packet.from(STRANGER);
    bench.hear_octets(&stranger, &old_fashioned(&stranger)).unwrap();
    assert!(!sends_old(&mut bench, LOWER_ADDRESS));
}

#[test]
fn old_checksums_are_for_all_peers_or_for_none() {
    let config = |old_checksum| RouterConfig {
        old_checksum,
        ..unicast()
    };
    let mut always = Bench::master(config(OldChecksum::Always));
    assert!(sends_old(&mut always, LOWER_ADDRESS) && sends_old(&mut always, HIGHER_ADDRESS));
    let mut never = Bench::master(config(OldChecksum::Never));
    let packet = to_us(&unicast(), 50);
    assert_eq!(
        never.hear_octets(&packet, &old_fashioned(&packet)),
        Err(Discard::OldChecksum)
    );
    assert!(!sends_old(&mut never, LOWER_ADDRESS));
    assert_eq!(never.hear_packet(&packet), Ok(()));
}
