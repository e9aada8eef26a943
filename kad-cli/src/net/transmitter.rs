//! Adverts out.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsFd;

use nix::libc;
use nix::sys::socket::{SockaddrIn, SockaddrIn6};
use socket2::{Domain, Socket};
use vrrp_proto::{Family, Ipv4Header, PROTOCOL};

use super::open::{PRIORITY, SEND_BUFFER, bind_device, deafen, raw_socket, set, set_send_buffer};
use super::outbox::Outbox;
use super::{Flushed, OpenError};

/// The sending socket of one interface and family, for any number of virtual routers.
///
/// Packets leave with time to live (hop limit) 255 if nothing else is said, and type of service (traffic class) 0xc0, each from a source of its
/// own; they are not looped back to this machine. Nothing is received.
#[derive(Debug)]
pub struct Transmitter {
    socket: Socket,
    queue: Queue,
}

#[derive(Debug)]
enum Queue {
    Ipv4 {
        outbox: Outbox<SockaddrIn>,
        last_id: u16,
    },
    Ipv6 {
        outbox: Outbox<SockaddrIn6>,
        index: u32,
    },
}

impl Transmitter {
    /// Opens the socket for the interface of that name and index.
    pub fn open(name: &str, index: u32, family: Family) -> Result<Self, OpenError> {
        Self::open_on(Some((name, index)), family)
    }

    /// Opens a socket whose packets leave by the interface that the machine's routes say.
    pub fn open_anywhere(family: Family) -> Result<Self, OpenError> {
        Self::open_on(None, family)
    }

    fn open_on(interface: Option<(&str, u32)>, family: Family) -> Result<Self, OpenError> {
        let index = interface.map_or(0, |(_, index)| index);
        let (socket, queue) = match family {
            Family::Ipv4 => (
                open_v4(interface)?,
                Queue::Ipv4 {
                    outbox: Outbox::new(),
                    last_id: 0,
                },
            ),
            Family::Ipv6 => (
                open_v6(interface)?,
                Queue::Ipv6 {
                    outbox: Outbox::new(),
                    index,
                },
            ),
        };
        set("SO_PRIORITY", socket.set_priority(PRIORITY))?;
        set_send_buffer(&socket, SEND_BUFFER)?;
        Ok(Self { socket, queue })
    }

    /// Lets packets leave from addresses that the interface does not have: one that is made for a virtual router sends
    /// from those of the one under it. Over IPv4 that is always so.
    pub fn allow_any_source(&self) -> Result<(), OpenError> {
        match self.queue {
            Queue::Ipv4 { .. } => Ok(()),
            Queue::Ipv6 { .. } => set("IPV6_FREEBIND", self.socket.set_freebind_v6(true)),
        }
    }

    /// Queues a VRRP message. One whose addresses are not of the socket's family counts as failed.
    pub fn queue(&mut self, source: IpAddr, destination: IpAddr, pdu: impl AsRef<[u8]>) {
        self.queue_with_hop_limit(source, destination, HOP_LIMIT, pdu);
    }

    /// The same with another time to live.
    pub fn queue_with_hop_limit(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        hop_limit: u8,
        pdu: impl AsRef<[u8]>,
    ) {
        self.queue.push(source, destination, hop_limit, pdu.as_ref());
    }

    /// Queues what is behind an IPv4 header of the caller's own, which it leaves with.
    pub fn queue_with_header(&mut self, header: Ipv4Header, payload: impl AsRef<[u8]>) {
        match &mut self.queue {
            Queue::Ipv4 { outbox, .. } => push_header(outbox, header, payload.as_ref()),
            Queue::Ipv6 { outbox, .. } => outbox.refuse(wrong_family()),
        }
    }

    /// Sends what is queued, in one system call if nothing is refused. Never blocks: what the kernel refuses, be it for a
    /// full buffer, is dropped and counted, and keeps nothing else from leaving.
    pub fn flush(&mut self) -> Flushed {
        match &mut self.queue {
            Queue::Ipv4 { outbox, .. } => outbox.flush(self.socket.as_fd()),
            Queue::Ipv6 { outbox, .. } => outbox.flush(self.socket.as_fd()),
        }
    }
}

impl Queue {
    fn push(&mut self, source: IpAddr, destination: IpAddr, hop_limit: u8, pdu: &[u8]) {
        match (self, source, destination) {
            (Self::Ipv4 { outbox, last_id }, IpAddr::V4(source), IpAddr::V4(destination)) => {
                push_v4(outbox, last_id, (source, destination), hop_limit, pdu);
            }
            (Self::Ipv6 { outbox, index }, IpAddr::V6(source), IpAddr::V6(destination)) => {
                let to = SocketAddrV6::new(destination, 0, 0, *index);
                let mut control = packet_info(source, *index).to_vec();
                if hop_limit != HOP_LIMIT {
                    control.extend(hop_limit_info(hop_limit));
                }
                outbox.push(to.into(), &control, &[], pdu);
            }
            (Self::Ipv4 { outbox, .. }, ..) => outbox.refuse(wrong_family()),
            (Self::Ipv6 { outbox, .. }, ..) => outbox.refuse(wrong_family()),
        }
    }
}

