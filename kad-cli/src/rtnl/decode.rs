//! The kernel's messages as our types.
//!
//! Only the attributes that are wanted are looked into: what a newer kernel puts into the others cannot hide an
//! interface or an address.

use std::net::IpAddr;

use ipnet::IpNet;
use netlink_packet_core::{
    DecodeError, NLMSG_OVERRUN, NlaBuffer, NlasIterator, parse_ip, parse_u8, parse_u32,
};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{AddressFlags, AddressHeader};
use netlink_packet_route::link::{LinkFlags, LinkHeader, LinkLayerType};
use netlink_packet_route::neighbour::NeighbourHeader;
use netlink_packet_route::route::{RouteFlags, RouteHeader};
use netlink_packet_route::rule::RuleHeader;
use vrrp_proto::{Family, MacAddr};

use super::frame::{Malformed, Message};
use super::route::{RTA_DST, RTA_PRIORITY, RTA_TABLE, everywhere};
use super::rule::FRA_PRIORITY;
use super::{Event, InterfaceAddress, Link, Neighbor, Scope};
use super::{RouteEvent, RouteTrace, RuleTrace};

/// What a message tells; `None` if it is of another kind.
pub(super) fn event(message: &Message<'_>) -> Result<Option<Event>, Malformed> {
    Ok(match message.kind {
        RTM_NEWLINK => link(message.payload)?.map(Event::Link),
        RTM_DELLINK => link(message.payload)?.map(|link| Event::LinkGone {
            index: link.index,
            name: link.name,
        }),
        RTM_NEWADDR => address(message.payload)?.map(Event::Address),
        RTM_DELADDR => address(message.payload)?.map(Event::AddressGone),
        NLMSG_OVERRUN => return Err(Malformed::new("messages were lost")),
        _ => None,
    })
}

/// A bridge tells of its ports in messages of its own family, and wireless drivers of what happens in the air in
/// messages without addresses: neither says anything of the interface itself.
pub(super) fn link(payload: &[u8]) -> Result<Option<Link>, Malformed> {
    let header = LinkHeader::parse(payload).map_err(Malformed::new)?;
    let attributes = Attributes::behind(LINK_HEADER, payload)?;
    if header.interface_family != AddressFamily::Unspec || attributes.find(IFLA_WIRELESS).is_some() {
        return Ok(None);
    }
    let ethernet = header.link_layer_type == LinkLayerType::Ether;
    Ok(Some(Link {
        index: header.index,
        name: attributes.require(IFLA_IFNAME, text)?,
        up: header.flags.contains(LinkFlags::Up | LinkFlags::Running),
        admin_up: header.flags.contains(LinkFlags::Up),
        loopback: header.flags.contains(LinkFlags::Loopback),
        arp: !header.flags.contains(LinkFlags::Noarp),
        mac: attributes.find(IFLA_ADDRESS).filter(|_| ethernet).and_then(mac),
        mtu: attributes.get(IFLA_MTU, parse_u32)?.unwrap_or_default(),
        // What a kind of interface says of itself cannot hide the interface.
        vrf_table: attributes
            .find(IFLA_LINKINFO)
            .and_then(|info| vrf_table(info).ok().flatten()),
    }))
}

fn vrf_table(info: &[u8]) -> Result<Option<u32>, Malformed> {
    let info = Attributes::read(info)?;
    if info.get(IFLA_INFO_KIND, text)?.as_deref() != Some("vrf") {
        return Ok(None);
    }
    match info.find(IFLA_INFO_DATA) {
        Some(data) => Attributes::read(data)?.get(IFLA_VRF_TABLE, parse_u32),
        None => Ok(None),
    }
}

/// `None` if it is not an IP address.
fn address(payload: &[u8]) -> Result<Option<InterfaceAddress>, Malformed> {
    let header = AddressHeader::parse(payload).map_err(Malformed::new)?;
    if !is_ip(header.family) {
        return Ok(None);
    }
    let attributes = Attributes::behind(ADDRESS_HEADER, payload)?;
    // With a peer, ADDRESS is the other end; without one, IPv6 has no LOCAL.
    let local = if attributes.find(IFA_LOCAL).is_some() {
        IFA_LOCAL
    } else {
        IFA_ADDRESS
    };
    let flags = attributes
        .get(IFA_FLAGS, parse_u32)?
        .unwrap_or(header.flags.bits().into());
    let flags = AddressFlags::from_bits_retain(flags);
    Ok(Some(InterfaceAddress {
        index: header.index,
        address: ip(header.family, attributes.require(local, parse_ip)?)?,
        prefix_len: header.prefix_len,
        secondary: flags.contains(AddressFlags::Secondary),
        tentative: flags.intersects(AddressFlags::Tentative | AddressFlags::Dadfailed),
        scope: Scope(header.scope.into()),
        label: attributes.get(IFA_LABEL, text)?,
        protocol: attributes.get(IFA_PROTO, parse_u8)?,
    }))
}

/// What a message tells of a neighbour; `None` if it is of another kind.
pub(super) fn neighbor(message: &Message<'_>) -> Result<Option<Neighbor>, Malformed> {
    if message.kind != RTM_NEWNEIGH {
        return Ok(None);
    }
    let header = NeighbourHeader::parse(message.payload).map_err(Malformed::new)?;
    if !is_ip(header.family) {
        return Ok(None);
    }
    let attributes = Attributes::behind(NEIGHBOR_HEADER, message.payload)?;
    Ok(Some(Neighbor {
        index: header.ifindex,
        address: ip(header.family, attributes.require(NDA_DST, parse_ip)?)?,
        mac: attributes.find(NDA_LLADDR).and_then(mac),
    }))
}

