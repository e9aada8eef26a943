//! Every reason why a frame is no gratuitous ARP, no unsolicited neighbour advertisement, no IPv4 packet.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod common;

use common::{checksum, emitted, hex, ip, pseudo_header};
use std::net::{IpAddr, Ipv6Addr};
use vrrp_proto::{
    ArpError, GratuitousArp, Ipv4Error, Ipv4Header, Ipv4Packet, MacAddr, NaError, UnsolicitedNa,
};

const SENDER: MacAddr = MacAddr([0, 0, 0x5e, 0, 1, 51]);

/// The frame with octets replaced.
fn with(mut frame: Vec<u8>, at: usize, octets: &[u8]) -> Vec<u8> {
    frame[at..at + octets.len()].copy_from_slice(octets);
    frame
}

fn arp() -> Vec<u8> {
    let arp = GratuitousArp {
        sender: SENDER,
        address: [10, 0, 0, 100].into(),
    };
    emitted(arp.buffer_len(), |buffer| arp.emit(buffer))
}

fn arp_error(at: usize, octets: &[u8]) -> ArpError {
    GratuitousArp::parse(&with(arp(), at, octets)).expect_err("is no gratuitous ARP")
}

#[test]
fn arp_truncated() {
    for len in 0..42 {
        assert_eq!(
            GratuitousArp::parse(&arp()[..len]),
            Err(ArpError::Truncated { len, needed: 42 })
        );
    }
}

#[test]
fn arp_of_another_kind() {
    assert_eq!(arp_error(12, &[8, 0]), ArpError::EtherType(0x0800));
    assert_eq!(arp_error(0, &SENDER.0), ArpError::NotBroadcast(SENDER));
    assert_eq!(arp_error(14, &[0, 6]), ArpError::Format);
    assert_eq!(arp_error(16, &[0x86, 0xdd]), ArpError::Format);
    assert_eq!(arp_error(18, &[8]), ArpError::Format);
    assert_eq!(arp_error(19, &[16]), ArpError::Format);
    assert_eq!(arp_error(20, &[0, 2]), ArpError::Operation(2));
    let error = ArpError::NotGratuitous {
        sender: [10, 0, 0, 100].into(),
        target: [10, 0, 0, 1].into(),
    };
    assert_eq!(arp_error(38, &[10, 0, 0, 1]), error);
}

/// `arping -U` leaves zeros for the target's hardware address; switches pad.
#[test]
fn arp_of_other_programs() {
    let mut frame = with(arp(), 32, &[0; 6]);
    frame.resize(60, 0);
    assert_eq!(GratuitousArp::parse(&frame), GratuitousArp::parse(&arp()));
}

fn na() -> Vec<u8> {
    let na = UnsolicitedNa {
        sender: SENDER,
        address: "fe80::100".parse().unwrap(),
        router: true,
    };
    emitted(na.buffer_len(), |buffer| na.emit(buffer))
}

/// The frame with its checksum made right, if its lengths allow.
fn sealed(frame: Vec<u8>) -> Vec<u8> {
    let frame = with(frame, 56, &[0, 0]);
    let address = |at: usize| {
        let octets: [u8; 16] = frame[at..at + 16].try_into().unwrap();
        IpAddr::from(octets)
    };
    let pseudo_header = pseudo_header(
        address(22),
        address(38),
        58,
        u16::from_be_bytes([frame[18], frame[19]]),
    );
    let checksum = checksum(&[&pseudo_header, &frame[54..]]).to_be_bytes();
    with(frame, 56, &checksum)
}

fn na_error(at: usize, octets: &[u8]) -> NaError {
    UnsolicitedNa::parse(&sealed(with(na(), at, octets))).expect_err("is no unsolicited advertisement")
}

