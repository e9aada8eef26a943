//! Being told of changes.

use std::io;
use std::time::Instant;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::libc::{RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK};

use super::commands::{PATIENCE, wait};
use super::frame::{Body, frames};
use super::socket::Socket;
use super::{Error, Event, Snapshot, decode, encode};

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

/// How things are.
pub(super) fn snapshot() -> Result<Snapshot, Error> {
    let mut snapshot = Snapshot::default();
    for event in dump("listing interfaces", |sequence| {
        let mut b = Vec::new();
        encode::dump(encode::Table::Links, sequence, &mut b);
        b
    })? {
        if let Event::Link(link) = event {
            snapshot.links.push(link);
        }
    }
    for event in dump("listing addresses", |sequence| {
        let mut b = Vec::new();
        encode::dump(encode::Table::Addresses, sequence, &mut b);
        b
    })? {
        if let Event::Address(address) = event {
            snapshot.addresses.push(address);
        }
    }
    Ok(snapshot)
}

/// All answers to a question, asked again if things changed meanwhile.
fn dump(what: &'static str, question: fn(u32) -> Vec<u8>) -> Result<Vec<Event>, Error> {
    let mut socket = Socket::open()?;
    socket.enlarge_receive_buffer();
    for sequence in 1..=DUMP_TRIES {
        socket.send(&question(sequence)).map_err(Error::socket(what))?;
        if let Some(events) = read_dump(&mut socket, sequence, what)? {
            return Ok(events);
        }
    }
    Err(Error::TimedOut)
}

fn read_dump(socket: &mut Socket, sequence: u32, what: &'static str) -> Result<Option<Vec<Event>>, Error> {
    let give_up = Instant::now() + PATIENCE;
    let (mut events, mut interrupted) = (Vec::new(), false);
    loop {
        let Some(datagram) = socket.receive().map_err(Error::socket(what))? else {
            wait(socket, give_up, what)?;
            continue;
        };
        for frame in frames(datagram).filter(|frame| frame.sequence == sequence) {
            interrupted |= frame.interrupted;
            match frame.body {
                Body::Done => return Ok((!interrupted).then_some(events)),
                Body::Answer(Err(refusal)) => return Err(Error::Refused(refusal)),
                Body::Answer(Ok(())) => {}
                Body::Message(message) => {
                    // One strange interface must not hide the others.
                    let event =
                        decode::event(message).inspect_err(|reason| tracing::debug!("{what}: {reason}"));
                    events.extend(event.ok().flatten());
                }
            }
        }
    }
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

const DUMP_TRIES: u32 = 10;
