use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{Spanned, Weight};

/// One `bfd_instance`: a BFD session with a neighbour (RFC 5880).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BfdInstance {
    /// Its name, at most 31 bytes, unique in the file.
    pub name: Spanned<String>,
    /// `neighbor_ip`.
    pub neighbor_ip: Spanned<IpAddr>,
    /// `source_ip`; `None` is the kernel's choice. Of the neighbour's family.
    pub source_ip: Option<Spanned<IpAddr>>,
    /// `min_rx`: how often packets may come, in milliseconds. Default 10 ms.
    pub min_rx: Spanned<Duration>,
    /// `min_tx`: how often packets are sent, in milliseconds. Default 10 ms.
    pub min_tx: Spanned<Duration>,
    /// `idle_tx`: how often while the session is down, from 1 s. Default 1 s.
    pub idle_tx: Spanned<Duration>,
    /// `multiplier`: how many packets may be missed, 1..=255. Default 5.
    pub multiplier: Spanned<u8>,
    /// `passive`: wait for the neighbour to begin.
    pub passive: Spanned<bool>,
    /// `ttl` or `hoplimit`, 1..=255. Default 255 over IPv4 and 64 over IPv6.
    pub ttl: Spanned<u8>,
    /// `max_hops`: how many hops a packet may have come; -1 is any number. Default 0.
    pub max_hops: Spanned<i32>,
    /// `multihop`: packets go to port 4784 rather than 3784 (RFC 5883).
    pub multihop: Spanned<bool>,
    /// `weight`, -253..=253. Default 0: while the session is down there is a fault.
    pub weight: Spanned<Weight>,
    /// `vrrp`: instances may track it.
    pub vrrp: Spanned<bool>,
    /// `checker`: checkers may track it. With neither, both may.
    pub checker: Spanned<bool>,
}

impl BfdInstance {
    /// A session of which nothing else is said.
    pub fn new(name: Spanned<String>, neighbor_ip: Spanned<IpAddr>) -> Self {
        let ttl = if neighbor_ip.is_ipv4() { 255 } else { 64 };
        BfdInstance {
            name,
            neighbor_ip,
            source_ip: None,
            min_rx: Duration::from_millis(10).into(),
            min_tx: Duration::from_millis(10).into(),
            idle_tx: Duration::from_secs(1).into(),
            multiplier: 5.into(),
            passive: false.into(),
            ttl: ttl.into(),
            max_hops: 0.into(),
            multihop: false.into(),
            weight: Weight::default().into(),
            vrrp: false.into(),
            checker: false.into(),
        }
    }

    /// A session that a block begins, before its neighbour is known.
    pub(crate) fn begin(name: Spanned<String>) -> Self {
        BfdInstance::new(name, IpAddr::V4(Ipv4Addr::UNSPECIFIED).into())
    }
}
