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
        let len = u32::try_from(message.len())
            .expect("255 addresses, a header and a trailer are less than 5000 octets");
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

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use super::*;

    const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
    const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);

    fn context(destination: Ipv4Addr, checksum: V3Checksum) -> Context {
        Context {
            source: IpAddr::from([10, 0, 0, 1]),
            destination: destination.into(),
            checksum,
        }
    }

    /// A message whose checksum is made as for `made`.
    fn message(made: Context) -> [u8; 12] {
        let mut message = [0x31, 51, 254, 1, 0, 50, 0, 0, 10, 0, 0, 100];
        let checksum = made.checksum_of(Version::V3, &message).to_be_bytes();
        message[6..8].copy_from_slice(&checksum);
        message
    }

    #[test]
    fn multicast_has_one_form() {
        let by = context(GROUP, V3Checksum::PseudoHeader);
        assert!(by.accepts(Version::V3, &message(by)));
        assert!(!by.accepts(Version::V3, &message(context(PEER, V3Checksum::PseudoHeader))));
        assert!(!by.accepts(Version::V3, &message(context(GROUP, V3Checksum::Plain))));
        let another = context(Ipv4Addr::new(224, 0, 0, 200), V3Checksum::PseudoHeader);
        assert!(another.accepts(Version::V3, &message(another)));
        assert!(!another.accepts(Version::V3, &message(by)));
    }

    #[test]
    fn unicast_accepts_a_checksum_made_for_the_group() {
        let by = context(PEER, V3Checksum::PseudoHeader);
        assert!(by.accepts(Version::V3, &message(by)));
        assert!(by.accepts(Version::V3, &message(context(GROUP, V3Checksum::PseudoHeader))));
        assert!(!by.accepts(Version::V3, &message(context(PEER, V3Checksum::Plain))));
        let third = Ipv4Addr::new(10, 0, 0, 3);
        assert!(!by.accepts(Version::V3, &message(context(third, V3Checksum::PseudoHeader))));
    }

    #[test]
    fn plain_accepts_both_forms() {
        for destination in [GROUP, PEER] {
            let by = context(destination, V3Checksum::Plain);
            assert!(by.accepts(Version::V3, &message(by)));
            assert!(by.accepts(
                Version::V3,
                &message(context(destination, V3Checksum::PseudoHeader))
            ));
        }
    }

    #[test]
    fn version_2_has_no_pseudo_header() {
        let plain = message(context(GROUP, V3Checksum::Plain));
        let pseudo = message(context(GROUP, V3Checksum::PseudoHeader));
        for checksum in [V3Checksum::Plain, V3Checksum::PseudoHeader] {
            assert!(context(GROUP, checksum).accepts(Version::V2, &plain));
            assert!(!context(GROUP, checksum).accepts(Version::V2, &pseudo));
        }
    }

    #[test]
    fn ipv6_has_one_form_in_either_dialect() {
        let (source, destination) = ("fe80::1".parse().unwrap(), multicast_group(Family::Ipv6));
        let [pseudo, plain] = [V3Checksum::PseudoHeader, V3Checksum::Plain].map(|checksum| Context {
            source,
            destination,
            checksum,
        });
        assert_eq!(message(pseudo), message(plain));
        assert!(plain.accepts(Version::V3, &message(pseudo)));
        assert!(!plain.accepts(Version::V3, &message(context(GROUP, V3Checksum::Plain))));
    }

    #[test]
    fn the_family_is_that_of_both_addresses() {
        assert_eq!(context(PEER, V3Checksum::Plain).family(), Some(Family::Ipv4));
        let mixed = Context {
            destination: multicast_group(Family::Ipv6),
            ..context(PEER, V3Checksum::Plain)
        };
        assert_eq!(mixed.family(), None);
    }
}
