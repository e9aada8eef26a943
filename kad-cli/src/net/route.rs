//! What the machine's routes say.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// The address that a packet to `destination` leaves with if nothing chooses another. Nothing is sent.
pub fn source_towards(destination: IpAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect((destination, DISCARD))?;
    Ok(socket.local_addr()?.ip())
}

/// Whether the machine has the address.
pub fn is_local(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// A port is needed, whichever it is.
const DISCARD: u16 = 9;
