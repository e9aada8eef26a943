//! Frames that keepalived sent, and the values they carry: parse yields the values, emit yields the octets.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod common;

use common::{advert, context, emitted, hex, ip, with_priority};
use std::net::IpAddr;
use vrrp_proto::{
    Addresses, Advertisement, Authentication, Context, GratuitousArp, Ipv4Header, Ipv4Packet, MacAddr,
    UnsolicitedNa, V3Checksum, Version,
};

const V4: Addresses<'static> = Addresses::V4(&[[10, 0, 0, 100], [10, 0, 0, 101]]);
const V6: Addresses<'static> = Addresses::V6(&[
    [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
    [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
]);

/// Ethernet: the group's address, 02:00:00:00:00:01, IPv4.
const TO_GROUP: &str = "01005e000012 020000000001 0800";
/// Ethernet: the peer's address, 02:00:00:00:00:01, IPv4.
const TO_PEER: &str = "020000000002 020000000001 0800";

/// An IPv4 frame with an advertisement: its header, the message, both ways.
fn check_ipv4(frame: &[u8], id: u16, destination: &str, expected: Advertisement<'_>, checksum: V3Checksum) {
    let packet = Ipv4Packet::parse(&frame[14..]).unwrap();
    let (IpAddr::V4(source), IpAddr::V4(to)) = (ip("10.0.0.1"), ip(destination)) else {
        panic!("not IPv4")
    };
    let header = Ipv4Header {
        source,
        destination: to,
        ttl: 255,
        tos: Ipv4Header::TOS_CONTROL,
        id,
        protocol: vrrp_proto::PROTOCOL,
        payload_len: expected.buffer_len().try_into().unwrap(),
    };
    assert_eq!(packet.header(), header);
    assert!(packet.options().is_empty());
    let context = Context {
        source: source.into(),
        destination: to.into(),
        checksum,
    };
    assert_eq!(Advertisement::parse(packet.payload(), &context), Ok(expected));
    let mut octets = emitted(Ipv4Header::LEN, |buffer| header.emit(buffer));
    octets.extend(emitted(expected.buffer_len(), |buffer| {
        expected.emit(&context, buffer);
    }));
    assert_eq!(octets, frame[14..]);
}

#[test]
fn version_2_without_authentication() {
    let frame = hex(&[
        TO_GROUP,
        // IPv4: no options, control, 44 octets, id 1, no fragment, TTL 255, VRRP, checksum.
        "45 c0 002c 0001 0000 ff 70 d08d",
        // 10.0.0.1 to 224.0.0.18.
        "0a000001 e0000012",
        // Version 2, advertisement; VRID 51; priority 254; two addresses.
        "2 1 33 fe 02",
        // No authentication; one second; checksum.
        "00 01 cbff",
        // 10.0.0.100, 10.0.0.101.
        "0a000064 0a000065",
        // Authentication data.
        "0000000000000000",
    ]);
    let expected = advert(Version::V2, 100, Authentication::None, V4);
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::PseudoHeader);
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::Plain);
}

#[test]
fn version_2_resigning() {
    let frame = hex(&[
        TO_GROUP,
        // As above, but id 5.
        "45 c0 002c 0005 0000 ff 70 d089 0a000001 e0000012",
        // Version 2, advertisement; VRID 51; priority 0; two addresses; no authentication; one second; checksum.
        "2 1 33 00 02 00 01 ca00",
        // The addresses and no authentication data.
        "0a000064 0a000065 0000000000000000",
    ]);
    let expected = with_priority(0, Version::V2, 100, Authentication::None, V4);
    check_ipv4(&frame, 5, "224.0.0.18", expected, V3Checksum::PseudoHeader);
}

#[test]
fn version_2_with_a_password() {
    let frame = hex(&[
        TO_GROUP,
        "45 c0 002c 0001 0000 ff 70 d08d 0a000001 e0000012",
        // Version 2, advertisement; VRID 51; priority 254; two addresses; simple password; one second; checksum.
        "2 1 33 fe 02 01 01 8eb3",
        "0a000064 0a000065",
        // "secret", padded with zeros.
        "736563726574 0000",
    ]);
    let expected = advert(Version::V2, 100, Authentication::Simple(*b"secret\0\0"), V4);
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::PseudoHeader);
}

