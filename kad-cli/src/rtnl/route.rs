//! Routes: what they say, and how the kernel is told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use netlink_packet_core::{DefaultNla, Emitable};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{RouteAttribute, RouteFlags, RouteHeader, RouteMessage};
use vrrp_proto::Family;

use super::encap::Encap;

/// A route. `D` is what stands for an interface: its number, for the kernel.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct RouteSpec<D = u32> {
    /// IPv4 or IPv6.
    pub family: Family,
    /// Where it leads; `None` is everywhere. Host bits do not count.
    pub destination: Option<IpNet>,
    /// What becomes of the packets (`RTN_*` in linux/rtnetlink.h).
    pub kind: u8,
    /// The address that packets of this machine get.
    pub source: Option<IpAddr>,
    /// Where the packets go next, if there is one way only.
    pub hop: Hop<D>,
    /// Where they go next, if there are several ways.
    pub hops: Vec<Hop<D>>,
    /// How far it leads (`rt_scope_t` in linux/rtnetlink.h); IPv4 only.
    pub scope: u8,
    /// The routing table.
    pub table: u32,
    /// The type of service that packets must have.
    pub tos: u8,
    /// The lower, the better; `None` is the best for IPv4, and 1024 for IPv6.
    pub metric: Option<u32>,
    /// Who made it (`RTPROT_*` in linux/rtnetlink.h).
    pub protocol: u8,
    /// The realms: source in the upper half, destination in the lower.
    pub realms: Option<u32>,
    /// Numbers that go with it.
    pub metrics: Vec<Metric>,
    /// The algorithm of congestion control, and whether programs cannot choose another.
    pub congestion: Option<(String, bool)>,
    /// RFC 4191 section 2.1, as its two bits; IPv6 only.
    pub preference: Option<u8>,
    /// After how many seconds the kernel removes it; IPv6 only.
    pub expires: Option<u32>,
    /// Whether MPLS copies the time to live (RTA_TTL_PROPAGATE).
    pub ttl_propagate: Option<bool>,
}

/// A way for packets to go.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Hop<D = u32> {
    /// The next router; it may be of the other family.
    pub via: Option<IpAddr>,
    /// The interface.
    pub device: Option<D>,
    /// Its share among several, 1 to 256.
    pub weight: u16,
    /// The next router is on the link, whatever the addresses say.
    pub onlink: bool,
    /// What the packets are wrapped into.
    pub encap: Option<Encap>,
}

/// A number that goes with a route (`RTAX_*` in linux/rtnetlink.h).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Metric {
    /// Which one.
    pub kind: u16,
    /// Its value, in the kernel's unit.
    pub value: u32,
    /// Whether the kernel keeps it as it is.
    pub lock: bool,
}

/// What tells a route from most others, as an event has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct RouteTrace {
    /// Where it leads; a prefix of no bits is everywhere.
    pub destination: IpNet,
    /// The routing table.
    pub table: u32,
    /// The type of service.
    pub tos: u8,
    /// The metric; 0 for an IPv4 route without one.
    pub metric: u32,
}

impl<D> RouteSpec<D> {
    /// A unicast route of the main table, of which nothing else is said, made by keepalived.
    pub fn new(family: Family, destination: Option<IpNet>) -> Self {
        Self {
            family,
            destination,
            kind: RTN_UNICAST,
            source: None,
            hop: Hop::default(),
            hops: Vec::new(),
            scope: 0,
            table: RT_TABLE_MAIN,
            tos: 0,
            metric: None,
            protocol: RTPROT_KEEPALIVED,
            realms: None,
            metrics: Vec::new(),
            congestion: None,
            preference: None,
            expires: None,
            ttl_propagate: None,
        }
    }

    /// All interfaces that it names.
    pub fn devices(&self) -> impl Iterator<Item = &D> {
        let ways = std::iter::once(&self.hop).chain(&self.hops);
        ways.filter_map(|way| way.device.as_ref())
    }

    /// The same with other words for interfaces, if there is one for each.
    pub fn with_devices<E>(&self, translate: impl Fn(&D) -> Option<E>) -> Option<RouteSpec<E>> {
        let hop = self.hop.with_device(&translate)?;
        let hops = self.hops.iter().map(|hop| hop.with_device(&translate));
        Some(RouteSpec {
            hop,
            hops: hops.collect::<Option<_>>()?,
            family: self.family,
            destination: self.destination,
            kind: self.kind,
            source: self.source,
            scope: self.scope,
            table: self.table,
            tos: self.tos,
            metric: self.metric,
            protocol: self.protocol,
            realms: self.realms,
            metrics: self.metrics.clone(),
            congestion: self.congestion.clone(),
            preference: self.preference,
            expires: self.expires,
            ttl_propagate: self.ttl_propagate,
        })
    }

