//! Being told of changes.

use std::io;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::libc::{RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK};

use super::dump::Dumper;
use super::frame::{Body, Malformed, frames};
use super::socket::{NetlinkSocket, Received};
use super::{Error, Event, Snapshot, decode};

/// A socket that tells what changed.
#[derive(Debug)]
pub struct Monitor {
    socket: NetlinkSocket,
    dumper: Dumper,
    /// Something was lost, and has not been made up for yet.
    stale: bool,
}

impl Monitor {
    /// Starts listening, and says how things are. Nothing that changes from now on is missed; what changed just before
    /// may be told again.
    pub fn open() -> Result<(Self, Snapshot), Error> {
        let socket = NetlinkSocket::non_blocking()?;
        for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
            socket.join(group)?;
        }
        let mut dumper = Dumper::open()?;
        let snapshot = dumper.snapshot()?;
        Ok((
            Self {
                socket,
                dumper,
                stale: false,
            },
            snapshot,
        ))
    }

    /// Appends the events that are there. Whatever was lost or cannot be read is made up for by a [`Event::Resync`],
    /// for which the kernel is waited for: a few microseconds for each address.
    pub fn read(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let before = events.len();
        loop {
            match self.socket.receive()? {
                Received::Nothing => break,
                Received::Overrun => self.lose("there were more than the socket holds"),
                Received::Truncated => self.lose("a message is too long"),
                Received::Datagram(datagram) => {
                    if let Err(reason) = take(datagram, events) {
                        self.lose(&reason.to_string());
                    }
                }
            }
        }
        if self.stale {
            // What was read so far is older than what is asked for now.
            events.truncate(before);
            self.look_anew(events);
        }
        Ok(())
    }

    /// Has the next [`read`](Self::read) say how everything is, as if events had been lost.
    pub fn look_anew_next(&mut self) {
        self.stale = true;
    }

    fn lose(&mut self, reason: &str) {
        if !self.stale {
            tracing::debug!("rtnetlink: events were lost: {reason}");
        }
        self.stale = true;
    }

    /// If the kernel cannot even say how things are, it is asked again when something changes.
    fn look_anew(&mut self, events: &mut Vec<Event>) {
        match self.dumper.snapshot() {
            Ok(snapshot) => {
                events.push(Event::Resync(snapshot));
                self.stale = false;
            }
            Err(error) => {
                tracing::error!("rtnetlink: events were lost, and how things are cannot be read: {error}");
            }
        }
    }
}

/// Adds a datagram's events.
fn take(datagram: &[u8], events: &mut Vec<Event>) -> Result<(), Malformed> {
    for frame in frames(datagram) {
        if let Body::Message(message) = frame?.body {
            events.extend(decode::event(&message)?);
        }
    }
    Ok(())
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
