//! What a virtual router is told once.

use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use thiserror::Error;
use vrrp_proto::{
    Addresses, AdvertInterval, Authentication, Family, InvalidAdvertisement, Priority, V3Checksum, Version,
    Vrid, multicast_group,
};

use crate::{Conduct, Delivery, InvalidProtection, OldChecksum, Protection, Tracker};

/// A virtual router of one [`Engine`](crate::Engine). Handed out by the engine, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RouterId(pub(crate) u32);

/// A sync group of one [`Engine`](crate::Engine). Handed out by the engine, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupId(pub(crate) u32);

/// The configuration of one sync group: routers that are master together or not at all.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GroupConfig {
    /// Its routers, each in this group only.
    pub members: Vec<RouterId>,
}

/// An interface, numbered by the caller. Two numbers are two interfaces; nothing else is read from it.
///
/// It need not be the kernel's index: an interface that is deleted and made anew may keep its number here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InterfaceId(pub u32);

/// The configuration of one virtual router.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RouterConfig {
    /// The interface it speaks on.
    pub interface: InterfaceId,
    /// Its identifier, unique for interface, family and kind of delivery.
    pub vrid: Vrid,
    /// The protocol version it sends and accepts.
    pub version: Version,
    /// The advertised addresses, in the order in which they are sent; their family is the router's.
    pub addresses: AddressList,
    /// The configured priority, 1 to 255.
    pub priority: Priority,
    /// Time between adverts while master.
    pub interval: AdvertInterval,
    /// keepalived's `state`: only for the address owner (priority 255) does it change the start.
    pub start: Start,
    /// Whether a live master of lower priority is replaced.
    pub preempt: Preempt,
    /// Adverts that must be missed before the master counts as gone; 3 in the RFCs.
    pub down_timer_adverts: NonZeroU8,
    /// Version 2's password, if there is one.
    pub authentication: Authentication,
    /// Authentication that is better than a password.
    pub protection: Protection,
    /// How version 3's checksum over IPv4 is made.
    pub checksum: V3Checksum,
    /// The same between unicast peers, one of which may be an old keepalived.
    pub old_checksum: OldChecksum,
    /// Where adverts go.
    pub delivery: Delivery,
    /// The time to live (hop limit) of unicast adverts; keepalived's `unicast_ttl`. Those of others are sent with 255.
    pub unicast_ttl: u8,
    /// How far it departs from the RFCs.
    pub conduct: Conduct,
    /// When gratuitous ARPs and unsolicited neighbour advertisements are sent.
    pub announcements: Announcements,
    /// Whether its interface must be up; keepalived's `dont_track_primary` says it need not.
    pub track_link: bool,
    /// What else it watches.
    pub trackers: Vec<Tracker>,
}

impl RouterConfig {
    /// A router of which nothing else is said: version 3, priority 100, an advert each second by multicast, preempting,
    /// no authentication.
    pub fn new(interface: InterfaceId, vrid: Vrid, addresses: AddressList) -> Self {
        Self {
            interface,
            vrid,
            version: Version::V3,
            priority: Priority::new(100),
            interval: AdvertInterval::DEFAULT,
            start: Start::Backup,
            preempt: Preempt::Immediately,
            down_timer_adverts: NonZeroU8::new(3).expect("3 is not zero"),
            authentication: Authentication::None,
            protection: Protection::None,
            checksum: V3Checksum::PseudoHeader,
            old_checksum: OldChecksum::default(),
            delivery: Delivery::Multicast(multicast_group(addresses.family())),
            unicast_ttl: HOP_LIMIT,
            conduct: Conduct::default(),
            announcements: Announcements::default(),
            track_link: true,
            trackers: Vec::new(),
            addresses,
        }
    }
}

/// keepalived's `state`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Start {
    /// The owner goes to master at once; everyone else waits a full Master_Down_Interval.
    Master,
    /// Everyone waits a full Master_Down_Interval.
    #[default]
    Backup,
}

/// Preempt_Mode, with keepalived's `preempt_delay`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Preempt {
    /// A master of lower priority is replaced as soon as Master_Down_Timer runs out.
    #[default]
    Immediately,
    /// Adverts of lower priority are accepted until this long after the first of them.
    After(Duration),
    /// A live master is never replaced. The owner preempts all the same.
    Never,
}

