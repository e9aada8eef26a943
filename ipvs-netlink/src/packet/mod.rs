//! What goes over the netlink socket, in the convention of rust-netlink: messages and attributes that are emitted and
//! parsed by the traits of [`netlink_packet_core`] and [`netlink_packet_generic`].
//!
//! All numbers and meanings are those of linux/ip_vs.h. What a kernel says that has no name here is kept as `Other`, and so
//! is an attribute of a size that it should not have: neither makes the rest of a message unreadable. An error is only what
//! is not a row of attributes at all. No bytes make anything here panic. What cannot be emitted is an attribute of more
//! than 65,531 octets, which netlink has no room for; none is ever parsed.
//!
//! ```
//! use ipvs_netlink::packet::{IpvsAttribute, IpvsCommand, IpvsMessage, ServiceAttribute};
//! use netlink_packet_core::Emitable;
//!
//! let message = IpvsMessage {
//!     command: IpvsCommand::DelService,
//!     attributes: vec![IpvsAttribute::Service(vec![
//!         ServiceAttribute::AddressFamily(2),
//!         ServiceAttribute::Fwmark(7),
//!     ])],
//! };
//! assert_eq!(message.buffer_len(), 4 + 8 + 8);
//! ```

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod attribute;
mod command;
pub mod controller;
mod daemon;
mod destination;
mod info;
mod message;
mod service;
mod statistics;
mod value;

pub use attribute::IpvsAttribute;
pub use command::IpvsCommand;
pub use daemon::DaemonAttribute;
pub use destination::DestinationAttribute;
pub use info::InfoAttribute;
pub use message::{FAMILY_NAME, FAMILY_VERSION, IpvsMessage};
pub use service::{ServiceAttribute, ServiceFlags};
pub use statistics::{Counter, StatisticsAttribute};

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]
mod tests;
