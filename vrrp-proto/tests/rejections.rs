//! Every reason why something is no advertisement, or cannot be one.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod common;

use common::{advert, context, emitted, hex};
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, InvalidAdvertisement, ParseError,
    Priority, V3Checksum, Version, Vrid,
};

/// Version 2, VRID 51, priority 254, two addresses, no authentication, one second.
const V2: &[&str] = &["2133fe02 0001cbff 0a000064 0a000065 0000000000000000"];
/// Version 3, VRID 51, priority 254, two addresses, 50 centiseconds.
const V3: &[&str] = &["3133fe02 0032d13a 0a000064 0a000065"];
/// Version 3, VRID 51, priority 254, two addresses, 50 centiseconds.
const V3_IPV6: &[&str] =
    &["3133fe02 0032a42e fe800000000000000000000000000100 20010db8000000000000000000000100"];

fn ipv4() -> Context {
    context("10.0.0.1", "224.0.0.18")
}

fn ipv6() -> Context {
    context("fe80::1", "ff02::12")
}

fn rejection(message: &[u8], context: &Context) -> ParseError {
    Advertisement::parse(message, context).expect_err("is no advertisement")
}

/// The message with octets replaced.
fn with(message: &[&str], at: usize, octets: &[u8]) -> Vec<u8> {
    let mut message = hex(message);
    message[at..at + octets.len()].copy_from_slice(octets);
    message
}

#[test]
fn nothing_is_rejected_without_a_change() {
    for (message, context) in [(V2, ipv4()), (V3, ipv4()), (V3_IPV6, ipv6())] {
        assert!(Advertisement::parse(&hex(message), &context).is_ok());
    }
}

#[test]
fn mixed_families() {
    for context in [context("10.0.0.1", "ff02::12"), context("fe80::1", "224.0.0.18")] {
        assert_eq!(rejection(&hex(V3), &context), ParseError::MixedFamilies);
    }
}

#[test]
fn truncated() {
    for (message, context) in [(V2, ipv4()), (V3, ipv4()), (V3_IPV6, ipv6())] {
        let message = hex(message);
        for len in 0..message.len() {
            let needed = if len < 8 { 8 } else { message.len() };
            assert_eq!(
                rejection(&message[..len], &context),
                ParseError::Truncated { len, needed }
            );
        }
    }
}

#[test]
fn version() {
    for version in (0..=15).filter(|version| ![2, 3].contains(version)) {
        let message = with(V2, 0, &[version << 4 | 1]);
        assert_eq!(rejection(&message, &ipv4()), ParseError::Version(version));
    }
}

#[test]
fn ipv6_in_version_2() {
    assert_eq!(
        rejection(&with(V3_IPV6, 0, &[0x21]), &ipv6()),
        ParseError::Ipv6InVersion2
    );
}

#[test]
fn packet_type() {
    for kind in (0..=15).filter(|kind| *kind != 1) {
        assert_eq!(
            rejection(&with(V2, 0, &[0x20 | kind]), &ipv4()),
            ParseError::Type(kind)
        );
        assert_eq!(
            rejection(&with(V3, 0, &[0x30 | kind]), &ipv4()),
            ParseError::Type(kind)
        );
    }
}

#[test]
fn trailing_data() {
    let mut message = hex(V2);
    message.resize(26, 0);
    assert!(
        Advertisement::parse(&message, &ipv4()).is_ok(),
        "Ethernet's padding"
    );
    message.push(0);
    assert_eq!(
        rejection(&message, &ipv4()),
        ParseError::TrailingData {
            len: 27,
            expected: 24
        }
    );

    let mut message = hex(V3_IPV6);
    message.push(0);
    assert_eq!(
        rejection(&message, &ipv6()),
        ParseError::TrailingData {
            len: 41,
            expected: 40
        }
    );
}

#[test]
fn checksum() {
    assert_eq!(
        rejection(&with(V2, 6, &[0xcb, 0xfe]), &ipv4()),
        ParseError::Checksum { found: 0xcbfe }
    );
    assert_eq!(
        rejection(&with(V2, 16, b"p"), &ipv4()),
        ParseError::Checksum { found: 0xcbff }
    );
    assert_eq!(
        rejection(&with(V3, 2, &[253]), &ipv4()),
        ParseError::Checksum { found: 0xd13a }
    );
    assert_eq!(
        rejection(&with(V3_IPV6, 39, &[1]), &ipv6()),
        ParseError::Checksum { found: 0xa42e }
    );
}

#[test]
fn checksum_of_other_addresses() {
    let elsewhere = context("10.0.0.9", "224.0.0.18");
    assert_eq!(
        rejection(&hex(V3), &elsewhere),
        ParseError::Checksum { found: 0xd13a }
    );
    let plain = Context {
        checksum: V3Checksum::Plain,
        ..elsewhere
    };
    assert_eq!(
        rejection(&hex(V3), &plain),
        ParseError::Checksum { found: 0xd13a }
    );
}

