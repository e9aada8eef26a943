//! A request and its replies, without a socket: octets out, datagrams in.

mod batch;
mod frame;
mod request;

use std::task::Poll;

use thiserror::Error;

use crate::{Error, ServiceId};

pub use batch::Batch;
pub(crate) use frame::Failure;
pub use frame::Malformed;
use frame::{Body, Frame, frames};
pub use request::FamilyNumber;

/// A question to the kernel and its answer, which may come in many datagrams.
///
/// It has no socket: send what [`request`](Self::request) gives to the kernel in one datagram, and give
/// [`receive`](Self::receive) each datagram that comes from the kernel until it is ready. Each exchange over one socket has a
/// sequence number of its own; messages with another one belong to another exchange and are passed over. No octets make it
/// panic, and it holds no more than the entries of one list.
///
/// ```
/// use ipvs_netlink::{Exchange, FamilyNumber, ServiceEntry};
///
/// let mut exchange = Exchange::<ServiceEntry>::services(FamilyNumber::new(0x1C), 1);
/// assert_eq!(exchange.request().len(), 20);
/// // NLMSG_DONE: the kernel has no services.
/// let done = [20, 0, 0, 0, 3, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// let std::task::Poll::Ready(Ok(reply)) = exchange.receive(&done) else { panic!() };
/// assert!(reply.entries.is_empty());
/// ```
#[derive(Debug)]
pub struct Exchange<T> {
    request: Vec<u8>,
    sequence: u32,
    question: Question<T>,
    reply: Reply<T>,
    interrupted: bool,
    limit: usize,
}

/// What is asked.
#[derive(Debug)]
struct Question<T> {
    /// One answer, or a list of them with an end.
    shape: Shape,
    /// Whose service it is about.
    service: Option<ServiceId>,
    decode: Decode<T>,
    refused: Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    List,
}

/// Of octets from generic netlink's header on, and the service that was asked about.
type Decode<T> = fn(&[u8], Option<ServiceId>) -> Result<T, Undecodable>;

/// What a refusal means.
type Refused = fn(Failure, Option<ServiceId>) -> Error;

/// What the kernel answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply<T> {
    /// In the kernel's order.
    pub entries: Vec<T>,
    /// Entries that make no sense to this version of the crate. One strange entry does not hide the others, so these are no
    /// error; to whom they matter looks here.
    pub passed_over: Vec<Undecodable>,
}

impl<T> Default for Reply<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            passed_over: Vec::new(),
        }
    }
}

/// An entry that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{entry}: {reason}")]
pub struct Undecodable {
    /// What it is, as far as that can be told.
    pub entry: String,
    /// What is wrong with it.
    pub reason: String,
}

impl<T> Exchange<T> {
    fn new(request: Vec<u8>, sequence: u32, question: Question<T>) -> Self {
        Self {
            request,
            sequence,
            question,
            reply: Reply::default(),
            interrupted: false,
            limit: ENTRY_LIMIT,
        }
    }

    /// What is to be sent to the kernel, in one datagram.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes a datagram from the kernel. Once it was ready, there is nothing more to come.
    ///
    /// # Errors
    ///
    /// If the kernel refused, if it is not netlink, and [`Error::Interrupted`] if a list changed while the kernel read it,
    /// so that entries may be missing.
    pub fn receive(&mut self, datagram: &[u8]) -> Poll<Result<Reply<T>, Error>> {
        for frame in frames(datagram) {
            match frame.map_err(Error::from).and_then(|frame| self.take(frame)) {
                Ok(false) => {}
                Ok(true) => return Poll::Ready(Ok(std::mem::take(&mut self.reply))),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Pending
    }

    /// Whether that was the last one.
    fn take(&mut self, frame: Frame<'_>) -> Result<bool, Error> {
        if frame.sequence != self.sequence {
            return Ok(false);
        }
        self.interrupted |= frame.interrupted;
        match (frame.body, self.question.shape) {
            (Body::Message(octets), _) => self.entry(octets),
            (Body::Done(Ok(())), Shape::List) if self.interrupted => Err(Error::Interrupted { tries: 1 }),
            (Body::Done(Ok(())), Shape::List) => Ok(true),
            (Body::Done(Ok(())) | Body::Answer(Ok(())), Shape::One) => Err(Error::Missing),
            (Body::Answer(Err(failure)) | Body::Done(Err(failure)), _) => {
                Err((self.question.refused)(failure, self.question.service))
            }
            (Body::Overrun, _) => Err(Error::Overrun),
            (Body::Answer(Ok(())), Shape::List) | (Body::Noop, _) => Ok(false),
        }
    }

    fn entry(&mut self, octets: &[u8]) -> Result<bool, Error> {
        let held = self.reply.entries.len() + self.reply.passed_over.len();
        if held >= self.limit {
            return Err(Error::TooMany { limit: self.limit });
        }
        let is_one = self.question.shape == Shape::One;
        match (self.question.decode)(octets, self.question.service) {
            Ok(entry) => self.reply.entries.push(entry),
            Err(undecodable) if is_one => return Err(undecodable.into()),
            Err(undecodable) => self.reply.passed_over.push(undecodable),
        }
        Ok(is_one)
    }
}

/// A service has at most as many destinations as IPv4 has ports and addresses to tell them apart by; a table that anyone has
/// in earnest has a hundredth of this.
const ENTRY_LIMIT: usize = 1 << 22;

#[cfg(test)]
mod tests;
