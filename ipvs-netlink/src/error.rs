use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::{Malformed, Refusal, Undecodable};

/// Why the kernel's table could not be read or changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No socket.
    #[error("cannot open a netlink socket: {0}")]
    Open(#[source] io::Error),
    /// The request did not leave, so that nothing has happened.
    #[error("cannot send to the kernel: {0}")]
    Send(#[source] io::Error),
    /// What became of the request cannot be read.
    #[error("cannot receive from the kernel: {0}")]
    Receive(#[source] io::Error),
    /// There is no such family of generic netlink. The kernel has looked for the module by then.
    #[error("IPVS is not in this kernel (no generic netlink family \"IPVS\"): is the module ip_vs there?")]
    NoIpvs,
    /// The kernel did not do it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The kernel acts at once and answers at once, so the answer is lost. What was to change may have changed.
    #[error("no answer from the kernel within {} s: what was asked for may be done or not", .0.as_secs())]
    TimedOut(Duration),
    /// The table changed each time that it was read.
    #[error(
        "the table changed each of the {tries} times it was read: does another program change it all the time?"
    )]
    Interrupted {
        /// How often it was read.
        tries: u32,
    },
    /// The kernel had more to say than the socket can hold. What was to change may have changed.
    #[error(
        "answers of the kernel are lost, and what was asked for may be done or not: read the table to know"
    )]
    Overrun,
    /// A datagram is longer than any that the kernel is known to send.
    #[error("a datagram of {len} octets from the kernel: expected at most {limit}")]
    Truncated {
        /// How long it is.
        len: usize,
        /// How much of it can be read.
        limit: usize,
    },
    /// Something that is not netlink.
    #[error("the kernel's answer is no netlink message: {0}")]
    Malformed(#[from] Malformed),
    /// The one thing that was asked for cannot be made sense of. In a list this is no error, see
    /// [`Reply::passed_over`](crate::Reply::passed_over).
    #[error("the kernel's answer makes no sense: {0}")]
    Undecodable(#[from] Undecodable),
    /// An answer, and not to what was asked.
    #[error("the kernel answered, and not what was asked")]
    Missing,
    /// A list that has no end.
    #[error("more than {limit} entries from the kernel in one list")]
    TooMany {
        /// How many there may be.
        limit: usize,
    },
}
