//! The kernel's messages as our types.

use std::net::IpAddr;

use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute};
use vrrp_proto::MacAddr;

use super::{Event, InterfaceAddress, Link, Neighbor};

/// What a message tells; `None` if it is of another kind.
pub(super) fn event(message: &[u8]) -> Result<Option<Event>, String> {
    let message =
        NetlinkMessage::<RouteNetlinkMessage>::deserialize(message).map_err(|error| error.to_string())?;
    let NetlinkPayload::InnerMessage(message) = message.payload else {
        return Ok(None);
    };
    Ok(match message {
        RouteNetlinkMessage::NewLink(message) => link(&message).map(Event::Link),
        RouteNetlinkMessage::DelLink(message) => link(&message).map(|link| Event::LinkGone {
            index: link.index,
            name: link.name,
        }),
        RouteNetlinkMessage::NewAddress(message) => address(&message).map(Event::Address),
        RouteNetlinkMessage::DelAddress(message) => address(&message).map(Event::AddressGone),
        _ => None,
    })
}

/// Messages without a name are of other families (a bridge's ports), and tell nothing of the interface itself.
fn link(message: &LinkMessage) -> Option<Link> {
    if u8::from(message.header.interface_family) != UNSPECIFIED {
        return None;
    }
    let flags = message.header.flags;
    let mut link = Link {
        index: message.header.index,
        name: String::new(),
        up: flags.contains(LinkFlags::Up | LinkFlags::Running),
        admin_up: flags.contains(LinkFlags::Up),
        loopback: flags.contains(LinkFlags::Loopback),
        arp: !flags.contains(LinkFlags::Noarp),
        mac: None,
        mtu: 0,
    };
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name.clone_from(name),
            LinkAttribute::Address(mac) => link.mac = <[u8; 6]>::try_from(mac.as_slice()).ok().map(MacAddr),
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            _ => {}
        }
    }
    (!link.name.is_empty()).then_some(link)
}

fn address(message: &AddressMessage) -> Option<InterfaceAddress> {
    let (mut local, mut remote) = (None::<IpAddr>, None);
    let (mut label, mut protocol) = (None, None);
    let mut flags = AddressFlags::from_bits_retain(u32::from(message.header.flags.bits()));
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(address) => local = Some(*address),
            AddressAttribute::Address(address) => remote = Some(*address),
            AddressAttribute::Label(text) => label = Some(text.clone()),
            AddressAttribute::Flags(all) => flags = *all,
            AddressAttribute::Protocol(value) => protocol = Some(u8::from(*value)),
            _ => {}
        }
    }
    Some(InterfaceAddress {
        index: message.header.index,
        // With a peer, ADDRESS is the other end; without one, IPv6 has no LOCAL.
        address: local.or(remote)?,
        prefix_len: message.header.prefix_len,
        secondary: message.header.flags.contains(AddressHeaderFlags::Secondary),
        tentative: flags.intersects(AddressFlags::Tentative | AddressFlags::Dadfailed),
        scope: super::Scope(u8::from(message.header.scope)),
        label,
        protocol,
    })
}

/// What a message tells of a neighbour; `None` if it is of another kind.
pub(super) fn neighbor(message: &[u8]) -> Result<Option<Neighbor>, String> {
    let message =
        NetlinkMessage::<RouteNetlinkMessage>::deserialize(message).map_err(|error| error.to_string())?;
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNeighbour(message)) = message.payload else {
        return Ok(None);
    };
    let (mut address, mut mac) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => address = Some(IpAddr::V4(*ip)),
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => address = Some(IpAddr::V6(*ip)),
            NeighbourAttribute::LinkLayerAddress(octets) => {
                mac = <[u8; 6]>::try_from(octets.as_slice()).ok().map(MacAddr);
            }
            _ => {}
        }
    }
    Ok(address.map(|address| Neighbor {
        index: message.header.ifindex,
        address,
        mac,
    }))
}

const UNSPECIFIED: u8 = 0;
