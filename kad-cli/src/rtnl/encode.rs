//! Requests to bytes.

use std::net::IpAddr;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeader, AddressMessage, AddressProtocol, CacheInfo,
};
use netlink_packet_route::link::{
    InfoBridge, InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::neighbour::NeighbourMessage;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use vrrp_proto::MacAddr;

use super::request::{AddressSpec, LinkChange, Request, VethSpec};
use super::route::RTPROT_KEEPALIVED;
use super::{route, rule, stacked};

/// What can be asked for in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    Links,
    Addresses,
    Neighbors,
}

/// Appends a change that wants an answer of number `sequence`.
pub(super) fn request(request: &Request, sequence: u32, bytes: &mut Vec<u8>) {
    let (flags, message) = match request {
        Request::AddAddress(spec) => (CREATE, RouteNetlinkMessage::NewAddress(new_address(spec))),
        Request::RemoveAddress(spec) => (0, RouteNetlinkMessage::DelAddress(old_address(spec))),
        Request::AddRoute(spec) => (NLM_F_CREATE, RouteNetlinkMessage::NewRoute(route::encode(spec))),
        Request::RemoveRoute(spec) => (0, RouteNetlinkMessage::DelRoute(route::encode(spec))),
        Request::AddRule(spec) => (CREATE, RouteNetlinkMessage::NewRule(rule::encode(spec))),
        Request::RemoveRule(spec) => (0, RouteNetlinkMessage::DelRule(rule::encode(spec))),
        Request::AddVeth(spec) => (CREATE, RouteNetlinkMessage::NewLink(veth(spec))),
        Request::AddBridge { name } => (CREATE, RouteNetlinkMessage::NewLink(bridge(name))),
        Request::AddStacked(spec) => (CREATE, RouteNetlinkMessage::NewLink(stacked::encode(spec))),
        Request::ChangeStacked(spec) => (0, RouteNetlinkMessage::NewLink(stacked::encode(spec))),
        Request::ChangeLink(change) => (0, RouteNetlinkMessage::SetLink(link_change(change))),
        Request::RemoveLink { index } => (0, RouteNetlinkMessage::DelLink(link(*index))),
    };
    append(message, NLM_F_ACK | flags, sequence, bytes);
}

/// Appends the wish to see all of `table`.
pub(super) fn dump(table: Table, sequence: u32, bytes: &mut Vec<u8>) {
    let message = match table {
        Table::Links => RouteNetlinkMessage::GetLink(LinkMessage::default()),
        Table::Addresses => RouteNetlinkMessage::GetAddress(AddressMessage::default()),
        Table::Neighbors => RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default()),
    };
    append(message, NLM_F_DUMP, sequence, bytes);
}

fn append(message: RouteNetlinkMessage, flags: u16, sequence: u32, bytes: &mut Vec<u8>) {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | flags;
    header.sequence_number = sequence;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
    message.finalize();
    let start = bytes.len();
    // Every message begins at a multiple of four.
    bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
    let place = bytes.get_mut(start..).expect("the bytes were just made longer");
    message.serialize(place);
}

fn new_address(spec: &AddressSpec) -> AddressMessage {
    let mut message = old_address(spec);
    message.header.scope = spec.scope.into();
    message
        .attributes
        .push(AddressAttribute::Protocol(AddressProtocol::from(
            RTPROT_KEEPALIVED,
        )));
    let flags = address_flags(spec);
    if !flags.is_empty() {
        message.attributes.push(AddressAttribute::Flags(flags));
    }
    if let Some(seconds) = spec.options.preferred {
        let mut times = CacheInfo::default();
        times.ifa_preferred = seconds;
        times.ifa_valid = FOREVER;
        message.attributes.push(AddressAttribute::CacheInfo(times));
    }
    if spec.address.is_ipv6() {
        return message;
    }
    message
        .attributes
        .extend(spec.broadcast.map(AddressAttribute::Broadcast));
    message.attributes.extend(
        spec.label
            .as_deref()
            .map(|label| AddressAttribute::Label(cut(label))),
    );
    message
}

fn address_flags(spec: &AddressSpec) -> AddressFlags {
    let options = &spec.options;
    let ipv6 = spec.address.is_ipv6();
    [
        (ipv6 && !options.dad, AddressFlags::Nodad),
        (ipv6 && options.home, AddressFlags::Homeaddress),
        (ipv6 && options.mngtmpaddr, AddressFlags::Managetempaddr),
        (options.noprefixroute, AddressFlags::Noprefixroute),
        (options.autojoin, AddressFlags::Mcautojoin),
    ]
    .into_iter()
    .filter_map(|(set, flag)| set.then_some(flag))
    .collect()
}

/// What tells an address from others: the kernel compares the prefix length only if it gets the address twice.
fn old_address(spec: &AddressSpec) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header = AddressHeader {
        family: match spec.address {
            IpAddr::V4(_) => AddressFamily::Inet,
            IpAddr::V6(_) => AddressFamily::Inet6,
        },
        prefix_len: spec.prefix_len,
        index: spec.index,
        ..AddressHeader::default()
    };
    message.attributes = vec![
        AddressAttribute::Local(spec.address),
        AddressAttribute::Address(spec.options.peer.unwrap_or(spec.address)),
    ];
    message
}

fn veth(spec: &VethSpec) -> LinkMessage {
    let mut peer = LinkMessage::default();
    peer.attributes.push(LinkAttribute::IfName(cut(&spec.peer_name)));
    peer.attributes.extend(spec.peer_mac.map(hardware_address));
    peer.attributes
        .extend(spec.peer_process.map(LinkAttribute::NetNsPid));
    new_link(&spec.name, InfoKind::Veth, InfoData::Veth(InfoVeth::Peer(peer)))
}

fn bridge(name: &str) -> LinkMessage {
    let settings = vec![InfoBridge::ForwardDelay(0), InfoBridge::MulticastSnooping(false)];
    new_link(name, InfoKind::Bridge, InfoData::Bridge(settings))
}

fn new_link(name: &str, kind: InfoKind, data: InfoData) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(cut(name)));
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(kind),
        LinkInfo::Data(data),
    ]));
    message
}

fn link_change(change: &LinkChange) -> LinkMessage {
    let mut message = link(change.index);
    if let Some(up) = change.up {
        message.header.change_mask = LinkFlags::Up;
        message.header.flags = if up { LinkFlags::Up } else { LinkFlags::empty() };
    }
    message
        .attributes
        .extend(change.bridge.map(LinkAttribute::Controller));
    message.attributes.extend(change.mac.map(hardware_address));
    message.attributes.extend(
        change
            .alias
            .as_deref()
            .map(|alias| LinkAttribute::IfAlias(cut(alias))),
    );
    if change.generates_no_addresses {
        message.attributes.push(stacked::no_generated_addresses());
    }
    message
}

fn link(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

fn hardware_address(mac: MacAddr) -> LinkAttribute {
    LinkAttribute::Address(mac.0.to_vec())
}

/// An attribute's length is 16 bits wide. A name that is cut here is still too long for the kernel, which says so.
pub(super) fn cut(name: &str) -> String {
    name.chars().take(NAME_LIMIT).collect()
}

const CREATE: u16 = NLM_F_CREATE | NLM_F_EXCL;
/// INFINITY_LIFE_TIME (net/addrconf.h).
const FOREVER: u32 = u32::MAX;
const NAME_LIMIT: usize = 1000;
