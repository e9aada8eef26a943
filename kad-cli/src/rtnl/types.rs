//! What the kernel tells.

use std::net::IpAddr;

use vrrp_proto::MacAddr;

/// A network interface (`ifinfomsg` in linux/rtnetlink.h).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Link {
    /// The kernel's number for it, never used again in this namespace.
    pub index: u32,
    /// Its name at the moment.
    pub name: String,
    /// Whether packets can flow: switched on and with a carrier (IFF_UP and IFF_RUNNING).
    pub up: bool,
    /// Whether it is switched on, with or without a carrier (IFF_UP).
    pub admin_up: bool,
    /// Whether it is the loopback interface (IFF_LOOPBACK).
    pub loopback: bool,
    /// Whether neighbours are found by ARP or neighbour discovery on it (not IFF_NOARP).
    pub arp: bool,
    /// Its address, if it is an Ethernet interface.
    pub mac: Option<MacAddr>,
    /// The longest packet it takes, in octets.
    pub mtu: u32,
    /// The routing table that it stands for, if it is a VRF (IFLA_VRF_TABLE).
    pub vrf_table: Option<u32>,
}

/// An address of an interface (`ifaddrmsg` in linux/if_addr.h).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct InterfaceAddress {
    /// The interface's number.
    pub index: u32,
    /// The interface's own address; with a peer, not the peer's.
    pub address: IpAddr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// Whether another address of the same subnet comes first (IFA_F_SECONDARY); for IPv6, whether it is temporary.
    pub secondary: bool,
    /// Whether it is still checked for duplicates, or was found to be one, and so cannot be used (IFA_F_TENTATIVE).
    pub tentative: bool,
    /// How far it is valid.
    pub scope: Scope,
    /// The label, for IPv4.
    pub label: Option<String>,
    /// Who put it there (IFA_PROTO, since Linux 5.18), if said.
    pub protocol: Option<u8>,
}

/// How far an address is valid (`rt_scope_t` in linux/rtnetlink.h).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope(pub u8);

impl Scope {
    /// Everywhere.
    pub const GLOBAL: Self = Self(0);
    /// Within the site.
    pub const SITE: Self = Self(200);
    /// On the link.
    pub const LINK: Self = Self(253);
    /// On this machine.
    pub const HOST: Self = Self(254);
}

/// Everything, as it was at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Snapshot {
    /// All interfaces.
    pub links: Vec<Link>,
    /// All their addresses.
    pub addresses: Vec<InterfaceAddress>,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An interface appeared or changed; this is what it is now.
    Link(Link),
    /// An interface was deleted, or moved to another namespace.
    LinkGone {
        /// Its number.
        index: u32,
        /// The name it had.
        name: String,
    },
    /// An address appeared or changed; this is what it is now.
    Address(InterfaceAddress),
    /// An address was removed.
    AddressGone(InterfaceAddress),
    /// Some changes were missed; this is what is there now, and everything told before is out of date.
    Resync(Snapshot),
}

/// What the machine knows of a neighbour (`ndmsg` in linux/neighbour.h): an entry of the ARP or neighbour cache.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Neighbor {
    /// The interface it is reached by.
    pub index: u32,
    /// Its address.
    pub address: IpAddr,
    /// Its Ethernet address, if it has answered.
    pub mac: Option<MacAddr>,
}
