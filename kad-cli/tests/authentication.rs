//! Adverts that prove who sent them: the authentication header between kad and Debian's keepalived, signatures between
//! kad and kad, and what becomes of recordings and forgeries.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::{Node, What};
use kad_cli::net::{Protocol, Receiver, Transmitter};
use nix::sys::signal::Signal;
use support::{Daemon, Lab, SETTLE, can_run};
use vrrp_engine::Time;
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, AhPacket, Authentication, Context, Family, HmacKey,
    HmacTrailer, Ipv4Header, PROTOCOL, Priority, Stamp, Version, Vrid, multicast_group,
};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 100));
/// Long enough for any takeover of those below.
const LIMIT: Duration = Duration::from_secs(20);
/// Nothing happens for so many adverts.
const QUIET: Duration = Duration::from_secs(4);

/// Router `number` of a virtual router.
fn config(number: usize, priority: u8, unicast: bool, lines: &str) -> String {
    let peers = if unicast {
        format!(
            "unicast_src_ip 10.0.0.{number}\n unicast_peer {{\n 10.0.0.{}\n }}",
            3 - number
        )
    } else {
        String::new()
    };
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n priority {priority}\n {peers}\n {lines}\n \
         virtual_ipaddress {{\n 10.0.0.100/24\n }}\n}}\n"
    )
}

fn header(password: &str) -> String {
    format!("version 2\n advert_int 1\n authentication {{\n auth_type AH\n auth_pass {password}\n }}")
}

fn signed(lines: &str) -> String {
    format!("version 3\n advert_int 0.5\n auth_hmac {{\n {lines}\n }}")
}

/// Key `number`: 32 times the same letter.
fn key(number: u8) -> String {
    let letter = char::from(b'a' + number);
    format!("key {number} {}\n", letter.to_string().repeat(32))
}

/// Failover and preemption back, twice: by SIGKILL, and by SIGTERM.
fn failover(daemons: [Daemon; 2], unicast: bool, lines: &str) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    lab.start(1, &config(1, 150, unicast, lines));
    lab.start(2, &config(2, 100, unicast, lines));
    lab.wait_for_master(1, ADDRESS, LIMIT);
    lab.wait_for_holder(1, ADDRESS);
    let settled = clock::now();
    lab.watch(QUIET);
    assert_eq!(lab.adverts(2, settled), [], "a backup is silent\n{}", lab.story());
    assert!(lab.adverts(1, settled).len() >= 2);
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        lab.signal(1, signal);
        lab.wait_for_master(2, ADDRESS, LIMIT);
        if signal == Signal::SIGKILL {
            // Nobody takes off what the killed one had.
            let _ = lab.routers[0].node.remove_address("eth0", ADDRESS, 24);
        }
        lab.wait_for_holder(2, ADDRESS);
        lab.restart(1);
        lab.wait_for_master(1, ADDRESS, LIMIT);
        lab.wait_for_holder(1, ADDRESS);
    }
}

macro_rules! failovers {
    ($($name:ident: $first:ident and $second:ident, $unicast:literal, $lines:expr;)*) => {
        $(#[test]
        fn $name() {
            failover([Daemon::$first, Daemon::$second], $unicast, &$lines);
        })*
    };
}

failovers! {
    header_kad_masters_keepalived: Kad and Keepalived, false, header("s3cret");
    header_keepalived_masters_kad: Keepalived and Kad, false, header("s3cret");
    header_unicast_kad_masters_keepalived: Kad and Keepalived, true, header("s3cret");
    header_unicast_keepalived_masters_kad: Keepalived and Kad, true, header("s3cret");
    header_kad_masters_kad: Kad and Kad, false, header("s3cret");
    signed_kad_masters_kad: Kad and Kad, false, signed(&key(1));
    signed_unicast_kad_masters_kad: Kad and Kad, true, signed(&key(1));
}

/// Each is master, and r2 says why it does not believe the other.
fn strangers(daemons: [Daemon; 2], first: &str, second: &str, said: &str) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    lab.start(1, &config(1, 150, false, first));
    lab.wait_for_master(1, ADDRESS, LIMIT);
    lab.start(2, &config(2, 100, false, second));
    lab.wait_for_master(2, ADDRESS, LIMIT);
    lab.wait_for_line(2, said);
    lab.watch(QUIET);
    assert_eq!(lab.holders(ADDRESS), [1, 2], "{}", lab.story());
}

#[test]
fn header_with_another_password_is_not_believed() {
    let daemons = [Daemon::Keepalived, Daemon::Kad];
    strangers(
        daemons,
        &header("s3cret"),
        &header("other"),
        "made with another key",
    );
}

