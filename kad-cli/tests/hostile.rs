//! A million malformed and hostile packets against a running master and a running backup.
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
use kad_cli::net::{Flushed, Transmitter};
use socket2::{Domain, Protocol, Socket, Type};
use support::{Daemon, Lab, can_run, v4};
use vrrp_engine::Time;
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, Family, Ipv4Header, Priority,
    V3Checksum, Version, Vrid,
};

const VIP: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 100));
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
const LIMIT: Duration = Duration::from_secs(15);
/// Long enough that a busy machine is no excuse.
const INTERVAL: Duration = Duration::from_secs(1);

fn config(priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 1\n \
         priority {priority}\n virtual_ipaddress {{\n 10.0.0.100/24\n }}\n}}\n"
    )
}

/// A running pair: r1 is master.
fn pair() -> Lab {
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    lab.start(1, &config(150));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.start(2, &config(100));
    lab.watch(INTERVAL);
    lab
}

#[test]
fn million_packets_change_nothing() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = pair();
    // The first flood makes room for whatever is needed; the memory is compared after it.
    let client = lab.client.clone();
    flood(&client, 50_000);
    lab.watch(Duration::from_millis(500));
    let memory = |lab: &Lab| [1, 2].map(|number| resident(lab, number));
    let before = memory(&lab);
    let said_before = [1, 2].map(|number| lab.lines(number).len());
    let begun = clock::now();
    let attack = std::thread::spawn(move || flood(&client, 1_000_000));
    while !attack.is_finished() {
        lab.watch(Duration::from_millis(200));
    }
    let lasted = clock::now() - begun;
    attack.join().unwrap();
    lab.watch(Duration::from_millis(500));

    let sent: Vec<Time> = lab.adverts(1, begun).into_iter().map(|(at, _)| at).collect();
    let due = lasted.as_millis() / INTERVAL.as_millis();
    assert!(
        sent.len() as u128 + 2 >= due,
        "{} adverts of {due} due",
        sent.len()
    );
    let widest = sent.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(widest < INTERVAL * 3, "a gap of {widest:?}");
    let own = |number: usize| -> Vec<_> {
        // The attacker sends as r1 and r2 too, but by another port.
        lab.adverts(number, begun)
    };
    assert_eq!(own(2), [], "a backup that took over for nothing");
    assert_eq!(lab.holders(VIP), [1]);
    assert!(own(1).iter().all(|(_, priority)| *priority == Priority::new(150)));

    for (number, (before, after)) in (1..).zip(before.into_iter().zip(memory(&lab))) {
        assert!(
            after <= before + 2048,
            "r{number}: {before} KiB before, {after} KiB after"
        );
        let said = lab.lines(number).len() - said_before[number - 1];
        // Fewer than twenty kinds, one line of a kind each second.
        let most = 20 * (usize::try_from(lasted.as_secs()).unwrap() + 2);
        assert!(said <= most, "r{number} wrote {said} lines in {lasted:?}");
        // They did arrive, and were counted by kind.
        for reason in ["wrong checksum", "time to live 254", "version", "more like it"] {
            assert!(
                lab.lines(number).iter().any(|line| line.contains(reason)),
                "{reason}\n{}",
                lab.story()
            );
        }
    }
}

/// One bad packet in each half interval is what silences keepalived.
#[test]
fn bad_packets_do_not_silence_a_master() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = pair();
    let begun = clock::now();
    let client = lab.client.clone();
    let attack = std::thread::spawn(move || {
        client.run(|| {
            let socket = raw_socket();
            let mut packet = advert(v4_of(7), 150, AdvertInterval::from_centis(10).unwrap());
            let last = packet.len() - 1;
            packet[last] ^= 0xff;
            for _ in 0..15 {
                send(&socket, &packet);
                std::thread::sleep(INTERVAL * 2 / 5);
            }
        });
    });
    lab.watch(INTERVAL * 6);
    attack.join().unwrap();
    let sent = lab.adverts(1, begun).len();
    assert!(sent >= 5, "{sent} adverts of 6 due");
    assert_eq!(lab.adverts(2, begun), []);
}

/// Adverts of lower priority are answered, but not each of them.
#[test]
fn lower_priority_flood_is_answered_at_most_once_an_interval() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = pair();
    let begun = clock::now();
    let client = lab.client.clone();
    let attack = std::thread::spawn(move || {
        client.run(|| {
            let socket = raw_socket();
            let packet = advert(v4_of(7), 50, AdvertInterval::from_centis(10).unwrap());
            let end = Instant::now() + Duration::from_secs(3);
            while Instant::now() < end {
                send(&socket, &packet);
                std::thread::sleep(Duration::from_micros(200));
            }
        });
    });
    lab.watch(Duration::from_secs(3));
    attack.join().unwrap();
    let sent = lab.adverts(1, begun).len();
    assert!(sent <= 2 * 5, "{sent} adverts in 3 intervals");
    let frames = lab.seen.iter().filter(|event| {
        event.at >= begun && matches!(&event.what, What::Announcement { node, .. } if node == "r1")
    });
    // A burst a second, and the second burst of becoming master or of a conflict.
    assert!(frames.count() <= 5 * 8, "announcements without end");
    assert_eq!(lab.holders(VIP), [1]);
}

