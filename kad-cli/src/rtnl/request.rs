//! What the kernel can be asked to do.

use std::net::{IpAddr, Ipv4Addr};

use vrrp_proto::MacAddr;

use super::{RouteSpec, RuleSpec, StackedSpec};

/// A change.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Request {
    /// Adds an address to an interface. It is an error if it is there.
    AddAddress(AddressSpec),
    /// Removes an address from an interface: the one of the same address and prefix length.
    RemoveAddress(AddressSpec),
    /// Adds a route, before others of the same destination and metric. It is an error if the very same is there.
    AddRoute(RouteSpec),
    /// Removes a route.
    RemoveRoute(RouteSpec),
    /// Adds a routing rule. It is an error if it is there.
    AddRule(RuleSpec),
    /// Removes a routing rule.
    RemoveRule(RuleSpec),
    /// Makes a pair of connected interfaces.
    AddVeth(VethSpec),
    /// Makes a bridge. It has no forwarding delay and no spanning tree.
    AddBridge {
        /// Its name.
        name: String,
    },
    /// Makes an interface on top of another.
    AddStacked(StackedSpec),
    /// Changes an interface of that name, and on top of another, into what the specification says.
    ChangeStacked(StackedSpec),
    /// Changes an interface.
    ChangeLink(LinkChange),
    /// Deletes an interface.
    RemoveLink {
        /// Its number.
        index: u32,
    },
}

/// An address as it is to be on an interface. IPv6 addresses can be used at once, without a check for duplicates
/// (IFA_F_NODAD), unless the options say otherwise; all are marked as keepalived's (IFA_PROTO 18, `RTPROT_KEEPALIVED` in linux/rtnetlink.h).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct AddressSpec {
    /// The interface's number.
    pub index: u32,
    /// The address.
    pub address: IpAddr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// The broadcast address, for IPv4; none unless one is given.
    pub broadcast: Option<Ipv4Addr>,
    /// How far it is valid (`rt_scope_t` in linux/rtnetlink.h); the kernel decides by itself for IPv6.
    pub scope: u8,
    /// The label, for IPv4; the kernel takes the interface's name if none is given.
    pub label: Option<String>,
    /// What few addresses need.
    pub options: AddressOptions,
}

/// What few addresses need.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AddressOptions {
    /// The other end of a point-to-point link; the prefix is then the other end's.
    pub peer: Option<IpAddr>,
    /// It is a home address (RFC 6275); IPv6 only.
    pub home: bool,
    /// It is checked for duplicates before it is used; IPv6 only.
    pub dad: bool,
    /// The kernel makes temporary addresses of it; IPv6 only.
    pub mngtmpaddr: bool,
    /// The kernel makes no route of its prefix.
    pub noprefixroute: bool,
    /// The kernel joins it, a multicast group.
    pub autojoin: bool,
    /// For how many seconds new connections may use it; `None` is for ever.
    pub preferred: Option<u32>,
}

impl AddressSpec {
    /// `address` with a prefix of `prefix_len` on the interface of number `index`, valid everywhere, and nothing else.
    pub fn new(index: u32, address: IpAddr, prefix_len: u8) -> Self {
        Self {
            index,
            address,
            prefix_len,
            broadcast: None,
            scope: 0,
            label: None,
            options: AddressOptions::default(),
        }
    }
}

/// A pair of connected interfaces (veth(4)).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct VethSpec {
    /// The name of the end in this namespace.
    pub name: String,
    /// The name of the other end.
    pub peer_name: String,
    /// The other end's address; a random one if none is given.
    pub peer_mac: Option<MacAddr>,
    /// A process in whose namespace the other end is; this namespace if none is given.
    pub peer_process: Option<u32>,
}

impl VethSpec {
    /// A pair in this namespace, with random addresses.
    pub fn new(name: &str, peer_name: &str) -> Self {
        Self {
            name: name.to_owned(),
            peer_name: peer_name.to_owned(),
            peer_mac: None,
            peer_process: None,
        }
    }
}

/// What is to change of an interface; what is not given stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct LinkChange {
    /// The interface's number.
    pub index: u32,
    /// Switch it on or off.
    pub up: Option<bool>,
    /// Make it a port of the bridge of this number.
    pub bridge: Option<u32>,
    /// Its address.
    pub mac: Option<MacAddr>,
    /// What `ip link` shows as its alias: free text.
    pub alias: Option<String>,
    /// Have it make itself no IPv6 addresses, not even a link-local one (IN6_ADDR_GEN_MODE_NONE).
    pub generates_no_addresses: bool,
}

impl LinkChange {
    /// No change yet of the interface of number `index`.
    pub fn new(index: u32) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }
}
