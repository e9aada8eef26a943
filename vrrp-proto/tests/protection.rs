//! Authenticated adverts: frames that keepalived sent, and what holds for all.
#![cfg(feature = "authentication")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod common;

use std::net::{IpAddr, Ipv4Addr};

use common::{advert, context, emitted, hex, ip};
use proptest::collection::vec;
use proptest::prelude::*;
use vrrp_proto::{
    Addresses, Advertisement, AhError, AhKey, AhPacket, AhTtl, Authentication, Family, HmacKey, HmacTrailer,
    Ipv4Header, Ipv4Packet, ParseError, Stamp, TrailerError, Version,
};

const ADDRESSES: Addresses<'static> = Addresses::V4(&[[10, 0, 0, 100], [10, 0, 0, 101]]);

/// The message inside an authentication header: type 2, and no data.
fn version_2() -> Advertisement<'static> {
    let header = Authentication::from_wire(2, [0; 8]);
    advert(Version::V2, 100, header, ADDRESSES)
}

fn secret() -> AhKey {
    AhKey::new(*b"secret\0\0")
}

/// An IPv4 packet with an authentication header: read, verified, and written again.
fn check_ah(packet: &[u8], ttl: AhTtl, sequence: u32) {
    let ipv4 = Ipv4Packet::parse(packet).unwrap();
    let header = ipv4.header();
    assert_eq!(header.protocol, AhPacket::PROTOCOL);
    let ah = AhPacket::parse(ipv4.payload()).unwrap();
    assert_eq!(ah.sequence(), sequence);
    let (source, destination) = (header.source.to_string(), header.destination.to_string());
    let context = context(&source, &destination);
    assert_eq!(Advertisement::parse(ah.message(), &context), Ok(version_2()));
    assert!(ah.verify(&header, ttl, &secret()));
    assert!(!ah.verify(&header, ttl, &AhKey::new(*b"secrets\0")));
    let other = match ttl {
        AhTtl::Zeroed => AhTtl::AsSent,
        AhTtl::AsSent => AhTtl::Zeroed,
    };
    assert!(!ah.verify(&header, other, &secret()));

    let written = emitted(usize::from(header.payload_len), |buffer| {
        let payload = &mut buffer[..usize::from(header.payload_len)];
        version_2().emit(&context, &mut payload[AhPacket::LEN..]);
        AhPacket::emit(payload, &header, ttl, sequence, &secret());
    });
    assert_eq!(written, ipv4.payload());
}

#[test]
fn header_in_multicast() {
    let first = hex(&[
        // IPv4: no options, control, 68 octets, id 1, no fragment, TTL 255, AH, checksum; 10.0.0.1 to 224.0.0.18.
        "45 c0 0044 0001 0000 ff 33 d0b2 0a000001 e0000012",
        // AH: VRRP follows, 6 words, reserved, SPI 10.0.0.1, sequence 1, check value over a TTL of 255.
        "70 04 0000 0a000001 00000001 1d1fb3ea7caf61620c9b0f16",
        // Version 2, VRID 51, priority 254, two addresses, type 2, one second, checksum, addresses, no data.
        "21 33 fe 02 02 01 c9ff 0a000064 0a000065 0000000000000000",
    ]);
    check_ah(&first, AhTtl::AsSent, 1);
    let second = hex(&[
        // The same with id 2, sequence 2.
        "45 c0 0044 0002 0000 ff 33 d0b1 0a000001 e0000012",
        "70 04 0000 0a000001 00000002 2b5ea3a2f5458fc12c1dbf53",
        "21 33 fe 02 02 01 c9ff 0a000064 0a000065 0000000000000000",
    ]);
    check_ah(&second, AhTtl::AsSent, 2);
}

#[test]
fn header_in_unicast() {
    let packet = hex(&[
        // The same to 10.0.0.2.
        "45 c0 0044 0001 0000 ff 33 a6c3 0a000001 0a000002",
        // The check value is over a TTL of 0.
        "70 04 0000 0a000001 00000001 a9b472473b2f84da1d4d203c",
        "21 33 fe 02 02 01 c9ff 0a000064 0a000065 0000000000000000",
    ]);
    check_ah(&packet, AhTtl::Zeroed, 1);
}

#[test]
fn what_is_no_header() {
    for len in 0..AhPacket::LEN {
        assert_eq!(
            AhPacket::parse(&[0x70; 24][..len]),
            Err(AhError::Truncated { len })
        );
    }
    let mut payload = [0; 24];
    assert_eq!(AhPacket::parse(&payload), Err(AhError::NextHeader(0)));
    payload[0] = 112;
    payload[1] = 5;
    assert_eq!(AhPacket::parse(&payload), Err(AhError::Length(5)));
}

/// Octets 00 to 1f.
fn counting() -> HmacKey {
    let octets: Vec<u8> = (0..32).collect();
    HmacKey::new(&octets).unwrap()
}

