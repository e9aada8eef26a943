//! Octets on the wire.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

use kad_cli::net::Announcer;
use kad_cli::rtnl::{Neighbor, neighbors};
use vrrp_proto::{Family, GratuitousArp, Ipv4Header, MacAddr, UnsolicitedNa};

use crate::lan::{Lan, NEAR_MAC, index};
use crate::packets::{V4_GROUP, V6_GROUP, ip, near_transmitter};
use crate::wire::Capture;

#[test]
fn ipv4_adverts_bring_their_own_header() {
    Lan::test(|lan| {
        let mut capture = lan.far(Capture::start);
        let mut transmitter = near_transmitter(lan, Family::Ipv4);
        for _ in 0..2 {
            transmitter.queue(ip("192.0.2.11"), ip(V4_GROUP), b"12345678");
        }
        assert_eq!(transmitter.flush().sent, 2);
        for (frame, id) in capture.take(2).into_iter().zip(1..) {
            let mut expected = vec![
                0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, // to the group's Ethernet address
                0x02, 0x00, 0x00, 0x00, 0x00, 0x01, // from the interface's own
                0x08, 0x00,
            ];
            let header = Ipv4Header {
                source: "192.0.2.11".parse().unwrap(),
                destination: V4_GROUP.parse().unwrap(),
                ttl: 255,
                tos: 0xc0,
                id,
                protocol: 112,
                payload_len: 8,
            };
            let mut octets = [0; Ipv4Header::LEN];
            header.emit(&mut octets);
            expected.extend(octets);
            expected.extend(b"12345678");
            assert_eq!(frame, expected);
        }
    });
}

#[test]
fn ipv4_identification_is_never_zero() {
    Lan::test(|lan| {
        let mut transmitter = near_transmitter(lan, Family::Ipv4);
        let mut capture = None;
        for number in 0..65_540u32 {
            if number == 65_530 {
                capture = Some(lan.far(Capture::start));
            }
            transmitter.queue(ip("192.0.2.1"), ip(V4_GROUP), b"12345678");
            assert_eq!(transmitter.flush().sent, 1);
        }
        let frames = capture.unwrap().take(10);
        let ids = frames
            .iter()
            .map(|frame| u16::from_be_bytes([frame[18], frame[19]]));
        assert_eq!(
            ids.collect::<Vec<_>>(),
            [65_531, 65_532, 65_533, 65_534, 65_535, 1, 2, 3, 4, 5]
        );
    });
}

#[test]
fn ipv6_adverts_have_the_header_that_the_kernel_was_asked_for() {
    Lan::test(|lan| {
        let mut capture = lan.far(Capture::start);
        let mut transmitter = near_transmitter(lan, Family::Ipv6);
        transmitter.queue(ip("fe80::11"), ip(V6_GROUP), b"12345678");
        assert_eq!(transmitter.flush().sent, 1);
        let mut frame = capture.take(1).remove(0);
        // The flow label is the kernel's choice.
        frame[15] &= 0xf0;
        frame[16..18].fill(0);
        let expected = [
            &[0x33, 0x33, 0x00, 0x00, 0x00, 0x12], // to the group's Ethernet address
            &[0x02, 0x00, 0x00, 0x00, 0x00, 0x01], // from the interface's own
            [0x86, 0xdd, 0x6c, 0x00, 0x00, 0x00].as_slice(), // version 6, traffic class 0xc0
            &[0x00, 0x08, 112, 255],
            &"fe80::11".parse::<Ipv6Addr>().unwrap().octets(),
            &"ff02::12".parse::<Ipv6Addr>().unwrap().octets(),
            b"12345678",
        ];
        assert_eq!(frame, expected.concat());
    });
}

#[test]
fn announcements_are_what_the_codec_says() {
    Lan::test(|lan| {
        let mut capture = lan.far(Capture::start);
        let mut announcer = lan.near(Announcer::open).unwrap();
        let near = lan.near(|| index("near"));
        let mut expected = Vec::new();
        for last in 1..=3 {
            let mac = MacAddr([0x00, 0x00, 0x5e, 0x00, 0x01, last]);
            let (v4, v6) = (format!("192.0.2.{}", 100 + last), format!("2001:db8::{last}"));
            announcer.queue(near, mac, ip(&v4), false);
            let mut arp = vec![0; GratuitousArp::LEN];
            GratuitousArp {
                sender: mac,
                address: v4.parse().unwrap(),
            }
            .emit(&mut arp);
            let router = last == 2;
            announcer.queue(near, mac, ip(&v6), router);
            let mut na = vec![0; UnsolicitedNa::LEN];
            UnsolicitedNa {
                sender: mac,
                address: v6.parse().unwrap(),
                router,
            }
            .emit(&mut na);
            expected.extend([arp, na]);
        }
        let flushed = announcer.flush();
        assert_eq!(
            (flushed.sent, flushed.failed),
            (6, 0),
            "{:?}",
            flushed.first_error
        );
        assert_eq!(capture.take(6), expected);
        assert_eq!(announcer.flush().sent, 0);
    });
}

#[test]
fn neighbours_learn_from_announcements() {
    Lan::test(|lan| {
        let addresses = ["192.0.2.100", "fe80::100"];
        // Nobody learns of addresses that are none of his business.
        lan.far(|| addresses.map(ask_for));
        let mut announcer = lan.near(Announcer::open).unwrap();
        let near = lan.near(|| index("near"));
        for mac in [NEAR_MAC, MacAddr([0x00, 0x00, 0x5e, 0x00, 0x01, 0x33])] {
            for address in addresses {
                announcer.queue(near, mac, ip(address), false);
            }
            assert_eq!(announcer.flush().sent, 2);
            for address in addresses {
                assert_eq!(
                    lan.far(|| neighbor(ip(address))).unwrap().mac,
                    Some(mac),
                    "{address}"
                );
            }
        }
    });
}

/// Sends something to an address of the link, whoever has it.
fn ask_for(address: &str) {
    let (own, to) = match ip(address) {
        IpAddr::V4(address) => ("0.0.0.0", SocketAddr::from((address, 9))),
        IpAddr::V6(address) => ("::", SocketAddrV6::new(address, 9, 0, index("far")).into()),
    };
    let socket = UdpSocket::bind((own, 0)).unwrap();
    socket.send_to(b"?", to).unwrap();
}

fn neighbor(address: IpAddr) -> Option<Neighbor> {
    neighbors()
        .unwrap()
        .into_iter()
        .find(|neighbor| neighbor.address == address)
}
