//! A packet filter of our own: nftables over netlink (linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h).
//!
//! [`Filter`] keeps one table for each address family that needs one. In it are a chain at the input hook and one at the
//! output hook, and sets: of virtual addresses whose packets are dropped, and of interfaces that are to be quiet. The rules
//! never change; what comes and goes are elements of the sets, in batches that the kernel takes as a whole or not at all.
//!
//! The kernel acts within the send, so that nothing here waits, and there is nothing to register with a poll.

mod attributes;
mod element;
mod error;
mod filter;
mod message;
mod rule;
mod setup;
mod socket;
mod table;
// The vectors are of a little-endian machine.
#[cfg(test)]
#[cfg(target_endian = "little")]
mod vector_tests;

pub use element::{Element, InterfaceKey};
pub use error::Error;
pub use filter::Filter;
pub use setup::Setup;
