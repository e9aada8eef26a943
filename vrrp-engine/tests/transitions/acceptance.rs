//! Which packets count (RFC 3768 and RFC 9568 section 7.1), and that the others change nothing.

use vrrp_engine::{AddressList, Delivery, Discard, InterfaceId, RouterConfig, StateKind};
use vrrp_proto::{Authentication, Family, ParseError, V3Checksum, Version, Vrid};

use crate::support::{Bench, LOWER_ADDRESS, OURS, Packet, centis, config, ip, ms, version_2};

/// Whatever state it is in, such a packet changes nothing but a counter.
fn is_ignored(config: &RouterConfig, packet: &Packet, pdu: &[u8], discard: Discard) {
    for mut bench in [Bench::backup(config.clone()), Bench::master(config.clone())] {
        bench.wait(ms(300));
        let before = bench.engine.clone();
        assert_eq!(bench.hear_octets(packet, pdu), Err(discard));
        assert_eq!(bench.engine, before, "{discard}");
        assert_eq!(bench.engine.poll_timeout(), before.poll_timeout());
        let mine = bench.discards();
        let stray = bench
            .engine
            .stray_discards()
            .map(|(kind, count)| (kind.name(), count));
        let counted: Vec<_> = mine.into_iter().chain(stray).collect();
        assert_eq!(counted, [(discard.kind().name(), 1)]);
        assert_eq!(bench.engine.counters(bench.router).unwrap().adverts_received, 0);
    }
}

fn ignored(config: &RouterConfig, packet: &Packet, discard: Discard) {
    is_ignored(config, packet, &packet.pdu(), discard);
}

#[test]
fn a_good_packet_does_count() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config.clone());
        bench.hear_packet(&Packet::of(&config, 200)).unwrap();
        assert_eq!(bench.state(), StateKind::Backup);
        assert_eq!(bench.discards(), []);
    }
}

type Change = fn(&mut Vec<u8>);

#[test]
fn malformed_packets_are_counted_at_the_router_they_name() {
    let packet = Packet::of(&config(), 200);
    let good = packet.pdu();
    let broken = |change: Change| {
        let mut pdu = good.clone();
        change(&mut pdu);
        pdu
    };
    let parse = |pdu: &[u8]| match Bench::backup(config()).hear_octets(&packet, pdu) {
        Err(Discard::Malformed(error)) => error,
        other => panic!("{other:?}"),
    };
    let changes: [(Change, &str); 7] = [
        (|pdu| pdu.truncate(7), "truncated"),
        (|pdu| pdu.truncate(12), "truncated"),
        (|pdu| pdu.extend([0; 40]), "trailing_data"),
        (|pdu| pdu[6] ^= 1, "checksum"),
        (|pdu| pdu[2] ^= 1, "checksum"),
        (|pdu| pdu[0] = 0x32, "type"),
        (|pdu| pdu[0] = 0x41, "version"),
    ];
    for (change, kind) in changes {
        let pdu = broken(change);
        let discard = Discard::Malformed(parse(&pdu));
        assert_eq!(discard.kind().name(), kind);
        is_ignored(&config(), &packet, &pdu, discard);
    }
}

#[test]
fn an_identifier_that_is_not_configured_is_nobodys() {
    for vrid in [1, 50, 52, 255] {
        let mut packet = Packet::of(&config(), 200);
        packet.config.vrid = Vrid::new(vrid).unwrap();
        ignored(&config(), &packet, Discard::UnknownVrid(packet.config.vrid));
        // In whatever dialect.
        packet.config.checksum = V3Checksum::Plain;
        ignored(&config(), &packet, Discard::UnknownVrid(packet.config.vrid));
    }
}

#[test]
fn another_interface_is_another_lan() {
    let mut packet = Packet::of(&config(), 200);
    packet.config.interface = InterfaceId(8);
    ignored(&config(), &packet, Discard::UnknownVrid(config().vrid));
}

#[test]
fn a_packet_that_was_routed_is_ignored() {
    for hop_limit in [0, 1, 64, 254] {
        let packet = Packet {
            hop_limit,
            ..Packet::of(&config(), 200)
        };
        ignored(&config(), &packet, Discard::HopLimit(hop_limit));
    }
}

#[test]
fn the_other_version_is_ignored() {
    let two = Packet::of(&version_2(), 200);
    ignored(&config(), &two, Discard::Version(Version::V2));
    let three = Packet::of(&config(), 200);
    ignored(&version_2(), &three, Discard::Version(Version::V3));
}

#[test]
fn authentication_must_be_ours() {
    let with = |authentication| RouterConfig {
        authentication,
        ..version_2()
    };
    let (ours, theirs) = (
        Authentication::Simple(*b"secret\0\0"),
        Authentication::Simple(*b"secret\0\x01"),
    );
    let none = Authentication::None;
    let header = Authentication::Other {
        kind: 2,
        data: [0; 8],
    };
    let cases = [
        (ours, theirs, Discard::AuthenticationData),
        (ours, Authentication::Simple([0; 8]), Discard::AuthenticationData),
        (ours, none, Discard::AuthenticationType(0)),
        (none, ours, Discard::AuthenticationType(1)),
        (ours, header, Discard::AuthenticationType(2)),
    ];
    for (ours, theirs, discard) in cases {
        ignored(&with(ours), &Packet::of(&with(theirs), 200), discard);
    }
    for equal in [ours, none] {
        let mut bench = Bench::master(with(equal));
        bench.hear(200).unwrap();
        assert_eq!(bench.state(), StateKind::Backup);
    }
}

