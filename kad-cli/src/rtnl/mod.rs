//! rtnetlink: what the kernel's interfaces and addresses are, and changes to them.
//!
//! [`Monitor`] tells what is there and what changes. [`Commands`] changes it: many requests in one system call, whose
//! answers are read when they come. Both are mio event sources, and neither waits, except where its documentation says
//! so. The sockets belong to the network namespace of the thread that opens them.
//!
//! The netlink crates are an implementation detail: none of their types is in this module's interface.

mod commands;
mod decode;
mod dump;
mod encode;
mod error;
mod frame;
mod monitor;
mod request;
mod socket;
mod stacked;
mod types;

pub use commands::{Commands, Reply, RequestId};
pub use dump::{neighbors, snapshot, stacked_links};
pub use error::{Error, Refusal};
pub(crate) use frame::{Body, Frame, frames};
pub use monitor::Monitor;
pub use request::{AddressSpec, LinkChange, Request, VethSpec};
pub(crate) use socket::{NetlinkSocket, Received};
pub use stacked::{Siblings, StackedKind, StackedLink, StackedSpec};
pub use types::{Event, InterfaceAddress, Link, Neighbor, Scope, Snapshot};
