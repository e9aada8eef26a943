//! What holds for every advertisement and for any octets.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod common;

use common::{checksum, emitted, pseudo_header};
use proptest::collection::vec;
use proptest::prelude::*;
use std::net::IpAddr;
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, Family, GratuitousArp, Ipv4Header,
    Ipv4Packet, MacAddr, Packet, ParseError, Priority, UnsolicitedNa, V3Checksum, Version, Vrid,
};

/// An advertisement that owns its addresses, and the packet it travels in.
#[derive(Clone, Debug)]
struct Message {
    version: Version,
    vrid: Vrid,
    priority: Priority,
    interval: AdvertInterval,
    authentication: Authentication,
    addresses: Owned,
    context: Context,
}

#[derive(Clone, Debug)]
enum Owned {
    V4(Vec<[u8; 4]>),
    V6(Vec<[u8; 16]>),
}

impl Message {
    fn advert(&self) -> Advertisement<'_> {
        let addresses = match &self.addresses {
            Owned::V4(list) => Addresses::V4(list),
            Owned::V6(list) => Addresses::V6(list),
        };
        let Self {
            version,
            vrid,
            priority,
            interval,
            authentication,
            ..
        } = *self;
        Advertisement::new(version, vrid, priority, interval, authentication, addresses).unwrap()
    }

    fn octets(&self) -> Vec<u8> {
        let advert = self.advert();
        emitted(advert.buffer_len(), |buffer| advert.emit(&self.context, buffer))
    }

    /// Whether the receiver accepts no form of the checksum but one.
    fn has_one_checksum(&self) -> bool {
        let one_form = match self.context.destination {
            IpAddr::V4(to) => to.is_multicast() && self.context.checksum == V3Checksum::PseudoHeader,
            IpAddr::V6(_) => true,
        };
        self.version == Version::V2 || one_form
    }
}

fn version_2() -> impl Strategy<Value = Message> {
    let interval = (1..=255_u8).prop_map(|secs| AdvertInterval::from_secs(secs).unwrap());
    let authentication =
        (any::<u8>(), any::<[u8; 8]>()).prop_map(|(kind, data)| Authentication::from_wire(kind % 4, data));
    message(Version::V2, interval, authentication, Family::Ipv4)
}

fn version_3(family: Family) -> impl Strategy<Value = Message> {
    let interval = (1..=4095_u16).prop_map(|centis| AdvertInterval::from_centis(centis).unwrap());
    message(Version::V3, interval, Just(Authentication::None), family)
}

fn any_message() -> impl Strategy<Value = Message> {
    prop_oneof![version_2(), version_3(Family::Ipv4), version_3(Family::Ipv6)]
}

fn message(
    version: Version,
    interval: impl Strategy<Value = AdvertInterval>,
    authentication: impl Strategy<Value = Authentication>,
    family: Family,
) -> impl Strategy<Value = Message> {
    let vrid = (1..=255_u8).prop_map(|vrid| Vrid::new(vrid).unwrap());
    let priority = any::<u8>().prop_map(Priority::new);
    (
        vrid,
        priority,
        interval,
        authentication,
        addresses(family),
        context(family),
    )
        .prop_map(
            move |(vrid, priority, interval, authentication, addresses, context)| Message {
                version,
                vrid,
                priority,
                interval,
                authentication,
                addresses,
                context,
            },
        )
}

/// Mostly few, since short messages may be padded; sometimes as many as fit.
fn addresses(family: Family) -> BoxedStrategy<Owned> {
    let count = prop_oneof![4 => 0..=4_usize, 1 => 5..=255_usize];
    match family {
        Family::Ipv4 => count
            .prop_flat_map(|count| vec(any::<[u8; 4]>(), count))
            .prop_map(Owned::V4)
            .boxed(),
        Family::Ipv6 => count
            .prop_flat_map(|count| vec(any::<[u8; 16]>(), count))
            .prop_map(Owned::V6)
            .boxed(),
    }
}

