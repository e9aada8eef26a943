//! A netlink socket, of the route family mostly.

use std::io;
use std::time::Duration;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::libc::MSG_TRUNC;
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};

use super::Error;

/// The socket, and room for one datagram.
#[derive(Debug)]
pub(crate) struct NetlinkSocket {
    socket: Socket,
    buffer: Vec<u8>,
}

/// What a read found.
#[derive(Debug)]
pub(crate) enum Received<'a> {
    /// Messages of the kernel.
    Datagram(&'a [u8]),
    /// A datagram that is longer than any the kernel is known to send, so that its end is lost.
    Truncated,
    /// Nothing is there, or did not come in time.
    Nothing,
    /// Messages were lost because they were not read fast enough (netlink(7)).
    Overrun,
}

impl NetlinkSocket {
    /// Never waits.
    pub(super) fn non_blocking() -> Result<Self, Error> {
        Self::for_protocol(NETLINK_ROUTE)
    }

    /// Never waits, and speaks to another family (NETLINK_* in linux/netlink.h).
    pub(crate) fn for_protocol(protocol: isize) -> Result<Self, Error> {
        let socket = Self::open(protocol).map_err(Error::Open)?;
        socket.socket.set_non_blocking(true).map_err(Error::Open)?;
        Ok(socket)
    }

    /// Waits for messages, but not for ever.
    pub(super) fn blocking() -> Result<Self, Error> {
        let socket = Self::open(NETLINK_ROUTE).map_err(Error::Open)?;
        let limit = TimeVal::milliseconds(i64::try_from(TIME_LIMIT.as_millis()).unwrap_or(i64::MAX));
        setsockopt(&socket.socket, sockopt::ReceiveTimeout, &limit)
            .map_err(|errno| Error::Open(errno.into()))?;
        Ok(socket)
    }

    fn open(protocol: isize) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        // Kernels from before 4.12 have neither: the reason is then a number only.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        // The force is for a process that is privileged on the whole machine; others get what the system allows.
        let _ = setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER);
        let _ = setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER);
        socket.bind_auto()?;
        Ok(Self {
            socket,
            buffer: vec![0; DATAGRAM_LIMIT],
        })
    }

    /// Gets the messages of a multicast group (RTNLGRP_* in linux/rtnetlink.h) from now on.
    pub(super) fn join(&self, group: u32) -> Result<(), Error> {
        self.socket.add_membership(group).map_err(Error::Open)
    }

    /// Gives messages to the kernel, which acts on them before this returns.
    pub(crate) fn send(&self, messages: &[u8]) -> Result<(), Error> {
        loop {
            match self.socket.send_to(messages, &SocketAddr::new(0, 0), 0) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Send(error)),
            }
        }
    }

    /// Reads one datagram.
    pub(crate) fn receive(&mut self) -> Result<Received<'_>, Error> {
        let len = loop {
            let mut room = self.buffer.as_mut_slice();
            match self.socket.recv_from(&mut room, MSG_TRUNC) {
                // Another process may send to this socket, too; it has nothing to say.
                Ok((_, sender)) if sender.port_number() != 0 => {}
                Ok((len, _)) => break len,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock => return Ok(Received::Nothing),
                    _ if error.raw_os_error() == Some(nix::libc::ENOBUFS) => return Ok(Received::Overrun),
                    _ => return Err(Error::Receive(error)),
                },
            }
        };
        Ok(self
            .buffer
            .get(..len)
            .map_or(Received::Truncated, Received::Datagram))
    }
}

impl Source for NetlinkSocket {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.socket.register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.socket.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.deregister(registry)
    }
}

/// The kernel acts within the send, so that an answer that is not there at once is lost.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Thousands of events.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Twice what the kernel puts into one datagram of a dump (NL_SKB_PAGES in net/netlink/af_netlink.c).
const DATAGRAM_LIMIT: usize = 64 << 10;
