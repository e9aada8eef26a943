//! Adverts that prove who sent them: the authentication header, and signatures.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    AddressList, Conduct, Datagram, Delivery, Discard, DiscardKind, Environment, Freshness, Input,
    InvalidConfig, InvalidProtection, Output, Peer, Protection, RouterConfig, Signing, SigningMode, Start,
    StateKind, Transmit,
};
use vrrp_proto::{
    AhError, AhKey, AhPacket, AhTtl, Authentication, Family, HmacKey, HmacTrailer, Ipv4Header, Priority,
    multicast_group,
};

use crate::support::{
    Bench, HIGHER_ADDRESS, INTERFACE, LOWER_ADDRESS, OURS, Packet, config, ip, ms, version_2,
};

fn with_header(priority: u8) -> RouterConfig {
    RouterConfig {
        protection: Protection::Header(AhKey::new(*b"secret\0\0")),
        priority: Priority::new(priority),
        ..version_2()
    }
}

fn signing() -> Signing {
    Signing {
        keys: [(1, key(1)), (2, key(2))].into(),
        active: 1,
        mode: SigningMode::Enforce,
        freshness: Freshness::Clock(Duration::from_secs(5)),
    }
}

fn key(octet: u8) -> HmacKey {
    HmacKey::new(&[octet; 32]).unwrap()
}

fn signed_by(signing: Signing, priority: u8) -> RouterConfig {
    RouterConfig {
        protection: Protection::Signature(Box::new(signing)),
        priority: Priority::new(priority),
        ..config()
    }
}

fn signed(priority: u8) -> RouterConfig {
    signed_by(signing(), priority)
}

/// Some time of day, in milliseconds.
const NOON: u64 = 1_795_000_000_000;

/// A router at that address; its clock says noon.
fn at(source: IpAddr, config: RouterConfig) -> Bench {
    let environment = Environment {
        link_up: true,
        source: Some(source),
    };
    let mut bench = Bench::started_in(config, environment);
    clock(&mut bench, NOON);
    bench
}

fn clock(bench: &mut Bench, millis: u64) {
    bench.engine.set_time_of_day(ms(millis));
}

fn sent(bench: &mut Bench) -> Vec<Transmit> {
    let outputs = std::iter::from_fn(|| bench.engine.poll_output());
    outputs
        .filter_map(|(_, output)| match output {
            Output::Transmit(packet) => Some(packet),
            _ => None,
        })
        .collect()
}

/// What a master at that address sends when it becomes one and for some intervals more.
fn adverts(source: IpAddr, config: RouterConfig) -> Vec<Transmit> {
    let mut bench = at(source, config);
    if bench.state() == StateKind::Backup {
        bench.wait(bench.due());
    }
    bench.wait(ms(3000));
    sent(&mut bench)
}

fn hear(bench: &mut Bench, packet: &Transmit) -> Result<(), Discard> {
    hear_with(bench, packet, packet.hop_limit)
}

fn hear_with(bench: &mut Bench, packet: &Transmit, hop_limit: u8) -> Result<(), Discard> {
    let datagram = Datagram {
        interface: INTERFACE,
        source: packet.source,
        destination: packet.destination,
        hop_limit,
        header: packet.header.map(|header| Ipv4Header {
            ttl: hop_limit,
            ..header
        }),
        pdu: &packet.pdu,
    };
    bench.engine.handle_input(bench.now, Input::Packet(datagram))
}

fn number(packet: &Transmit) -> u32 {
    AhPacket::parse(&packet.pdu).unwrap().sequence()
}

fn signature(packet: &Transmit) -> HmacTrailer {
    let family = vrrp_proto::Family::of(packet.source);
    HmacTrailer::split(&packet.pdu, family).unwrap().1.unwrap()
}

