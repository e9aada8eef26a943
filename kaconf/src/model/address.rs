use std::net::{IpAddr, Ipv4Addr};

use super::{Family, Spanned};

/// One line of `virtual_ipaddress`, `virtual_ipaddress_excluded` or `static_ipaddress`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualAddress {
    /// The address.
    pub address: Spanned<IpAddr>,
    /// `/LEN`; 32 or 128 if the file does not say.
    pub prefix_len: u8,
    /// `brd`; IPv4 only.
    pub broadcast: Option<Broadcast>,
    /// `dev`: the interface that gets the address; `None` is the instance's, or `default_interface`.
    pub dev: Option<Spanned<String>>,
    /// `scope`; `None` leaves it to the kernel's rule (host for loopback, else global).
    pub scope: Option<Scope>,
    /// `label`, at most 15 bytes; IPv4 only.
    pub label: Option<String>,
    /// `peer`: the other end of a point-to-point link, with its prefix length.
    pub peer: Option<(IpAddr, u8)>,
    /// `home` (RFC 6275); IPv6 only.
    pub home: bool,
    /// `-nodad`: duplicate address detection is done; IPv6 only.
    pub dad: bool,
    /// `mngtmpaddr`: the kernel makes temporary addresses of it; IPv6 only.
    pub mngtmpaddr: bool,
    /// `noprefixroute`: the kernel makes no route of the prefix.
    pub noprefixroute: bool,
    /// `autojoin`: the kernel joins the multicast group.
    pub autojoin: bool,
    /// `preferred_lft`: how long the address is used for new connections, in seconds; `u32::MAX` is for ever,
    /// and `None` too, but for an IPv6 address of 128 bits: that is for none.
    pub preferred_lft: Option<u32>,
    /// `no_track`: its removal by another program is nobody's business.
    pub no_track: bool,
    /// `use_vmac`: it gets a virtual MAC address, on whatever interface it is.
    pub use_vmac: bool,
    /// `track_group`: static addresses only; whose instances it matters to.
    pub track_group: Option<Spanned<String>>,
}

impl VirtualAddress {
    /// An address of which nothing else is said.
    pub fn new(address: Spanned<IpAddr>) -> Self {
        VirtualAddress {
            prefix_len: Family::of(address.value).max_prefix_len(),
            address,
            broadcast: None,
            dev: None,
            scope: None,
            label: None,
            peer: None,
            home: false,
            dad: false,
            mngtmpaddr: false,
            noprefixroute: false,
            autojoin: false,
            preferred_lft: None,
            no_track: false,
            use_vmac: false,
            track_group: None,
        }
    }
}

/// `brd` of a virtual address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// `brd ADDRESS`.
    Address(Ipv4Addr),
    /// `brd +`: all host bits one.
    Plus,
    /// `brd -`: all host bits zero.
    Minus,
}

/// `scope` of an address or a route: rtnetlink's number (include/uapi/linux/rtnetlink.h, `rt_scope_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub u8);

impl Scope {
    /// `global`.
    pub const GLOBAL: Scope = Scope(0);
    /// `site`.
    pub const SITE: Scope = Scope(200);
    /// `link`.
    pub const LINK: Scope = Scope(253);
    /// `host`.
    pub const HOST: Scope = Scope(254);
    /// `nowhere`.
    pub const NOWHERE: Scope = Scope(255);
}
