//! The netlink socket of the netfilter subsystems.

use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::libc;

use crate::rtnl::{Body, Error, Frame, NetlinkSocket, Received, Refusal, frames};

/// Sends, and reads what the kernel has answered within the send.
#[derive(Debug)]
pub(super) struct Socket(NetlinkSocket);

impl Socket {
    pub(super) fn open() -> Result<Self, super::Error> {
        match NetlinkSocket::for_protocol(NETLINK_NETFILTER) {
            Ok(socket) => Ok(Self(socket)),
            Err(Error::Open(error)) if error.raw_os_error() == Some(libc::EPROTONOSUPPORT) => {
                Err(super::Error::NoSupport)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The kernel's first refusal, if there is one. A batch of which one message is refused has no effect.
    pub(super) fn send(&mut self, messages: &[u8]) -> Result<Result<(), Refusal>, Error> {
        self.0.send(messages)?;
        let mut outcome = Ok(());
        // A batch has no more refusals than messages; more than this is nothing that the kernel says.
        for _ in 0..ANSWERS_LIMIT {
            match self.0.receive()? {
                Received::Datagram(datagram) => {
                    let refused = frames(datagram).map_while(Result::ok).find_map(refusal);
                    outcome = outcome.and(refused.map_or(Ok(()), Err));
                }
                Received::Truncated | Received::Overrun => {}
                Received::Nothing => break,
            }
        }
        Ok(outcome)
    }
}

fn refusal(frame: Frame<'_>) -> Option<Refusal> {
    match frame.body {
        Body::Answer(Err(refusal)) => Some(refusal),
        _ => None,
    }
}

const ANSWERS_LIMIT: usize = 4096;
