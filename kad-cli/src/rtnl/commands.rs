//! Changes to interfaces and addresses.

use std::collections::VecDeque;
use std::io;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;

use super::frame::{Body, frames};
use super::socket::{NetlinkSocket, Received};
use super::{Error, Refusal, Request, encode};

/// Names a request, so that its answer can be told from others'.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(u32);

/// A request, and what the kernel made of it.
pub type Reply = (RequestId, Result<(), Refusal>);

/// Asks the kernel for changes. Register it for readability; after each event, [`read_replies`](Self::read_replies).
#[derive(Debug)]
pub struct Commands {
    pipeline: NetlinkSocket,
    /// For requests whose answer is waited for, so that they never take another's.
    dialogue: NetlinkSocket,
    last_id: u32,
    /// Not answered yet, in the order they were sent, which is the order of the answers.
    pending: VecDeque<RequestId>,
    /// Read, but not yet told.
    answered: Vec<Reply>,
}

impl Commands {
    /// Needs no privilege; the requests do.
    pub fn open() -> Result<Self, Error> {
        Ok(Self {
            pipeline: NetlinkSocket::non_blocking()?,
            dialogue: NetlinkSocket::blocking()?,
            last_id: 0,
            pending: VecDeque::new(),
            answered: Vec::new(),
        })
    }

    /// Has the kernel do all of this, in order, and does not wait for its answers: the changes are made when this
    /// returns, or were refused. Many requests go in one system call.
    ///
    /// The ids are in the order of the requests. After an error, those that had been sent are done nevertheless.
    pub fn submit(&mut self, requests: impl IntoIterator<Item = Request>) -> Result<Vec<RequestId>, Error> {
        let mut ids = Vec::new();
        let mut batch = Vec::new();
        let mut sent = 0;
        for request in requests {
            let id = self.next_id();
            encode::request(&request, id.0, &mut batch);
            ids.push(id);
            if ids.len() - sent == BATCH || batch.len() >= BATCH_LEN {
                self.send(&mut batch, ids.get(sent..).unwrap_or_default())?;
                sent = ids.len();
            }
        }
        if sent < ids.len() {
            self.send(&mut batch, ids.get(sent..).unwrap_or_default())?;
        }
        Ok(ids)
    }

    /// The answers to what is sent here stay unread: they are what makes the socket readable for who waits for it.
    fn send(&mut self, batch: &mut Vec<u8>, ids: &[RequestId]) -> Result<(), Error> {
        if self.pending.len() >= BATCH {
            self.receive_replies()?;
        }
        self.pipeline.send(batch)?;
        self.pending.extend(ids);
        batch.clear();
        Ok(())
    }

    /// Appends the answers that have come since the last time. Does not wait.
    pub fn read_replies(&mut self, replies: &mut Vec<Reply>) -> Result<(), Error> {
        let outcome = self.receive_replies();
        replies.append(&mut self.answered);
        outcome
    }

    fn receive_replies(&mut self) -> Result<(), Error> {
        let mut overrun = false;
        loop {
            match self.pipeline.receive()? {
                Received::Nothing => break,
                Received::Datagram(datagram) => take(datagram, &mut self.pending, &mut self.answered),
                Received::Truncated | Received::Overrun => overrun = true,
            }
        }
        if overrun {
            // The kernel answers within the send: what is not there will not come.
            self.answered
                .extend(self.pending.drain(..).map(|id| (id, Err(lost()))));
        }
        Ok(())
    }

    /// Has the kernel do one thing, and waits for its answer, for as long as is reasonable.
    #[expect(clippy::needless_pass_by_value, reason = "as submit takes them")]
    pub fn execute(&mut self, request: Request) -> Result<(), Error> {
        let id = self.next_id();
        let mut message = Vec::new();
        encode::request(&request, id.0, &mut message);
        self.dialogue.send(&message)?;
        let (mut pending, mut answered) = (VecDeque::from([id]), Vec::new());
        while !pending.is_empty() {
            match self.dialogue.receive()? {
                Received::Nothing => return Err(Error::TimedOut),
                Received::Datagram(datagram) => take(datagram, &mut pending, &mut answered),
                Received::Truncated | Received::Overrun => {}
            }
        }
        answered
            .into_iter()
            .try_for_each(|(_, outcome)| outcome)
            .map_err(Error::from)
    }

    fn next_id(&mut self) -> RequestId {
        // The kernel numbers its own messages 0.
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        RequestId(self.last_id)
    }
}

impl Source for Commands {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.pipeline.register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.pipeline.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.pipeline.deregister(registry)
    }
}

fn take(datagram: &[u8], pending: &mut VecDeque<RequestId>, answered: &mut Vec<Reply>) {
    for frame in frames(datagram) {
        match frame {
            Ok(frame) => {
                if let Body::Answer(answer) = frame.body {
                    settle(RequestId(frame.sequence), answer, pending, answered);
                }
            }
            Err(reason) => tracing::warn!("rtnetlink: an answer that makes no sense: {reason}"),
        }
    }
}

/// Answers come in order: what was sent before and is still pending will not be answered any more.
fn settle(
    id: RequestId,
    answer: Result<(), Refusal>,
    pending: &mut VecDeque<RequestId>,
    answered: &mut Vec<Reply>,
) {
    if !pending.contains(&id) {
        return;
    }
    while let Some(earlier) = pending.pop_front().filter(|earlier| *earlier != id) {
        answered.push((earlier, Err(lost())));
    }
    answered.push((id, answer));
}

fn lost() -> Refusal {
    Refusal::new(Errno::ENOBUFS, Some("the kernel's answer was lost".to_owned()))
}

/// Requests in one system call. Twice as many answers fit into the smallest receive buffer.
const BATCH: usize = 64;
const BATCH_LEN: usize = 32 << 10;
