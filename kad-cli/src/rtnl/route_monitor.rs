//! Being told of routes and rules that go.

use std::io;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::libc::{RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE};

use super::frame::{Body, Malformed, frames};
use super::socket::{NetlinkSocket, Received};
use super::{Error, RouteTrace, RuleTrace, decode};

/// A socket that tells which routes and rules are removed. It is apart from [`Monitor`](super::Monitor), so that a
/// routing daemon that changes a million routes does not hide what happens to interfaces and addresses.
///
/// The kernel does not tell of IPv4 routes that go with their interface or their source address.
#[derive(Debug)]
pub struct RouteMonitor {
    socket: NetlinkSocket,
}

/// What went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RouteEvent {
    /// A route, or one like it.
    RouteGone(RouteTrace),
    /// A rule, or one like it.
    RuleGone(RuleTrace),
    /// There were more events than could be read: any may be gone.
    Lost,
}

impl RouteMonitor {
    /// Starts listening.
    pub fn open() -> Result<Self, Error> {
        let socket = NetlinkSocket::non_blocking()?;
        for group in [
            RTNLGRP_IPV4_ROUTE,
            RTNLGRP_IPV6_ROUTE,
            RTNLGRP_IPV4_RULE,
            RTNLGRP_IPV6_RULE,
        ] {
            socket.join(group)?;
        }
        Ok(Self { socket })
    }

    /// Appends the events that are there, within bounds; answers with whether there may be more.
    pub fn read(&mut self, events: &mut Vec<RouteEvent>) -> Result<bool, Error> {
        for _ in 0..SHARE {
            match self.socket.receive()? {
                Received::Nothing => return Ok(false),
                Received::Overrun | Received::Truncated => events.push(RouteEvent::Lost),
                Received::Datagram(datagram) => {
                    if take(datagram, events).is_err() {
                        events.push(RouteEvent::Lost);
                    }
                }
            }
        }
        Ok(true)
    }
}

fn take(datagram: &[u8], events: &mut Vec<RouteEvent>) -> Result<(), Malformed> {
    for frame in frames(datagram) {
        if let Body::Message(message) = frame?.body {
            events.extend(decode::route_event(&message)?);
        }
    }
    Ok(())
}

impl Source for RouteMonitor {
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

/// Datagrams read at a time.
const SHARE: usize = 256;
