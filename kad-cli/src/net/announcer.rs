//! Announcements out.

use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;

use nix::libc;
use nix::sys::socket::LinkAddr;
use socket2::{Domain, Socket};
use vrrp_proto::{GratuitousArp, MacAddr, UnsolicitedNa};

use super::open::{PRIORITY, SEND_BUFFER, raw_socket, set, set_send_buffer};
use super::outbox::Outbox;
use super::{Flushed, OpenError};
use crate::sys;

/// The socket that tells the neighbours of all interfaces where an address is now, by gratuitous ARP requests and
/// unsolicited neighbour advertisements. Nothing is received.
#[derive(Debug)]
pub struct Announcer {
    socket: Socket,
    outbox: Outbox<LinkAddr>,
}

impl Announcer {
    /// Opens the socket.
    pub fn open() -> Result<Self, OpenError> {
        let socket = raw_socket(Domain::PACKET, TRANSMIT_ONLY)?;
        set("SO_PRIORITY", socket.set_priority(PRIORITY))?;
        set_send_buffer(&socket, SEND_BUFFER)?;
        Ok(Self {
            socket,
            outbox: Outbox::new(),
        })
    }

    /// Queues a frame that says: on the interface of that index, `address` is at `mac`. `router` says whether this
    /// machine forwards packets (IPv6 only; RFC 4861 section 4.4).
    pub fn queue(&mut self, index: u32, mac: MacAddr, address: IpAddr, router: bool) {
        if let Err(error) = self.push(index, mac, address, router) {
            self.outbox.refuse(error);
        }
    }

    /// Sends what is queued, by the same rules as [`Transmitter::flush`](super::Transmitter::flush).
    pub fn flush(&mut self) -> Flushed {
        self.outbox.flush(self.socket.as_fd())
    }

    fn push(&mut self, index: u32, mac: MacAddr, address: IpAddr, router: bool) -> io::Result<()> {
        match address {
            IpAddr::V4(address) => {
                let mut frame = [0; GratuitousArp::LEN];
                GratuitousArp { sender: mac, address }.emit(&mut frame);
                self.push_frame(index, libc::ETH_P_ARP, &frame)
            }
            IpAddr::V6(address) => {
                let mut frame = [0; UnsolicitedNa::LEN];
                UnsolicitedNa {
                    sender: mac,
                    address,
                    router,
                }
                .emit(&mut frame);
                self.push_frame(index, libc::ETH_P_IPV6, &frame)
            }
        }
    }

    fn push_frame(&mut self, index: u32, ethertype: i32, frame: &[u8]) -> io::Result<()> {
        let ethertype = u16::try_from(ethertype).expect("an Ethernet type has 16 bits");
        let to = sys::link_address(index, ethertype)?;
        self.outbox.push(to, &[], frame, &[]);
        Ok(())
    }
}

/// A packet socket of protocol 0 receives nothing (packet(7)).
const TRANSMIT_ONLY: i32 = 0;
