//! An advertisement that makes sense: parsed from a packet, or built to be sent.

use core::net::IpAddr;

use thiserror::Error;

use crate::{Addresses, AdvertInterval, Priority, Version, Vrid};

/// An advertisement. Every value of this type can be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advertisement<'a> {
    version: Version,
    vrid: Vrid,
    priority: Priority,
    interval: AdvertInterval,
    authentication: Authentication,
    addresses: Addresses<'a>,
}

impl<'a> Advertisement<'a> {
    /// An advertisement to send.
    pub fn new(
        version: Version,
        vrid: Vrid,
        priority: Priority,
        interval: AdvertInterval,
        authentication: Authentication,
        addresses: Addresses<'a>,
    ) -> Result<Self, InvalidAdvertisement> {
        todo!()
    }

    /// Reads the VRRP message `pdu` (what follows the IP header, Ethernet padding allowed) and verifies its checksum.
    pub fn parse(pdu: &'a [u8], context: &Context) -> Result<Self, ParseError> {
        todo!()
    }

    /// Octets that [`Advertisement::emit`] writes.
    pub fn buffer_len(&self) -> usize {
        todo!()
    }

    /// Writes the message, checksum included, to the first [`Advertisement::buffer_len`] octets of `buffer`.
    pub fn emit(&self, context: &Context, buffer: &mut [u8]) {
        todo!()
    }

    /// The version it is sent in.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The virtual router it speaks for.
    pub const fn vrid(&self) -> Vrid {
        self.vrid
    }

    /// The sender's priority.
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// The sender's advertisement interval.
    pub const fn interval(&self) -> AdvertInterval {
        self.interval
    }

    /// Version 2's authentication; none in version 3.
    pub const fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// The virtual addresses.
    pub const fn addresses(&self) -> Addresses<'a> {
        self.addresses
    }
}

/// What the IP header says, and how the checksum is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// Source address of the packet.
    pub source: IpAddr,
    /// Destination address of the packet, of the same family.
    pub destination: IpAddr,
    /// How version 3's checksum over IPv4 is made.
    pub checksum: V3Checksum,
}

/// The two readings of RFC 5798 for version 3 over IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum V3Checksum {
    /// With the IPv4 pseudo-header: keepalived's default.
    #[default]
    PseudoHeader,
    /// Without it, as in version 2: RFC 9568, and keepalived's `v3_checksum_as_v2`. On receipt either is accepted.
    Plain,
}

/// The authentication fields of version 2 (RFC 3768 section 5.3.6, RFC 2338 section 5.3.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// Type 0: none; the data is sent as zeros.
    None,
    /// Type 1: a password in clear, padded with zeros.
    Simple([u8; 8]),
    /// Any other type (2 is the IP authentication header) with its data.
    Other {
        /// The type.
        kind: u8,
        /// The eight octets.
        data: [u8; 8],
    },
}

impl core::fmt::Debug for Authentication {
    /// Never shows the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Simple(_) => f.write_str("Simple(..)"),
            Self::Other { kind, .. } => write!(f, "Other {{ kind: {kind}, .. }}"),
        }
    }
}

/// Why an [`Advertisement`] could not be made.
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
    /// Virtual router identifier 0.
    #[error("virtual router identifier 0")]
    VridZero,
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
    /// An interval of zero.
    #[error("an advertisement interval of zero")]
    ZeroInterval,
    /// Source and destination are of different families.
    #[error("source and destination are of different families")]
    MixedFamilies,
}
