use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Family;
use crate::convert::DecodeError;

/// AF_INET.
const IPV4: u16 = 2;
/// AF_INET6, as it is on Linux.
const IPV6: u16 = 10;

pub(super) fn family_number(family: Family) -> u16 {
    match family {
        Family::Ipv4 => IPV4,
        Family::Ipv6 => IPV6,
    }
}

pub(super) fn family(number: u16) -> Result<Family, DecodeError> {
    match number {
        IPV4 => Ok(Family::Ipv4),
        IPV6 => Ok(Family::Ipv6),
        other => Err(DecodeError::AddressFamily(other)),
    }
}

/// As union nf_inet_addr has it: an IPv4 address and twelve octets of 0, or an IPv6 address.
pub(super) fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(address) => address.octets(),
    }
}

pub(super) fn address(octets: [u8; 16], family: Family) -> IpAddr {
    let [a, b, c, d, ..] = octets;
    match family {
        Family::Ipv4 => Ipv4Addr::new(a, b, c, d).into(),
        Family::Ipv6 => Ipv6Addr::from(octets).into(),
    }
}
