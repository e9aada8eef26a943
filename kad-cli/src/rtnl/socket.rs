//! A netlink socket that reads datagrams whole.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket as NetlinkSocket, SocketAddr};
use nix::libc;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;

use super::Error;

#[derive(Debug)]
pub(super) struct Socket {
    inner: NetlinkSocket,
    buffer: Vec<u8>,
}

impl Socket {
    pub(super) fn open() -> Result<Self, Error> {
        let failed = Error::Open;
        let mut inner = NetlinkSocket::new(NETLINK_ROUTE).map_err(failed)?;
        inner.bind_auto().map_err(failed)?;
        inner.set_non_blocking(true).map_err(failed)?;
        // Better messages and smaller answers where the kernel has them; nothing depends on it.
        let _ = inner.set_ext_ack(true);
        let _ = inner.set_cap_ack(true);
        Ok(Self {
            inner,
            buffer: Vec::with_capacity(DATAGRAM),
        })
    }

    pub(super) fn join(&self, group: u32) -> Result<(), Error> {
        self.inner.add_membership(group).map_err(Error::Open)
    }

    /// Room for bursts. Without CAP_NET_ADMIN the kernel's default must do.
    pub(super) fn enlarge_receive_buffer(&self) {
        let _ = setsockopt(self, RcvBufForce, &RECEIVE_BUFFER);
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.inner.send_to(bytes, &SocketAddr::new(0, 0), 0).map(drop)
    }

    /// The next datagram from the kernel, if there is one. What a process sent is passed over.
    pub(super) fn receive(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.buffer.clear();
            self.buffer.reserve(DATAGRAM);
            match self.inner.recv_from(&mut self.buffer, libc::MSG_DONTWAIT) {
                Ok((_, from)) if from.port_number() == 0 => return Ok(Some(&self.buffer)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl Source for Socket {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).deregister(registry)
    }
}

/// The kernel's largest dump datagram is 32 KiB (netlink_dump in net/netlink/af_netlink.c).
const DATAGRAM: usize = 64 * 1024;
const RECEIVE_BUFFER: usize = 4 << 20;
