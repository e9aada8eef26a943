//! Which packets count (RFC 3768 section 7.1, RFC 9568 section 7.1).

use std::net::IpAddr;

use vrrp_proto::{AdvertInterval, Advertisement, Authentication, Context, Priority, Version};

use crate::{Datagram, Delivery, Discard, RouterConfig};

/// An advert that passed every check, and what the election needs of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Advert {
    pub(crate) from: IpAddr,
    pub(crate) priority: Priority,
    pub(crate) interval: AdvertInterval,
    /// Whether it lists our addresses, in whatever order.
    pub(crate) addresses_match: bool,
}

/// Checks a packet for the router of that configuration. Another address list is no reason to discard (keepalived).
pub(crate) fn accept(config: &RouterConfig, datagram: &Datagram<'_>) -> Result<Advert, Discard> {
    let context = Context {
        source: datagram.source,
        destination: datagram.destination,
        checksum: config.checksum,
    };
    let advert = Advertisement::parse(datagram.pdu, &context)?;
    let multicast = config.is_multicast();
    if multicast && datagram.hop_limit != HOP_LIMIT {
        return Err(Discard::HopLimit(datagram.hop_limit));
    }
    if advert.version() != config.version {
        return Err(Discard::Version(advert.version()));
    }
    check_authentication(config.authentication, advert.authentication())?;
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
    Ok(Advert {
        from: datagram.source,
        priority: advert.priority(),
        interval: advert.interval(),
        addresses_match: lists_the_same(config, &advert),
    })
}

fn check_authentication(ours: Authentication, theirs: Authentication) -> Result<(), Discard> {
    if ours.kind() != theirs.kind() {
        return Err(Discard::AuthenticationType(theirs.kind()));
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

/// What only a sender on the same link can have sent (RFC 9568 section 5.1.1.3).
const HOP_LIMIT: u8 = 255;
