//! Why a socket is not there.

use std::io;
use std::net::IpAddr;

use thiserror::Error;

/// Why a socket cannot be opened or made to listen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The process may not have raw sockets.
    #[error("opening a raw socket needs CAP_NET_RAW (run as root, or grant the capability)")]
    NoPermission,
    /// The interface does not exist, or no longer.
    #[error("there is no interface {0}")]
    NoSuchInterface(String),
    /// The kernel was built or started without IPv6.
    #[error("this machine has no IPv6")]
    NoIpv6,
    /// A multicast group cannot be joined.
    #[error("cannot join {group} on {interface}: {source}")]
    Join {
        /// The group.
        group: IpAddr,
        /// The interface.
        interface: String,
        /// Why.
        source: io::Error,
    },
    /// A socket option is refused.
    #[error("cannot set {option}: {source}")]
    Option {
        /// The option, as socket(7), ip(7) and ipv6(7) call it.
        option: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Anything else.
    #[error("socket: {0}")]
    Other(#[from] io::Error),
}