/// The IP authentication header is not this crate's yet, but the message inside is read as any other.
#[test]
fn version_2_inside_an_authentication_header() {
    let frame = hex(&[
        TO_GROUP,
        // 68 octets, authentication header.
        "45 c0 0044 0001 0000 ff 33 d0b2 0a000001 e0000012",
        // Next header VRRP; length; reserved; SPI, which is the source; sequence number 1; ICV.
        "70 04 0000 0a000001 00000001 1d1fb3ea7caf61620c9b0f16",
        // Version 2, advertisement; VRID 51; priority 254; two addresses; type 2; one second; checksum.
        "2 1 33 fe 02 02 01 c9ff",
        "0a000064 0a000065 0000000000000000",
    ]);
    let packet = Ipv4Packet::parse(&frame[14..]).unwrap();
    assert_eq!(packet.header().protocol, 51);
    let message = &packet.payload()[24..];
    let authentication = Authentication::Other {
        kind: 2,
        data: [0; 8],
    };
    let expected = advert(Version::V2, 100, authentication, V4);
    let context = context("10.0.0.1", "224.0.0.18");
    assert_eq!(Advertisement::parse(message, &context), Ok(expected));
    assert_eq!(emitted(24, |buffer| expected.emit(&context, buffer)), message);
}

#[test]
fn version_3_with_a_pseudo_header() {
    let frame = hex(&[
        TO_GROUP,
        // 36 octets.
        "45 c0 0024 0001 0000 ff 70 d095 0a000001 e0000012",
        // Version 3, advertisement; VRID 51; priority 254; two addresses.
        "3 1 33 fe 02",
        // Reserved; 50 centiseconds; checksum with pseudo-header.
        "0 032 d13a",
        "0a000064 0a000065",
    ]);
    let expected = advert(Version::V3, 50, Authentication::None, V4);
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::PseudoHeader);
    let plain = Context {
        checksum: V3Checksum::Plain,
        ..context("10.0.0.1", "224.0.0.18")
    };
    assert_eq!(
        Advertisement::parse(&frame[34..], &plain),
        Ok(expected),
        "either form is accepted"
    );
}

#[test]
fn version_3_without_a_pseudo_header() {
    let frame = hex(&[
        TO_GROUP,
        "45 c0 0024 0001 0000 ff 70 d095 0a000001 e0000012",
        // As above; the checksum is over the message alone.
        "3 1 33 fe 02 0 032 bbce",
        "0a000064 0a000065",
    ]);
    let expected = advert(Version::V3, 50, Authentication::None, V4);
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::Plain);
}

#[test]
fn version_3_resigning() {
    let frame = hex(&[
        TO_GROUP,
        // Id 11.
        "45 c0 0024 000b 0000 ff 70 d08b 0a000001 e0000012",
        // Version 3, advertisement; VRID 51; priority 0; two addresses; reserved; 50 centiseconds; checksum.
        "3 1 33 00 02 0 032 cf3b",
        "0a000064 0a000065",
    ]);
    let expected = with_priority(0, Version::V3, 50, Authentication::None, V4);
    check_ipv4(&frame, 11, "224.0.0.18", expected, V3Checksum::PseudoHeader);
}

#[test]
fn version_3_to_one_peer() {
    let frame = hex(&[
        TO_PEER,
        // 10.0.0.1 to 10.0.0.2.
        "45 c0 0024 0001 0000 ff 70 a6a6 0a000001 0a000002",
        // Version 3, advertisement; VRID 51; priority 254; two addresses; reserved; 100 centiseconds; checksum.
        "3 1 33 fe 02 0 064 a719",
        "0a000064 0a000065",
    ]);
    let expected = advert(Version::V3, 100, Authentication::None, V4);
    check_ipv4(&frame, 1, "10.0.0.2", expected, V3Checksum::PseudoHeader);
}

#[test]
fn version_3_over_ipv6() {
    let frame = hex(&[
        // Ethernet: the group's address, 02:00:00:00:00:01, IPv6.
        "333300000012 020000000001 86dd",
        // IPv6: traffic class control, a flow label; 40 octets; VRRP; hop limit 255.
        "6 c0 67083 0028 70 ff",
        // fe80::1 to ff02::12.
        "fe800000000000000000000000000001 ff020000000000000000000000000012",
        // Version 3, advertisement; VRID 51; priority 254; two addresses; reserved; 50 centiseconds; checksum.
        "3 1 33 fe 02 0 032 a42e",
        // fe80::100, 2001:db8::100.
        "fe800000000000000000000000000100 20010db8000000000000000000000100",
    ]);
    let message = &frame[54..];
    let expected = advert(Version::V3, 50, Authentication::None, V6);
    for checksum in [V3Checksum::PseudoHeader, V3Checksum::Plain] {
        let context = Context {
            checksum,
            ..context("fe80::1", "ff02::12")
        };
        assert_eq!(Advertisement::parse(message, &context), Ok(expected));
        assert_eq!(
            emitted(expected.buffer_len(), |buffer| expected.emit(&context, buffer)),
            message
        );
    }
}

