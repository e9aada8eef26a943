//! Adverts in.

use std::fmt;
use std::io::{self, IoSliceMut, Read};
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt::Ipv6RecvPacketInfo;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrIn, SockaddrIn6, SockaddrLike, recvmmsg,
    setsockopt,
};
use socket2::{Domain, InterfaceIndexOrAddress, Socket};
use vrrp_proto::{Family, Ipv4Packet};

use super::batch::Reason;
use super::open::{bind_device, deafen, errno, raw_socket, set, set_receive_buffer};
use super::{Batch, OpenError, Protocol, Received};
use crate::sys;

/// The receiving socket of one interface and family, for any number of virtual routers.
///
/// It gets every packet of its IP protocol (112, or 51) that comes in by the interface and is addressed to this machine or to a group
/// that was joined through it. Over IPv6 it also gets what is sent to a group that another socket has joined: there the
/// kernel does not filter, with or without IPV6_MULTICAST_ALL.
///
/// It never blocks. With edge-triggered readiness, read until a batch says that there is no `more`.
#[derive(Debug)]
pub struct Receiver {
    socket: Socket,
    name: String,
    index: u32,
    slots: Slots,
    /// What the kernel had dropped when last asked.
    drops: u32,
    /// Whether the last batch left something behind.
    behind: bool,
}

impl Receiver {
    /// Opens the socket for the interface of that name and index. It hears no group yet.
    pub fn open(name: &str, index: u32, family: Family) -> Result<Self, OpenError> {
        Self::open_for(Protocol::Vrrp, Some((name, index)), family)
    }

    /// Opens a socket that hears what is addressed to this machine, whatever interface brings it.
    pub fn open_anywhere(family: Family) -> Result<Self, OpenError> {
        Self::open_for(Protocol::Vrrp, None, family)
    }

    /// Opens the socket of one protocol, for the interface of that name and index or for all.
    pub fn open_for(
        protocol: Protocol,
        interface: Option<(&str, u32)>,
        family: Family,
    ) -> Result<Self, OpenError> {
        let (name, index) = interface.unwrap_or_default();
        let domain = match family {
            Family::Ipv4 => Domain::IPV4,
            Family::Ipv6 => Domain::IPV6,
        };
        let socket = raw_socket(domain, protocol.number().into())?;
        // What other interfaces bring until the socket is bound would pass for this one's.
        deafen(&socket)?;
        if interface.is_some() {
            bind_device(&socket, name)?;
        }
        match family {
            Family::Ipv4 => set("IP_MULTICAST_ALL", socket.set_multicast_all_v4(false))?,
            Family::Ipv6 => set_v6_options(&socket)?,
        }
        set_receive_buffer(&socket, RECEIVE_BUFFER)?;
        set(
            "SO_DETACH_FILTER",
            discard_queue(&socket).and_then(|()| socket.detach_filter()),
        )?;
        let drops = sys::receive_drops(&socket).unwrap_or_default();
        let slots = Slots::new(family);
        Ok(Self {
            socket,
            name: name.to_owned(),
            index,
            slots,
            drops,
            behind: false,
        })
    }