    /// What the kernel calls it when it goes.
    pub fn trace(&self) -> RouteTrace {
        RouteTrace {
            destination: self.destination().trunc(),
            table: self.table,
            tos: if self.family == Family::Ipv4 { self.tos } else { 0 },
            metric: self.full_metric().unwrap_or_default(),
        }
    }

    fn destination(&self) -> IpNet {
        self.destination.unwrap_or_else(|| everywhere(self.family))
    }

    /// The kernel removes an IPv6 route of any metric if it is told none.
    fn full_metric(&self) -> Option<u32> {
        match self.family {
            Family::Ipv4 => self.metric,
            Family::Ipv6 => Some(
                self.metric
                    .filter(|metric| *metric != 0)
                    .unwrap_or(IP6_RT_PRIO_USER),
            ),
        }
    }
}

impl<D> Hop<D> {
    fn with_device<E>(&self, translate: impl Fn(&D) -> Option<E>) -> Option<Hop<E>> {
        Some(Hop {
            device: match &self.device {
                Some(device) => Some(translate(device)?),
                None => None,
            },
            via: self.via,
            weight: self.weight,
            onlink: self.onlink,
            encap: self.encap.clone(),
        })
    }
}

impl<D> Default for Hop<D> {
    fn default() -> Self {
        Self {
            via: None,
            device: None,
            weight: 1,
            onlink: false,
            encap: None,
        }
    }
}

pub(super) fn everywhere(family: Family) -> IpNet {
    let address: IpAddr = match family {
        Family::Ipv4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::Ipv6 => Ipv6Addr::UNSPECIFIED.into(),
    };
    IpNet::new(address, 0).expect("no prefix is shorter than none")
}

/// The message that adds or removes it.
pub(super) fn encode(spec: &RouteSpec) -> RouteMessage {
    let destination = spec.destination();
    let mut message = RouteMessage::default();
    message.header = RouteHeader {
        address_family: address_family(spec.family),
        destination_prefix_length: destination.prefix_len(),
        source_prefix_length: 0,
        tos: spec.tos,
        table: small_table(spec.table),
        protocol: spec.protocol.into(),
        scope: spec.scope.into(),
        kind: spec.kind.into(),
        flags: if spec.hop.onlink {
            RouteFlags::Onlink
        } else {
            RouteFlags::empty()
        },
    };
    let mut attributes = vec![number(RTA_TABLE, spec.table)];
    if destination.prefix_len() > 0 {
        attributes.push(address(RTA_DST, destination.trunc().addr()));
    }
    attributes.extend(spec.source.map(|source| address(RTA_PREFSRC, source)));
    attributes.extend(spec.full_metric().map(|metric| number(RTA_PRIORITY, metric)));
    attributes.extend(spec.realms.map(|realms| number(RTA_FLOW, realms)));
    attributes.extend(metrics(spec));
    attributes.extend(way(&spec.hop, spec.family));
    attributes.extend(spec.hop.device.map(|index| number(RTA_OIF, index)));
    if !spec.hops.is_empty() {
        attributes.push(DefaultNla::new(RTA_MULTIPATH, multipath(spec)));
    }
    attributes.extend(spec.preference.map(|bits| DefaultNla::new(RTA_PREF, vec![bits])));
    attributes.extend(spec.expires.map(|seconds| number(RTA_EXPIRES, seconds)));
    let propagate = spec.ttl_propagate.map(u8::from);
    attributes.extend(propagate.map(|on| DefaultNla::new(RTA_TTL_PROPAGATE, vec![on])));
    message.attributes = attributes.into_iter().map(RouteAttribute::Other).collect();
    message
}

pub(super) fn address_family(family: Family) -> AddressFamily {
    match family {
        Family::Ipv4 => AddressFamily::Inet,
        Family::Ipv6 => AddressFamily::Inet6,
    }
}

/// The header has eight bits for it; an attribute has them all.
pub(super) fn small_table(table: u32) -> u8 {
    u8::try_from(table).unwrap_or(RT_TABLE_COMPAT)
}

pub(super) fn number(kind: u16, number: u32) -> DefaultNla {
    DefaultNla::new(kind, number.to_ne_bytes().to_vec())
}

pub(super) fn address(kind: u16, address: IpAddr) -> DefaultNla {
    DefaultNla::new(kind, octets(address))
}

