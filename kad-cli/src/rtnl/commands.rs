//! Asking for changes.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::frame::{Body, frames};
use super::socket::Socket;
use super::{Error, Refusal, Request, encode};

/// A socket for requests. The kernel acts within the send; the answers can be read whenever it suits.
#[derive(Debug)]
pub struct Commands {
    socket: Socket,
    next: u32,
}

/// A request that was sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RequestId(u32);

impl Commands {
    /// Opens the socket. Needs no privilege; most requests do.
    pub fn open() -> Result<Self, Error> {
        let socket = Socket::open()?;
        socket.enlarge_receive_buffer();
        Ok(Self { socket, next: 1 })
    }

    /// Sends requests in as few system calls as the kernel takes them, and does not wait for answers.
    pub fn submit(&mut self, requests: impl IntoIterator<Item = Request>) -> Result<Vec<RequestId>, Error> {
        let (mut ids, mut datagram) = (Vec::new(), Vec::new());
        for request in requests {
            ids.push(self.append(&request, &mut datagram));
            if datagram.len() >= SEND_AT {
                self.send(&datagram)?;
                datagram.clear();
            }
        }
        if !datagram.is_empty() {
            self.send(&datagram)?;
        }
        Ok(ids)
    }

    fn append(&mut self, request: &Request, datagram: &mut Vec<u8>) -> RequestId {
        let id = RequestId(self.next);
        self.next = self.next.checked_add(1).unwrap_or(1);
        encode::request(request, id.0, datagram);
        id
    }

    fn send(&self, datagram: &[u8]) -> Result<(), Error> {
        self.socket.send(datagram).map_err(Error::Send)
    }

    /// Takes the answers that are there.
    pub fn read_replies(&mut self, replies: &mut Vec<(RequestId, Result<(), Refusal>)>) -> Result<(), Error> {
        while let Some(datagram) = self.socket.receive().map_err(Error::Receive)? {
            replies.extend(frames(datagram).filter_map(|frame| match frame.body {
                Body::Answer(answer) => Some((RequestId(frame.sequence), answer)),
                Body::Done | Body::Message(_) => None,
            }));
        }
        Ok(())
    }

    /// Sends one request and waits for its answer, for as long as is reasonable.
    pub fn execute(&mut self, request: Request) -> Result<(), Error> {
        let asked = self.submit([request])?;
        let give_up = Instant::now() + PATIENCE;
        loop {
            let mut replies = Vec::new();
            self.read_replies(&mut replies)?;
            if let Some((_, answer)) = replies.into_iter().find(|(id, _)| asked.contains(id)) {
                return Ok(answer?);
            }
            wait(&self.socket, give_up)?;
        }
    }
}

/// Waits until the socket is readable.
pub(super) fn wait(socket: &impl AsFd, give_up: Instant) -> Result<(), Error> {
    let left = give_up.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Error::TimedOut);
    }
    let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
    match poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(Error::Receive(errno.into())),
    }
}

impl Source for Commands {
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

/// Well below the socket's send buffer.
const SEND_AT: usize = 32 * 1024;
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
