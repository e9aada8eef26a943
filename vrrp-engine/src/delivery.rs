//! Where adverts go, and where they may come from.

use std::net::IpAddr;

/// Where adverts are sent, and from where they are accepted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Delivery {
    /// To a multicast group.
    Multicast(IpAddr),
    /// To each of these peers. Without any the router is in FAULT (keepalived's `unicast_fault_no_peer`).
    Unicast(Vec<Peer>),
}

/// Another router of the same virtual router, where adverts are not multicast.
///
/// Our own address may be among the peers, so that all machines can have the same list; nothing is sent to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The lowest time to live (hop limit) that its adverts may arrive with; keepalived's `min_ttl`.
    pub min_ttl: u8,
    /// The highest; keepalived's `max_ttl`.
    pub max_ttl: u8,
}

impl From<IpAddr> for Peer {
    /// A peer whose adverts may come from any distance.
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            min_ttl: 0,
            max_ttl: u8::MAX,
        }
    }
}

/// Version 3's checksum over IPv4 between unicast peers, as keepalived before 1.3.7 made it: as if the packet went to the
/// multicast group (keepalived's `old_unicast_checksum`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum OldChecksum {
    /// It is accepted, and sent to the peers that send it.
    #[default]
    Learn,
    /// It is accepted, and sent to all peers.
    Always,
    /// It is a wrong checksum.
    Never,
}
