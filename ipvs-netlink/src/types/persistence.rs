use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use thiserror::Error;

use super::Family;

/// A client's connections go where its first one went, for as long as it comes back within the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Persistence {
    seconds: u32,
    granularity: Granularity,
}

impl Persistence {
    /// For a time of whole seconds, each client by itself.
    ///
    /// # Errors
    ///
    /// If the time is not 1 second to 31 days, which is ipvsadm's limit, or has parts of a second.
    pub fn new(family: Family, timeout: Duration) -> Result<Self, InvalidPersistence> {
        let fits = timeout.subsec_nanos() == 0 && (1..=SECONDS_LIMIT).contains(&timeout.as_secs());
        match u32::try_from(timeout.as_secs()) {
            Ok(seconds) if fits => Ok(Self::from_kernel(seconds, Granularity::single(family))),
            _ => Err(InvalidPersistence::Timeout(timeout)),
        }
    }

    /// With clients of one network taken for one.
    ///
    /// # Errors
    ///
    /// If the granularity is of another family than this.
    pub fn with_granularity(self, granularity: Granularity) -> Result<Self, InvalidPersistence> {
        if granularity.family() == self.granularity.family() {
            Ok(Self { granularity, ..self })
        } else {
            Err(InvalidPersistence::Family {
                granularity,
                expected: self.granularity.family(),
            })
        }
    }

    /// As the kernel says it, which also has times that cannot be asked for here.
    pub(crate) fn from_kernel(seconds: u32, granularity: Granularity) -> Self {
        Self { seconds, granularity }
    }

    /// How long a client is remembered after its last connection.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        self.seconds
    }

    /// Which clients are taken for one.
    #[must_use]
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }
}

/// Which clients are taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Granularity(Inner);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner {
    Mask(Ipv4Addr),
    PrefixLength(u8),
}

impl Granularity {
    /// Those whose addresses are equal under a mask. The kernel takes any mask, also one with holes.
    #[must_use]
    pub const fn mask(mask: Ipv4Addr) -> Self {
        Self(Inner::Mask(mask))
    }

    /// Those whose IPv6 addresses begin with as many equal bits.
    ///
    /// # Errors
    ///
    /// If it is not 1 to 128.
    pub const fn prefix_length(length: u8) -> Result<Self, InvalidPersistence> {
        match length {
            1..=128 => Ok(Self(Inner::PrefixLength(length))),
            _ => Err(InvalidPersistence::PrefixLength(length)),
        }
    }

    /// Each client by itself.
    #[must_use]
    pub const fn single(family: Family) -> Self {
        match family {
            Family::Ipv4 => Self(Inner::Mask(Ipv4Addr::BROADCAST)),
            Family::Ipv6 => Self(Inner::PrefixLength(128)),
        }
    }

    /// Whether it is each client by itself.
    #[must_use]
    pub fn is_single(self) -> bool {
        self == Self::single(self.family())
    }

    /// Of which addresses it speaks.
    #[must_use]
    pub const fn family(self) -> Family {
        match self.0 {
            Inner::Mask(_) => Family::Ipv4,
            Inner::PrefixLength(_) => Family::Ipv6,
        }
    }

    /// The mask, if it is of IPv4.
    #[must_use]
    pub const fn as_mask(self) -> Option<Ipv4Addr> {
        match self.0 {
            Inner::Mask(mask) => Some(mask),
            Inner::PrefixLength(_) => None,
        }
    }

    /// The length in bits, if it is of IPv6.
    #[must_use]
    pub const fn as_prefix_length(self) -> Option<u8> {
        match self.0 {
            Inner::Mask(_) => None,
            Inner::PrefixLength(length) => Some(length),
        }
    }
}

/// A mask `255.255.255.0`, or a length `64`: as ipvsadm's `-M` has it.
impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Inner::Mask(mask) => mask.fmt(f),
            Inner::PrefixLength(length) => length.fmt(f),
        }
    }
}

/// The kernel would refuse this persistence, or take it for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidPersistence {
    /// The time cannot be had.
    #[error("persistence of {0:?}: expected whole seconds, from 1 to {SECONDS_LIMIT} (31 days)")]
    Timeout(Duration),
    /// No such length.
    #[error("a persistence granularity of {0} bits: an IPv6 prefix length is 1 to 128")]
    PrefixLength(u8),
    /// A mask for IPv6 or a prefix length for IPv4.
    #[error("the persistence granularity {granularity} is not one of {expected}")]
    Family {
        /// What was given.
        granularity: Granularity,
        /// What the service is of.
        expected: Family,
    },
}

/// 31 days. From 49 days on the kernel's own number of ticks overflows.
const SECONDS_LIMIT: u64 = 31 * 24 * 60 * 60;
