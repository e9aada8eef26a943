//! Any sequence of calls, with adverts that are right, nearly right, and noise: the engine never panics, its outputs
//! make sense, and nothing is due any more after it was handled.
#![no_main]

#[path = "engine_ops/operations.rs"]
mod operations;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use operations::{Advert, Operation, Router, host, place_on, virtual_address};
use vrrp_engine::{
    Datagram, Discard, Engine, Environment, GroupConfig, GroupId, Input, Output, RouterConfig, RouterId,
    StateKind, Taker, Time, TrackerId,
};
use vrrp_proto::{Advertisement, Context, Priority};

fuzz_target!(|operations: Vec<Operation>| {
    let mut world = World::default();
    for operation in operations {
        world.perform(operation);
        world.drain();
    }
    world.end();
});

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
                by: Taker::Program,
            }),
            Operation::Tracker(tracker, status) => self.input(Input::Tracker {
                tracker: TrackerId(u32::from(tracker % TRACKERS)),
                status: status.into(),
            }),
            Operation::Startup => self.input(Input::Startup),
            Operation::Group(members) => self.group(&members),
            Operation::Regroup(which, members) => self.regroup(which, &members),
            Operation::Dissolve(which) => {
                if let Some(group) = self.pick_group(which) {
                    self.engine.remove_group(self.now, group);
                }
            }
            Operation::Reconfigure(which, router) => self.reconfigure(which, &router),
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
        let Ok(id) = self.engine.add_router(config.clone(), environment) else {
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

    fn group(&mut self, members: &[u8]) {
        let members = self.members(members);
        let grouped = self.engine.groups().count();
        if self.engine.add_group(self.now, GroupConfig { members }).is_err() {
            assert_eq!(self.engine.groups().count(), grouped);
        }
    }

    fn regroup(&mut self, which: u8, members: &[u8]) {
        let members = self.members(members);
        if let Some(group) = self.pick_group(which) {
            let before = self.engine.clone();
            if self
                .engine
                .reconfigure_group(self.now, group, GroupConfig { members })
                .is_err()
            {
                assert_eq!(self.engine, before, "what is refused changes nothing");
            }
        }
    }

    fn members(&self, which: &[u8]) -> Vec<RouterId> {
        which.iter().filter_map(|which| self.pick(*which)).collect()
    }

    fn pick_group(&self, which: u8) -> Option<GroupId> {
        let ids: Vec<GroupId> = self.engine.groups().collect();
        ids.get(usize::from(which) % ids.len().max(1)).copied()
    }

    /// Half of the time to one that is the same router.
    fn reconfigure(&mut self, which: u8, router: &Router) {
        let (Some(id), Some(mut config)) = (self.pick(which), router.config()) else {
            return;
        };
        let known = self.engine.config(id).expect("picked among those that are there");
        let same_family = known.addresses.family() == config.addresses.family();
        if router.place.vrid.is_multiple_of(2) && same_family {
            config.interface = known.interface;
            config.vrid = known.vrid;
            config.delivery.clone_from(&known.delivery);
        }
        let before = self.engine.clone();
        if self.engine.reconfigure(self.now, id, config.clone()).is_ok() {
            self.seen.get_mut(&id).expect("it was added").config = config;
        } else {
            assert_eq!(self.engine, before, "what is refused changes nothing");
        }
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
            header: None,
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

    /// Between two calls of this there is one handler, and no handler sends anyone two packets.
    fn drain(&mut self) {
        let mut sent = BTreeSet::new();
        while let Some((id, output)) = self.engine.poll_output() {
            if let Output::Transmit(packet) = &output {
                assert!(sent.insert((id, packet.destination)), "two packets at once");
            }
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

/// Below what the engine checks itself for after every call.
const TRACKERS: u8 = 4;
const MOST_ROUTERS: usize = 8;
/// In one wait; with an interval of 10 ms days hold too many.
const MOST_TIMEOUTS: usize = 200;