    /// Hears a group on the interface. Joining it again changes nothing.
    pub fn join(&self, group: IpAddr) -> Result<(), OpenError> {
        let outcome = match group {
            IpAddr::V4(group) => self
                .socket
                .join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(self.index)),
            IpAddr::V6(group) => self.socket.join_multicast_v6(&group, self.index),
        };
        outcome.or_else(|source| match errno(&source) {
            Errno::EADDRINUSE => Ok(()),
            Errno::ENODEV => Err(OpenError::NoSuchInterface(self.name.clone())),
            _ => Err(OpenError::Join {
                group,
                interface: self.name.clone(),
                source,
            }),
        })
    }

    /// Hears a group no longer. What is in the queue stays there.
    pub fn leave(&self, group: IpAddr) -> io::Result<()> {
        match group {
            IpAddr::V4(group) => self
                .socket
                .leave_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(self.index)),
            IpAddr::V6(group) => self.socket.leave_multicast_v6(&group, self.index),
        }
    }

    /// Reads up to [`Receiver::BATCH`] packets with one system call, and gives each to `each`. Finding none is no error.
    pub fn receive(&mut self, mut each: impl FnMut(Received<'_>)) -> io::Result<Batch> {
        let socket = self.socket.as_raw_fd();
        let mut batch = match &mut self.slots {
            Slots::Ipv4 { octets, headers } => {
                read_batch::<_, V4_SLOT>(socket, headers, octets, &mut each, |_, content| read_v4(content))?
            }
            Slots::Ipv6 { octets, headers } => {
                read_batch::<_, V6_SLOT>(socket, headers, octets, &mut each, read_v6)?
            }
        };
        // A queue that overflows is a queue that fills a batch, this one or the one before.
        if batch.more || self.behind {
            batch.lost = self.count_lost();
        }
        self.behind = batch.more;
        Ok(batch)
    }

    /// Packets that one call reads at most.
    pub const BATCH: usize = 64;

    fn count_lost(&mut self) -> u32 {
        // Kernels before 4.12 do not say.
        let Ok(drops) = sys::receive_drops(&self.socket) else {
            return 0;
        };
        drops.wrapping_sub(std::mem::replace(&mut self.drops, drops))
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// Where packets are read to. The memory is the same for every batch.
enum Slots {
    Ipv4 {
        octets: Vec<u8>,
        headers: MultiHeaders<SockaddrIn>,
    },
    Ipv6 {
        octets: Vec<u8>,
        headers: MultiHeaders<SockaddrIn6>,
    },
}

/// Adverts may have a password in them, so no packet is shown.
impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 { .. } => "Slots(IPv4)",
            Self::Ipv6 { .. } => "Slots(IPv6)",
        })
    }
}

impl Slots {
    fn new(family: Family) -> Self {
        const BATCH: usize = Receiver::BATCH;
        match family {
            Family::Ipv4 => Self::Ipv4 {
                octets: vec![0; BATCH * V4_SLOT],
                headers: MultiHeaders::preallocate(BATCH, None),
            },
            Family::Ipv6 => {
                // nix does not reset the length of this space from call to call. That is sound as long as every packet
                // comes with both messages, and only with them.
                let control = cmsg_space!(libc::in6_pktinfo, libc::c_int);
                let headers = MultiHeaders::preallocate(BATCH, Some(control));
                Self::Ipv6 {
                    octets: vec![0; BATCH * V6_SLOT],
                    headers,
                }
            }
        }
    }
}

fn read_batch<S: SockaddrLike + Copy, const SLOT: usize>(
    socket: RawFd,
    headers: &mut MultiHeaders<S>,
    octets: &mut [u8],
    each: &mut impl FnMut(Received<'_>),
    read: for<'a> fn(&RecvMsg<'_, 'a, S>, &'a [u8]) -> Result<Received<'a>, Reason>,
) -> io::Result<Batch> {
    let mut slots = octets.chunks_exact_mut(SLOT);
    let mut slices: [_; Receiver::BATCH] =
        std::array::from_fn(|_| [IoSliceMut::new(slots.next().expect("there is a slot for each"))]);
    let messages = match recvmmsg(socket, headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) {
        Ok(messages) => messages,
        Err(Errno::EAGAIN) => return Ok(Batch::default()),
        Err(errno) => return Err(errno.into()),
    };
    let mut batch = Batch::default();
    for message in messages {
        batch.datagrams += 1;
        let content = message.iovs().next().unwrap_or_default();
        let received = match message.flags.contains(MsgFlags::MSG_TRUNC) {
            true => Err(Reason::TooLong),
            false => read(&message, content),
        };
        match received {
            Ok(received) => each(received),
            Err(reason) => batch.malformed.count(reason),
        }
    }
    batch.more = batch.datagrams == Receiver::BATCH;
    Ok(batch)
}

