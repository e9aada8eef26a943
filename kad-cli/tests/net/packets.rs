//! From a transmitter to a receiver.

use std::net::{IpAddr, Ipv4Addr};

use kad_cli::net::{Batch, Malformed, Receiver, Transmitter};
use vrrp_proto::{Family, Ipv4Header};

use crate::lan::{Lan, index};
use crate::wire::{Capture, Heard, hear, inject, send};

#[test]
fn multicast_arrives_from_the_chosen_sources() {
    for (family, group, sources) in [
        (Family::Ipv4, V4_GROUP, ["192.0.2.1", "192.0.2.11"]),
        (Family::Ipv6, V6_GROUP, ["fe80::1", "fe80::11"]),
    ] {
        exchange(family, group, sources, true);
    }
}

#[test]
fn unicast_arrives_from_the_chosen_sources() {
    for (family, destination, sources) in [
        (Family::Ipv4, "192.0.2.2", ["192.0.2.11", "192.0.2.1"]),
        (Family::Ipv6, "fe80::2", ["fe80::11", "fe80::1"]),
    ] {
        exchange(family, destination, sources, false);
    }
}

/// Two packets in one flush, from the sources in turn.
fn exchange(family: Family, destination: &'static str, sources: [&'static str; 2], join: bool) {
    Lan::test(move |lan| {
        let mut receiver = far_receiver(lan, family, join.then_some(destination));
        let mut transmitter = near_transmitter(lan, family);
        let pdus = [b"first".as_slice(), b"and second"];
        for (source, pdu) in sources.into_iter().zip(pdus) {
            transmitter.queue(ip(source), ip(destination), pdu);
        }
        let flushed = transmitter.flush();
        assert_eq!(
            (flushed.sent, flushed.failed),
            (2, 0),
            "{:?}",
            flushed.first_error
        );
        let (heard, batch) = hear(&mut receiver, 2);
        let expected = sources.into_iter().zip(pdus).map(|(source, pdu)| Heard {
            source: ip(source),
            destination: ip(destination),
            hop_limit: 255,
            pdu: pdu.to_vec(),
        });
        assert_eq!(heard, expected.collect::<Vec<_>>());
        assert_eq!(
            batch,
            Batch {
                datagrams: 2,
                ..Batch::default()
            }
        );
    });
}

#[test]
fn nothing_to_do_is_no_error() {
    Lan::test(|lan| {
        for family in [Family::Ipv4, Family::Ipv6] {
            let mut receiver = far_receiver(lan, family, None);
            let batch = receiver.receive(|received| panic!("{received:?}")).unwrap();
            assert_eq!(batch, Batch::default());
            let flushed = near_transmitter(lan, family).flush();
            assert_eq!((flushed.sent, flushed.failed), (0, 0));
        }
    });
}

#[test]
fn a_burst_of_255_keeps_its_order() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let mut receiver = far_receiver(lan, family, Some(group));
            let mut transmitter = near_transmitter(lan, family);
            for round in 0..3 {
                for vrid in 1..=255u8 {
                    transmitter.queue(ip(source), ip(group), [round, vrid]);
                }
                assert_eq!(transmitter.flush().sent, 255);
                let (heard, batch) = hear(&mut receiver, 255);
                let vrids: Vec<_> = heard.into_iter().map(|heard| heard.pdu).collect();
                assert_eq!(
                    vrids,
                    (1..=255u8).map(|vrid| vec![round, vrid]).collect::<Vec<_>>()
                );
                assert_eq!(batch.malformed, Malformed::default());
            }
        }
    });
}

#[test]
fn more_than_the_kernel_takes_at_once_leave_together() {
    Lan::test(|lan| {
        let mut receiver = far_receiver(lan, Family::Ipv4, None);
        let mut transmitter = near_transmitter(lan, Family::Ipv4);
        for number in 0..1500u16 {
            transmitter.queue(ip("192.0.2.1"), ip("192.0.2.2"), number.to_be_bytes());
        }
        assert_eq!(transmitter.flush().sent, 1500);
        let (heard, _) = hear(&mut receiver, 1500);
        // Those that a small receive buffer could not hold are the last.
        let expected = (0..1500u16)
            .map(|number| number.to_be_bytes().to_vec())
            .take(heard.len());
        assert!(heard.into_iter().map(|heard| heard.pdu).eq(expected));
    });
}