#[test]
fn advert_without_a_header_is_not_believed() {
    let plain = "version 2\n advert_int 1";
    strangers(
        [Daemon::Keepalived, Daemon::Kad],
        plain,
        &header("s3cret"),
        "no authentication header",
    );
}

#[test]
fn unsigned_advert_is_not_believed() {
    let plain = "version 3\n advert_int 0.5";
    strangers(
        [Daemon::Keepalived, Daemon::Kad],
        plain,
        &signed(&key(1)),
        "not signed",
    );
}

#[test]
fn advert_signed_with_an_unknown_key_is_not_believed() {
    let daemons = [Daemon::Kad, Daemon::Kad];
    strangers(
        daemons,
        &signed(&key(2)),
        &signed(&key(1)),
        "signed with key 2, which is not configured",
    );
}

/// A packet as it was on the LAN.
#[derive(Clone)]
struct Recording {
    header: Ipv4Header,
    payload: Vec<u8>,
}

/// The next advert that anybody multicasts.
fn record(node: &Node, protocol: Protocol) -> Recording {
    node.run(move || {
        let index = nix::net::if_::if_nametoindex("eth0").unwrap();
        let mut receiver = Receiver::open_for(protocol, Some(("eth0", index)), Family::Ipv4).unwrap();
        receiver.join(multicast_group(Family::Ipv4)).unwrap();
        let (end, mut found) = (Instant::now() + LIMIT, None);
        while found.is_none() {
            assert!(Instant::now() < end, "no advert within {LIMIT:?}");
            std::thread::sleep(Duration::from_millis(10));
            let take = |received: kad_cli::net::Received<'_>| {
                found = Some(Recording {
                    header: received.header.unwrap(),
                    payload: received.pdu.to_vec(),
                });
            };
            receiver.receive(take).unwrap();
        }
        found.unwrap()
    })
}

fn replay(node: &Node, packet: &Recording) {
    let packet = packet.clone();
    node.run(move || {
        let index = nix::net::if_::if_nametoindex("eth0").unwrap();
        let mut transmitter = Transmitter::open("eth0", index, Family::Ipv4).unwrap();
        transmitter.queue_with_header(packet.header, packet.payload);
        assert_eq!(transmitter.flush().sent, 1);
    });
}

/// Transitions of r2 to BACKUP since a moment.
fn yields(lab: &Lab, since: Time) -> usize {
    let said = lab.seen.iter().filter(|event| event.at >= since);
    said.filter(|event| {
        matches!(&event.what, What::Line { node, text, .. } if node == "r2" && text.contains("MASTER -> BACKUP"))
    })
    .count()
}

/// An advert of a better router, recorded while that lived, does not take the mastership away from its successor.
fn recording_is_not_believed(protocol: Protocol, lines: &str) {
    let daemons = [Daemon::Kad, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    lab.start(1, &config(1, 150, false, lines));
    lab.start(2, &config(2, 100, false, lines));
    lab.wait_for_master(1, ADDRESS, LIMIT);
    let recording = record(&lab.client, protocol);
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, ADDRESS, LIMIT);
    lab.wait_for_holder(2, ADDRESS);
    let begun = clock::now();
    replay(&lab.client, &recording);
    lab.wait_for_line(2, "not later than an earlier advert");
    lab.watch(QUIET);
    assert_eq!(yields(&lab, begun), 0, "{}", lab.story());
    assert_eq!(lab.holders(ADDRESS), [2]);
}

#[test]
fn recorded_header_is_not_believed_again() {
    recording_is_not_believed(Protocol::AuthenticationHeader, &header("s3cret"));
}

#[test]
fn recorded_signature_is_not_believed_again() {
    recording_is_not_believed(Protocol::Vrrp, &signed(&format!("{} time_window 60", key(1))));
}

/// An advert of 10.0.0.7 with priority 200, signed with key 1 by somebody whose clock is that far ahead.
fn signed_at(ahead: i64) -> Recording {
    let source = Ipv4Addr::new(10, 0, 0, 7);
    let IpAddr::V4(destination) = multicast_group(Family::Ipv4) else {
        panic!("IPv4")
    };
    let addresses = [[10, 0, 0, 100]];
    let advert = Advertisement::new(
        Version::V3,
        Vrid::new(51).unwrap(),
        Priority::new(200),
        AdvertInterval::from_centis(50).unwrap(),
        Authentication::None,
        Addresses::V4(&addresses),
    )
    .unwrap();
    let context = Context {
        source: source.into(),
        destination: destination.into(),
        checksum: Default::default(),
    };
    let len = advert.buffer_len();
    let mut payload = vec![0; len + HmacTrailer::LEN];
    advert.emit(&context, &mut payload);
    let key = HmacKey::new(&[b'b'; 32]).unwrap();
    let seconds = i64::try_from(clock::time_of_day().as_secs()).unwrap() + ahead;
    let stamp = Stamp::at(Duration::from_secs(seconds.try_into().unwrap()));
    let signature = HmacTrailer::sign(&payload[..len], source.into(), 1, &key, stamp);
    signature.emit_behind(&mut payload, Family::Ipv4);
    let header = Ipv4Header {
        source,
        destination,
        ttl: 255,
        tos: Ipv4Header::TOS_CONTROL,
        id: 1,
        protocol: PROTOCOL,
        payload_len: payload.len().try_into().unwrap(),
    };
    Recording { header, payload }
}

