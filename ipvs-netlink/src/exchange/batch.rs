use std::task::Poll;

use super::frame::{Body, Frame, frames};
use super::request::{self, FamilyNumber};
use crate::{Command, Error, Outcome, Refusal};

/// Many commands in one datagram, and what became of each.
///
/// The kernel goes through the messages of a datagram one after the other, within the call that sends it. It answers to those
/// commands that it refuses, which does not keep it from what comes behind, and to a last message, which asks for nothing
/// but the answer (NLMSG_NOOP). So the replies are few; and the last one comes even if the kernel gives a command no answer
/// at all, as it does when a sync daemon is stopped that has not yet come to run.
#[derive(Debug)]
pub struct Batch<'a> {
    commands: &'a [Command],
    first: u32,
    request: Vec<u8>,
    results: Vec<Outcome>,
}

impl<'a> Batch<'a> {
    /// As many of these commands as fit into one datagram, and no more than `limit` (but one in any case): that many answers
    /// and one more must fit into the socket's receive buffer, should the kernel refuse all. `None` if there are no commands.
    ///
    /// Their sequence numbers are `first` and those that follow it.
    #[must_use]
    pub fn new(family: FamilyNumber, first: u32, commands: &'a [Command], limit: usize) -> Option<Self> {
        let mut request = Vec::new();
        let mut count = 0;
        for command in commands.iter().take(limit.max(1)) {
            let message = request::command(family, sequence(first, count), command);
            if count > 0 && request.len() + message.len() > OCTETS {
                break;
            }
            request.extend(message);
            count += 1;
        }
        request.extend(request::to_be_answered(sequence(first, count)));
        Some(Self {
            commands: commands.get(..count).filter(|commands| !commands.is_empty())?,
            first,
            request,
            results: vec![Ok(()); count],
        })
    }

    /// The commands that it has.
    #[must_use]
    pub fn commands(&self) -> &'a [Command] {
        self.commands
    }

    /// The sequence number that comes after its own.
    #[must_use]
    pub fn next_sequence(&self) -> u32 {
        sequence(self.first, self.commands.len() + 1)
    }

    /// What is to be sent to the kernel, in one datagram.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes a datagram from the kernel. Once it was ready, there is nothing more to come. The results are one for each
    /// command, in order.
    ///
    /// # Errors
    ///
    /// If it is not netlink, or if answers were lost. What became of the commands is then not known.
    pub fn receive(&mut self, datagram: &[u8]) -> Poll<Result<Vec<Outcome>, Error>> {
        for frame in frames(datagram) {
            match frame.map_err(Error::from).and_then(|frame| self.take(frame)) {
                Ok(false) => {}
                Ok(true) => return Poll::Ready(Ok(std::mem::take(&mut self.results))),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Pending
    }

    /// Whether that was the last one.
    fn take(&mut self, frame: Frame<'_>) -> Result<bool, Error> {
        let Ok(place) = usize::try_from(frame.sequence.wrapping_sub(self.first)) else {
            return Ok(false);
        };
        match (frame.body, self.commands.get(place)) {
            (Body::Answer(result), Some(command)) => {
                if let (Err(failure), Some(slot)) = (result, self.results.get_mut(place)) {
                    *slot = Err(Refusal::of_command(command, failure));
                }
                Ok(false)
            }
            (Body::Answer(_), None) => Ok(place == self.commands.len()),
            (Body::Overrun, Some(_)) => Err(Error::Overrun),
            _ => Ok(false),
        }
    }
}

fn sequence(first: u32, place: usize) -> u32 {
    let place = u32::try_from(place).expect("the commands are as many as fit into one datagram");
    first.wrapping_add(place)
}

/// What a socket can send at once by default is three times this (net.core.wmem_default).
const OCTETS: usize = 64 << 10;

#[cfg(test)]
mod tests;
