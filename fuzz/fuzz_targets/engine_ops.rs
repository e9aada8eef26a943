//! Any sequence of calls, with adverts that are right, nearly right, and noise: the engine never panics, its outputs
//! make sense, and nothing is due any more after it was handled.
#![no_main]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use vrrp_engine::{
    AddressList, Announcements, Datagram, Delivery, Discard, Engine, Environment, Input, InterfaceId, Output,
    Preempt, RouterConfig, RouterId, Start, StateKind, Time,
};
use vrrp_proto::{
    AdvertInterval, Advertisement, Authentication, Context, Family, Packet, Priority, V3Checksum, Version,
    Vrid, multicast_group,
};

fuzz_target!(|operations: Vec<Operation>| {
    let mut world = World::default();
    for operation in operations {
        world.perform(operation);
        world.drain();
    }
    world.end();
});

#[derive(Arbitrary, Debug)]
enum Operation {
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
    Priority(u8, u8),
    Shutdown,
}

/// Milliseconds, or far more.
#[derive(Arbitrary, Debug)]
enum Step {
    Nanos(u8),
    Millis(u16),
    Days(u8),
}

#[derive(Arbitrary, Debug)]
struct Router {
    place: Place,
    priority: u8,
    centis: u16,
    start_as_master: bool,
    preempt: Wish,
    down_timer_adverts: u8,
    addresses: u8,
    password: Option<u8>,
    schedule: [u8; 6],
    link_up: bool,
    source: Option<u8>,
}

#[derive(Arbitrary, Debug)]
enum Wish {
    Immediately,
    After(u16),
    Never,
}

/// Few values, so that adverts often meet a router.
#[derive(Arbitrary, Debug)]
struct Place {
    interface: u8,
    vrid: u8,
    version_2: bool,
    ipv6: bool,
    unicast: bool,
}

#[derive(Arbitrary, Debug)]
struct Advert {
    place: Place,
    /// An advert of a router that is there, if there is one.
    of: Option<u8>,
    priority: u8,
    centis: Option<u16>,
    from: u8,
    hop_limit: Option<u8>,
    plain_checksum: bool,
}

#[derive(Default)]
struct World {
    engine: Engine,
    now: Time,
    seen: BTreeMap<RouterId, Seen>,
}

/// What a router's outputs say of it.
struct Seen {
    config: RouterConfig,
    state: StateKind,
    addresses: bool,
}

impl World {
    fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::Add(router) => self.add(&router),
            Operation::Remove(which) => {
                if let Some(id) = self.pick(which) {
                    self.engine.remove_router(self.now, id);
                    assert_eq!(self.engine.state(id), None);
                }
            }
            Operation::Advert(advert) => self.hear(&advert, None),
            Operation::Noise(octets, advert) => self.hear(&advert, Some(octets)),
            Operation::Wait(step) => self.wait(step.duration()),
            Operation::Stall(step) => {
                self.now += step.duration();
                self.fire();
            }
            Operation::Spurious => {
                if self.engine.poll_timeout().is_none_or(|due| due > self.now) {
                    let before = self.engine.clone();
                    self.engine.handle_timeout(self.now);
                    assert_eq!(self.engine, before, "a spurious timeout does nothing");
                }
            }
            Operation::Link(interface, up) => self.input(Input::Link {
                interface: place_on(interface),
                up,
            }),
            Operation::Source(which, address) => self.tell(which, |router, config| Input::Source {
                router,
                address: address.map(|last| host(config.addresses.family(), last)),
            }),
            Operation::AddressLost(which, last) => self.tell(which, |router, config| Input::AddressLost {
                router,
                address: virtual_address(config.addresses.family(), last),
            }),
            Operation::Priority(which, priority) => self.tell(which, |router, _| Input::EffectivePriority {
                router,
                priority: Priority::new(priority),
            }),
            Operation::Shutdown => self.input(Input::Shutdown),
        }
    }

    fn add(&mut self, router: &Router) {
        let Some(config) = router.config() else { return };
        if self.engine.routers().count() >= MOST_ROUTERS {
            return;
        }
        let environment = Environment {
            link_up: router.link_up,
            source: router.source.map(|last| host(config.addresses.family(), last)),
        };
        let Ok(id) = self.engine.add_router(self.now, config.clone(), environment) else {
            return;
        };
        let seen = Seen {
            config,
            state: StateKind::Initialize,
            addresses: false,
        };
        assert!(
            self.seen.insert(id, seen).is_none(),
            "an identity is never used again"
        );
    }

    fn hear(&mut self, advert: &Advert, noise: Option<Vec<u8>>) {
        let like = advert
            .of
            .and_then(|which| self.pick(which))
            .and_then(|id| self.engine.config(id));
        let Some(config) = like.cloned().or_else(|| advert.place.config()) else {
            return;
        };
        let Some((source, destination, pdu)) = advert.packet(config.clone()) else {
            return;
        };
        let pdu = noise.unwrap_or(pdu);
        let datagram = Datagram {
            interface: config.interface,
            source,
            destination,
            hop_limit: advert.hop_limit.unwrap_or(255),
            pdu: &pdu,
        };
        let before = self.engine.clone();
        let discard = self.engine.handle_input(self.now, Input::Packet(datagram));
        if let Err(discard) = discard {
            assert_eq!(
                self.engine.poll_timeout(),
                before.poll_timeout(),
                "{discard} moved a timer"
            );
            let remembered = matches!(discard, Discard::LowerPriority(_) | Discard::OwnAddress);
            assert!(remembered || self.engine == before, "{discard} changed something");
            let counted = |engine: &Engine| -> u64 {
                let mine = engine.routers().flat_map(|id| engine.discards(id));
                mine.chain(engine.stray_discards()).map(|(_, count)| count).sum()
            };
            assert_eq!(
                counted(&self.engine),
                counted(&before) + 1,
                "{discard} was not counted"
            );
        }
    }

    /// A bounded number of timeouts, each when it is due, and whatever is left at once.
    fn wait(&mut self, wait: Duration) {
        let end = self.now + wait;
        for _ in 0..MOST_TIMEOUTS {
            let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.fire();
            self.drain();
        }
        self.now = end;
        self.fire();
    }

    fn fire(&mut self) {
        self.engine.handle_timeout(self.now);
        let next = self.engine.poll_timeout();
        assert!(
            next.is_none_or(|due| due > self.now),
            "due at {next:?}, handled at {:?}",
            self.now
        );
    }

    fn tell<'a>(&mut self, which: u8, input: impl FnOnce(RouterId, &RouterConfig) -> Input<'a>) {
        if let Some(id) = self.pick(which) {
            let input = input(
                id,
                self.engine.config(id).expect("picked among those that are there"),
            );
            self.input(input);
        }
    }

    fn input(&mut self, input: Input<'_>) {
        self.engine
            .handle_input(self.now, input)
            .expect("only packets are discarded");
    }

    fn pick(&self, which: u8) -> Option<RouterId> {
        let ids: Vec<RouterId> = self.engine.routers().collect();
        ids.get(usize::from(which) % ids.len().max(1)).copied()
    }

    fn drain(&mut self) {
        while let Some((id, output)) = self.engine.poll_output() {
            self.seen
                .get_mut(&id)
                .expect("outputs are of routers that were added")
                .take(&output);
        }
        for (id, seen) in &self.seen {
            let state = self.engine.state(*id).unwrap_or(StateKind::Initialize);
            assert_eq!(state, seen.state, "the transitions say something else");
            assert_eq!(seen.addresses, state == StateKind::Master);
        }
    }

    /// However it went, everything can be ended.
    fn end(mut self) {
        self.input(Input::Shutdown);
        self.drain();
        assert_eq!(self.engine.poll_timeout(), None);
        assert!(
            self.seen
                .values()
                .all(|seen| !seen.addresses && seen.state == StateKind::Initialize)
        );
    }
}

