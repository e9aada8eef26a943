//! What is read, and what is said of it.

use std::fmt;
use std::net::IpAddr;

use vrrp_proto::Ipv4Header;

/// A VRRP packet, and what its IP header said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// IPv4 time to live or IPv6 hop limit, as it arrived.
    pub hop_limit: u8,
    /// The whole IPv4 header.
    pub header: Option<Ipv4Header>,
    /// What follows the IP header.
    pub pdu: &'a [u8],
}

impl fmt::Debug for Received<'_> {
    /// Never shows the message: in version 2 it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("hop_limit", &self.hop_limit)
            .field("header", &self.header)
            .field("pdu", &format_args!("{} octets", self.pdu.len()))
            .finish()
    }
}

/// What one call of [`Receiver::receive`](super::Receiver::receive) read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    /// Packets read, malformed ones included.
    pub datagrams: usize,
    /// Those that were not handed out.
    pub malformed: Malformed,
    /// Packets that the kernel dropped since the last batch because the socket's queue was full.
    pub lost: u32,
    /// Whether the socket may hold more.
    pub more: bool,
}

/// Packets that cannot be handed out, by reason. `Display` gives words for a log line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Malformed {
    /// Longer than any VRRP packet.
    pub too_long: usize,
    /// Without a whole and sound IP header.
    pub ip_header: usize,
    /// IPv6 packets of which the kernel did not tell source, destination or hop limit.
    pub unexplained: usize,
}

impl Malformed {
    /// All of them.
    pub const fn total(&self) -> usize {
        self.too_long + self.ip_header + self.unexplained
    }

    pub(super) fn count(&mut self, reason: Reason) {
        *match reason {
            Reason::TooLong => &mut self.too_long,
            Reason::IpHeader => &mut self.ip_header,
            Reason::Unexplained => &mut self.unexplained,
        } += 1;
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = [
            (self.too_long, "longer than any advert"),
            (self.ip_header, "without a sound IP header"),
            (self.unexplained, "that the kernel tells too little of"),
        ];
        let mut separator = "";
        for (count, words) in reasons.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {words}")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// Why one packet cannot be handed out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    TooLong,
    IpHeader,
    Unexplained,
}