/// Which route or rule a message says is gone; `None` if it is of another kind.
pub(super) fn route_event(message: &Message<'_>) -> Result<Option<RouteEvent>, Malformed> {
    Ok(match message.kind {
        RTM_DELROUTE => route(message.payload)?.map(RouteEvent::RouteGone),
        RTM_DELRULE => rule(message.payload)?.map(RouteEvent::RuleGone),
        _ => None,
    })
}

/// `None` if it is no IP route, or one that the kernel keeps as a note for itself.
fn route(payload: &[u8]) -> Result<Option<RouteTrace>, Malformed> {
    let header = RouteHeader::parse(payload).map_err(Malformed::new)?;
    let Some(family) = ip_family(header.address_family) else {
        return Ok(None);
    };
    if header.flags.contains(RouteFlags::Cloned) {
        return Ok(None);
    }
    let attributes = Attributes::behind(ROUTE_HEADER, payload)?;
    let destination = match attributes.get(RTA_DST, parse_ip)? {
        Some(address) => {
            let address = ip(header.address_family, address)?;
            IpNet::new(address, header.destination_prefix_length).map_err(Malformed::new)?
        }
        None => everywhere(family),
    };
    Ok(Some(RouteTrace {
        destination,
        table: attributes
            .get(RTA_TABLE, parse_u32)?
            .unwrap_or(header.table.into()),
        tos: if family == Family::Ipv4 { header.tos } else { 0 },
        metric: attributes.get(RTA_PRIORITY, parse_u32)?.unwrap_or_default(),
    }))
}

/// `None` if it is no IP rule.
fn rule(payload: &[u8]) -> Result<Option<RuleTrace>, Malformed> {
    let header = RuleHeader::parse(payload).map_err(Malformed::new)?;
    let Some(family) = ip_family(header.family) else {
        return Ok(None);
    };
    let attributes = Attributes::behind(ROUTE_HEADER, payload)?;
    Ok(Some(RuleTrace {
        family,
        priority: attributes.get(FRA_PRIORITY, parse_u32)?.unwrap_or_default(),
        action: header.action.into(),
        from_len: header.src_len,
        to_len: header.dst_len,
    }))
}

fn ip_family(family: AddressFamily) -> Option<Family> {
    match family {
        AddressFamily::Inet => Some(Family::Ipv4),
        AddressFamily::Inet6 => Some(Family::Ipv6),
        _ => None,
    }
}

/// The attributes of a message, not looked into yet.
pub(super) struct Attributes<'a>(Vec<NlaBuffer<&'a [u8]>>);

impl<'a> Attributes<'a> {
    pub(super) fn behind(header_len: usize, payload: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(payload.get(header_len..).unwrap_or_default())
    }

    /// The attributes that another one consists of.
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        NlasIterator::new(value)
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(Malformed::new)
    }

    pub(super) fn find(&self, kind: u16) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|attribute| attribute.kind() == kind)
            .map(NlaBuffer::value)
    }

    pub(super) fn get<T>(&self, kind: u16, parse: Parse<T>) -> Result<Option<T>, Malformed> {
        self.find(kind)
            .map(parse)
            .transpose()
            .map_err(|error| Malformed::new(format!("attribute {kind}: {error}")))
    }

    fn require<T>(&self, kind: u16, parse: Parse<T>) -> Result<T, Malformed> {
        self.get(kind, parse)?
            .ok_or_else(|| Malformed::new(format!("attribute {kind} is not there")))
    }
}

pub(super) type Parse<T> = fn(&[u8]) -> Result<T, DecodeError>;

fn is_ip(family: AddressFamily) -> bool {
    matches!(family, AddressFamily::Inet | AddressFamily::Inet6)
}

fn ip(family: AddressFamily, address: IpAddr) -> Result<IpAddr, Malformed> {
    if address.is_ipv4() == (family == AddressFamily::Inet) {
        Ok(address)
    } else {
        Err(Malformed::new(format!(
            "{address} is of another family than its message"
        )))
    }
}

/// The kernel takes names in any encoding.
pub(super) fn text(value: &[u8]) -> Result<String, DecodeError> {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(text).into_owned())
}

fn mac(octets: &[u8]) -> Option<MacAddr> {
    octets.try_into().ok().map(MacAddr)
}

pub(super) const LINK_HEADER: usize = 16;
const ADDRESS_HEADER: usize = 8;
const NEIGHBOR_HEADER: usize = 12;
/// That of a rule is as long.
const ROUTE_HEADER: usize = 12;

// linux/rtnetlink.h
const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
const RTM_DELROUTE: u16 = 25;
const RTM_NEWNEIGH: u16 = 28;
const RTM_DELRULE: u16 = 33;

// linux/if_link.h
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_WIRELESS: u16 = 11;
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_VRF_TABLE: u16 = 1;

// linux/if_addr.h
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
const IFA_FLAGS: u16 = 8;
const IFA_PROTO: u16 = 11;

// linux/neighbour.h
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
