//! What a simulated world is made of, drawn from a seed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU8;
use std::time::Duration;

use vrrp_engine::{
    AddressList, Announcements, Delivery, InterfaceId, Preempt, RouterConfig, Start, Tracker, TrackerId,
    Weight,
};
use vrrp_proto::{
    AdvertInterval, Authentication, Family, Priority, V3Checksum, Version, Vrid, multicast_group,
};

use super::rng::Rng;

/// Machines, the virtual routers they all take part in, and how bad things get.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) machines: usize,
    pub(crate) groups: Vec<Group>,
    pub(crate) faults: Faults,
    /// How long things go wrong.
    pub(crate) trouble: Duration,
    /// What is waited after the trouble before nothing may change any more.
    pub(crate) settling: Duration,
    /// How long nothing may change.
    pub(crate) calm: Duration,
    /// What a machine needs to take in one packet.
    pub(crate) cost: Duration,
}

/// One virtual router as all machines have it configured.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) lan: usize,
    /// One for each machine.
    pub(crate) members: Vec<RouterConfig>,
}

/// How often (in a thousand packets) and how badly the network fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    pub(crate) corruption: u64,
    /// Packets take up to this long, each its own time: that is reordering, too.
    pub(crate) delay: Duration,
    /// Something breaks or is repaired about this often; never if zero.
    pub(crate) every: Duration,
}

/// The LANs there are.
pub(crate) const LANS: usize = 2;
/// The longest a packet takes, and a timer is late, when nothing is wrong.
pub(crate) const GOOD_DELAY: Duration = Duration::from_millis(2);

impl Scenario {
    /// The world of a seed.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let machines = 2 + rng.index(4);
        let count = 1 + rng.index(3);
        // One second wherever version 2 takes part, whose intervals are whole seconds.
        let base = rng.pick(&[5, 10, 50, 100, 100]);
        let groups: Vec<Group> = (0..count)
            .map(|number| Group::draw(rng, number, machines, base))
            .collect();
        let longest = groups.iter().map(Group::master_down).max().unwrap_or_default();
        let delay = groups
            .iter()
            .map(Group::shortest_interval)
            .min()
            .unwrap_or_default();
        Self {
            machines,
            faults: Faults {
                loss: rng.pick(&[0, 10, 100, 300, 600]),
                duplication: rng.pick(&[0, 0, 50, 300]),
                corruption: rng.pick(&[0, 20, 100]),
                delay: delay * rng.pick(&[0, 1, 1, 3]),
                every: longest / rng.pick(&[1, 4, 10, 30]),
            },
            trouble: longest * rng.pick(&[4, 10, 25]),
            settling: longest * 3 + groups.iter().map(Group::patience).max().unwrap_or_default(),
            calm: longest * 2,
            cost: Duration::ZERO,
            groups,
        }
    }

    /// Two machines with 255 virtual routers, started together, on a network without faults.
    pub(crate) fn crowd(rng: &mut Rng, interval: AdvertInterval, tied: bool, cost: Duration) -> Self {
        // A third each: the first machine's, the second's, and those that the addresses decide.
        let favoured = |number: u8, machine| !tied && usize::from(number % 3) == machine;
        let group = |number: u8| Group {
            lan: 0,
            members: (0..2)
                .map(|machine| RouterConfig {
                    vrid: Vrid::new(number).expect("from 1 on"),
                    priority: Priority::new(if favoured(number, machine) { 150 } else { 100 }),
                    interval,
                    ..plain(machine, 0, number, Version::V3, Family::Ipv4)
                })
                .collect(),
        };
        let groups: Vec<Group> = (1..=255).map(group).collect();
        let longest = groups.iter().map(Group::master_down).max().unwrap_or_default();
        Self {
            machines: 2,
            faults: Faults {
                delay: rng.duration(GOOD_DELAY),
                ..Faults::default()
            },
            trouble: Duration::ZERO,
            settling: longest + interval.as_duration() * 2,
            calm: interval.as_duration() * 100,
            cost,
            groups,
        }
    }
}

