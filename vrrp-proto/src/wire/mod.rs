//! What surrounds the protocol on the wire: IPv4 headers, gratuitous ARP, unsolicited neighbour advertisements.

mod arp;
mod cursor;
mod ethernet;
mod ipv4;
mod na;

pub use arp::{ArpError, GratuitousArp};
pub use ipv4::{Ipv4Error, Ipv4Header, Ipv4Packet};
pub use na::{NaError, UnsolicitedNa};
