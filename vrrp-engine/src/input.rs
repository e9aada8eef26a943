//! What happens to the engine.

use std::fmt;
use std::net::IpAddr;

use vrrp_proto::{AhPacket, Family, Ipv4Header};

use crate::{InterfaceId, RouterId, TrackerId, TrackerStatus};

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// A VRRP packet arrived.
    Packet(Datagram<'a>),
    /// An interface went up or down (a deleted one is down).
    Link {
        /// The interface.
        interface: InterfaceId,
        /// Its new state.
        up: bool,
    },
    /// The sockets for the adverts of one interface and family cannot be opened, or are open after all. Until something
    /// else is said they are.
    Sockets {
        /// The interface.
        interface: InterfaceId,
        /// The family.
        family: Family,
        /// Whether they are open.
        open: bool,
    },
    /// The address that a router's adverts are sent from was lost, found or changed.
    Source {
        /// The router.
        router: RouterId,
        /// The address, where there is one.
        address: Option<IpAddr>,
    },
    /// A virtual address is no longer on its interface, without our having removed it.
    AddressLost {
        /// The router whose address it is.
        router: RouterId,
        /// The address.
        address: IpAddr,
        /// Who took it.
        by: Taker,
    },
    /// Something became known of a tracker.
    Tracker {
        /// What is watched.
        tracker: TrackerId,
        /// What is known.
        status: TrackerStatus,
    },
    /// What is in Initialize starts (RFC 9568 section 6.4.1); what runs goes on.
    Startup,
    /// Everything stops: masters resign.
    Shutdown,
}

/// A VRRP packet and what its IP header said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The interface it came in by.
    pub interface: InterfaceId,
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// IPv4 time to live or IPv6 hop limit.
    pub hop_limit: u8,
    /// The whole IPv4 header, where its protocol is 51 (an authentication header). One of another protocol is not looked
    /// at, and need not be given.
    pub header: Option<Ipv4Header>,
    /// What follows the IP header.
    pub pdu: &'a [u8],
}

/// How an address came to be gone from its interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Taker {
    /// Another program removed it.
    Program,
    /// It went with its interface, which is there again.
    Interface,
}

impl fmt::Debug for Datagram<'_> {
    /// Never shows the message: in version 2 it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datagram")
            .field("interface", &self.interface)
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("hop_limit", &self.hop_limit)
            .field("header", &self.header)
            .field("pdu", &format_args!("{} octets", self.pdu.len()))
            .finish()
    }
}

impl Datagram<'_> {
    /// The IP header, if an authentication header follows it.
    pub(crate) fn authenticated(&self) -> Option<Ipv4Header> {
        self.header.filter(|header| header.protocol == AhPacket::PROTOCOL)
    }
}
