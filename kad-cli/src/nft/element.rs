//! What is filtered.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vrrp_proto::Family;

/// Something whose packets are dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Element {
    /// Packets to and from this address.
    V4(Ipv4Addr),
    /// The same, except neighbour solicitations and advertisements (RFC 4861).
    V6(Ipv6Addr),
    /// The same for an address that means something on one interface only.
    LinkLocal(Ipv6Addr, InterfaceKey),
    /// What the kernel says by itself on this interface: membership reports (IGMP; MLD), router solicitations.
    Quiet(Family, String),
}

/// How an interface is known to the filter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum InterfaceKey {
    /// By its name, also if it is made anew.
    Name(String),
    /// By its index.
    Index(u32),
}

impl Element {
    /// The element for an address on an interface.
    pub fn address(address: IpAddr, interface: InterfaceKey) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) if address.is_unicast_link_local() => Self::LinkLocal(address, interface),
            IpAddr::V6(address) => Self::V6(address),
        }
    }

    /// Whose table it is in.
    pub fn family(&self) -> Family {
        match self {
            Self::V4(_) => Family::Ipv4,
            Self::V6(_) | Self::LinkLocal(..) => Family::Ipv6,
            Self::Quiet(family, _) => *family,
        }
    }

    /// As the kernel compares it with packets: a field after the other, each padded to a register's four bytes.
    pub(super) fn key(&self) -> Vec<u8> {
        match self {
            Self::V4(address) => address.octets().to_vec(),
            Self::V6(address) => address.octets().to_vec(),
            Self::LinkLocal(address, interface) => {
                let mut key = address.octets().to_vec();
                match interface {
                    InterfaceKey::Name(name) => key.extend(padded(name)),
                    InterfaceKey::Index(index) => key.extend(index.to_ne_bytes()),
                }
                key
            }
            Self::Quiet(_, name) => padded(name).to_vec(),
        }
    }
}

/// The kernel's names of interfaces are 15 bytes at most, and zeros.
fn padded(name: &str) -> [u8; IFNAMSIZ] {
    let mut padded = [0; IFNAMSIZ];
    let bytes = name.bytes().take(IFNAMSIZ - 1);
    padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    padded
}

/// linux/if.h.
const IFNAMSIZ: usize = 16;