impl Seen {
    fn take(&mut self, output: &Output) {
        match output {
            Output::Transmit(packet) => {
                let context = Context {
                    source: packet.source,
                    destination: packet.destination,
                    checksum: self.config.checksum,
                };
                let advert = Advertisement::parse(&packet.pdu, &context).expect("what is sent can be read");
                assert_eq!(advert.vrid(), self.config.vrid);
                assert_eq!(advert.addresses(), self.config.addresses.as_addresses());
                let resigns = advert.priority() == Priority::RELEASE;
                assert!(
                    !resigns || self.addresses,
                    "only who has something to give up resigns"
                );
            }
            Output::AddAddresses => {
                assert!(!self.addresses, "added twice");
                self.addresses = true;
            }
            Output::RemoveAddresses => {
                assert!(self.addresses, "removed twice");
                self.addresses = false;
            }
            Output::RestoreAddress(_) => assert!(self.addresses),
            Output::Announce { repeat, .. } => assert!(self.addresses && *repeat > 0),
            Output::Transition(transition) => {
                assert_eq!(transition.from, self.state);
                assert_ne!(transition.to, self.state);
                assert_eq!(self.addresses, transition.to == StateKind::Master);
                assert!(!transition.reason.to_string().is_empty());
                self.state = transition.to;
            }
            Output::Notice(notice) => assert!(!notice.to_string().is_empty()),
            _ => {}
        }
    }
}

impl Router {
    fn config(&self) -> Option<RouterConfig> {
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
            ..place
        })
    }
}

impl Place {
    fn config(&self) -> Option<RouterConfig> {
        let version = if self.version_2 { Version::V2 } else { Version::V3 };
        let family = if self.ipv6 { Family::Ipv6 } else { Family::Ipv4 };
        Some(RouterConfig {
            interface: place_on(self.interface),
            vrid: Vrid::new(self.vrid % 4).ok()?,
            version,
            addresses: AddressList::new(family, [virtual_address(family, 0)]).ok()?,
            priority: Priority::DEFAULT,
            interval: AdvertInterval::DEFAULT,
            start: Start::Backup,
            preempt: Preempt::Immediately,
            down_timer_adverts: 3.try_into().ok()?,
            authentication: Authentication::None,
            checksum: V3Checksum::PseudoHeader,
            delivery: if self.unicast {
                Delivery::Unicast(vec![host(family, 1), host(family, 2)])
            } else {
                Delivery::Multicast(multicast_group(family))
            },
            announcements: Announcements::default(),
        })
    }
}

impl Advert {
    /// Source, destination and octets of such an advert of a router that is configured like that.
    fn packet(&self, config: RouterConfig) -> Option<(IpAddr, IpAddr, Vec<u8>)> {
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
    fn duration(&self) -> Duration {
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

fn place_on(interface: u8) -> InterfaceId {
    InterfaceId(u32::from(interface % 2))
}

fn host(family: Family, last: u8) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::from([10, 0, 0, last % 16]),
        Family::Ipv6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, u16::from(last % 16)]),
    }
}

fn virtual_address(family: Family, last: u8) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::from([10, 0, 1, last]),
        Family::Ipv6 => IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 1, u16::from(last)]),
    }
}

/// Below what the engine checks itself for after every call.
const MOST_ROUTERS: usize = 8;
/// In one wait; with an interval of 10 ms days hold too many.
const MOST_TIMEOUTS: usize = 200;