impl Group {
    fn draw(rng: &mut Rng, number: usize, machines: usize, base: u16) -> Self {
        let version = if base == 100 && rng.chance(500) {
            Version::V2
        } else {
            Version::V3
        };
        let family = if version == Version::V3 && rng.chance(500) {
            Family::Ipv6
        } else {
            Family::Ipv4
        };
        let lan = rng.index(LANS);
        // Every group has its own identifier, or all have the same and differ in LAN, family or delivery.
        let vrid = u8::try_from(number).expect("a few groups") + 1;
        let unicast = rng.chance(300);
        let interval = base * rng.pick(&[1, 1, 2]);
        let differing = version == Version::V3 && rng.chance(200);
        let authentication = if version == Version::V2 && rng.chance(500) {
            Authentication::Simple(*b"secret\0\0")
        } else {
            Authentication::None
        };
        let checksum = if rng.chance(500) {
            V3Checksum::Plain
        } else {
            V3Checksum::PseudoHeader
        };
        // With 1, a master that is a little late is replaced, and that is as it should be.
        let down_timer_adverts = NonZeroU8::new(rng.pick(&[2, 3, 3, 3, 5])).expect("none is zero");
        // Few values make ties.
        let priorities: &[u8] =
            rng.pick(&[&[100][..], &[100, 101], &[1, 100, 254], &[50, 100, 150, 200, 255]]);
        let preempts = rng.pick(&[&[0][..], &[1], &[2], &[0, 1, 2]]);
        let members = (0..machines)
            .map(|machine| RouterConfig {
                priority: Priority::new(rng.pick(priorities)),
                preempt: match rng.pick(preempts) {
                    0 => Preempt::Immediately,
                    1 => Preempt::Never,
                    _ => Preempt::After(Duration::from_millis(u64::from(interval) * 10) * rng.pick(&[1, 7])),
                },
                start: rng.pick(&[Start::Master, Start::Backup]),
                interval: AdvertInterval::from_centis(
                    interval * if differing { rng.pick(&[1, 2, 4]) } else { 1 },
                )
                .expect("a few seconds at most"),
                delivery: if unicast {
                    peers(lan, family, machines, machine)
                } else {
                    group(family)
                },
                announcements: announcements(rng),
                authentication,
                checksum,
                down_timer_adverts,
                ..plain(machine, lan, vrid, version, family)
            })
            .collect();
        Self { lan, members }
    }

    /// The longest Master_Down_Interval that any member can come to.
    pub(crate) fn master_down(&self) -> Duration {
        let longest = self
            .members
            .iter()
            .map(|member| member.interval.as_duration())
            .max()
            .unwrap_or_default();
        let adverts = self
            .members
            .iter()
            .map(|member| member.down_timer_adverts.get())
            .max()
            .unwrap_or(1);
        let skew = match self.members.first().map(|member| member.version) {
            Some(Version::V2) => Duration::from_secs(1),
            _ => longest,
        };
        longest * adverts.into() + skew
    }

    pub(crate) fn longest_interval(&self) -> AdvertInterval {
        let longest = self.members.iter().map(|member| member.interval).max();
        longest.unwrap_or(AdvertInterval::DEFAULT)
    }

    fn shortest_interval(&self) -> Duration {
        self.members
            .iter()
            .map(|member| member.interval.as_duration())
            .min()
            .unwrap_or_default()
    }

    fn patience(&self) -> Duration {
        let delay = |member: &RouterConfig| match member.preempt {
            Preempt::After(delay) => delay,
            _ => Duration::ZERO,
        };
        self.members.iter().map(delay).max().unwrap_or_default()
    }
}

/// The address that a machine sends from; `another` is one it gets when that is lost. Later machines do not have
/// higher ones.
pub(crate) fn source(machine: usize, lan: usize, family: Family, another: bool) -> IpAddr {
    let host = [30, 10, 50, 20, 40][machine] + u8::from(another);
    match family {
        Family::Ipv4 => Ipv4Addr::new(10, 0, u8::try_from(lan).expect("few LANs"), host).into(),
        Family::Ipv6 => {
            let lan = u16::try_from(lan).expect("few LANs");
            Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, lan, host.into()).into()
        }
    }
}

/// Two machines number their interfaces differently.
pub(crate) fn interface(machine: usize, lan: usize) -> InterfaceId {
    InterfaceId(u32::try_from(machine * LANS + lan + 1).expect("few machines"))
}

fn plain(machine: usize, lan: usize, vrid: u8, version: Version, family: Family) -> RouterConfig {
    let address = match family {
        Family::Ipv4 => IpAddr::from([10, 9, vrid, 1]),
        Family::Ipv6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 9, vrid.into()]),
    };
    let addresses = AddressList::new(family, [address]).expect("the address is of the family");
    RouterConfig {
        version,
        // Its value is added to the priority.
        trackers: vec![Tracker {
            id: TrackerId(vrid.into()),
            weight: Weight {
                value: 1,
                reverse: false,
            },
        }],
        ..RouterConfig::new(
            interface(machine, lan),
            Vrid::new(vrid).expect("from 1 on"),
            addresses,
        )
    }
}

fn group(family: Family) -> Delivery {
    Delivery::Multicast(multicast_group(family))
}

/// The same list for all machines, as people write it, or without the machine itself.
fn peers(lan: usize, family: Family, machines: usize, machine: usize) -> Delivery {
    let others = (0..machines).filter(|other| *other != machine || lan == 1);
    Delivery::Unicast(
        others
            .map(|other| source(other, lan, family, false).into())
            .collect(),
    )
}

fn announcements(rng: &mut Rng) -> Announcements {
    let pause = |rng: &mut Rng| Duration::from_millis(rng.pick(&[0, 100, 2000]));
    Announcements {
        repeat: rng.pick(&[0, 1, 5]),
        delay: pause(rng),
        refresh: pause(rng),
        refresh_repeat: rng.pick(&[0, 1]),
        lower_priority_repeat: rng.pick(&[0, 1, 5]),
        lower_priority_delay: pause(rng),
    }
}
