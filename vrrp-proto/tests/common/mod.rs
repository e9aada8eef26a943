//! What several test files need.
#![allow(dead_code, reason = "no test file needs all of it")]

use std::net::IpAddr;

use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, Priority, Version, Vrid,
};

/// Octets from hexadecimal digits; whitespace only groups them.
pub(crate) fn hex(digits: &[&str]) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .concat()
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// An advertisement with the values of most vectors: VRID 51, priority 254.
pub(crate) fn advert(
    version: Version,
    centis: u16,
    authentication: Authentication,
    addresses: Addresses<'_>,
) -> Advertisement<'_> {
    with_priority(254, version, centis, authentication, addresses)
}

/// The same with another priority.
pub(crate) fn with_priority(
    priority: u8,
    version: Version,
    centis: u16,
    authentication: Authentication,
    addresses: Addresses<'_>,
) -> Advertisement<'_> {
    Advertisement::new(
        version,
        Vrid::new(51).unwrap(),
        Priority::new(priority),
        AdvertInterval::from_centis(centis).unwrap(),
        authentication,
        addresses,
    )
    .unwrap()
}

/// A context with the default dialect.
pub(crate) fn context(source: &str, destination: &str) -> Context {
    Context {
        source: ip(source),
        destination: ip(destination),
        checksum: Default::default(),
    }
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What `emit` writes for `len` octets. It goes to a buffer full of 0xa5, and must leave what lies behind alone.
pub(crate) fn emitted(len: usize, emit: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut buffer = vec![0xa5; len + 16];
    emit(&mut buffer);
    assert!(
        buffer[len..].iter().all(|octet| *octet == 0xa5),
        "wrote beyond its length"
    );
    buffer.truncate(len);
    buffer
}

/// RFC 1071's checksum, word by word: what the crate's own is compared with.
pub(crate) fn checksum(pieces: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for piece in pieces {
        for word in piece.chunks(2) {
            sum += u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
    }
    !u16::try_from(sum).unwrap()
}

/// The octets of a pseudo-header, each family's in its own layout.
pub(crate) fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8, len: u16) -> Vec<u8> {
    let [high, low] = len.to_be_bytes();
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => [
            &source.octets()[..],
            &destination.octets(),
            &[0, protocol, high, low],
        ]
        .concat(),
        (IpAddr::V6(source), IpAddr::V6(destination)) => [
            &source.octets()[..],
            &destination.octets(),
            &[0, 0, high, low, 0, 0, 0, protocol],
        ]
        .concat(),
        _ => panic!("mixed families"),
    }
}
