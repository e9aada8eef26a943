use std::fmt;
use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::{Family, Forward, Statistics};

/// What makes a destination this one and no other within its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationId {
    /// Of the real server.
    pub address: IpAddr,
    /// Of the real server. Only [`Forward::Masquerade`] can translate a port; with the others it is the service's.
    pub port: u16,
}

impl DestinationId {
    /// The family of its address.
    #[must_use]
    pub fn family(&self) -> Family {
        Family::of(self.address)
    }

    /// Whether its address can be one machine's. The kernel refuses destinations whose address is not: groups, the IPv4
    /// broadcast address, 0.0.0.0 and `::`, and IPv4 addresses in the form of IPv6 (`::ffff:10.0.0.1`). It also refuses, and
    /// only it can know them, broadcast addresses of its own networks and link-local IPv6 addresses of others.
    #[must_use]
    pub fn is_unicast(&self) -> bool {
        let is_other = match self.address {
            IpAddr::V4(address) => address.is_broadcast(),
            IpAddr::V6(address) => address.to_ipv4_mapped().is_some(),
        };
        !(is_other || self.address.is_unspecified() || self.address.is_multicast())
    }
}

impl From<SocketAddr> for DestinationId {
    fn from(endpoint: SocketAddr) -> Self {
        Self {
            address: endpoint.ip(),
            port: endpoint.port(),
        }
    }
}

impl fmt::Display for DestinationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address, self.port).fmt(f)
    }
}

/// A real server of a virtual service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Destination {
    /// What the kernel finds it by.
    pub id: DestinationId,
    /// How packets get there.
    pub forward: Forward,
    /// Its share of new connections.
    pub weight: Weight,
    /// How many connections are too many.
    pub thresholds: Thresholds,
}

impl Destination {
    /// Of weight 1, without thresholds.
    pub fn new(id: impl Into<DestinationId>, forward: Forward) -> Self {
        Self {
            id: id.into(),
            forward,
            weight: Weight::ONE,
            thresholds: Thresholds::NONE,
        }
    }

    /// With another weight.
    #[must_use]
    pub fn with_weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    /// With thresholds.
    #[must_use]
    pub fn with_thresholds(self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self }
    }
}

/// A real server as the kernel reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationEntry {
    /// What was configured.
    pub destination: Destination,
    /// Connections that are established.
    pub active: u32,
    /// Connections that are not, and have not timed out.
    pub inactive: u32,
    /// Persistence templates.
    pub persistent: u32,
    /// What has gone to it.
    pub statistics: Statistics,
}

/// A destination's share of new connections. With weight 0 it gets none, and those that it has go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u32);

impl Weight {
    /// No new connections.
    pub const ZERO: Self = Self(0);
    /// ipvsadm's default.
    pub const ONE: Self = Self(1);
    /// The kernel takes it for a signed number, and refuses negative ones.
    pub const MAX: Self = Self(i32::MAX.cast_unsigned());

    /// A weight.
    ///
    /// # Errors
    ///
    /// If it is above [`Weight::MAX`].
    pub const fn new(weight: u32) -> Result<Self, InvalidWeight> {
        if weight <= Self::MAX.0 {
            Ok(Self(weight))
        } else {
            Err(InvalidWeight(weight))
        }
    }

    /// As a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<u16> for Weight {
    fn from(weight: u16) -> Self {
        Self(weight.into())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The weight is one that the kernel refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("a weight of {0}: expected 0 to {max}", max = Weight::MAX)]
pub struct InvalidWeight(pub u32);

/// How many connections are too many: at the upper one a destination gets no more, until it has fewer than the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Thresholds {
    upper: u32,
    lower: u32,
}

impl Thresholds {
    /// Never too many.
    pub const NONE: Self = Self { upper: 0, lower: 0 };

    /// Both in connections. An upper one of 0 is none; with a lower one of 0 the kernel takes three quarters of the upper
    /// one.
    ///
    /// # Errors
    ///
    /// If the lower one is above the upper one.
    pub const fn new(upper: u32, lower: u32) -> Result<Self, InvalidThresholds> {
        if lower <= upper {
            Ok(Self { upper, lower })
        } else {
            Err(InvalidThresholds { upper, lower })
        }
    }

    /// At so many connections a destination is overloaded; 0 is never.
    #[must_use]
    pub const fn upper(self) -> u32 {
        self.upper
    }

    /// Below so many connections it is no longer overloaded.
    #[must_use]
    pub const fn lower(self) -> u32 {
        self.lower
    }
}

/// The thresholds are ones that the kernel refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("the lower threshold {lower} is above the upper one, {upper}")]
pub struct InvalidThresholds {
    /// The upper one.
    pub upper: u32,
    /// The lower one.
    pub lower: u32,
}
