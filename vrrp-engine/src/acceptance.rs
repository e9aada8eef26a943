//! Which packets count (RFC 3768 section 7.1, RFC 9568 section 7.1).

use std::net::IpAddr;

use vrrp_proto::{
    AdvertInterval, Advertisement, Authentication, Context, Family, Priority, V3Checksum, Version,
    multicast_group,
};

use crate::config::HOP_LIMIT;
use crate::{Datagram, Delivery, Discard, OldChecksum, Protection, RouterConfig};

/// An advert that passed every check, and what the election needs of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Advert {
    pub(crate) from: IpAddr,
    pub(crate) priority: Priority,
    pub(crate) interval: AdvertInterval,
    /// Whether it lists our addresses, in whatever order.
    pub(crate) addresses_match: bool,
    /// Whether the checksum is an old keepalived's; unknown where that makes no difference.
    pub(crate) old_checksum: Option<bool>,
}

/// Checks a message for the router of that configuration. Another address list is no reason to discard (keepalived).
///
/// `signed` is the message together with the signature behind it, if there is one.
pub(crate) fn accept(
    config: &RouterConfig,
    datagram: &Datagram<'_>,
    signed: Option<&[u8]>,
) -> Result<Advert, Discard> {
    let context = Context {
        source: datagram.source,
        destination: datagram.destination,
        checksum: config.checksum,
    };
    let advert = match signed {
        Some(pdu) => Advertisement::parse_signed(pdu, &context)?,
        None => Advertisement::parse(datagram.pdu, &context)?,
    };
    let old_checksum = has_old_checksum(config, &context, datagram.pdu)?;
    check_hop_limit(config, datagram)?;
    if advert.version() != config.version {
        return Err(Discard::Version(advert.version()));
    }
    check_authentication(config, advert.authentication())?;
    if config.version == Version::V2 && advert.interval() != config.interval {
        return Err(Discard::IntervalMismatch {
            theirs: advert.interval(),
        });
    }
    let delivered_as_configured = match &config.delivery {
        // A socket may hear other groups too, that somebody else on the machine has joined.
        Delivery::Multicast(group) => datagram.destination == *group,
        Delivery::Unicast(_) => !datagram.destination.is_multicast(),
    };
    if !delivered_as_configured {
        return Err(Discard::Delivery);
    }
    if config.conduct.only_from_peers && !config.is_multicast() && config.peer(datagram.source).is_none() {
        return Err(Discard::UnknownPeer);
    }
    Ok(Advert {
        old_checksum,
        from: datagram.source,
        priority: advert.priority(),
        interval: advert.interval(),
        addresses_match: lists_the_same(config, &advert),
    })
}

/// Whether the message's checksum is one that an old keepalived makes for a unicast packet.
fn has_old_checksum(config: &RouterConfig, context: &Context, pdu: &[u8]) -> Result<Option<bool>, Discard> {
    let pseudo_header = config.version == Version::V3 && config.checksum == V3Checksum::PseudoHeader;
    if !pseudo_header || config.is_multicast() || context.family() != Some(Family::Ipv4) {
        return Ok(None);
    }
    let as_multicast = Context {
        destination: multicast_group(Family::Ipv4),
        ..*context
    };
    let old = Advertisement::parse(pdu, &as_multicast).is_ok();
    match config.old_checksum {
        OldChecksum::Never if old => Err(Discard::OldChecksum),
        OldChecksum::Learn => Ok(Some(old)),
        OldChecksum::Never | OldChecksum::Always => Ok(None),
    }
}

/// A multicast packet was not routed; a unicast one came as far as its sender may be away.
fn check_hop_limit(config: &RouterConfig, datagram: &Datagram<'_>) -> Result<(), Discard> {
    let ttl = datagram.hop_limit;
    if config.is_multicast() && ttl != HOP_LIMIT {
        return Err(Discard::HopLimit(ttl));
    }
    match config.peer(datagram.source) {
        Some(peer) if !(peer.min_ttl..=peer.max_ttl).contains(&ttl) => Err(Discard::PeerHopLimit {
            ttl,
            min: peer.min_ttl,
            max: peer.max_ttl,
        }),
        _ => Ok(()),
    }
}

fn check_authentication(config: &RouterConfig, theirs: Authentication) -> Result<(), Discard> {
    let ours = config.authentication_field();
    if ours.kind() != theirs.kind() {
        return Err(Discard::AuthenticationType(theirs.kind()));
    }
    // Behind a header the field says nothing.
    if matches!(config.protection, Protection::Header(_)) {
        return Ok(());
    }
    // Every octet is looked at, so that the time taken does not tell how many were right.
    let difference = ours
        .data()
        .iter()
        .zip(theirs.data())
        .fold(0, |seen, (ours, theirs)| seen | (ours ^ theirs));
    if difference != 0 {
        return Err(Discard::AuthenticationData);
    }
    Ok(())
}

fn lists_the_same(config: &RouterConfig, advert: &Advertisement<'_>) -> bool {
    let (ours, theirs) = (config.addresses.as_addresses(), advert.addresses());
    ours == theirs
        || (ours.len() == theirs.len() && ours.iter().all(|address| theirs.iter().any(|it| it == address)))
}
