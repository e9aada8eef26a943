//! Why a message cannot be made, or is none.

use thiserror::Error;

use crate::{AdvertInterval, Version};

/// Why an [`Advertisement`](crate::Advertisement) could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum InvalidAdvertisement {
    /// The version cannot carry the interval.
    #[error("VRRP version {version} cannot carry an interval of {} centiseconds", interval.as_centis())]
    Interval {
        /// The version.
        version: Version,
        /// The interval.
        interval: AdvertInterval,
    },
    /// Version 2 speaks IPv4 only.
    #[error("VRRP version 2 carries IPv4 addresses only")]
    Ipv6InVersion2,
    /// [`Authentication::Other`](crate::Authentication::Other) with a type that has a variant of its own.
    #[error("authentication type {0} is not another type")]
    AuthenticationKind(u8),
    /// Version 3 has no authentication.
    #[error("VRRP version 3 has no authentication field")]
    AuthenticationInVersion3,
    /// The count field has eight bits.
    #[error("{0} addresses do not fit one advertisement: 255 at most")]
    TooManyAddresses(usize),
}

/// Why a packet is no advertisement. In the order in which they are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Source and destination are of different families.
    #[error("source and destination are of different families")]
    MixedFamilies,
    /// Shorter than the fixed header, or than the addresses (and authentication data) it announces.
    #[error("{len} octets where at least {needed} are needed")]
    Truncated {
        /// Octets there are.
        len: usize,
        /// Octets that are needed.
        needed: usize,
    },
    /// A version other than 2 and 3.
    #[error("VRRP version {0} is neither 2 nor 3")]
    Version(u8),
    /// Version 2 over IPv6.
    #[error("VRRP version 2 over IPv6")]
    Ipv6InVersion2,
    /// A packet type other than 1 (advertisement).
    #[error("packet type {0} is not an advertisement (1)")]
    Type(u8),
    /// More octets than the addresses account for, and more than Ethernet padding explains.
    #[error("{len} octets where {expected} are announced")]
    TrailingData {
        /// Octets there are.
        len: usize,
        /// Octets that are accounted for.
        expected: usize,
    },
    /// The checksum does not hold.
    #[error("wrong checksum {found:#06x}")]
    Checksum {
        /// The checksum as received.
        found: u16,
    },
    /// Virtual router identifier 0.
    #[error("virtual router identifier 0")]
    VridZero,
    /// An interval of zero.
    #[error("an advertisement interval of zero")]
    ZeroInterval,
}