#[test]
fn na_truncated() {
    for len in 0..86 {
        assert_eq!(
            UnsolicitedNa::parse(&na()[..len]),
            Err(NaError::Truncated { len, needed: 86 })
        );
    }
    for payload_len in 0..24_u8 {
        let mut frame = with(na(), 19, &[payload_len]);
        frame.truncate(54 + usize::from(payload_len));
        let frame = if payload_len < 4 { frame } else { sealed(frame) };
        let len = frame.len();
        assert_eq!(
            UnsolicitedNa::parse(&frame),
            Err(NaError::Truncated { len, needed: 86 })
        );
    }
}

#[test]
fn na_of_another_kind() {
    assert_eq!(na_error(12, &[8, 0]), NaError::EtherType(0x0800));
    assert_eq!(na_error(14, &[0x40]), NaError::IpVersion(4));
    assert_eq!(na_error(20, &[17]), NaError::NextHeader(17));
    assert_eq!(na_error(21, &[254]), NaError::HopLimit(254));
    let all_routers: Ipv6Addr = "ff02::2".parse().unwrap();
    assert_eq!(
        na_error(38, &all_routers.octets()),
        NaError::NotAllNodes(all_routers)
    );
    assert_eq!(na_error(54, &[135]), NaError::Type(135));
    assert_eq!(na_error(55, &[1]), NaError::Code(1));
    assert_eq!(na_error(58, &[0x60]), NaError::Solicited);
    assert_eq!(na_error(58, &[0x80]), NaError::NotOverriding);
    let group: Ipv6Addr = "ff02::100".parse().unwrap();
    assert_eq!(na_error(62, &group.octets()), NaError::MulticastTarget(group));
}

#[test]
fn na_with_a_wrong_checksum() {
    let frame = with(na(), 85, &[52]);
    let found = u16::from_be_bytes([frame[56], frame[57]]);
    assert_eq!(UnsolicitedNa::parse(&frame), Err(NaError::Checksum { found }));
}

#[test]
fn na_with_bad_options() {
    assert_eq!(na_error(79, &[0]), NaError::Option(2));
    assert_eq!(na_error(79, &[2]), NaError::Option(2));
    assert_eq!(na_error(78, &[14]), NaError::NoLinkLayerAddress);
}

#[test]
fn na_without_options() {
    let mut frame = with(na(), 19, &[24]);
    frame.truncate(78);
    assert_eq!(
        UnsolicitedNa::parse(&sealed(frame)),
        Err(NaError::NoLinkLayerAddress)
    );
}

#[test]
fn na_with_half_an_option() {
    let mut frame = with(na(), 19, &[25]);
    frame.truncate(79);
    assert_eq!(UnsolicitedNa::parse(&sealed(frame)), Err(NaError::Option(2)));
}

/// An option that is not known, before the one that is; another source; a flow label.
#[test]
fn na_of_other_programs() {
    let mut frame = with(na(), 19, &[40]);
    frame.splice(78..78, hex(&["0e01 010203040506"]));
    let frame = with(frame, 15, &[0x0a, 0xbc, 0xde]);
    let frame = sealed(with(frame, 37, &[1]));
    assert_eq!(UnsolicitedNa::parse(&frame), UnsolicitedNa::parse(&na()));
}

#[test]
fn na_tells_routers_from_hosts() {
    assert!(UnsolicitedNa::parse(&na()).unwrap().router);
    assert!(
        !UnsolicitedNa::parse(&sealed(with(na(), 58, &[0x20])))
            .unwrap()
            .router
    );
}

/// Of 10.0.0.1 to 224.0.0.18, with four octets behind it.
fn packet() -> Vec<u8> {
    let header = Ipv4Header {
        source: [10, 0, 0, 1].into(),
        destination: [224, 0, 0, 18].into(),
        ttl: 255,
        tos: Ipv4Header::TOS_CONTROL,
        id: 0x1234,
        protocol: vrrp_proto::PROTOCOL,
        payload_len: 4,
    };
    let mut packet = emitted(Ipv4Header::LEN, |buffer| header.emit(buffer));
    packet.extend(b"vrrp");
    packet
}