#[test]
fn own_multicast_does_not_come_back() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let mut receiver = lan.near(|| open_receiver("near", family, Some(group)));
            let mut transmitter = near_transmitter(lan, family);
            transmitter.queue(ip(source), ip(group), b"own");
            assert_eq!(transmitter.flush().sent, 1);
            let mut other = lan
                .far(|| Transmitter::open("far", index("far"), family))
                .unwrap();
            let far_source = if family == Family::Ipv4 {
                "192.0.2.2"
            } else {
                "fe80::2"
            };
            other.queue(ip(far_source), ip(group), b"other's");
            assert_eq!(other.flush().sent, 1);
            assert_eq!(pdus(&hear(&mut receiver, 1).0), [b"other's"]);
        }
    });
}

#[test]
fn groups_are_heard_from_joining_to_leaving() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let other_group = if family == Family::Ipv4 {
                "224.0.0.99"
            } else {
                "ff02::99"
            };
            let mut receiver = far_receiver(lan, family, Some(group));
            let mut transmitter = near_transmitter(lan, family);
            let mut say = |destination: &str, text: &'static [u8]| {
                transmitter.queue(ip(source), ip(destination), text);
                assert_eq!(transmitter.flush().sent, 1);
            };
            say(other_group, b"not joined");
            say(group, b"joined");
            assert_eq!(pdus(&hear(&mut receiver, 1).0), [b"joined".as_slice()]);
            receiver.join(ip(group)).unwrap();
            receiver.leave(ip(group)).unwrap();
            receiver.join(ip(other_group)).unwrap();
            say(group, b"left");
            say(other_group, b"joined later");
            assert_eq!(pdus(&hear(&mut receiver, 1).0), [b"joined later".as_slice()]);
        }
    });
}

#[test]
fn groups_that_another_socket_joined_are_not_heard_on_ipv4() {
    Lan::test(|lan| {
        let mut receiver = far_receiver(lan, Family::Ipv4, Some(V4_GROUP));
        let mut elsewhere = far_receiver(lan, Family::Ipv4, Some("224.0.0.99"));
        let mut transmitter = near_transmitter(lan, Family::Ipv4);
        for group in ["224.0.0.99", V4_GROUP] {
            transmitter.queue(ip("192.0.2.1"), ip(group), b"12345678");
        }
        assert_eq!(transmitter.flush().sent, 2);
        for (socket, group) in [(&mut receiver, V4_GROUP), (&mut elsewhere, "224.0.0.99")] {
            let (heard, _) = hear(socket, 1);
            assert_eq!(
                heard.iter().map(|heard| heard.destination).collect::<Vec<_>>(),
                [ip(group)]
            );
        }
    });
}

#[test]
fn other_interfaces_are_not_heard() {
    Lan::test(|lan| {
        for (family, destination, source) in [
            (Family::Ipv4, "192.0.2.2", "192.0.2.1"),
            (Family::Ipv6, "fe80::2", "fe80::1"),
        ] {
            let mut loopback = lan.far(|| open_receiver("lo", family, None));
            let mut receiver = far_receiver(lan, family, None);
            let mut transmitter = near_transmitter(lan, family);
            transmitter.queue(ip(source), ip(destination), b"by the cable");
            assert_eq!(transmitter.flush().sent, 1);
            assert_eq!(hear(&mut receiver, 1).0.len(), 1);
            assert_eq!(
                loopback.receive(|received| panic!("{received:?}")).unwrap(),
                Batch::default()
            );
        }
    });
}