/// The packet is discarded, counted as that, and moves no timer.
fn refused(bench: &mut Bench, packet: &Transmit, discard: Discard) {
    let (due, state) = (bench.due(), bench.state());
    assert_eq!(hear(bench, packet), Err(discard));
    assert_eq!((bench.due(), bench.state()), (due, state));
    assert!(
        bench
            .engine
            .discards(bench.router)
            .any(|(kind, count)| kind == discard.kind() && count > 0)
    );
}

#[test]
fn headers_are_numbered_and_cover_the_packet_as_it_is_sent() {
    let mut bench = at(OURS, with_header(100));
    bench.wait(bench.due());
    bench.wait(ms(2000));
    bench.input(Input::Shutdown);
    let sent = sent(&mut bench);
    assert_eq!(sent.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for packet in sent {
        let header = packet.header.unwrap();
        assert_eq!((header.ttl, header.tos), (255, 0xc0));
        assert_eq!(IpAddr::from(header.source), packet.source);
        assert_eq!(IpAddr::from(header.destination), packet.destination);
        assert_eq!(u32::from(header.id), number(&packet));
        let ah = AhPacket::parse(&packet.pdu).unwrap();
        assert!(ah.verify(&header, AhTtl::AsSent, &AhKey::new(*b"secret\0\0")));
        assert_eq!(ah.message()[4], 2, "authentication type");
    }
}

#[test]
fn an_advert_counts_once() {
    let adverts = adverts(HIGHER_ADDRESS, with_header(200));
    let mut bench = at(OURS, with_header(100));
    bench.wait(ms(500));
    assert_eq!(hear(&mut bench, &adverts[1]), Ok(()));
    assert_eq!(bench.due(), ms(3000) + Duration::from_micros(609_375));
    bench.wait(ms(700));
    refused(&mut bench, &adverts[1], Discard::Replayed);
    refused(&mut bench, &adverts[0], Discard::Replayed);
    assert_eq!(hear(&mut bench, &adverts[2]), Ok(()));
    // A master does not yield to a recording either.
    bench.wait(bench.due());
    assert_eq!(bench.state(), StateKind::Master);
    refused(&mut bench, &adverts[2], Discard::Replayed);
    let counted: Vec<_> = bench.engine.discards(bench.router).collect();
    assert_eq!(counted, [(DiscardKind::Replayed, 3)]);
}

#[test]
fn only_a_header_made_with_our_key_counts() {
    let mut bench = at(OURS, with_header(100));
    let stranger = RouterConfig {
        protection: Protection::Header(AhKey::new(*b"guessed\0")),
        ..with_header(200)
    };
    let forged = adverts(HIGHER_ADDRESS, stranger).remove(0);
    refused(&mut bench, &forged, Discard::WrongSignature);
    // A wrong one does not spoil the numbers of the right ones.
    let mut genuine = adverts(HIGHER_ADDRESS, with_header(200)).remove(0);
    let unchanged = genuine.clone();
    let header = genuine.header.as_mut().unwrap();
    header.id ^= 1;
    refused(&mut bench, &genuine, Discard::WrongSignature);
    assert_eq!(hear(&mut bench, &unchanged), Ok(()));

    let packet = Packet::of(&version_2(), 200);
    assert_eq!(bench.hear_packet(&packet), Err(Discard::NoAuthenticationHeader));

    for config in [version_2(), signed(100)] {
        let mut bench = at(OURS, config);
        refused(&mut bench, &unchanged, Discard::UnexpectedAuthenticationHeader);
    }
}

#[test]
fn a_malformed_header_is_said_to_be_one() {
    let mut bench = at(OURS, with_header(100));
    let mut packet = adverts(HIGHER_ADDRESS, with_header(200)).remove(0);
    packet.pdu = packet.pdu.slice(..20);
    let error = Discard::AuthenticationHeader(AhError::Truncated { len: 20 });
    assert_eq!(hear(&mut bench, &packet), Err(error));
    let stray: Vec<_> = bench.engine.stray_discards().collect();
    assert_eq!(stray, [(DiscardKind::Protection, 1)]);
}

#[test]
fn a_new_master_goes_on_where_the_old_one_stopped() {
    let adverts = adverts(HIGHER_ADDRESS, with_header(200));
    let mut bench = at(OURS, with_header(100));
    for advert in &adverts {
        assert_eq!(hear(&mut bench, advert), Ok(()));
    }
    let last = number(adverts.last().unwrap());
    bench.wait(bench.due());
    assert_eq!(bench.state(), StateKind::Master);
    assert_eq!(
        sent(&mut bench).iter().map(number).collect::<Vec<_>>(),
        [last + 1]
    );
}

#[test]
fn a_master_outruns_one_that_is_to_yield() {
    let adverts = adverts(LOWER_ADDRESS, with_header(50));
    let mut bench = at(OURS, with_header(100));
    bench.wait(bench.due());
    sent(&mut bench);
    let lower = adverts.last().unwrap();
    assert_eq!(hear(&mut bench, lower), Ok(()));
    let answer = sent(&mut bench).remove(0);
    assert_eq!(number(&answer), number(lower) + 2);
}

/// It was away, and its numbers begin anew: nobody believes it until it has heard the others.
#[test]
fn an_owner_that_comes_back_is_believed_again() {
    let owner = RouterConfig {
        start: Start::Master,
        ..with_header(255)
    };
    let mut backup = at(OURS, with_header(100));
    for advert in adverts(HIGHER_ADDRESS, owner.clone()) {
        hear(&mut backup, &advert).unwrap();
    }
    let mut back = at(HIGHER_ADDRESS, owner);
    let first = sent(&mut back).remove(0);
    assert_eq!(number(&first), 1);
    refused(&mut backup, &first, Discard::Replayed);
    backup.wait(backup.due());
    let takeover = sent(&mut backup).remove(0);
    hear(&mut back, &takeover).unwrap();
    let answer = sent(&mut back).remove(0);
    hear(&mut backup, &answer).unwrap();
    assert_eq!(
        (backup.state(), back.state()),
        (StateKind::Backup, StateKind::Master)
    );
}

/// It heeds no adverts, but for how far the others have counted.
#[test]
fn an_owner_that_heeds_nobody_is_believed_again_too() {
    let owner = RouterConfig {
        start: Start::Master,
        conduct: Conduct {
            owner_ignores_adverts: true,
            ..Conduct::default()
        },
        ..with_header(255)
    };
    let mut backup = at(OURS, with_header(100));
    for advert in adverts(HIGHER_ADDRESS, owner.clone()) {
        hear(&mut backup, &advert).unwrap();
    }
    let mut back = at(HIGHER_ADDRESS, owner);
    sent(&mut back);
    backup.wait(backup.due());
    let takeover = sent(&mut backup).remove(0);
    assert_eq!(hear(&mut back, &takeover), Err(Discard::Owner));
    back.wait(ms(1000));
    let next = sent(&mut back).remove(0);
    assert!(number(&next) > number(&takeover));
    hear(&mut backup, &next).unwrap();
    assert_eq!(backup.state(), StateKind::Backup);
}

/// Both heard the same farewell, and count on from it: their first adverts have the same number.
#[test]
fn two_that_begin_at_the_same_moment_hear_each_other() {
    let farewell = adverts(LOWER_ADDRESS, with_header(200)).pop().unwrap();
    let mut both = [OURS, HIGHER_ADDRESS].map(|address| {
        let mut bench = at(address, with_header(100));
        hear(&mut bench, &farewell).unwrap();
        bench.wait(bench.due());
        let advert = sent(&mut bench).remove(0);
        (bench, advert)
    });
    let [(ours, our_advert), (theirs, their_advert)] = &mut both;
    assert_eq!(number(our_advert), number(their_advert));
    hear(ours, their_advert).unwrap();
    let _ = hear(theirs, our_advert);
    assert_eq!(
        (ours.state(), theirs.state()),
        (StateKind::Backup, StateKind::Master)
    );
    // And yet it is believed once only.
    assert_eq!(hear(ours, their_advert), Err(Discard::Replayed));
}

#[test]
fn each_peer_gets_a_header_of_its_own_and_may_be_far_away() {
    let unicast = |priority, peers: &[IpAddr]| RouterConfig {
        delivery: Delivery::Unicast(peers.iter().copied().map(Peer::from).collect()),
        unicast_ttl: 9,
        ..with_header(priority)
    };
    let sent = adverts(HIGHER_ADDRESS, unicast(200, &[LOWER_ADDRESS, OURS]));
    assert_eq!(
        sent.iter().map(number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8]
    );
    let to_us: Vec<_> = sent.iter().filter(|packet| packet.destination == OURS).collect();
    assert_eq!((to_us.len(), to_us[0].header.unwrap().ttl), (4, 9));
    let mut bench = at(OURS, unicast(100, &[HIGHER_ADDRESS]));
    assert_eq!(hear_with(&mut bench, to_us[0], 3), Ok(()));
}

#[test]
fn another_password_does_not_begin_the_numbers_anew() {
    let mut bench = at(OURS, with_header(100));
    bench.wait(bench.due() + ms(1000));
    let last = number(sent(&mut bench).last().unwrap());
    let changed = RouterConfig {
        protection: Protection::Header(AhKey::new(*b"changed\0")),
        ..with_header(100)
    };
    bench
        .engine
        .reconfigure(bench.now, bench.router, changed)
        .unwrap();
    bench.wait(ms(1000));
    let next = sent(&mut bench).remove(0);
    assert_eq!(number(&next), last + 1);
    let ah = AhPacket::parse(&next.pdu).unwrap();
    assert!(ah.verify(&next.header.unwrap(), AhTtl::AsSent, &AhKey::new(*b"changed\0")));
}

#[test]
fn protection_goes_with_a_version_and_a_key() {
    let invalid = |config: RouterConfig, expected| {
        let environment = Environment {
            link_up: true,
            source: None,
        };
        let added = vrrp_engine::Engine::new().add_router(config, environment);
        assert_eq!(added, Err(InvalidConfig::Protection(expected)));
    };
    invalid(
        RouterConfig {
            protection: with_header(100).protection,
            ..config()
        },
        InvalidProtection::HeaderInVersion3,
    );
    invalid(
        RouterConfig {
            authentication: Authentication::Simple(*b"password"),
            ..with_header(100)
        },
        InvalidProtection::WithPassword,
    );
    invalid(
        RouterConfig {
            protection: signed(100).protection,
            ..version_2()
        },
        InvalidProtection::SignatureInVersion2,
    );
    let missing = Signing {
        active: 3,
        ..signing()
    };
    invalid(signed_by(missing, 100), InvalidProtection::NoActiveKey(3));
}

#[test]
fn modes_say_what_is_signed_and_what_counts() {
    let mode = |mode, priority| signed_by(Signing { mode, ..signing() }, priority);
    let plain = adverts(
        HIGHER_ADDRESS,
        RouterConfig {
            priority: Priority::new(200),
            ..config()
        },
    )
    .remove(0);
    let good = adverts(HIGHER_ADDRESS, signed(200)).remove(0);
    let other_key = Signing {
        keys: [(1, key(9))].into(),
        ..signing()
    };
    let forged = adverts(HIGHER_ADDRESS, signed_by(other_key, 200)).remove(0);
    for (mode_of_ours, unsigned, signs) in [
        (SigningMode::Enforce, Err(Discard::Unsigned), true),
        (SigningMode::Permissive, Ok(()), true),
        (SigningMode::ReceiveOnly, Ok(()), false),
    ] {
        let bench = || at(OURS, mode(mode_of_ours, 100));
        assert_eq!(hear(&mut bench(), &plain), unsigned);
        assert_eq!(hear(&mut bench(), &good), Ok(()));
        refused(&mut bench(), &forged, Discard::WrongSignature);
        let ours = adverts(OURS, mode(mode_of_ours, 100)).remove(0);
        let trailer = HmacTrailer::split(&ours.pdu, vrrp_proto::Family::Ipv4).unwrap().1;
        assert_eq!(trailer.is_some(), signs);
    }
    // Who knows of no signatures takes a signed one for too long.
    let outcome = hear(&mut at(OURS, config()), &good);
    assert!(matches!(outcome, Err(Discard::Malformed(_))), "{outcome:?}");
}

#[test]
fn any_key_verifies_and_the_active_one_signs() {
    let second = Signing {
        active: 2,
        ..signing()
    };
    let sent = adverts(HIGHER_ADDRESS, signed_by(second, 200)).remove(0);
    assert_eq!(signature(&sent).key(), 2);
    assert_eq!(hear(&mut at(OURS, signed(100)), &sent), Ok(()));
    let first_only = Signing {
        keys: [(1, key(1))].into(),
        ..signing()
    };
    refused(
        &mut at(OURS, signed_by(first_only, 100)),
        &sent,
        Discard::UnknownKey(2),
    );
}

#[test]
fn a_signed_advert_counts_once() {
    for freshness in [signing().freshness, Freshness::Order] {
        let config = |priority| {
            signed_by(
                Signing {
                    freshness,
                    ..signing()
                },
                priority,
            )
        };
        let adverts = adverts(HIGHER_ADDRESS, config(200));
        let mut bench = at(OURS, config(100));
        bench.wait(ms(500));
        assert_eq!(hear(&mut bench, &adverts[1]), Ok(()));
        bench.wait(ms(500));
        refused(&mut bench, &adverts[1], Discard::Replayed);
        refused(&mut bench, &adverts[0], Discard::Replayed);
        assert_eq!(hear(&mut bench, &adverts[2]), Ok(()));
    }
}

#[test]
fn clocks_may_differ_by_the_window() {
    let advert = adverts(HIGHER_ADDRESS, signed(200)).remove(0);
    let hears = |millis| {
        let mut bench = at(OURS, signed(100));
        clock(&mut bench, millis);
        hear(&mut bench, &advert)
    };
    assert_eq!(hears(NOON + 5000), Ok(()));
    assert_eq!(hears(NOON - 5000), Ok(()));
    assert_eq!(hears(NOON + 6000), Err(Discard::ClockDifference { secs: -6 }));
    assert_eq!(hears(NOON - 6000), Err(Discard::ClockDifference { secs: 6 }));
    let words = Discard::ClockDifference { secs: -6 }.to_string();
    assert_eq!(
        words,
        "signed 6 s behind our clock, which is more than the time window"
    );
    // A recording is too old after a while, also for a router that has not heard it.
    assert!(hears(NOON + 3_600_000).is_err());

    let order = Signing {
        freshness: Freshness::Order,
        ..signing()
    };
    let mut bench = at(OURS, signed_by(order, 100));
    clock(&mut bench, 0);
    assert_eq!(hear(&mut bench, &advert), Ok(()));
}

#[test]
fn stamps_follow_the_clock_and_never_repeat() {
    let mut bench = at(OURS, signed(100));
    bench.wait(bench.due());
    let mut stamps = Vec::new();
    // It stands still, goes on, is put back a little, and a lot.
    for millis in [NOON, NOON, NOON + 1500, NOON, NOON - 60_000, NOON - 60_000] {
        clock(&mut bench, millis);
        bench.wait(ms(1000));
        stamps.extend(sent(&mut bench).iter().map(|packet| signature(packet).stamp()));
    }
    let stamp = |millis| vrrp_proto::Stamp::at(ms(millis));
    let first = stamp(NOON);
    let back = stamp(NOON - 60_000);
    let expected = [
        first,
        first.next(),
        first.next().next(),
        stamp(NOON + 1500),
        stamp(NOON + 1500).next(),
        back,
        back.next(),
    ];
    assert_eq!(stamps, expected);
}

#[test]
fn with_order_alone_stamps_never_go_back() {
    let order = Signing {
        freshness: Freshness::Order,
        ..signing()
    };
    let mut bench = at(OURS, signed_by(order, 100));
    bench.wait(bench.due());
    let before = signature(sent(&mut bench).last().unwrap()).stamp();
    clock(&mut bench, 0);
    bench.wait(ms(1000));
    assert_eq!(signature(&sent(&mut bench)[0]).stamp(), before.next());
}

/// A sender whose clock was ahead and was put right is believed as soon as the wrong time is out of the window.
#[test]
fn a_clock_that_is_put_right_goes_on() {
    let advert_at = |millis| {
        let mut master = at(HIGHER_ADDRESS, signed(200));
        clock(&mut master, millis);
        master.wait(master.due());
        sent(&mut master).remove(0)
    };
    let mut bench = at(OURS, signed(100));
    hear(&mut bench, &advert_at(NOON + 4000)).unwrap();
    refused(&mut bench, &advert_at(NOON + 100), Discard::Replayed);
    clock(&mut bench, NOON + 5000);
    assert_eq!(hear(&mut bench, &advert_at(NOON + 5000)), Ok(()));
    // We were wrong ourselves: what we took then holds off nothing now.
    clock(&mut bench, NOON - 60_000);
    assert_eq!(hear(&mut bench, &advert_at(NOON - 60_000)), Ok(()));
}

#[test]
fn one_signature_is_for_all_peers() {
    let unicast = |priority, peers: &[IpAddr]| RouterConfig {
        delivery: Delivery::Unicast(peers.iter().copied().map(Peer::from).collect()),
        ..signed(priority)
    };
    let sent = adverts(HIGHER_ADDRESS, unicast(200, &[LOWER_ADDRESS, OURS]));
    assert_eq!(signature(&sent[0]), signature(&sent[1]));
    assert_ne!(sent[0].pdu, sent[1].pdu, "the checksum is each peer's own");
    assert_eq!(
        hear(&mut at(OURS, unicast(100, &[HIGHER_ADDRESS])), &sent[1]),
        Ok(())
    );
}

/// Where nothing but order counts, a sender is believed anew when more others were heard than are remembered.
#[test]
fn the_senders_heard_last_are_remembered() {
    let order = |priority| {
        let freshness = Freshness::Order;
        signed_by(
            Signing {
                freshness,
                ..signing()
            },
            priority,
        )
    };
    let from = |last| adverts(ip(10, 0, 0, last), order(200)).remove(0);
    let mut bench = at(OURS, order(100));
    for sender in 20..24 {
        assert_eq!(hear(&mut bench, &from(sender)), Ok(()));
    }
    for sender in 20..24 {
        refused(&mut bench, &from(sender), Discard::Replayed);
    }
    assert_eq!(hear(&mut bench, &from(24)), Ok(()));
    refused(&mut bench, &from(23), Discard::Replayed);
    assert_eq!(hear(&mut bench, &from(20)), Ok(()));
}

#[test]
fn signatures_go_over_ipv6_too() {
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let config = |priority| {
        let addresses = AddressList::new(Family::Ipv6, [address("fe80::64")]).unwrap();
        let base = signed(priority);
        RouterConfig {
            delivery: Delivery::Multicast(multicast_group(Family::Ipv6)),
            addresses,
            ..base
        }
    };
    let sent = adverts(address("fe80::2"), config(200)).remove(0);
    assert_eq!(signature(&sent).key(), 1);
    let mut bench = at(address("fe80::1"), config(100));
    assert_eq!(hear(&mut bench, &sent), Ok(()));
    refused(&mut bench, &sent, Discard::Replayed);
}

#[test]
fn no_key_is_shown() {
    let password = RouterConfig {
        authentication: Authentication::Simple(*b"password"),
        ..version_2()
    };
    for config in [password, with_header(100), signed(100)] {
        let mut bench = at(OURS, config);
        bench.wait(bench.due());
        let shown = format!("{:?} {:#?}", bench.engine, bench.engine);
        for secret in ["secret", "password", "115, 101, 99", "112, 97, 115", "1, 1, 1, 1"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
}