#[test]
fn vrid_zero() {
    // The checksum grows by what the VRID lost: 0xcbff + 0x33, 0xd13a + 0x33.
    let message = with(V2, 0, &hex(&["2100fe02 0001cc32"]));
    assert_eq!(rejection(&message, &ipv4()), ParseError::VridZero);
    let message = with(V3, 0, &hex(&["3100fe02 0032d16d"]));
    assert_eq!(rejection(&message, &ipv4()), ParseError::VridZero);
}

#[test]
fn zero_interval() {
    let message = with(V2, 0, &hex(&["2133fe02 0000cc00"]));
    assert_eq!(rejection(&message, &ipv4()), ParseError::ZeroInterval);
    // The reserved bits are not a part of the interval.
    let message = with(V3, 0, &hex(&["3133fe02 f000e16b"]));
    assert_eq!(rejection(&message, &ipv4()), ParseError::ZeroInterval);
}

#[test]
fn reserved_bits_are_ignored() {
    let message = with(V3, 4, &hex(&["a032313a"]));
    let advert = Advertisement::parse(&message, &ipv4()).unwrap();
    assert_eq!(Ok(advert), Advertisement::parse(&hex(V3), &ipv4()));
    assert_eq!(emitted(16, |buffer| advert.emit(&ipv4(), buffer)), hex(V3));
}

#[test]
fn data_without_authentication_is_ignored() {
    // "junk" in the authentication data, and the checksum less by it (in ones' complement): cbff - 6a75 - 6e6b.
    let message = hex(&["2133fe02 0001f31e 0a000064 0a000065 6a756e6b00000000"]);
    let advert = Advertisement::parse(&message, &ipv4()).unwrap();
    assert_eq!(advert.authentication(), Authentication::None);
    assert_eq!(emitted(24, |buffer| advert.emit(&ipv4(), buffer)), hex(V2));
}

fn build(
    version: Version,
    centis: u16,
    authentication: Authentication,
    addresses: Addresses<'_>,
) -> Result<Advertisement<'_>, InvalidAdvertisement> {
    let interval = AdvertInterval::from_centis(centis).unwrap();
    Advertisement::new(
        version,
        Vrid::new(1).unwrap(),
        Priority::DEFAULT,
        interval,
        authentication,
        addresses,
    )
}

#[test]
fn an_interval_that_the_version_cannot_carry() {
    for (version, centis) in [(Version::V2, 150), (Version::V3, 4096)] {
        let interval = AdvertInterval::from_centis(centis).unwrap();
        let result = build(version, centis, Authentication::None, Addresses::V4(&[]));
        assert_eq!(result, Err(InvalidAdvertisement::Interval { version, interval }));
    }
}

#[test]
fn ipv6_addresses_in_version_2() {
    let result = build(Version::V2, 100, Authentication::None, Addresses::V6(&[]));
    assert_eq!(result, Err(InvalidAdvertisement::Ipv6InVersion2));
}

#[test]
fn authentication_in_version_3() {
    let result = build(
        Version::V3,
        100,
        Authentication::Simple([0; 8]),
        Addresses::V4(&[]),
    );
    assert_eq!(result, Err(InvalidAdvertisement::AuthenticationInVersion3));
}

#[test]
fn another_type_that_is_none() {
    for kind in [0, 1] {
        let authentication = Authentication::Other { kind, data: [0; 8] };
        let result = build(Version::V2, 100, authentication, Addresses::V4(&[]));
        assert_eq!(result, Err(InvalidAdvertisement::AuthenticationKind(kind)));
    }
}

#[test]
fn more_addresses_than_can_be_counted() {
    let addresses = [[10, 0, 0, 1]; 256];
    let result = build(Version::V3, 100, Authentication::None, Addresses::V4(&addresses));
    assert_eq!(result, Err(InvalidAdvertisement::TooManyAddresses(256)));
    let most = build(
        Version::V3,
        100,
        Authentication::None,
        Addresses::V4(&addresses[1..]),
    )
    .unwrap();
    assert_eq!(most.buffer_len(), 8 + 255 * 4);
}

#[test]
#[should_panic(expected = "the buffer holds buffer_len() octets")]
fn a_short_buffer() {
    let addresses = Addresses::V4(&[[10, 0, 0, 1]]);
    advert(Version::V2, 100, Authentication::None, addresses).emit(&ipv4(), &mut [0; 19]);
}

#[test]
#[should_panic(expected = "the context is of the addresses' family")]
fn a_context_of_the_other_family() {
    let addresses = Addresses::V4(&[[10, 0, 0, 1]]);
    advert(Version::V3, 100, Authentication::None, addresses).emit(&ipv6(), &mut [0; 20]);
}