/// keepalived 2.2.7's messages with one address, which are shorter than Ethernet's minimum.
#[test]
fn short_messages_with_and_without_padding() {
    let frame = hex(&[
        TO_GROUP,
        "45 c0 0020 0001 0000 ff 70 d099 0a000001 e0000012",
        // Version 3, advertisement; VRID 53; priority 254; one address; reserved; 50 centiseconds; checksum.
        "3 1 35 fe 01 0 032 db9f",
        "0a000067",
    ]);
    let context = context("10.0.0.1", "224.0.0.18");
    let bare = Advertisement::parse(&frame[34..], &context).unwrap();
    assert_eq!((bare.vrid().get(), bare.addresses().len()), (53, 1));
    let mut padded = frame.clone();
    padded.resize(60, 0);
    assert_eq!(Advertisement::parse(&padded[34..], &context), Ok(bare));
    assert_eq!(Ipv4Packet::parse(&padded[14..]), Ipv4Packet::parse(&frame[14..]));
}

/// keepalived 2.2.7 without `virtual_ipaddress`.
#[test]
fn version_2_without_addresses() {
    let frame = hex(&[
        TO_GROUP,
        // 36 octets.
        "45 c0 0024 0001 0000 ff 70 d095 0a000001 e0000012",
        // Version 2, advertisement; VRID 51; priority 254; no address; no authentication; one second; checksum.
        "2 1 33 fe 00 00 01 e0ca",
        "0000000000000000",
    ]);
    let expected = advert(Version::V2, 100, Authentication::None, Addresses::V4(&[]));
    check_ipv4(&frame, 1, "224.0.0.18", expected, V3Checksum::PseudoHeader);
}

#[test]
fn gratuitous_arp() {
    let frame = hex(&[
        // Ethernet: everybody, 02:00:00:00:00:01, ARP.
        "ffffffffffff 020000000001 0806",
        // Ethernet and IPv4, addresses of 6 and 4 octets; request.
        "0001 0800 06 04 0001",
        // Sender.
        "020000000001 0a000064",
        // Target: everybody's Ethernet address, the sender's own IPv4 address.
        "ffffffffffff 0a000064",
    ]);
    let expected = GratuitousArp {
        sender: MacAddr([2, 0, 0, 0, 0, 1]),
        address: [10, 0, 0, 100].into(),
    };
    assert_eq!(GratuitousArp::parse(&frame), Ok(expected));
    assert_eq!(expected.buffer_len(), 42);
    assert_eq!(emitted(42, |buffer| expected.emit(buffer)), frame);
}

#[test]
fn unsolicited_neighbour_advertisement() {
    let address: [&str; 2] = [
        "fe80000000000000 0000000000000100",
        "20010db800000000 0000000000000100",
    ];
    // As keepalived 2.2.7 computed them.
    let checksums = ["559d", "f72c"];
    for ((address, checksum), text) in address
        .into_iter()
        .zip(checksums)
        .zip(["fe80::100", "2001:db8::100"])
    {
        let frame = hex(&[
            // Ethernet: all nodes, 02:00:00:00:00:01, IPv6.
            "333300000001 020000000001 86dd",
            // IPv6: no traffic class, no flow label; 32 octets; ICMPv6; hop limit 255.
            "6 00 00000 0020 3a ff",
            // From the address to all nodes.
            address,
            "ff020000000000000000000000000001",
            // Neighbour advertisement, code 0, checksum; override.
            "88 00",
            checksum,
            "20000000",
            // The target.
            address,
            // Option: target link-layer address, one unit of eight octets.
            "02 01 020000000001",
        ]);
        let IpAddr::V6(address) = ip(text) else {
            panic!("not IPv6")
        };
        let expected = UnsolicitedNa {
            sender: MacAddr([2, 0, 0, 0, 0, 1]),
            address,
            router: false,
        };
        assert_eq!(UnsolicitedNa::parse(&frame), Ok(expected));
        assert_eq!(expected.buffer_len(), 86);
        assert_eq!(emitted(86, |buffer| expected.emit(buffer)), frame);
    }
}
