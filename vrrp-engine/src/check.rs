//! Which configurations make a router.

use std::net::IpAddr;

use vrrp_proto::{Advertisement, Family, InvalidAdvertisement, Priority, V3Checksum, Version, Vrid};

use crate::{Delivery, InterfaceId, InvalidConfig, OldChecksum, Peer, RouterConfig};

/// What tells a packet's router: interface, family, identifier, and whether it is unicast.
pub(crate) type Key = (InterfaceId, Family, Vrid, bool);

impl RouterConfig {
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        if self.priority == Priority::RELEASE {
            return Err(InvalidConfig::PriorityZero);
        }
        let family = self.addresses.family();
        let fits = |to: &IpAddr| to.is_multicast() == self.is_multicast() && Family::of(*to) == family;
        if let Some(destination) = self.destinations().find(|to| !fits(to)) {
            return Err(InvalidConfig::Destination(destination));
        }
        self.check_protection()?;
        self.advertisement(self.priority)?;
        Ok(())
    }

    pub(crate) fn key(&self) -> Key {
        let unicast = !self.is_multicast();
        (self.interface, self.addresses.family(), self.vrid, unicast)
    }

    pub(crate) const fn is_multicast(&self) -> bool {
        matches!(self.delivery, Delivery::Multicast(_))
    }

    /// Where adverts go.
    pub(crate) fn destinations(&self) -> impl Iterator<Item = IpAddr> + '_ {
        let (group, peers) = match &self.delivery {
            Delivery::Multicast(group) => (Some(*group), [].as_slice()),
            Delivery::Unicast(peers) => (None, peers.as_slice()),
        };
        group.into_iter().chain(peers.iter().map(|peer| peer.address))
    }

    /// The configured peers, where adverts are unicast.
    pub(crate) fn peers(&self) -> &[Peer] {
        match &self.delivery {
            Delivery::Multicast(_) => &[],
            Delivery::Unicast(peers) => peers,
        }
    }

    /// The peer of that address, where adverts are unicast.
    pub(crate) fn peer(&self, address: IpAddr) -> Option<&Peer> {
        match &self.delivery {
            Delivery::Multicast(_) => None,
            Delivery::Unicast(peers) => peers.iter().find(|peer| peer.address == address),
        }
    }

    /// Whether an old keepalived's checksum can be met with.
    pub(crate) fn knows_old_checksum(&self) -> bool {
        self.version == Version::V3
            && self.addresses.family() == Family::Ipv4
            && self.checksum == V3Checksum::PseudoHeader
            && !self.is_multicast()
            && self.old_checksum != OldChecksum::Never
    }

    /// The advertisement it amounts to. Every router of an engine has one.
    pub(crate) fn advertisement(
        &self,
        priority: Priority,
    ) -> Result<Advertisement<'_>, InvalidAdvertisement> {
        let addresses = self.addresses.as_addresses();
        Advertisement::new(
            self.version,
            self.vrid,
            priority,
            self.interval,
            self.authentication_field(),
            addresses,
        )
    }
}