#[test]
fn every_octet_of_a_password_counts() {
    let config = RouterConfig {
        authentication: Authentication::Simple(*b"password"),
        ..version_2()
    };
    for octet in 0..8 {
        let mut wrong = *b"password";
        wrong[octet] ^= 0x80;
        let mut packet = Packet::of(&config, 200);
        packet.config.authentication = Authentication::Simple(wrong);
        ignored(&config, &packet, Discard::AuthenticationData);
    }
}

#[test]
fn version_2_demands_equal_intervals() {
    for theirs in [200, 300, 25_500].map(centis) {
        let packet = Packet::of(&version_2(), 200).every(theirs);
        ignored(&version_2(), &packet, Discard::IntervalMismatch { theirs });
    }
}

#[test]
fn unicast_is_not_multicast() {
    let unicast = RouterConfig {
        delivery: Delivery::Unicast(vec![LOWER_ADDRESS.into()]),
        ..config()
    };
    let to_us = Packet {
        destination: OURS,
        ..Packet::of(&config(), 200)
    };
    ignored(&config(), &to_us, Discard::Delivery);
    let elsewhere = Packet {
        destination: "224.0.0.1".parse().unwrap(),
        ..Packet::of(&config(), 200)
    };
    ignored(&config(), &elsewhere, Discard::Delivery);
    ignored(&unicast, &Packet::of(&config(), 200), Discard::Delivery);
    // Unicast may be routed.
    let routed = Packet {
        hop_limit: 57,
        ..to_us
    };
    let mut bench = Bench::master(unicast);
    bench.hear_packet(&routed).unwrap();
    assert_eq!(bench.state(), StateKind::Backup);
}

#[test]
fn a_router_of_the_other_family_hears_nothing() {
    let ipv6 = RouterConfig {
        addresses: AddressList::new(Family::Ipv6, ["fe80::100".parse().unwrap()]).unwrap(),
        ..config()
    };
    let packet = Packet {
        from: "fe80::2".parse().unwrap(),
        destination: "ff02::12".parse().unwrap(),
        ..Packet::of(&ipv6, 200)
    };
    ignored(&config(), &packet, Discard::UnknownVrid(config().vrid));
    let pdu = packet.pdu();
    let mixed = Packet {
        destination: ip(224, 0, 0, 18),
        ..packet
    };
    is_ignored(
        &config(),
        &mixed,
        &pdu,
        Discard::Malformed(ParseError::MixedFamilies),
    );
}

#[test]
fn another_address_list_is_counted_and_told_but_counts() {
    let other = |addresses: &[std::net::IpAddr]| {
        let addresses = AddressList::new(Family::Ipv4, addresses.iter().copied()).unwrap();
        RouterConfig {
            addresses,
            ..config()
        }
    };
    let [first, second] = crate::support::VIRTUAL;
    let others = [
        vec![],
        vec![first],
        vec![first, first],
        vec![first, ip(10, 0, 0, 9)],
        vec![first, second, first],
    ];
    for list in others {
        let mut bench = Bench::master(config());
        for _ in 0..10 {
            bench.hear_packet(&Packet::of(&other(&list), 200)).unwrap();
        }
        let notices = bench
            .take()
            .into_iter()
            .filter(|output| output.starts_with("notice"));
        let notice = "notice: 10.0.0.2 advertises other addresses than are configured here";
        assert_eq!(notices.collect::<Vec<_>>(), [notice]);
        assert_eq!(bench.state(), StateKind::Backup);
        assert_eq!(
            bench
                .engine
                .counters(bench.router)
                .unwrap()
                .address_list_mismatches,
            10
        );
    }
    let mut bench = Bench::master(config());
    bench
        .hear_packet(&Packet::of(&other(&[second, first]), 200))
        .unwrap();
    assert_eq!(
        bench
            .engine
            .counters(bench.router)
            .unwrap()
            .address_list_mismatches,
        0
    );
}

/// keepalived restarts the timer's wait for each packet that it discards, and so can be kept from ever taking over.
#[test]
fn a_flood_of_bad_packets_delays_no_takeover() {
    let mut bench = Bench::backup(config());
    let routed = Packet {
        hop_limit: 1,
        ..Packet::of(&config(), 255)
    };
    let mut waited = 0;
    while bench.state() == StateKind::Backup {
        bench.hear_packet(&routed).unwrap_err();
        bench.wait(ms(10));
        waited += 10;
    }
    assert_eq!(waited, 3610);
}

#[test]
fn a_flood_of_bad_packets_costs_a_master_no_advert() {
    let mut bench = Bench::master(config());
    let routed = Packet {
        hop_limit: 1,
        ..Packet::of(&config(), 255)
    };
    for millis in 1..=5000 {
        bench.hear_packet(&routed).unwrap_err();
        bench.wait(ms(1));
        let due = usize::from(millis % 1000 == 0);
        assert_eq!(bench.take().len(), due, "{millis} ms");
    }
}
