//! What surrounds a message: the IP header's addresses and the dialect of the checksum.

use core::net::IpAddr;

use crate::checksum::Sum;
use crate::{Family, Version, multicast_group};

/// What the IP header says, and how the checksum is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// Source address of the packet.
    pub source: IpAddr,
    /// Destination address of the packet, of the same family.
    pub destination: IpAddr,
    /// How version 3's checksum over IPv4 is made.
    pub checksum: V3Checksum,
}

impl Context {
    /// The family of both addresses, if they share one.
    pub const fn family(&self) -> Option<Family> {
        match (self.source, self.destination) {
            (IpAddr::V4(_), IpAddr::V4(_)) => Some(Family::Ipv4),
            (IpAddr::V6(_), IpAddr::V6(_)) => Some(Family::Ipv6),
            _ => None,
        }
    }

    /// The checksum of a message whose checksum field is zero.
    pub(crate) fn checksum_of(&self, version: Version, message: &[u8]) -> u16 {
        let plain = Sum::new().add(message);
        match (version, self.source, self.checksum) {
            (Version::V2, ..) | (Version::V3, IpAddr::V4(_), V3Checksum::Plain) => plain.checksum(),
            _ => self
                .with_pseudo_header(plain, self.destination, message)
                .checksum(),
        }
    }

    /// Whether the checksum in the message holds in a form that this context accepts.
    pub(crate) fn accepts(&self, version: Version, message: &[u8]) -> bool {
        let plain = Sum::new().add(message);
        if version == Version::V2 {
            return plain.holds();
        }
        if self.with_pseudo_header(plain, self.destination, message).holds() {
            return true;
        }
        let IpAddr::V4(destination) = self.destination else {
            return false;
        };
        if self.checksum == V3Checksum::Plain && plain.holds() {
            return true;
        }
        // keepalived up to 1.3.6 computed a unicast packet's checksum as if it went to the group.
        !destination.is_multicast()
            && self
                .with_pseudo_header(plain, multicast_group(Family::Ipv4), message)
                .holds()
    }

    fn with_pseudo_header(&self, sum: Sum, destination: IpAddr, message: &[u8]) -> Sum {
        let len = u32::try_from(message.len()).expect("255 addresses and a header are less than 5000 octets");
        sum.add_pseudo_header(self.source, destination, PROTOCOL, len)
    }
}

/// The two readings of RFC 5798 for version 3 over IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum V3Checksum {
    /// With the IPv4 pseudo-header: keepalived's default.
    #[default]
    PseudoHeader,
    /// Without it, as in version 2: RFC 9568, and keepalived's `v3_checksum_as_v2`. On receipt either is accepted.
    Plain,
}

/// The protocol number of VRRP in IPv4 and IPv6 headers (RFC 9568 section 5.1.1.4).
pub const PROTOCOL: u8 = 112;