#[test]
fn clocks_may_differ_by_the_window_and_no_more() {
    let daemons = [Daemon::Kad, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    lab.start(
        2,
        &config(2, 100, false, &signed(&format!("{} time_window 30", key(1)))),
    );
    lab.wait_for_master(2, ADDRESS, LIMIT);
    let begun = clock::now();
    replay(&lab.client, &signed_at(-3600));
    lab.wait_for_line(2, "s behind our clock");
    lab.watch(Duration::from_millis(1500));
    replay(&lab.client, &signed_at(3600));
    lab.wait_for_line(2, "s ahead of our clock");
    assert_eq!(yields(&lab, begun), 0, "{}", lab.story());
    replay(&lab.client, &signed_at(10));
    lab.wait_for_line(2, "MASTER -> BACKUP");
}

/// From no signatures to enforced ones, and on to another key, by reloads of one router after the other: at no step does
/// the backup miss the master.
#[test]
fn signatures_and_keys_come_without_a_failover() {
    let daemons = [Daemon::Kad, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let plain = "version 3\n advert_int 0.5".to_owned();
    let mode = |mode: &str, keys: &str| signed(&format!("{keys} mode {mode}"));
    let both = |active: u8| signed(&format!("{}{} active_key {active}", key(1), key(2)));
    let steps = [
        mode("receive-only", &key(1)),
        mode("permissive", &key(1)),
        mode("enforce", &key(1)),
        both(1),
        both(2),
        signed(&key(2)),
    ];
    lab.start(1, &config(1, 150, false, &plain));
    lab.start(2, &config(2, 100, false, &plain));
    lab.wait_for_master(1, ADDRESS, LIMIT);
    lab.wait_for_holder(1, ADDRESS);
    let settled = clock::now();
    for step in steps {
        for (number, priority) in [(2, 100), (1, 150)] {
            lab.reload(number, &config(number, priority, false, &step));
            // More than a Master_Down_Interval.
            lab.watch(Duration::from_secs(3));
        }
    }
    assert_eq!(
        lab.adverts(2, settled),
        [],
        "the backup never missed the master\n{}",
        lab.story()
    );
    let last = record(&lab.client, Protocol::Vrrp);
    let (_, signature) = HmacTrailer::split(&last.payload, Family::Ipv4).unwrap();
    assert_eq!(signature.map(|signature| signature.key()), Some(2));
    // It is not that nobody listens.
    lab.signal(1, Signal::SIGKILL);
    lab.wait_for_master(2, ADDRESS, LIMIT);
}

/// A key in a file of its own is read again by a reload; one that others may read is worth a warning, and no key is ever
/// shown.
#[test]
fn keys_come_from_files_and_stay_secret() {
    let daemons = [Daemon::Kad, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vrrp.key");
    std::fs::write(&path, format!("{}\n", "b".repeat(32))).unwrap();
    let mut lab = Lab::new(&daemons);
    let from_file = signed(&format!("key 1 file:{}", path.display()));
    lab.start(1, &config(1, 150, false, &from_file));
    lab.start(2, &config(2, 100, false, &signed(&key(1))));
    lab.wait_for_master(1, ADDRESS, LIMIT);
    lab.wait_for_holder(1, ADDRESS);
    let settled = clock::now();
    lab.watch(QUIET);
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    lab.wait_for_line(1, "can be read by others than its owner");
    std::fs::write(&path, "hunter2").unwrap();
    lab.signal(1, Signal::SIGHUP);
    lab.wait_for_line(1, "holds no key");
    lab.wait_for_line(1, "nothing was changed");
    let story = lab.story();
    assert!(
        !story.contains("hunter2") && !story.contains(&"b".repeat(8)),
        "{story}"
    );
}

#[test]
fn header_covers_what_keepalived_covers() {
    let daemons = [Daemon::Keepalived];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    lab.start(1, &config(1, 150, false, &header("s3cret")));
    let recording = record(&lab.client, Protocol::AuthenticationHeader);
    let packet = AhPacket::parse(&recording.payload).unwrap();
    let key = vrrp_proto::AhKey::new(*b"s3cret\0\0");
    assert!(packet.verify(&recording.header, vrrp_proto::AhTtl::AsSent, &key));
    lab.watch(SETTLE / 10);
}
