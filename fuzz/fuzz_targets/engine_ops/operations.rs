//! What may happen to an engine, made of arbitrary octets. Values are few, so that things often meet.

use std::net::IpAddr;
use std::time::Duration;

use arbitrary::Arbitrary;
use vrrp_engine::{
    AddressList, Announcements, Delivery, InterfaceId, Preempt, RouterConfig, Start, Tracker, TrackerId,
    TrackerStatus, Weight,
};
use vrrp_proto::{
    AdvertInterval, Advertisement, Authentication, Context, Family, Packet, Priority, V3Checksum, Version,
    Vrid, multicast_group,
};

#[derive(Arbitrary, Debug)]
pub(crate) enum Operation {
    Add(Router),
    Remove(u8),
    Advert(Advert),
    Noise(Vec<u8>, Advert),
    /// Time passes, and every timeout is handled when it is due.
    Wait(Step),
    /// Time passes, and nothing runs meanwhile.
    Stall(Step),
    Spurious,
    Link(u8, bool),
    Source(u8, Option<u8>),
    AddressLost(u8, u8),
    Tracker(u8, Status),
    Startup,
    Group(Vec<u8>),
    Regroup(u8, Vec<u8>),
    Dissolve(u8),
    Reconfigure(u8, Router),
    Shutdown,
}

#[derive(Arbitrary, Debug)]
pub(crate) enum Status {
    Unknown,
    Up,
    Down,
    Value(i32),
}

impl From<Status> for TrackerStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Unknown => Self::Unknown,
            Status::Up => Self::Up,
            Status::Down => Self::Down,
            Status::Value(value) => Self::Value(value),
        }
    }
}

/// Milliseconds, or far more.
#[derive(Arbitrary, Debug)]
pub(crate) enum Step {
    Nanos(u8),
    Millis(u16),
    Days(u8),
}

#[derive(Arbitrary, Debug)]
pub(crate) struct Router {
    pub(crate) place: Place,
    pub(crate) priority: u8,
    pub(crate) centis: u16,
    pub(crate) start_as_master: bool,
    pub(crate) preempt: Wish,
    pub(crate) down_timer_adverts: u8,
    pub(crate) addresses: u8,
    pub(crate) password: Option<u8>,
    pub(crate) schedule: [u8; 6],
    pub(crate) link_up: bool,
    pub(crate) source: Option<u8>,
    pub(crate) ignores_link: bool,
    pub(crate) trackers: [Option<(i16, bool)>; 3],
}

#[derive(Arbitrary, Debug)]
pub(crate) enum Wish {
    Immediately,
    After(u16),
    Never,
}

/// Few values, so that adverts often meet a router.
#[derive(Arbitrary, Debug)]
pub(crate) struct Place {
    pub(crate) interface: u8,
    pub(crate) vrid: u8,
    pub(crate) version_2: bool,
    pub(crate) ipv6: bool,
    pub(crate) unicast: bool,
}

#[derive(Arbitrary, Debug)]
pub(crate) struct Advert {
    pub(crate) place: Place,
    /// An advert of a router that is there, if there is one.
    pub(crate) of: Option<u8>,
    pub(crate) priority: u8,
    pub(crate) centis: Option<u16>,
    pub(crate) from: u8,
    pub(crate) hop_limit: Option<u8>,
    pub(crate) plain_checksum: bool,
}