/// The packet with its header's checksum made right.
fn sealed_ipv4(packet: Vec<u8>, header_len: usize) -> Vec<u8> {
    let packet = with(packet, 10, &[0, 0]);
    let checksum = checksum(&[&packet[..header_len]]).to_be_bytes();
    with(packet, 10, &checksum)
}

fn ipv4_error(at: usize, octets: &[u8]) -> Ipv4Error {
    Ipv4Packet::parse(&sealed_ipv4(with(packet(), at, octets), 20)).expect_err("is no packet")
}

#[test]
fn ipv4_truncated() {
    for len in 0..24 {
        let needed = if len < 20 { 20 } else { 24 };
        assert_eq!(
            Ipv4Packet::parse(&packet()[..len]),
            Err(Ipv4Error::Truncated { len, needed })
        );
    }
    assert_eq!(
        ipv4_error(2, &[0xff, 0xff]),
        Ipv4Error::Truncated {
            len: 24,
            needed: 65535
        }
    );
}

#[test]
fn ipv4_of_another_kind() {
    assert_eq!(ipv4_error(0, &[0x65]), Ipv4Error::Version(6));
    assert_eq!(ipv4_error(0, &[0x44]), Ipv4Error::HeaderLength(16));
    assert_eq!(ipv4_error(0, &[0x40]), Ipv4Error::HeaderLength(0));
    assert_eq!(
        ipv4_error(2, &[0, 19]),
        Ipv4Error::TotalLength {
            total: 19,
            header: 20
        }
    );
    assert_eq!(
        ipv4_error(0, &[0x4f]),
        Ipv4Error::TotalLength {
            total: 24,
            header: 60
        }
    );
    assert_eq!(ipv4_error(6, &[0x20, 0]), Ipv4Error::Fragment);
    assert_eq!(ipv4_error(6, &[0, 1]), Ipv4Error::Fragment);
}

#[test]
fn ipv4_with_a_wrong_checksum() {
    let packet = with(packet(), 8, &[254]);
    let found = u16::from_be_bytes([packet[10], packet[11]]);
    assert_eq!(Ipv4Packet::parse(&packet), Err(Ipv4Error::Checksum { found }));
}

#[test]
fn ipv4_with_options_and_padding() {
    let mut packet = packet();
    // Router alert (RFC 2113).
    packet.splice(20..20, hex(&["9404 0000"]));
    packet.resize(46, 0);
    let packet = sealed_ipv4(with(with(packet, 0, &[0x46]), 2, &[0, 28]), 24);
    let parsed = Ipv4Packet::parse(&packet).unwrap();
    assert_eq!(parsed.options(), hex(&["9404 0000"]));
    assert_eq!(parsed.payload(), b"vrrp");
    assert_eq!(IpAddr::from(parsed.header().source), ip("10.0.0.1"));
    assert_eq!((parsed.header().id, parsed.header().payload_len), (0x1234, 4));
}

#[test]
fn ipv4_that_must_not_be_fragmented_is_whole() {
    let packet = sealed_ipv4(with(packet(), 6, &[0x40, 0]), 20);
    assert_eq!(Ipv4Packet::parse(&packet).unwrap().payload(), b"vrrp");
}

#[test]
fn ipv4_without_a_payload_is_whole() {
    let packet = sealed_ipv4(with(packet(), 2, &[0, 20]), 20);
    assert_eq!(Ipv4Packet::parse(&packet).unwrap().payload(), b"");
}

#[test]
#[should_panic(expected = "a packet has 65535 octets at most")]
fn ipv4_beyond_its_length_field() {
    let header = Ipv4Packet::parse(&packet()).unwrap().header();
    Ipv4Header {
        payload_len: 65516,
        ..header
    }
    .emit(&mut [0; 20]);
}