/// Raw IPv4 sockets deliver the IP header (raw(7)).
fn read_v4(content: &[u8]) -> Result<Received<'_>, Reason> {
    let packet = Ipv4Packet::parse(content).map_err(|_| Reason::IpHeader)?;
    let header = packet.header();
    Ok(Received {
        source: header.source.into(),
        destination: header.destination.into(),
        hop_limit: header.ttl,
        header: Some(header),
        pdu: packet.payload(),
    })
}

/// Raw IPv6 sockets do not (RFC 3542 section 3): what it said comes beside the packet.
fn read_v6<'a>(message: &RecvMsg<'_, 'a, SockaddrIn6>, content: &'a [u8]) -> Result<Received<'a>, Reason> {
    let (mut destination, mut hop_limit) = (None, None);
    for control in message.cmsgs().map_err(|_| Reason::Unexplained)? {
        match control {
            ControlMessageOwned::Ipv6PacketInfo(info) => destination = Some(info.ipi6_addr.s6_addr.into()),
            ControlMessageOwned::Ipv6HopLimit(limit) => hop_limit = u8::try_from(limit).ok(),
            _ => {}
        }
    }
    match (message.address, destination, hop_limit) {
        (Some(source), Some(destination), Some(hop_limit)) => Ok(Received {
            source: source.ip().into(),
            destination,
            hop_limit,
            header: None,
            pdu: content,
        }),
        _ => Err(Reason::Unexplained),
    }
}

fn set_v6_options(socket: &Socket) -> Result<(), OpenError> {
    set("IPV6_RECVHOPLIMIT", socket.set_recv_hoplimit_v6(true))?;
    set(
        "IPV6_RECVPKTINFO",
        setsockopt(socket, Ipv6RecvPacketInfo, &true).map_err(Into::into),
    )
}

/// Throws away what arrived so far. The socket is deaf, so there is an end to it.
fn discard_queue(mut socket: &Socket) -> io::Result<()> {
    loop {
        match socket.read(&mut [0]) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// An IPv4 header with options (60), and the longest message: 255 addresses, with room for authentication, be it before
/// the message (24) or behind it (28).
const V4_SLOT: usize = 1280;
/// The longest message: 255 addresses, with the same room.
const V6_SLOT: usize = 4352;
/// Some 10 000 short packets, which the kernel counts with all that it needs for them: at 60 000 packets a second the
/// reader may be away for a sixth of a second before one is lost.
const RECEIVE_BUFFER: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use vrrp_proto::{Ipv4Header, PROTOCOL};

    use super::*;

    #[test]
    fn only_sound_ipv4_headers_are_read() {
        let header = Ipv4Header {
            source: [192, 0, 2, 1].into(),
            destination: [224, 0, 0, 18].into(),
            ttl: 254,
            tos: 0xc0,
            id: 1,
            protocol: PROTOCOL,
            payload_len: 4,
        };
        let mut packet = [0xa5; Ipv4Header::LEN + 4];
        header.emit(&mut packet);
        let received = read_v4(&packet).unwrap();
        assert_eq!((received.hop_limit, received.pdu), (254, [0xa5; 4].as_slice()));
        for len in 0..packet.len() {
            assert!(
                matches!(read_v4(&packet[..len]), Err(Reason::IpHeader)),
                "{len} octets"
            );
        }
        packet[8] = 255;
        assert!(
            matches!(read_v4(&packet), Err(Reason::IpHeader)),
            "wrong checksum"
        );
    }

    #[test]
    fn slots_hold_the_longest_messages() {
        let authentication = 28;
        assert!(V4_SLOT >= 60 + 8 + 255 * 4 + 8 + authentication);
        assert!(V6_SLOT >= 8 + 255 * 16 + authentication);
    }
}