impl Router {
    pub(crate) fn config(&self) -> Option<RouterConfig> {
        let place = self.place.config()?;
        let family = place.addresses.family();
        let [
            repeat,
            delay,
            refresh,
            refresh_repeat,
            lower_priority_repeat,
            lower_priority_delay,
        ] = self.schedule;
        let tenths = |count: u8| Duration::from_millis(u64::from(count) * 100);
        Some(RouterConfig {
            addresses: AddressList::new(
                family,
                (0..self.addresses % 4).map(|last| virtual_address(family, last)),
            )
            .expect("all are of the family"),
            priority: Priority::new(self.priority),
            interval: interval(self.centis, place.version)?,
            start: if self.start_as_master {
                Start::Master
            } else {
                Start::Backup
            },
            preempt: match self.preempt {
                Wish::Immediately => Preempt::Immediately,
                Wish::After(millis) => Preempt::After(Duration::from_millis(millis.into())),
                Wish::Never => Preempt::Never,
            },
            down_timer_adverts: self.down_timer_adverts.try_into().ok()?,
            authentication: match (place.version, self.password) {
                (Version::V2, Some(octet)) => Authentication::Simple([octet % 2; 8]),
                _ => Authentication::None,
            },
            announcements: Announcements {
                repeat,
                delay: tenths(delay),
                refresh: tenths(refresh),
                refresh_repeat,
                lower_priority_repeat,
                lower_priority_delay: tenths(lower_priority_delay),
            },
            track_link: !self.ignores_link,
            trackers: (0..)
                .zip(self.trackers)
                .filter_map(|(number, tracker)| {
                    let (value, reverse) = tracker?;
                    let weight = Weight {
                        value: value.into(),
                        reverse,
                    };
                    Some(Tracker {
                        id: TrackerId(number),
                        weight,
                    })
                })
                .collect(),
            ..place
        })
    }
}

impl Place {
    pub(crate) fn config(&self) -> Option<RouterConfig> {
        let version = if self.version_2 { Version::V2 } else { Version::V3 };
        let family = if self.ipv6 { Family::Ipv6 } else { Family::Ipv4 };
        let addresses = AddressList::new(family, [virtual_address(family, 0)]).ok()?;
        Some(RouterConfig {
            version,
            delivery: if self.unicast {
                Delivery::Unicast(vec![host(family, 1).into(), host(family, 2).into()])
            } else {
                Delivery::Multicast(multicast_group(family))
            },
            ..RouterConfig::new(
                place_on(self.interface),
                Vrid::new(self.vrid % 4).ok()?,
                addresses,
            )
        })
    }
}

impl Advert {
    /// Source, destination and octets of such an advert of a router that is configured like that.
    pub(crate) fn packet(&self, config: RouterConfig) -> Option<(IpAddr, IpAddr, Vec<u8>)> {
        let family = config.addresses.family();
        let interval = match self.centis {
            Some(centis) => interval(centis, config.version)?,
            None => config.interval,
        };
        let advert = Advertisement::new(
            config.version,
            config.vrid,
            Priority::new(self.priority),
            interval,
            config.authentication,
            config.addresses.as_addresses(),
        )
        .ok()?;
        let destination = match &config.delivery {
            Delivery::Multicast(group) => *group,
            Delivery::Unicast(_) => host(family, 9),
        };
        let context = Context {
            source: host(family, self.from),
            destination,
            checksum: if self.plain_checksum {
                V3Checksum::Plain
            } else {
                V3Checksum::PseudoHeader
            },
        };
        let mut pdu = vec![0; advert.buffer_len()];
        advert.emit(&context, &mut pdu);
        assert_eq!(Packet::new_unchecked(&pdu).priority(), self.priority);
        Some((context.source, destination, pdu))
    }
}

impl Step {
    pub(crate) fn duration(&self) -> Duration {
        match self {
            Self::Nanos(nanos) => Duration::from_nanos((*nanos).into()),
            Self::Millis(millis) => Duration::from_millis((*millis).into()),
            Self::Days(days) => Duration::from_secs(u64::from(*days) * 86_400),
        }
    }
}

fn interval(centis: u16, version: Version) -> Option<AdvertInterval> {
    let centis = match version {
        Version::V2 => centis / 100 * 100,
        Version::V3 => centis,
    };
    AdvertInterval::from_centis(centis).ok()
}

pub(crate) fn place_on(interface: u8) -> InterfaceId {
    InterfaceId(u32::from(interface % 2))
}

pub(crate) fn host(family: Family, last: u8) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::from([10, 0, 0, last % 16]),
        Family::Ipv6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, u16::from(last % 16)]),
    }
}

pub(crate) fn virtual_address(family: Family, last: u8) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::from([10, 0, 1, last]),
        Family::Ipv6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 1, u16::from(last)]),
    }
}