pub(super) fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Attributes one after another.
pub(super) fn join(attributes: &[DefaultNla]) -> Vec<u8> {
    let mut bytes = vec![0; attributes.buffer_len()];
    attributes.emit(&mut bytes);
    bytes
}

/// The next router and the wrapping.
fn way(hop: &Hop, family: Family) -> Vec<DefaultNla> {
    let mut attributes = Vec::new();
    match hop.via {
        Some(via) if via.is_ipv4() == (family == Family::Ipv4) => attributes.push(address(RTA_GATEWAY, via)),
        // struct rtvia: the family, and the address.
        Some(via) => {
            let inet = if via.is_ipv4() { AF_INET } else { AF_INET6 };
            let mut bytes = inet.to_ne_bytes().to_vec();
            bytes.extend(octets(via));
            attributes.push(DefaultNla::new(RTA_VIA, bytes));
        }
        None => {}
    }
    if let Some(encap) = &hop.encap {
        let kind = encap.kind().to_ne_bytes().to_vec();
        attributes.push(DefaultNla::new(RTA_ENCAP_TYPE, kind));
        attributes.push(DefaultNla::new(
            RTA_ENCAP | NLA_F_NESTED,
            join(&encap.attributes()),
        ));
    }
    attributes
}

/// struct rtnexthop for each: length, flags, share less one, interface; and attributes.
fn multipath(spec: &RouteSpec) -> Vec<u8> {
    let mut bytes = Vec::new();
    for hop in &spec.hops {
        let attributes = join(&way(hop, spec.family));
        let len = u16::try_from(RTNEXTHOP + attributes.len()).unwrap_or(u16::MAX);
        bytes.extend(len.to_ne_bytes());
        bytes.push(if hop.onlink { RTNH_F_ONLINK } else { 0 });
        bytes.push(u8::try_from(hop.weight.saturating_sub(1)).unwrap_or(u8::MAX));
        bytes.extend(hop.device.unwrap_or_default().to_ne_bytes());
        bytes.extend(attributes);
    }
    bytes
}

fn metrics(spec: &RouteSpec) -> Option<DefaultNla> {
    let mut list: Vec<_> = spec
        .metrics
        .iter()
        .map(|metric| number(metric.kind, metric.value))
        .collect();
    let mut locked: u32 = spec
        .metrics
        .iter()
        .filter(|metric| metric.lock)
        .map(|metric| lock_bit(metric.kind))
        .fold(0, std::ops::BitOr::bitor);
    if let Some((name, lock)) = &spec.congestion {
        let mut bytes = name.as_bytes().to_vec();
        bytes.push(0);
        list.push(DefaultNla::new(RTAX_CC_ALGO, bytes));
        locked |= if *lock { lock_bit(RTAX_CC_ALGO) } else { 0 };
    }
    if locked != 0 {
        list.insert(0, number(RTAX_LOCK, locked));
    }
    (!list.is_empty()).then(|| DefaultNla::new(RTA_METRICS | NLA_F_NESTED, join(&list)))
}

fn lock_bit(kind: u16) -> u32 {
    1_u32.checked_shl(kind.into()).unwrap_or_default()
}

pub(super) const NLA_F_NESTED: u16 = 1 << 15;

// linux/rtnetlink.h
const RTN_UNICAST: u8 = 1;
const RT_TABLE_COMPAT: u8 = 252;
const RT_TABLE_MAIN: u32 = 254;
pub(super) const RTPROT_KEEPALIVED: u8 = 18;
pub(super) const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
pub(super) const RTA_PRIORITY: u16 = 6;
const RTA_PREFSRC: u16 = 7;
const RTA_METRICS: u16 = 8;
const RTA_MULTIPATH: u16 = 9;
const RTA_FLOW: u16 = 11;
pub(super) const RTA_TABLE: u16 = 15;
const RTA_VIA: u16 = 18;
const RTA_PREF: u16 = 20;
const RTA_ENCAP_TYPE: u16 = 21;
const RTA_ENCAP: u16 = 22;
const RTA_EXPIRES: u16 = 23;
const RTA_TTL_PROPAGATE: u16 = 26;
const RTAX_LOCK: u16 = 1;
const RTAX_CC_ALGO: u16 = 16;
const RTNEXTHOP: usize = 8;
const RTNH_F_ONLINK: u8 = 4;

/// linux/socket.h.
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

/// linux/ipv6_route.h.
const IP6_RT_PRIO_USER: u32 = 1024;