#[test]
fn signature_behind_version_3() {
    let message = hex(&[
        // Version 3, VRID 51, priority 254, two addresses, 100 cs, checksum of the message alone, addresses.
        "31 33 fe 02 0064 d108 0a000064 0a000065",
    ]);
    let trailer = hex(&[
        // Type 1, key 1, reserved; seconds, 1/65536 s, counter; code.
        "01 01 0000 6b02b429 9414 0000 3cb649dd4b109f2c8c72fdae9429c851",
    ]);
    let pdu = [message.clone(), trailer.clone()].concat();
    let expected = advert(Version::V3, 100, Authentication::None, ADDRESSES);
    let context = context("10.0.0.1", "224.0.0.18");

    let (found, signature) = HmacTrailer::split(&pdu, Family::Ipv4).unwrap();
    let signature = signature.unwrap();
    assert_eq!(Advertisement::parse(found, &context), Ok(expected));
    let stamp = Stamp::from_bits(0x6b02_b429_9414_0000);
    assert_eq!((signature.key(), signature.stamp()), (1, stamp));
    assert!(signature.verify(found, ip("10.0.0.1"), &counting()));
    assert!(!signature.verify(found, ip("10.0.0.2"), &counting()));
    assert!(!signature.verify(found, ip("10.0.0.1"), &HmacKey::new(&[0; 32]).unwrap()));

    assert_eq!(Advertisement::parse_signed(&pdu, &context), Ok(expected));
    let mut written = pdu.clone();
    written[message.len()..].fill(0xa5);
    signature.emit_behind(&mut written, Family::Ipv4);
    assert_eq!(written, pdu);

    let made = HmacTrailer::sign(&message, ip("10.0.0.1"), 1, &counting(), stamp);
    assert_eq!(made, signature);
    let mut octets = [0xa5; HmacTrailer::LEN];
    made.emit(&mut octets);
    assert_eq!(octets[..], trailer);
}

/// The checksum of IPv6 is the kernel's, and that of IPv4 depends on the peer.
#[test]
fn the_checksum_is_not_signed() {
    let message = hex(&["31 33 fe 01 0064 d108 0a000064"]);
    let source = ip("10.0.0.1");
    let signature = HmacTrailer::sign(&message, source, 1, &counting(), Stamp::default());
    for place in 0..message.len() {
        let mut changed = message.clone();
        changed[place] ^= 0x10;
        let is_checksum = (6..8).contains(&place);
        assert_eq!(
            signature.verify(&changed, source, &counting()),
            is_checksum,
            "octet {place}"
        );
    }
    assert!(!signature.verify(&message[..7], source, &counting()));
}

#[test]
fn what_is_no_trailer() {
    let message = hex(&["31 33 fe 01 0064 0000 0a000064"]);
    let unsigned = |pdu: &[u8]| HmacTrailer::split(pdu, Family::Ipv4) == Ok((pdu, None));
    assert!(unsigned(&message));
    assert!(unsigned(&message[..9]));
    assert!(unsigned(&[]));
    let with = |trailer: &[u8]| [&message, trailer].concat();
    for len in [1, 27, 29] {
        assert!(unsigned(&with(&vec![1; len])));
    }
    let split = |trailer: [u8; 28]| HmacTrailer::split(&with(&trailer), Family::Ipv4).map(|(_, found)| found);
    let mut trailer = [0; 28];
    assert_eq!(split(trailer), Err(TrailerError::Type(0)));
    (trailer[0], trailer[3]) = (1, 1);
    assert_eq!(split(trailer), Err(TrailerError::Reserved(1)));
}

/// Without `auth_hmac` a trailer is too much.
#[test]
fn a_trailer_is_no_padding() {
    let advert = advert(Version::V3, 100, Authentication::None, ADDRESSES);
    let context = context("10.0.0.1", "224.0.0.18");
    let mut pdu = emitted(advert.buffer_len(), |buffer| advert.emit(&context, buffer));
    let expected = pdu.len();
    pdu.extend([1; HmacTrailer::LEN]);
    let len = pdu.len();
    assert_eq!(
        Advertisement::parse(&pdu, &context),
        Err(ParseError::TrailingData { len, expected })
    );
}

fn ipv4_header() -> impl Strategy<Value = Ipv4Header> {
    (any::<[u8; 4]>(), any::<[u8; 4]>(), any::<[u8; 2]>(), any::<u16>()).prop_map(
        |(source, destination, [ttl, tos], id)| Ipv4Header {
            source: source.into(),
            destination: destination.into(),
            ttl,
            tos,
            id,
            protocol: AhPacket::PROTOCOL,
            payload_len: 0,
        },
    )
}

