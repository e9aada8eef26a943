//! Messages that wait for one system call.

use std::fmt;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::os::fd::BorrowedFd;

use nix::sys::socket::SockaddrLike;

use crate::sys::{Message, Messages};

/// What became of the messages that were queued.
#[derive(Debug, Default)]
pub struct Flushed {
    /// Messages that the kernel took.
    pub sent: usize,
    /// Messages that it refused, or that could not be made. They are gone.
    pub failed: usize,
    /// Why the first of those failed.
    pub first_error: Option<io::Error>,
}

impl Flushed {
    fn fail(&mut self, error: io::Error) {
        self.failed += 1;
        self.first_error.get_or_insert(error);
    }
}

/// Messages for one socket. Its memory is kept from flush to flush.
pub(super) struct Outbox<A> {
    octets: Vec<u8>,
    entries: Vec<Entry<A>>,
    /// What was refused before it could be queued.
    refused: Flushed,
}

/// Adverts may have a password in them, so no message is shown.
impl<A> fmt::Debug for Outbox<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({} messages)", self.entries.len())
    }
}

struct Entry<A> {
    destination: A,
    control: Range<usize>,
    content: Range<usize>,
}

impl<A: SockaddrLike> Outbox<A> {
    pub(super) fn new() -> Self {
        Self {
            octets: Vec::new(),
            entries: Vec::new(),
            refused: Flushed::default(),
        }
    }

    /// Queues a message of `header` and `payload`, with `control` messages in the kernel's layout.
    pub(super) fn push(&mut self, destination: A, control: &[u8], header: &[u8], payload: &[u8]) {
        let control = self.append(&[control]);
        let content = self.append(&[header, payload]);
        self.entries.push(Entry {
            destination,
            control,
            content,
        });
    }

    /// Counts a message that cannot be queued.
    pub(super) fn refuse(&mut self, error: io::Error) {
        self.refused.fail(error);
    }

    /// Sends everything, in one system call unless the kernel refuses a message: those behind it go with the next call.
    pub(super) fn flush(&mut self, socket: BorrowedFd<'_>) -> Flushed {
        let mut flushed = std::mem::take(&mut self.refused);
        let messages: Vec<_> = self.entries.iter().map(|entry| self.message(entry)).collect();
        let mut outgoing = Messages::new(&messages);
        let mut place = 0;
        while place < messages.len() {
            match outgoing.send(socket, place) {
                Ok(sent) => {
                    place += sent;
                    flushed.sent += sent;
                }
                Err(error) => {
                    place += 1;
                    flushed.fail(error);
                }
            }
        }
        drop(messages);
        self.entries.clear();
        self.octets.clear();
        flushed
    }

    fn append(&mut self, parts: &[&[u8]]) -> Range<usize> {
        let start = self.octets.len();
        parts.iter().for_each(|part| self.octets.extend_from_slice(part));
        start..self.octets.len()
    }

    fn message<'a>(&'a self, entry: &'a Entry<A>) -> Message<'a, A> {
        let octets = |range: &Range<usize>| self.octets.get(range.clone()).expect("cut from these octets");
        Message {
            destination: &entry.destination,
            control: octets(&entry.control),
            content: IoSlice::new(octets(&entry.content)),
        }
    }
}
