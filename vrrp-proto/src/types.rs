//! The small values of the protocol, each legal by construction.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::num::NonZeroU8;
use core::time::Duration;

use thiserror::Error;

/// Virtual router identifier, 1 to 255 (RFC 9568 section 5.2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Vrid(NonZeroU8);

impl Vrid {
    /// The identifier `value`; 0 is not one.
    pub const fn new(value: u8) -> Result<Self, InvalidVrid> {
        match NonZeroU8::new(value) {
            Some(value) => Ok(Self(value)),
            None => Err(InvalidVrid),
        }
    }

    /// The identifier as it goes on the wire.
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

impl fmt::Display for Vrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// 0 is not a virtual router identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("a virtual router identifier is 1 to 255, not 0")]
pub struct InvalidVrid;

/// Priority of a router for one virtual router (RFC 9568 section 5.2.4). Every value has a meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Priority(u8);

impl Priority {
    /// "I stop": sent by a master that gives up, never configured.
    pub const RELEASE: Self = Self(0);
    /// The default of a backup.
    pub const DEFAULT: Self = Self(100);
    /// The router that owns the addresses.
    pub const OWNER: Self = Self(255);

    /// The priority `value`.
    pub const fn new(value: u8) -> Self {
        Self(value)
    }

    /// The priority as it goes on the wire.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether this is the address owner's priority.
    pub const fn is_owner(self) -> bool {
        self.0 == Self::OWNER.0
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The versions of the protocol that are still spoken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    /// RFC 3768: IPv4 only, whole seconds, eight bytes of authentication data.
    V2,
    /// RFC 5798 and RFC 9568: both families, centiseconds.
    V3,
}

impl Version {
    /// The version's number.
    pub const fn number(self) -> u8 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// The address family a virtual router speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of `address`.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }

    /// Octets of one address.
    pub const fn address_len(self) -> usize {
        match self {
            Self::Ipv4 => 4,
            Self::Ipv6 => 16,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

/// Time between two adverts of a master, in whole centiseconds, never zero, up to 255 seconds.
///
/// Version 2 sends whole seconds in 8 bits, version 3 centiseconds in 12 bits (40.95 s at most); whether a value fits
/// a version is what [`AdvertInterval::fits`] answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AdvertInterval(u16);

impl AdvertInterval {
    /// One second, the default of both versions.
    pub const DEFAULT: Self = Self(100);

    /// `centis` hundredths of a second: 1 to 25500.
    pub const fn from_centis(centis: u16) -> Result<Self, InvalidInterval> {
        if centis >= 1 && centis <= MAX_CENTIS {
            Ok(Self(centis))
        } else {
            Err(InvalidInterval)
        }
    }

    /// `secs` seconds: 1 to 255.
    pub const fn from_secs(secs: u8) -> Result<Self, InvalidInterval> {
        Self::from_centis(secs as u16 * CENTIS_PER_SEC)
    }

    /// The interval in centiseconds.
    pub const fn as_centis(self) -> u16 {
        self.0
    }

    /// The interval in whole seconds, where it is whole.
    pub const fn as_whole_secs(self) -> Option<u8> {
        if self.0.is_multiple_of(CENTIS_PER_SEC) {
            let secs = self.0 / CENTIS_PER_SEC;
            // At most 255: the constructor allows no more.
            Some(secs.to_be_bytes()[1])
        } else {
            None
        }
    }

    /// The interval as a duration.
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0 as u64 * 10)
    }

    /// Whether the interval can be sent in `version`.
    pub const fn fits(self, version: Version) -> bool {
        match version {
            Version::V2 => self.as_whole_secs().is_some(),
            Version::V3 => self.0 <= V3_MAX_CENTIS,
        }
    }
}

/// An interval of zero, or beyond 255 seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("an advertisement interval is 0.01 to 255 seconds")]
pub struct InvalidInterval;

/// An Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// ff:ff:ff:ff:ff:ff.
    pub const BROADCAST: Self = Self([0xff; 6]);
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([a, b, c, d, e, g]) = self;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The virtual router's own Ethernet address, 00-00-5E-00-01-VRID for IPv4 and 00-00-5E-00-02-VRID for IPv6
/// (RFC 9568 section 7.3).
pub const fn virtual_mac(family: Family, vrid: Vrid) -> MacAddr {
    let kind = match family {
        Family::Ipv4 => 1,
        Family::Ipv6 => 2,
    };
    MacAddr([0x00, 0x00, 0x5e, 0x00, kind, vrid.get()])
}

/// The multicast group that adverts go to: 224.0.0.18 (RFC 9568 section 5.1.1.2) or ff02::12 (section 5.1.2.2).
pub const fn multicast_group(family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18)),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12)),
    }
}

