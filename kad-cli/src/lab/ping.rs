//! A client that pings.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, Type};
use vrrp_engine::Time;

use super::{Error, Event, Ping, What};
use crate::{clock, rtnl};

/// Pings until it is dropped. What is unanswered then is given up.
#[derive(Debug)]
pub struct Pinger {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Pinger {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts pinging from the namespace the caller is in.
pub(super) fn start(address: IpAddr, interval: Duration, events: Sender<Event>) -> Result<Pinger, Error> {
    let failed = |source| Error::Socket {
        what: "pinging",
        source,
    };
    let (domain, protocol) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let socket = Socket::new(domain, Type::RAW.nonblocking(), Some(protocol)).map_err(failed)?;
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let mut client = Client {
        socket,
        destination: destination(address)?,
        identifier: NEXT_IDENTIFIER.fetch_add(1, Ordering::Relaxed),
        events,
        open: VecDeque::new(),
        sequence: 0,
    };
    let thread = thread::Builder::new().name("ping".to_owned());
    let thread = thread
        .spawn(move || client.run(interval, &seen))
        .map_err(failed)?;
    Ok(Pinger {
        stop,
        thread: Some(thread),
    })
}

struct Client {
    socket: Socket,
    destination: SocketAddr,
    /// Tells this client's answers from those of others on the same machine.
    identifier: u16,
    events: Sender<Event>,
    /// Requests without an answer yet, in the order in which they were sent.
    open: VecDeque<(u16, Time)>,
    sequence: u16,
}

impl Client {
    fn run(&mut self, interval: Duration, stop: &AtomicBool) {
        let mut due = clock::now();
        while !stop.load(Ordering::Relaxed) {
            let now = clock::now();
            if now >= due {
                self.send(now);
                due = (due + interval).max(now);
            }
            self.give_up(now);
            self.wait(due);
            self.receive();
        }
        self.give_up(clock::now() + PATIENCE);
    }

    fn wait(&self, due: Time) {
        let left = due.saturating_duration_since(clock::now()).min(LOOK_UP);
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let _ = poll(
            &mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)],
            timeout,
        );
    }

    fn send(&mut self, now: Time) {
        self.sequence = self.sequence.wrapping_add(1);
        let request = echo_request(self.destination.is_ipv6(), self.identifier, self.sequence);
        // A request that cannot be sent gets no answer, and that is what counts.
        let _ = self.socket.send_to(&request, &self.destination.into());
        self.open.push_back((self.sequence, now));
    }

    fn receive(&mut self) {
        let mut buffer = [0; 1500];
        loop {
            match io::Read::read(&mut &self.socket, &mut buffer) {
                Ok(len) => {
                    let sequence = buffer
                        .get(..len)
                        .and_then(|packet| echo_reply(self.destination.is_ipv6(), self.identifier, packet));
                    let place = self.open.iter().position(|(open, _)| Some(*open) == sequence);
                    if let Some((sequence, sent)) = place.and_then(|place| self.open.remove(place)) {
                        self.report(sequence, sent, Some(clock::now() - sent));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn give_up(&mut self, now: Time) {
        while let Some((sequence, sent)) = self.open.pop_front_if(|(_, sent)| now - *sent >= PATIENCE) {
            self.report(sequence, sent, None);
        }
    }

    fn report(&self, sequence: u16, sent: Time, answered: Option<Duration>) {
        let what = What::Ping(Ping {
            sequence,
            sent,
            answered,
        });
        let _ = self.events.send(Event {
            at: clock::now(),
            what,
        });
    }
}

/// A link-local address means nothing without an interface: the machine's first.
fn destination(address: IpAddr) -> Result<SocketAddr, Error> {
    let IpAddr::V6(v6) = address else {
        return Ok(SocketAddr::new(address, 0));
    };
    let scope = if v6.is_unicast_link_local() {
        first_interface()?
    } else {
        0
    };
    Ok(SocketAddrV6::new(v6, 0, 0, scope).into())
}

fn first_interface() -> Result<u32, Error> {
    let links = rtnl::snapshot()?.links;
    let first = links
        .iter()
        .filter(|link| !link.loopback)
        .map(|link| link.index)
        .min();
    first.ok_or_else(|| Error::NoInterface("but the loopback interface".to_owned()))
}

/// RFC 792 and RFC 4443 section 4.1. The kernel fills in version 6's checksum.
fn echo_request(v6: bool, identifier: u16, sequence: u16) -> [u8; 8] {
    let ([id_high, id_low], [high, low]) = (identifier.to_be_bytes(), sequence.to_be_bytes());
    if v6 {
        return [128, 0, 0, 0, id_high, id_low, high, low];
    }
    let sum = 0x0800 + u32::from(identifier) + u32::from(sequence);
    let folded = (sum & 0xffff) + (sum >> 16);
    let [_, _, sum_high, sum_low] = (!((folded & 0xffff) + (folded >> 16))).to_be_bytes();
    [8, 0, sum_high, sum_low, id_high, id_low, high, low]
}

/// The sequence number of an answer to one of ours. Version 4's sockets give the IP header too.
fn echo_reply(v6: bool, identifier: u16, packet: &[u8]) -> Option<u16> {
    let (reply, message) = if v6 {
        (129, packet)
    } else {
        (0, packet.get(usize::from(packet.first()? & 0x0f) * 4..)?)
    };
    let (kind, id, sequence) = (message.first()?, message.get(4..6)?, message.get(6..8)?);
    if *kind != reply || id != identifier.to_be_bytes() {
        return None;
    }
    sequence.try_into().ok().map(u16::from_be_bytes)
}

static NEXT_IDENTIFIER: AtomicU16 = AtomicU16::new(1);
const PATIENCE: Duration = Duration::from_millis(500);
const LOOK_UP: Duration = Duration::from_millis(50);
