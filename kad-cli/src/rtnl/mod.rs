//! rtnetlink: what the kernel's interfaces, addresses, routes and rules are, and changes to them.
//!
//! [`Monitor`] tells what is there and what changes, and [`RouteMonitor`] which routes and rules go. [`Commands`] changes it: many requests in one system call, whose
//! answers are read when they come. Both are mio event sources, and neither waits, except where its documentation says
//! so. The sockets belong to the network namespace of the thread that opens them.
//!
//! The netlink crates are an implementation detail: none of their types is in this module's interface.

mod commands;
mod decode;
mod dump;
mod encap;
mod encode;
mod error;
mod frame;
mod monitor;
mod request;
mod route;
mod route_monitor;
mod rule;
mod socket;
mod stacked;
mod types;

pub use commands::{Commands, Reply, RequestId};
pub use dump::{neighbors, snapshot, stacked_links};
pub use encap::{Encap, Tunnel};
pub use error::{Error, Refusal};
pub(crate) use frame::{Body, Frame, frames};
pub use monitor::Monitor;
pub use request::{AddressOptions, AddressSpec, LinkChange, Request, VethSpec};
pub use route::{Hop, Metric, RouteSpec, RouteTrace};
pub use route_monitor::{RouteEvent, RouteMonitor};
pub use rule::{RuleSpec, RuleTarget, RuleTrace};
pub(crate) use socket::{NetlinkSocket, Received};
pub use stacked::{Siblings, StackedKind, StackedLink, StackedSpec};
pub use types::{Event, InterfaceAddress, Link, Neighbor, Scope, Snapshot};
