//! Any octets, read as everything that `vrrp-proto` reads: no panic, and what makes sense is written and read alike.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use vrrp_proto::{
    Advertisement, AhKey, AhPacket, AhTtl, Context, Family, GratuitousArp, HmacKey, HmacTrailer, Ipv4Header,
    Ipv4Packet, Packet, UnsolicitedNa, V3Checksum, multicast_group,
};

fuzz_target!(|octets: &[u8]| {
    for context in contexts() {
        message(octets, &context);
        // A fuzzer does not find checksums, so the same octets are tried with the right one.
        message(&sealed(octets, &context), &context);
    }
    frames(octets);
    header(octets);
    trailer(octets);
});

/// Both families, both dialects, multicast and unicast.
fn contexts() -> Vec<Context> {
    let mut contexts = Vec::new();
    for (family, source, peer) in [
        (
            Family::Ipv4,
            IpAddr::from([10, 0, 0, 1]),
            IpAddr::from([10, 0, 0, 2]),
        ),
        (
            Family::Ipv6,
            IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 1]),
            IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 2]),
        ),
    ] {
        for destination in [multicast_group(family), peer] {
            for checksum in [V3Checksum::PseudoHeader, V3Checksum::Plain] {
                contexts.push(Context {
                    source,
                    destination,
                    checksum,
                });
            }
        }
    }
    contexts
}

fn message(octets: &[u8], context: &Context) {
    let Ok(advert) = Advertisement::parse(octets, context) else {
        return;
    };
    assert!(advert.buffer_len() <= octets.len());
    let mut buffer = vec![0xa5; advert.buffer_len()];
    advert.emit(context, &mut buffer);
    assert_eq!(Advertisement::parse(&buffer, context), Ok(advert));
}

/// The octets with the checksum that makes the announced ones sum up.
fn sealed(octets: &[u8], context: &Context) -> Vec<u8> {
    let mut packet = Packet::new_unchecked(octets.to_vec());
    packet.set_checksum(0);
    let family = context.family().expect("made of one family");
    let announced = packet.announced_len(family).min(octets.len());
    let mut summed = Vec::new();
    if packet.version() == 3 && (family == Family::Ipv6 || context.checksum == V3Checksum::PseudoHeader) {
        for address in [context.source, context.destination] {
            match address {
                IpAddr::V4(address) => summed.extend(address.octets()),
                IpAddr::V6(address) => summed.extend(address.octets()),
            }
        }
        summed.extend([0, 112]);
        summed.extend(u16::try_from(announced).expect("less than 5000").to_be_bytes());
    }
    let mut octets = packet.into_inner();
    summed.extend(&octets[..announced]);
    let sum = summed.chunks(2).fold(0_u32, |sum, word| {
        let sum = sum + (u32::from(word[0]) << 8) + u32::from(word.get(1).copied().unwrap_or(0));
        (sum & 0xffff) + (sum >> 16)
    });
    Packet::new_unchecked(&mut octets).set_checksum(!u16::try_from(sum).expect("folded"));
    octets
}

fn frames(octets: &[u8]) {
    if let Ok(arp) = GratuitousArp::parse(octets) {
        let mut buffer = [0xa5; GratuitousArp::LEN];
        arp.emit(&mut buffer);
        assert_eq!(GratuitousArp::parse(&buffer), Ok(arp));
    }
    if let Ok(na) = UnsolicitedNa::parse(octets) {
        let mut buffer = [0xa5; UnsolicitedNa::LEN];
        na.emit(&mut buffer);
        assert_eq!(UnsolicitedNa::parse(&buffer), Ok(na));
    }
    if let Ok(packet) = Ipv4Packet::parse(octets)
        && packet.options().is_empty()
    {
        let mut buffer = [0xa5; Ipv4Header::LEN].to_vec();
        packet.header().emit(&mut buffer);
        buffer.extend(packet.payload());
        assert_eq!(Ipv4Packet::parse(&buffer), Ok(packet));
    }
}

/// Whatever follows a header that looks right is read, is not authentic, and becomes so when it is written anew.
fn header(octets: &[u8]) {
    let Ok(packet) = AhPacket::parse(octets) else {
        return;
    };
    let (key, ttl) = (AhKey::new(*b"password"), AhTtl::AsSent);
    let ip = Ipv4Header {
        source: [10, 0, 0, 1].into(),
        destination: [224, 0, 0, 18].into(),
        ttl: 255,
        tos: Ipv4Header::TOS_CONTROL,
        id: 1,
        protocol: AhPacket::PROTOCOL,
        payload_len: u16::try_from(octets.len()).unwrap_or(0),
    };
    if usize::from(ip.payload_len) != octets.len() || octets.len() + Ipv4Header::LEN > 65_535 {
        return;
    }
    let mut written = octets.to_vec();
    AhPacket::emit(&mut written, &ip, ttl, packet.sequence(), &key);
    let read = AhPacket::parse(&written).expect("a header was written");
    assert!(read.verify(&ip, ttl, &key));
    assert_eq!(
        (read.sequence(), read.message()),
        (packet.sequence(), packet.message())
    );
}

fn trailer(octets: &[u8]) {
    let key = HmacKey::new(&[7; 32]).expect("32 octets");
    for (family, source) in [
        (Family::Ipv4, IpAddr::from([10, 0, 0, 1])),
        (Family::Ipv6, IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 1])),
    ] {
        let Ok((message, Some(found))) = HmacTrailer::split(octets, family) else {
            continue;
        };
        assert_eq!(message.len() + HmacTrailer::LEN, octets.len());
        let mut trailer = [0xa5; HmacTrailer::LEN];
        found.emit(&mut trailer);
        assert_eq!(octets[message.len()..], trailer);
        let made = HmacTrailer::sign(message, source, found.key(), &key, found.stamp());
        assert!(made.verify(message, source, &key));
    }
}
