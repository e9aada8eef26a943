use std::net::IpAddr;

use super::Spanned;

/// `use_vmac`: the virtual router has an interface of its own, with the virtual router MAC address (RFC 9568 section
/// 7.3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Vmac {
    /// The interface's name; `None` is `vrrp.` and the virtual router id.
    pub name: Option<String>,
    /// The interface under it; `None` is the instance's.
    pub base: Option<Spanned<String>>,
    /// Another MAC address than RFC 9568's.
    pub address: Option<MacAddress>,
    /// `netlink_notify_msg`: announce the new interface to programs that listen to netlink.
    pub netlink_notify_msg: bool,
    /// `group`: the interface group.
    pub group: Option<u32>,
}

/// `use_ipvlan`: the virtual router has an ipvlan interface of its own.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Ipvlan {
    /// The interface's name; `None` is `vrrp.` and the virtual router id.
    pub name: Option<String>,
    /// The interface under it; `None` is the instance's.
    pub base: Option<Spanned<String>>,
    /// The interface's own address.
    pub address: Option<IpAddr>,
    /// How it reaches its siblings.
    pub mode: IpvlanMode,
    /// `group`: the interface group.
    pub group: Option<u32>,
}

/// How ipvlan interfaces of one base reach each other (include/uapi/linux/if_link.h, `IPVLAN_F_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IpvlanMode {
    /// `bridge`: directly.
    #[default]
    Bridge,
    /// `private`: not at all.
    Private,
    /// `vepa`: by way of an outer switch.
    Vepa,
}

/// The Ethernet address of a VMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MacAddress {
    /// The first five octets.
    pub first: [u8; 5],
    /// The last one; `None` is the virtual router id.
    pub last: Option<u8>,
}