/// Sends `count` packets of every bad kind, at some 50 000 a second.
fn flood(client: &Node, count: u32) {
    client.run(move || {
        let index = kad_cli::rtnl::snapshot().unwrap();
        let index = index.links.iter().find(|link| link.name == "eth0").unwrap().index;
        let mut adverts = Transmitter::open("eth0", index, Family::Ipv4).unwrap();
        let raw = raw_socket();
        let mut random = Random(0x5eed);
        let begun = Instant::now();
        for batch in 0..count / BATCH {
            for number in 0..BATCH {
                let packet = hostile(&mut random, batch * BATCH + number);
                match packet {
                    // Whole packets, header included, by a raw socket.
                    Packet::Whole(bytes) => send(&raw, &bytes),
                    // Messages with a proper header, many in one call.
                    Packet::Message(source, bytes) => adverts.queue(source, GROUP.into(), bytes),
                }
            }
            let _: Flushed = adverts.flush();
            let due = Duration::from_micros(u64::from((batch + 1) * BATCH) * 20);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    });
}

enum Packet {
    Whole(Vec<u8>),
    Message(IpAddr, Vec<u8>),
}

/// No two in a row are wrong in the same way.
fn hostile(random: &mut Random, number: u32) -> Packet {
    let interval = AdvertInterval::from_centis(10).unwrap();
    // Of the master's own priority and more: what a takeover would need.
    let mut bytes = advert(v4_of(7), 200, interval);
    let header = Ipv4Header::LEN;
    let message = bytes.split_off(header);
    let source = IpAddr::V4(v4_of(7));
    match number % 12 {
        0 => Packet::Message(source, random.bytes(64)),
        1 => {
            let mut wrong = message;
            wrong[6] ^= 0x55;
            Packet::Message(source, wrong)
        }
        // Time to live 254: routed here.
        2 => {
            let header = ipv4(v4_of(7), message.len(), 254);
            Packet::Whole([header, message].concat())
        }
        3 => Packet::Message(source, changed(message, 0, 0x41)),
        4 => Packet::Message(source, changed(message, 0, 0x32)),
        5 => Packet::Message(source, changed(message, 1, 0)),
        6 => Packet::Message(source, message[..random.below(message.len())].to_vec()),
        7 => Packet::Message(source, [message, random.bytes(900)].concat()),
        8 => Packet::Message(source, v2(200)),
        // Priority 0 in the master's name, but with a wrong checksum.
        9 => Packet::Message(v4(1), changed(message, 2, 0)),
        10 => Packet::Message(source, changed(message, 3, 255)),
        _ => Packet::Message(source, other_router(random)),
    }
}

fn changed(mut message: Vec<u8>, at: usize, to: u8) -> Vec<u8> {
    message[at] = to;
    message
}

/// A whole advert of version 3 that only its content could be wrong about.
fn advert(source: Ipv4Addr, priority: u8, interval: AdvertInterval) -> Vec<u8> {
    let context = Context {
        source: source.into(),
        destination: GROUP.into(),
        checksum: V3Checksum::PseudoHeader,
    };
    let addresses = [[10, 0, 0, 100]];
    let message = message(
        Version::V3,
        51,
        priority,
        interval,
        Addresses::V4(&addresses),
        &context,
    );
    [ipv4(source, message.len(), 255), message].concat()
}

fn v2(priority: u8) -> Vec<u8> {
    let context = Context {
        source: v4(7),
        destination: GROUP.into(),
        checksum: V3Checksum::PseudoHeader,
    };
    let addresses = [[10, 0, 0, 100]];
    message(
        Version::V2,
        51,
        priority,
        AdvertInterval::DEFAULT,
        Addresses::V4(&addresses),
        &context,
    )
}

/// Somebody else's virtual router.
fn other_router(random: &mut Random) -> Vec<u8> {
    let context = Context {
        source: v4(7),
        destination: GROUP.into(),
        checksum: V3Checksum::PseudoHeader,
    };
    let vrid = 52 + u8::try_from(random.below(200)).unwrap();
    message(
        Version::V3,
        vrid,
        200,
        AdvertInterval::DEFAULT,
        Addresses::V4(&[]),
        &context,
    )
}

fn message(
    version: Version,
    vrid: u8,
    priority: u8,
    interval: AdvertInterval,
    addresses: Addresses<'_>,
    context: &Context,
) -> Vec<u8> {
    let (vrid, priority) = (Vrid::new(vrid).unwrap(), Priority::new(priority));
    let advert =
        Advertisement::new(version, vrid, priority, interval, Authentication::None, addresses).unwrap();
    let mut bytes = vec![0; advert.buffer_len()];
    advert.emit(context, &mut bytes);
    bytes
}

fn ipv4(source: Ipv4Addr, len: usize, ttl: u8) -> Vec<u8> {
    let header = Ipv4Header {
        source,
        destination: GROUP,
        ttl,
        tos: Ipv4Header::TOS_CONTROL,
        id: 1,
        protocol: vrrp_proto::PROTOCOL,
        payload_len: u16::try_from(len).unwrap(),
    };
    let mut bytes = vec![0; Ipv4Header::LEN];
    header.emit(&mut bytes);
    bytes
}

fn v4_of(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, number)
}

fn raw_socket() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(255))).unwrap();
    socket.bind_device(Some(b"eth0")).unwrap();
    socket.set_multicast_if_v4(&v4_of(99)).unwrap();
    socket
}

fn send(socket: &Socket, packet: &[u8]) {
    let to = std::net::SocketAddr::new(GROUP.into(), 0);
    // A full queue drops; that is no news to a flood.
    let _ = socket.send_to(packet, &to.into());
}

/// Resident memory in KiB.
fn resident(lab: &Lab, number: usize) -> u64 {
    let process = lab.router(number).process.as_ref().unwrap().id();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// splitmix64: the same packets each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

const BATCH: u32 = 100;
