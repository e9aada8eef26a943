//! What packets are wrapped into on their way (linux/lwtunnel.h).

use std::net::{Ipv4Addr, Ipv6Addr};

use netlink_packet_core::DefaultNla;

/// A wrapping.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Encap {
    /// IPv4.
    Ip(Tunnel<Ipv4Addr>),
    /// IPv6.
    Ip6(Tunnel<Ipv6Addr>),
    /// MPLS.
    Mpls {
        /// The labels, the outermost first, each less than 2^20.
        labels: Vec<u32>,
        /// The time to live; that of the packet if none is given.
        ttl: Option<u8>,
    },
    /// Identifier-locator addressing: the locator.
    Ila(u64),
}

/// An outer IP header.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tunnel<A> {
    /// The tunnel's number.
    pub id: Option<u64>,
    /// Where the packets go.
    pub destination: Option<A>,
    /// Where they come from.
    pub source: Option<A>,
    /// Time to live, or hop limit.
    pub ttl: Option<u8>,
    /// Type of service, or traffic class.
    pub tos: Option<u8>,
}

impl<A> Default for Tunnel<A> {
    fn default() -> Self {
        Self {
            id: None,
            destination: None,
            source: None,
            ttl: None,
            tos: None,
        }
    }
}

impl Encap {
    /// `LWTUNNEL_ENCAP_*`.
    pub(super) fn kind(&self) -> u16 {
        match self {
            Self::Mpls { .. } => 1,
            Self::Ip(_) => 2,
            Self::Ila(_) => 3,
            Self::Ip6(_) => 4,
        }
    }

    pub(super) fn attributes(&self) -> Vec<DefaultNla> {
        match self {
            Self::Ip(tunnel) => ip(tunnel, |address| address.octets().to_vec()),
            Self::Ip6(tunnel) => ip(tunnel, |address| address.octets().to_vec()),
            Self::Mpls { labels, ttl } => {
                let mut list = vec![DefaultNla::new(MPLS_IPTUNNEL_DST, stack(labels))];
                list.extend(ttl.map(|ttl| DefaultNla::new(MPLS_IPTUNNEL_TTL, vec![ttl])));
                list
            }
            Self::Ila(locator) => vec![DefaultNla::new(ILA_ATTR_LOCATOR, locator.to_be_bytes().to_vec())],
        }
    }
}

/// IPv4 and IPv6 number their attributes alike.
fn ip<A: Copy>(tunnel: &Tunnel<A>, octets: fn(A) -> Vec<u8>) -> Vec<DefaultNla> {
    let mut list = Vec::new();
    list.extend(
        tunnel
            .id
            .map(|id| DefaultNla::new(LWTUNNEL_IP_ID, id.to_be_bytes().to_vec())),
    );
    let ends = [
        (LWTUNNEL_IP_DST, tunnel.destination),
        (LWTUNNEL_IP_SRC, tunnel.source),
    ];
    list.extend(
        ends.into_iter()
            .filter_map(|(kind, end)| end.map(|end| DefaultNla::new(kind, octets(end)))),
    );
    let small = [(LWTUNNEL_IP_TTL, tunnel.ttl), (LWTUNNEL_IP_TOS, tunnel.tos)];
    list.extend(
        small
            .into_iter()
            .filter_map(|(kind, value)| value.map(|value| DefaultNla::new(kind, vec![value]))),
    );
    list
}

/// RFC 3032 section 2.1: the label, three bits of traffic class, and a bit that ends the stack.
fn stack(labels: &[u32]) -> Vec<u8> {
    let last = labels.len().saturating_sub(1);
    let entry = |(place, label): (usize, &u32)| {
        let bottom = if place == last { 1 << 8 } else { 0 };
        (label.wrapping_shl(12) | bottom).to_be_bytes()
    };
    labels.iter().enumerate().flat_map(entry).collect()
}

// linux/lwtunnel.h
const LWTUNNEL_IP_ID: u16 = 1;
const LWTUNNEL_IP_DST: u16 = 2;
const LWTUNNEL_IP_SRC: u16 = 3;
const LWTUNNEL_IP_TTL: u16 = 4;
const LWTUNNEL_IP_TOS: u16 = 5;

// linux/mpls_iptunnel.h
const MPLS_IPTUNNEL_DST: u16 = 1;
const MPLS_IPTUNNEL_TTL: u16 = 2;

/// linux/ila.h.
const ILA_ATTR_LOCATOR: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_label_ends_the_stack() {
        assert_eq!(stack(&[100, 200]), [0, 6, 0x40, 0, 0, 0x0c, 0x81, 0]);
    }
}