fn context(family: Family) -> impl Strategy<Value = Context> {
    let addresses = (any::<[u8; 16]>(), any::<Option<[u8; 16]>>());
    let checksum = prop_oneof![Just(V3Checksum::PseudoHeader), Just(V3Checksum::Plain)];
    (addresses, checksum).prop_map(move |((source, destination), checksum)| Context {
        source: address(family, source),
        destination: destination.map_or(vrrp_proto::multicast_group(family), |to| address(family, to)),
        checksum,
    })
}

fn address(family: Family, octets: [u8; 16]) -> IpAddr {
    match (family, octets) {
        (Family::Ipv4, [a, b, c, d, ..]) => [a, b, c, d].into(),
        (Family::Ipv6, octets) => octets.into(),
    }
}

fn any_context() -> impl Strategy<Value = Context> {
    prop_oneof![context(Family::Ipv4), context(Family::Ipv6)]
}

proptest! {
    #[test]
    fn what_is_emitted_is_parsed(message in any_message()) {
        let octets = message.octets();
        prop_assert_eq!(octets.len(), message.advert().buffer_len());
        prop_assert_eq!(Advertisement::parse(&octets, &message.context), Ok(message.advert()));
    }

    /// Against the RFCs' own wording, with a pseudo-header laid out octet by octet.
    #[test]
    fn the_checksum_is_the_rfcs(message in any_message()) {
        let Context { source, destination, checksum: dialect } = message.context;
        let mut octets = message.octets();
        let found = Packet::new_unchecked(&octets).checksum();
        octets[6..8].fill(0);
        let len = octets.len().try_into().unwrap();
        let pseudo_header = match (message.version, source, dialect) {
            (Version::V2, ..) | (Version::V3, IpAddr::V4(_), V3Checksum::Plain) => Vec::new(),
            _ => pseudo_header(source, destination, 112, len),
        };
        prop_assert_eq!(found, checksum(&[&pseudo_header, &octets]));
    }

    /// Whatever Ethernet pads with, up to its minimum; nothing beyond.
    #[test]
    fn padding_changes_nothing(message in any_message(), padding in vec(any::<u8>(), 1..40)) {
        let mut octets = message.octets();
        let expected = octets.len();
        octets.extend(&padding);
        let parsed = Advertisement::parse(&octets, &message.context);
        let limit = if message.advert().addresses().family() == Family::Ipv4 { 26 } else { 6 };
        if octets.len() <= limit {
            prop_assert_eq!(parsed, Ok(message.advert()));
        } else {
            prop_assert_eq!(parsed, Err(ParseError::TrailingData { len: octets.len(), expected }));
        }
    }

    /// One flipped bit changes a ones' complement sum, so it is noticed wherever one form of the checksum is accepted
    /// and the bit does not change which octets are summed.
    ///
    /// The latter is what the version and the count do: there the message is rejected too, or its new reading happens
    /// to have the right checksum, one time in 65536, and is another message. Where several forms of the checksum are
    /// accepted, the flipped bit may be what distinguishes two of them, so nothing is claimed.
    #[test]
    fn a_flipped_bit_is_noticed(message in any_message(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        prop_assume!(message.has_one_checksum());
        let mut octets = message.octets();
        let at = at.index(octets.len());
        octets[at] ^= 1 << bit;
        let parsed = Advertisement::parse(&octets, &message.context);
        if matches!(at, VERSION | COUNT) {
            prop_assert_ne!(parsed, Ok(message.advert()));
        } else {
            prop_assert!(parsed.is_err(), "{:?}", parsed);
        }
    }

    /// What makes sense of an altered message can be sent, and makes the same sense.
    #[test]
    fn what_is_parsed_is_emitted(
        message in any_message(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut octets = message.octets();
        for (at, value) in changes {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        seal(&mut octets, &message.context);
        survives(&octets, &message.context)?;
    }

    #[test]
    fn no_octets_are_too_strange(octets in vec(any::<u8>(), 0..100), context in any_context()) {
        survives(&octets, &context)?;
        let packet = Packet::new_unchecked(&octets);
        for family in [Family::Ipv4, Family::Ipv6] {
            prop_assert!(packet.addresses(family).len() <= packet.address_count().into());
            prop_assert!(packet.announced_len(family) >= 8);
        }
        prop_assert!(packet.auth_data().is_none() || octets.len() >= 16);
        let _ = (GratuitousArp::parse(&octets), UnsolicitedNa::parse(&octets), Ipv4Packet::parse(&octets));
    }

    #[test]
    fn gratuitous_arps_survive(sender in any::<[u8; 6]>(), address in any::<[u8; 4]>()) {
        let arp = GratuitousArp { sender: MacAddr(sender), address: address.into() };
        prop_assert_eq!(GratuitousArp::parse(&emitted(arp.buffer_len(), |buffer| arp.emit(buffer))), Ok(arp));
    }

    #[test]
    fn neighbour_advertisements_survive(
        sender in any::<[u8; 6]>(),
        address in any::<[u8; 16]>().prop_filter("has a place", |address| address[0] != 0xff),
        router in any::<bool>(),
        at in 54..86_usize,
        bit in 0..8_u8,
    ) {
        let na = UnsolicitedNa { sender: MacAddr(sender), address: address.into(), router };
        let mut frame = emitted(na.buffer_len(), |buffer| na.emit(buffer));
        prop_assert_eq!(UnsolicitedNa::parse(&frame), Ok(na));
        frame[at] ^= 1 << bit;
        prop_assert!(UnsolicitedNa::parse(&frame).is_err());
    }

    /// Any flipped bit but those of the first octet, which says how much is summed.
    #[test]
    fn ipv4_headers_survive(
        (source, destination) in any::<([u8; 4], [u8; 4])>(),
        (ttl, tos, id, protocol) in any::<(u8, u8, u16, u8)>(),
        payload in vec(any::<u8>(), 0..60),
        padding in vec(any::<u8>(), 0..60),
        at in 1..20_usize,
        bit in 0..8_u8,
    ) {
        let (source, destination) = (source.into(), destination.into());
        let payload_len = payload.len().try_into().unwrap();
        let header = Ipv4Header { source, destination, ttl, tos, id, protocol, payload_len };
        let mut octets = emitted(Ipv4Header::LEN, |buffer| header.emit(buffer));
        octets.extend(&payload);
        octets.extend(&padding);
        let packet = Ipv4Packet::parse(&octets).unwrap();
        prop_assert_eq!(packet.header(), header);
        prop_assert_eq!(packet.payload(), payload);
        octets[at] ^= 1 << bit;
        prop_assert!(Ipv4Packet::parse(&octets).is_err());
    }
}

/// If the octets are an advertisement, then it can be sent and read again.
fn survives(octets: &[u8], context: &Context) -> Result<(), TestCaseError> {
    if let Ok(advert) = Advertisement::parse(octets, context) {
        let again = emitted(advert.buffer_len(), |buffer| advert.emit(context, buffer));
        prop_assert_eq!(Advertisement::parse(&again, context), Ok(advert));
    }
    Ok(())
}

/// Makes the checksum right for what the altered header announces, if that much is there.
fn seal(octets: &mut [u8], context: &Context) {
    let mut packet = Packet::new_unchecked(octets);
    packet.set_checksum(0);
    let family = Family::of(context.source);
    let announced = packet.announced_len(family);
    let version = packet.version();
    let octets = packet.into_inner();
    let Some(message) = octets.get(..announced) else {
        return;
    };
    let pseudo_header = match (version, context.source, context.checksum) {
        (2, ..) | (_, IpAddr::V4(_), V3Checksum::Plain) => Vec::new(),
        _ => pseudo_header(
            context.source,
            context.destination,
            112,
            announced.try_into().unwrap(),
        ),
    };
    let checksum = checksum(&[&pseudo_header, message]);
    Packet::new_unchecked(octets).set_checksum(checksum);
}

/// Where the version is.
const VERSION: usize = 0;
/// Where the number of addresses is.
const COUNT: usize = 3;