fn push_v4(
    outbox: &mut Outbox<SockaddrIn>,
    last_id: &mut u16,
    (source, destination): (Ipv4Addr, Ipv4Addr),
    ttl: u8,
    pdu: &[u8],
) {
    let fits = pdu.len() <= V4_PAYLOAD_MAX;
    let (true, Ok(payload_len)) = (fits, u16::try_from(pdu.len())) else {
        return outbox.refuse(io::Error::new(
            io::ErrorKind::InvalidInput,
            "too long for an IPv4 packet",
        ));
    };
    *last_id = next_id(*last_id);
    let header = Ipv4Header {
        source,
        destination,
        ttl,
        tos: Ipv4Header::TOS_CONTROL,
        id: *last_id,
        protocol: PROTOCOL,
        payload_len,
    };
    push_header(outbox, header, pdu);
}

fn push_header(outbox: &mut Outbox<SockaddrIn>, header: Ipv4Header, payload: &[u8]) {
    let mut octets = [0; Ipv4Header::LEN];
    header.emit(&mut octets);
    let to = SocketAddrV4::new(header.destination, 0);
    outbox.push(to.into(), &[], &octets, payload);
}

/// Never zero, for which the kernel would put an identification of its own (raw(7)).
fn next_id(last: u16) -> u16 {
    last.checked_add(1).unwrap_or(1)
}

/// The control message that chooses the source (RFC 3542 section 6.2): `struct cmsghdr`, then `struct in6_pktinfo`.
fn packet_info(source: Ipv6Addr, index: u32) -> [u8; PACKET_INFO_SPACE] {
    let mut octets = [0; PACKET_INFO_SPACE];
    let fields = PACKET_INFO_LEN.to_ne_bytes().into_iter().chain(
        [libc::IPPROTO_IPV6.to_ne_bytes(), libc::IPV6_PKTINFO.to_ne_bytes()]
            .into_iter()
            .flatten(),
    );
    let info = source.octets().into_iter().chain(index.to_ne_bytes());
    for (octet, value) in octets.iter_mut().zip(fields.chain(info)) {
        *octet = value;
    }
    octets
}

/// The control message that chooses the hop limit (RFC 3542 section 6.3): `struct cmsghdr`, then an `int`.
fn hop_limit_info(hop_limit: u8) -> impl Iterator<Item = u8> {
    let header = HOP_LIMIT_LEN.to_ne_bytes().into_iter().chain(
        [libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, hop_limit.into()]
            .into_iter()
            .flat_map(i32::to_ne_bytes),
    );
    header
        .chain(std::iter::repeat(0))
        .take(HOP_LIMIT_LEN.next_multiple_of(size_of::<usize>()))
}

/// With IPPROTO_RAW the header is ours, and nothing is received. A socket that is bound to its interface needs no
/// IP_MULTICAST_IF.
fn open_v4(interface: Option<(&str, u32)>) -> Result<Socket, OpenError> {
    let socket = raw_socket(Domain::IPV4, libc::IPPROTO_RAW)?;
    if let Some((name, _)) = interface {
        bind_device(&socket, name)?;
    }
    set("IP_MULTICAST_LOOP", socket.set_multicast_loop_v4(false))?;
    Ok(socket)
}

/// The header is the kernel's, and its protocol is one that the socket would also receive, if it were not deaf.
fn open_v6(interface: Option<(&str, u32)>) -> Result<Socket, OpenError> {
    let socket = raw_socket(Domain::IPV6, PROTOCOL.into())?;
    deafen(&socket)?;
    if let Some((name, index)) = interface {
        bind_device(&socket, name)?;
        set("IPV6_MULTICAST_IF", socket.set_multicast_if_v6(index))?;
    }
    set("IPV6_MULTICAST_LOOP", socket.set_multicast_loop_v6(false))?;
    set(
        "IPV6_MULTICAST_HOPS",
        socket.set_multicast_hops_v6(HOP_LIMIT.into()),
    )?;
    set("IPV6_UNICAST_HOPS", socket.set_unicast_hops_v6(HOP_LIMIT.into()))?;
    set(
        "IPV6_TCLASS",
        socket.set_tclass_v6(Ipv4Header::TOS_CONTROL.into()),
    )?;
    Ok(socket)
}

fn wrong_family() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "the addresses are not of the socket's family",
    )
}

/// RFC 9568 sections 5.1.1.3 and 5.1.2.3.
const HOP_LIMIT: u8 = 255;
const V4_PAYLOAD_MAX: usize = 65_535 - Ipv4Header::LEN;
/// CMSG_LEN and CMSG_SPACE of an `in6_pktinfo`. The length field has the size of a pointer.
const PACKET_INFO_LEN: usize = size_of::<usize>() + 2 * size_of::<i32>() + size_of::<libc::in6_pktinfo>();
/// CMSG_LEN of an `int`.
const HOP_LIMIT_LEN: usize = size_of::<usize>() + 3 * size_of::<i32>();
const PACKET_INFO_SPACE: usize = PACKET_INFO_LEN.next_multiple_of(size_of::<usize>());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identification_skips_zero() {
        assert_eq!([0, 1, 65_534, 65_535].map(next_id), [1, 2, 65_535, 1]);
    }
}