#[test]
fn hop_limits_are_seen_as_they_arrive() {
    Lan::test(|lan| {
        for (family, group, _) in FAMILIES {
            let mut receiver = far_receiver(lan, family, Some(group));
            for hop_limit in [1, 64, 254, 255] {
                lan.near(|| send(index("near"), ip(group), hop_limit, b"12345678"));
                let (heard, _) = hear(&mut receiver, 1);
                assert_eq!(u32::from(heard[0].hop_limit), hop_limit);
            }
        }
    });
}

#[test]
fn each_packet_can_have_a_hop_limit_of_its_own() {
    Lan::test(|lan| {
        for (family, source, destination) in [
            (Family::Ipv4, "192.0.2.1", "192.0.2.2"),
            (Family::Ipv6, "fe80::1", "fe80::2"),
        ] {
            let mut receiver = far_receiver(lan, family, None);
            let mut transmitter = near_transmitter(lan, family);
            let limits = [1, 255, 64, 254];
            for limit in limits {
                transmitter.queue_with_hop_limit(ip(source), ip(destination), limit, b"12345678");
            }
            let flushed = transmitter.flush();
            assert_eq!(flushed.sent, limits.len(), "{:?}", flushed.first_error);
            let (heard, _) = hear(&mut receiver, limits.len());
            assert_eq!(
                heard.iter().map(|heard| heard.hop_limit).collect::<Vec<_>>(),
                limits
            );
        }
    });
}

#[test]
fn without_an_interface_the_routes_decide() {
    Lan::test(|lan| {
        let family = Family::Ipv4;
        let mut receiver = lan.far(move || Receiver::open_anywhere(family)).unwrap();
        let mut transmitter = lan.near(move || Transmitter::open_anywhere(family)).unwrap();
        transmitter.queue_with_hop_limit(ip("192.0.2.1"), ip("192.0.2.2"), 64, b"12345678");
        assert_eq!(transmitter.flush().sent, 1);
        let (heard, _) = hear(&mut receiver, 1);
        assert_eq!((heard[0].source, heard[0].hop_limit), (ip("192.0.2.1"), 64));
        assert_eq!(heard[0].pdu, b"12345678");
        let source = lan.near(|| kad_cli::net::source_towards(ip("192.0.2.2")));
        assert_eq!(source.unwrap(), ip("192.0.2.1"));
        let local = |address: &'static str| lan.near(move || kad_cli::net::is_local(ip(address)));
        assert!(local("192.0.2.1") && !local("192.0.2.2"));
    });
}

#[test]
fn longest_adverts_pass_and_giants_are_counted() {
    Lan::test(|lan| {
        for (family, group, longest) in [
            (Family::Ipv4, V4_GROUP, 8 + 255 * 4 + 8),
            (Family::Ipv6, V6_GROUP, 8 + 255 * 16),
        ] {
            let mut receiver = far_receiver(lan, family, Some(group));
            lan.near(|| {
                send(index("near"), ip(group), 255, &vec![7; longest]);
                send(index("near"), ip(group), 255, &vec![8; 5_000]);
                send(index("near"), ip(group), 255, &vec![9; 60_000]);
                send(index("near"), ip(group), 255, &[10; 8]);
            });
            let (heard, batch) = hear(&mut receiver, 4);
            assert_eq!(pdus(&heard), [vec![7; longest], vec![10; 8]]);
            assert_eq!(
                batch.malformed,
                Malformed {
                    too_long: 2,
                    ..Malformed::default()
                }
            );
            assert_eq!(batch.malformed.to_string(), "2 longer than any advert");
        }
    });
}

#[test]
fn long_adverts_leave_in_one_piece_or_in_fragments() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let longest = if family == Family::Ipv4 {
                8 + 255 * 4 + 8
            } else {
                8 + 255 * 16
            };
            let mut receiver = far_receiver(lan, family, Some(group));
            let mut transmitter = near_transmitter(lan, family);
            transmitter.queue(ip(source), ip(group), vec![7; longest]);
            let flushed = transmitter.flush();
            assert_eq!(flushed.sent, 1, "{:?}", flushed.first_error);
            assert_eq!(pdus(&hear(&mut receiver, 1).0), [vec![7; longest]]);
        }
    });
}