/// A kernel that makes or verifies the checksum of IPv6 (RFC 3542 section 3.1) knows of no trailer.
#[test]
fn over_ipv6_the_checksum_covers_the_trailer() {
    let addresses = Addresses::V6(&[[0xfe; 16], [0x20; 16]]);
    let expected = advert(Version::V3, 100, Authentication::None, addresses);
    let context = context("fe80::1", "ff02::12");
    let mut pdu = vec![0; expected.buffer_len() + HmacTrailer::LEN];
    expected.emit(&context, &mut pdu);
    let stamp = Stamp::from_bits(0x6b02_b429_9414_0000);
    let message = &pdu[..expected.buffer_len()];
    let signature = HmacTrailer::sign(message, context.source, 1, &counting(), stamp);
    signature.emit_behind(&mut pdu, Family::Ipv6);

    let len = pdu.len().try_into().unwrap();
    let pseudo = common::pseudo_header(context.source, context.destination, 112, len);
    assert_eq!(common::checksum(&[&pseudo, &pdu]), 0);
    assert_eq!(Advertisement::parse_signed(&pdu, &context), Ok(expected));
    let (message, found) = HmacTrailer::split(&pdu, Family::Ipv6).unwrap();
    assert!(found.unwrap().verify(message, context.source, &counting()));
    *pdu.last_mut().unwrap() ^= 1;
    assert!(matches!(
        Advertisement::parse_signed(&pdu, &context),
        Err(ParseError::Checksum { .. })
    ));
    for len in 0..HmacTrailer::LEN + 8 {
        let truncated = Advertisement::parse_signed(&pdu[..len], &context);
        assert!(matches!(truncated, Err(ParseError::Truncated { .. })), "{len}");
    }
}

proptest! {
    /// Every bit of the payload and every field of the IP header that may not change is covered.
    #[test]
    fn a_header_covers_everything(
        message in vec(any::<u8>(), 0..64),
        mut ip in ipv4_header(),
        as_sent: bool,
        sequence: u32,
        key: [u8; 8],
        place in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let ttl = if as_sent { AhTtl::AsSent } else { AhTtl::Zeroed };
        let key = AhKey::new(key);
        let mut payload = vec![0xa5; AhPacket::LEN];
        payload.extend(&message);
        ip.payload_len = payload.len().try_into().unwrap();
        AhPacket::emit(&mut payload, &ip, ttl, sequence, &key);
        let read = AhPacket::parse(&payload).unwrap();
        prop_assert_eq!((read.sequence(), read.message()), (sequence, &message[..]));
        prop_assert!(read.verify(&ip, ttl, &key));
        let holds = |ip: Ipv4Header| read.verify(&ip, ttl, &key);
        let routed = Ipv4Header { ttl: ip.ttl.wrapping_sub(1), ..ip };
        let from_another = Ipv4Header { source: Ipv4Addr::from(u32::from(ip.source) ^ 1), ..ip };
        let (remarked, another) = (Ipv4Header { tos: !ip.tos, ..ip }, Ipv4Header { id: !ip.id, ..ip });
        prop_assert!(holds(remarked));
        prop_assert_eq!(holds(routed), !as_sent);
        prop_assert!(!holds(from_another) && !holds(another));

        let place = place.index(payload.len());
        payload[place] ^= 1_u8 << bit;
        let verified = AhPacket::parse(&payload).map(|changed| changed.verify(&ip, ttl, &key));
        prop_assert_ne!(verified, Ok(true));
    }

    #[test]
    fn a_signature_survives_the_wire(
        addresses in vec(any::<[u8; 16]>(), 0..20),
        source: [u8; 16],
        id: u8,
        key in vec(any::<u8>(), 32..=64),
        stamp: u64,
        place in any::<prop::sample::Index>(),
    ) {
        let (source, key) = (IpAddr::from(source), HmacKey::new(&key).unwrap());
        let advert = advert(Version::V3, 100, Authentication::None, Addresses::V6(&addresses));
        let context = context(&source.to_string(), "ff02::12");
        let message = emitted(advert.buffer_len(), |buffer| advert.emit(&context, buffer));
        let signature = HmacTrailer::sign(&message, source, id, &key, Stamp::from_bits(stamp));
        let mut trailer = [0xa5; HmacTrailer::LEN];
        signature.emit(&mut trailer);
        let mut pdu = [&message[..], &trailer].concat();
        let (found, read) = HmacTrailer::split(&pdu, Family::Ipv6).unwrap();
        prop_assert_eq!((found, read), (&message[..], Some(signature)));
        prop_assert!(signature.verify(found, source, &key));

        let place = message.len() + place.index(HmacTrailer::LEN);
        pdu[place] ^= 0x01;
        let changed = HmacTrailer::split(&pdu, Family::Ipv6);
        let verified = changed.map(|(found, read)| read.unwrap().verify(found, source, &key));
        prop_assert_ne!(verified, Ok(true));
    }

    #[test]
    fn any_octets_are_read_without_a_panic(octets in vec(any::<u8>(), 0..80), mut ip in ipv4_header()) {
        ip.payload_len = 60;
        if let Ok(packet) = AhPacket::parse(&octets) {
            prop_assert!(!packet.verify(&ip, AhTtl::AsSent, &secret()));
        }
        for family in [Family::Ipv4, Family::Ipv6] {
            if let Ok((message, Some(signature))) = HmacTrailer::split(&octets, family) {
                prop_assert_eq!(message.len() + HmacTrailer::LEN, octets.len());
                prop_assert!(!signature.verify(message, common::ip("10.0.0.1"), &counting()));
            }
        }
    }
}