/// The schedule of gratuitous ARPs (IPv4) and unsolicited neighbour advertisements (IPv6); keepalived's `garp_*`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Announcements {
    /// Frames for each address in a burst; at least 1 is sent on becoming master.
    pub repeat: u8,
    /// From becoming master to the second burst; zero for none.
    pub delay: Duration,
    /// Between refreshes while master; zero for none.
    pub refresh: Duration,
    /// Frames for each address at a refresh.
    pub refresh_repeat: u8,
    /// Frames for each address after an advert of lower priority; may be 0.
    pub lower_priority_repeat: u8,
    /// From that burst to its second; zero for none.
    pub lower_priority_delay: Duration,
}

impl Default for Announcements {
    fn default() -> Self {
        Self {
            repeat: 5,
            delay: Duration::from_secs(5),
            refresh: Duration::ZERO,
            refresh_repeat: 1,
            lower_priority_repeat: 5,
            lower_priority_delay: Duration::from_secs(5),
        }
    }
}

/// What the caller knows of the machine when a router is added; changes come as [`Input`](crate::Input)s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Whether the interface is up.
    pub link_up: bool,
    /// The address adverts are sent from (for IPv6 a link-local one).
    pub source: Option<IpAddr>,
}

/// Virtual addresses of one family, kept as they go on the wire.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AddressList {
    /// IPv4 addresses.
    V4(Vec<[u8; 4]>),
    /// IPv6 addresses.
    V6(Vec<[u8; 16]>),
}

impl AddressList {
    /// The list of `addresses`, all of which must be of `family`.
    pub fn new(family: Family, addresses: impl IntoIterator<Item = IpAddr>) -> Result<Self, MixedFamilies> {
        let mut list = match family {
            Family::Ipv4 => Self::V4(Vec::new()),
            Family::Ipv6 => Self::V6(Vec::new()),
        };
        for address in addresses {
            match (&mut list, address) {
                (Self::V4(list), IpAddr::V4(address)) => list.push(address.octets()),
                (Self::V6(list), IpAddr::V6(address)) => list.push(address.octets()),
                _ => return Err(MixedFamilies { family, address }),
            }
        }
        Ok(list)
    }

    /// The list as the protocol crate takes it.
    pub fn as_addresses(&self) -> Addresses<'_> {
        match self {
            Self::V4(list) => Addresses::V4(list),
            Self::V6(list) => Addresses::V6(list),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.as_addresses().family()
    }
}

/// Why a sync group cannot be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum InvalidGroup {
    /// It has no members.
    #[error("a sync group needs a member")]
    Empty,
    /// A member is not there.
    #[error("a member of the sync group does not exist")]
    UnknownRouter(RouterId),
    /// A member is in another group, or named twice.
    #[error("a router can be in one sync group only, once")]
    TakenRouter(RouterId),
}

/// An address of the other family in an [`AddressList`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{address} is not an {family} address")]
pub struct MixedFamilies {
    /// The list's family.
    pub family: Family,
    /// The address that is not of it.
    pub address: IpAddr,
}

/// Why a router cannot be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// Another router has the interface, family, identifier and kind of delivery.
    #[error("virtual router {vrid} is already there on this interface for {family}")]
    Duplicate {
        /// The identifier.
        vrid: Vrid,
        /// The family.
        family: Family,
        /// The router that has it.
        router: RouterId,
    },
    /// Interface, family, identifier and kind of delivery make a router; with others it is another one.
    #[error("interface, family, virtual router id and kind of delivery cannot change")]
    OtherRouter,
    /// Priority 0 is for giving up, not for configuration.
    #[error("priority 0 cannot be configured")]
    PriorityZero,
    /// The values do not make an advertisement.
    #[error(transparent)]
    Advertisement(#[from] InvalidAdvertisement),
    /// Adverts cannot be protected like this.
    #[error(transparent)]
    Protection(#[from] InvalidProtection),
    /// A group that is no multicast address, or a peer that is one, or an address of the other family.
    #[error("{0} is no destination for this router's adverts")]
    Destination(IpAddr),
}

/// What only a sender on the same link can have sent (RFC 9568 section 5.1.1.3).
pub(crate) const HOP_LIMIT: u8 = 255;