#[test]
fn padding_is_cut_and_options_are_skipped() {
    Lan::test(|lan| {
        let mut receiver = far_receiver(lan, Family::Ipv4, Some(V4_GROUP));
        let padded = ipv4_frame(&[], b"12345678");
        // Router alert (RFC 2113).
        let with_options = ipv4_frame(&[148, 4, 0, 0], b"abcdefgh");
        lan.near(|| {
            inject("near", &padded);
            inject("near", &with_options);
        });
        let (heard, batch) = hear(&mut receiver, 2);
        assert_eq!(pdus(&heard), [b"12345678", b"abcdefgh"]);
        assert_eq!(batch.malformed, Malformed::default());
    });
}

#[test]
fn padding_behind_ipv6_is_cut() {
    Lan::test(|lan| {
        let mut receiver = far_receiver(lan, Family::Ipv6, Some(V6_GROUP));
        let mut capture = lan.far(Capture::start);
        let mut transmitter = near_transmitter(lan, Family::Ipv6);
        transmitter.queue(ip("fe80::1"), ip(V6_GROUP), b"12345678");
        assert_eq!(transmitter.flush().sent, 1);
        let mut frame = capture.take(1).remove(0);
        frame.extend([0xee; 10]);
        lan.near(|| inject("near", &frame));
        assert_eq!(pdus(&hear(&mut receiver, 2).0), [b"12345678", b"12345678"]);
    });
}

/// An Ethernet frame of at least 60 octets to [`V4_GROUP`], with rubbish as padding.
fn ipv4_frame(options: &[u8], pdu: &[u8]) -> Vec<u8> {
    let header = Ipv4Header {
        source: Ipv4Addr::new(192, 0, 2, 1),
        destination: Ipv4Addr::new(224, 0, 0, 18),
        ttl: 255,
        tos: 0xc0,
        id: 1,
        protocol: 112,
        payload_len: u16::try_from(options.len() + pdu.len()).unwrap(),
    };
    let mut ip = vec![0; Ipv4Header::LEN];
    header.emit(&mut ip);
    ip.extend(options);
    if !options.is_empty() {
        ip[0] += u8::try_from(options.len() / 4).unwrap();
        ip[10..12].fill(0);
        let sum = ip
            .chunks_exact(2)
            .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
            .sum::<u32>();
        let checksum = !u16::try_from((sum >> 16) + (sum & 0xffff)).unwrap();
        ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    }
    let ethernet = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 2, 0, 0, 0, 0, 1, 0x08, 0x00];
    let mut frame = [&ethernet, ip.as_slice(), pdu].concat();
    frame.resize(frame.len().max(60), 0xee);
    frame
}

pub(crate) fn far_receiver(lan: &Lan, family: Family, group: Option<&str>) -> Receiver {
    lan.far(|| open_receiver("far", family, group))
}

fn open_receiver(interface: &str, family: Family, group: Option<&str>) -> Receiver {
    let receiver = Receiver::open(interface, index(interface), family).unwrap();
    if let Some(group) = group {
        receiver.join(ip(group)).unwrap();
    }
    receiver
}

pub(crate) fn near_transmitter(lan: &Lan, family: Family) -> Transmitter {
    lan.near(|| Transmitter::open("near", index("near"), family))
        .unwrap()
}

pub(crate) fn pdus(heard: &[Heard]) -> Vec<&[u8]> {
    heard.iter().map(|heard| heard.pdu.as_slice()).collect()
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) const V4_GROUP: &str = "224.0.0.18";
pub(crate) const V6_GROUP: &str = "ff02::12";
/// Each family, its group, and a source on the near machine.
pub(crate) const FAMILIES: [(Family, &str, &str); 2] = [
    (Family::Ipv4, V4_GROUP, "192.0.2.1"),
    (Family::Ipv6, V6_GROUP, "fe80::1"),
];
