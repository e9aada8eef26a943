//! Being told of changes.

use std::io;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::libc::{RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK};

use super::dump::snapshot;
use super::frame::{Body, frames};
use super::socket::Socket;
use super::{Error, Event, Snapshot, decode};

/// A socket that tells what changed.
#[derive(Debug)]
pub struct Monitor {
    socket: Socket,
}

impl Monitor {
    /// Starts listening, and says how things are. Nothing that changes from now on is missed.
    pub fn open() -> Result<(Self, Snapshot), Error> {
        let socket = Socket::open()?;
        socket.enlarge_receive_buffer();
        for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
            socket.join(group)?;
        }
        Ok((Self { socket }, snapshot()?))
    }

    /// Takes the events that are there. Whatever was lost or cannot be read is made up for by a [`Event::Resync`].
    pub fn read(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut lost = false;
        loop {
            match self.socket.receive() {
                Ok(Some(datagram)) => lost |= !take(datagram, events),
                Ok(None) => break,
                Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => lost = true,
                Err(source) => return Err(Error::Receive(source)),
            }
        }
        if lost {
            // What was read so far is older than what is asked for now.
            events.clear();
            events.push(Event::Resync(snapshot()?));
        }
        Ok(())
    }
}

/// Adds a datagram's events; false if one of them cannot be read.
fn take(datagram: &[u8], events: &mut Vec<Event>) -> bool {
    let mut readable = true;
    for frame in frames(datagram) {
        let Body::Message(message) = frame.body else {
            continue;
        };
        match decode::event(message) {
            Ok(event) => events.extend(event),
            Err(reason) => {
                tracing::debug!("an event of the kernel cannot be read: {reason}");
                readable = false;
            }
        }
    }
    readable
}

impl Source for Monitor {
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