const CENTIS_PER_SEC: u16 = 100;
const MAX_CENTIS: u16 = 25_500;
const V3_MAX_CENTIS: u16 = 0x0fff;

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn zero_is_no_vrid() {
        assert_eq!(Vrid::new(0), Err(InvalidVrid));
        assert_eq!(Vrid::new(1).map(Vrid::get), Ok(1));
        assert_eq!(Vrid::new(255).map(Vrid::get), Ok(255));
    }

    #[test]
    fn only_255_is_the_owners_priority() {
        assert!((0..255).all(|value| !Priority::new(value).is_owner()));
        assert!(Priority::new(255).is_owner());
        assert!(Priority::RELEASE < Priority::DEFAULT && Priority::DEFAULT < Priority::OWNER);
    }

    #[test]
    fn an_interval_is_at_least_a_centisecond_and_at_most_what_version_2_carries() {
        assert_eq!(AdvertInterval::from_centis(0), Err(InvalidInterval));
        assert_eq!(AdvertInterval::from_secs(0), Err(InvalidInterval));
        assert_eq!(AdvertInterval::from_centis(25_501), Err(InvalidInterval));
        assert_eq!(
            AdvertInterval::from_centis(25_500),
            AdvertInterval::from_secs(255)
        );
        assert_eq!(AdvertInterval::from_secs(1), Ok(AdvertInterval::DEFAULT));
    }

    #[test]
    fn every_whole_second_survives() {
        for secs in 1..=255 {
            let interval = AdvertInterval::from_secs(secs).unwrap();
            assert_eq!(interval.as_whole_secs(), Some(secs));
            assert_eq!(interval.as_duration(), Duration::from_secs(secs.into()));
        }
        assert_eq!(AdvertInterval::from_centis(150).unwrap().as_whole_secs(), None);
        assert_eq!(
            AdvertInterval::from_centis(3).unwrap().as_duration(),
            Duration::from_millis(30)
        );
    }

    #[test]
    fn the_versions_differ_in_the_intervals_they_carry() {
        let fits = |centis| {
            let interval = AdvertInterval::from_centis(centis).unwrap();
            (interval.fits(Version::V2), interval.fits(Version::V3))
        };
        assert_eq!(fits(1), (false, true));
        assert_eq!(fits(100), (true, true));
        assert_eq!(fits(4_000), (true, true));
        assert_eq!(fits(4_095), (false, true));
        assert_eq!(fits(4_096), (false, false));
        assert_eq!(fits(4_100), (true, false));
    }

    #[test]
    fn families_know_their_addresses() {
        assert_eq!(Family::of(multicast_group(Family::Ipv4)), Family::Ipv4);
        assert_eq!(Family::of(multicast_group(Family::Ipv6)), Family::Ipv6);
        assert_eq!(multicast_group(Family::Ipv4).to_string(), "224.0.0.18");
        assert_eq!(multicast_group(Family::Ipv6).to_string(), "ff02::12");
        assert_eq!((Family::Ipv4.address_len(), Family::Ipv6.address_len()), (4, 16));
    }

    #[test]
    fn values_are_shown_as_people_write_them() {
        let vrid = Vrid::new(51).unwrap();
        assert_eq!(virtual_mac(Family::Ipv4, vrid).to_string(), "00:00:5e:00:01:33");
        assert_eq!(virtual_mac(Family::Ipv6, vrid).to_string(), "00:00:5e:00:02:33");
        assert_eq!(
            std::format!("{vrid:>4} {:03} {}", Priority::DEFAULT, Version::V3),
            "  51 100 3"
        );
        assert_eq!(std::format!("{} {}", Family::Ipv4, Family::Ipv6), "IPv4 IPv6");
    }
}
