//! Many virtual routers, one deadline.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use vrrp_proto::{Advertisement, AhPacket, Context, Family, Packet, Priority, V3Checksum, Vrid};

use crate::check::Key;
use crate::discard::DiscardCounts;
use crate::group::Group;
use crate::router::{Outputs, Router};
use crate::{
    Counters, Datagram, Discard, DiscardKind, Environment, GroupId, Input, InterfaceId, InvalidConfig,
    KnownMaster, Output, RouterConfig, RouterId, StateKind, Time, TrackerId, TrackerStatus,
};

/// The election of many virtual routers.
///
/// # Contract
///
/// The engine does nothing by itself: no socket, no clock, no thread. `handle_*` takes what happened, `poll_*` yields
/// what to do, bare nouns read state, and `now` is the first argument; it must not go backwards. After any handler,
/// drain [`Engine::poll_output`]; then sleep until [`Engine::poll_timeout`] or until something happens.
///
/// - A [`Engine::handle_timeout`] that comes too early does nothing; after one, the next deadline is later than `now`.
/// - Deadlines are absolute: handling one late does not move those that follow.
/// - Packets that wait are handed over before `handle_timeout`: after a pause, what arrived meanwhile counts.
/// - Outputs are in the order in which they are to be carried out. A router that becomes master transmits, adds its
///   addresses and announces them, and then its [`Output::Transition`] follows; one that gives up transmits (unless
///   it yields to a better one) and removes its addresses. `AddAddresses` and `RemoveAddresses` alternate.
/// - A packet for which [`Engine::handle_input`] returns a [`Discard`] has moved no timer and is not answered. It is
///   counted, and that is all, unless the packet itself was in order: a lower priority is remembered for the reason of
///   a later transition, and our own address, or a list of other addresses, may be worth an [`Output::Notice`].
///
/// Two engines are equal, and have the same hash, if they behave alike from now on; counters do not matter, nor do the
/// numbers of routers and groups that are yet to be added.
///
/// ```
/// use vrrp_engine::{
///     AddressList, Engine, Environment, Input, InterfaceId, Output, RouterConfig, StateKind, Time,
/// };
/// use vrrp_proto::{Family, Priority, Vrid};
///
/// let addresses = AddressList::new(Family::Ipv4, ["10.0.0.100".parse()?])?;
/// let config = RouterConfig {
///     priority: Priority::new(150),
///     ..RouterConfig::new(InterfaceId(0), Vrid::new(51)?, addresses)
/// };
/// let mut engine = Engine::new();
/// let mut now = Time::ZERO;
/// let here = Environment { link_up: true, source: Some("10.0.0.1".parse()?) };
/// let router = engine.add_router(config, here)?;
/// engine.handle_input(now, Input::Startup)?;
///
/// // Nobody else is there: after three intervals and the skew it is master.
/// let mut adverts = 0;
/// while adverts < 3 {
///     while let Some((_router, output)) = engine.poll_output() {
///         match output {
///             Output::Transmit(_packet) => adverts += 1,
///             Output::Transition(transition) => println!("{now:?}: {}", transition.reason),
///             _ => {}
///         }
///     }
///     now = engine.poll_timeout().expect("a running router always waits for something");
///     engine.handle_timeout(now);
/// }
/// assert_eq!(engine.state(router), Some(StateKind::Master));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Engine {
    pub(crate) routers: BTreeMap<RouterId, Router>,
    next_id: u32,
    pub(crate) by_key: BTreeMap<Key, RouterId>,
    pub(crate) groups: BTreeMap<GroupId, Group>,
    pub(crate) next_group: u32,
    /// What is known of trackers, for routers that are yet to come.
    pub(crate) statuses: BTreeMap<TrackerId, TrackerStatus>,
    pub(crate) deadlines: BTreeSet<(Time, RouterId)>,
    pub(crate) outputs: VecDeque<(RouterId, Output)>,
    stray: DiscardCounts,
    /// Since the Unix epoch; only signatures know of it.
    time_of_day: Duration,
}

impl Engine {
    /// An engine without routers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a router. It does nothing until [`Input::Startup`] (RFC 9568 section 6.4.1).
    pub fn add_router(
        &mut self,
        config: RouterConfig,
        environment: Environment,
    ) -> Result<RouterId, InvalidConfig> {
        config.check()?;
        let key = config.key();
        if let Some(router) = self.by_key.get(&key) {
            return Err(InvalidConfig::Duplicate {
                vrid: key.2,
                family: key.1,
                router: *router,
            });
        }
        let id = RouterId(self.next_id);
        self.next_id += 1;
        self.by_key.insert(key, id);
        let status = |id| self.statuses.get(&id).copied().unwrap_or_default();
        let router = Router::new(config, environment, status);
        self.routers.insert(id, router);
        self.check_invariants();
        Ok(id)
    }

    /// Says what time of day it is, as the time since the Unix epoch. Only [signed adverts](crate::Protection::Signature)
    /// need it: where there are any, say it before each call of a handler. It may jump.
    pub fn set_time_of_day(&mut self, since_epoch: Duration) {
        self.time_of_day = since_epoch;
    }

    /// Resigns for the router, if it is master, and forgets it; its last outputs can still be polled.
    pub fn remove_router(&mut self, now: Time, router: RouterId) {
        self.with(router, Router::shutdown);
        if let Some(removed) = self.routers.remove(&router) {
            self.by_key.remove(&removed.config.key());
            self.leave_group(now, router, removed.group);
        }
        self.check_invariants();
    }

    /// Takes in what happened. Only packets can be discarded.
    pub fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Discard> {
        match input {
            Input::Packet(datagram) => return self.handle_packet(now, &datagram),
            Input::Link { interface, up } => {
                for id in self.on_interface(interface) {
                    self.with(id, |router, _| router.link_up = up);
                    self.settle(now, id);
                }
            }
            Input::Sockets {
                interface,
                family,
                open,
            } => {
                for id in self.on_interface(interface) {
                    self.with(id, |router, _| {
                        if router.config.addresses.family() == family {
                            router.sockets_open = open;
                        }
                    });
                    self.settle(now, id);
                }
            }
            Input::Source { router, address } => {
                self.with(router, |router, _| router.set_source(address));
                self.settle(now, router);
            }
            Input::Tracker { tracker, status } => self.track(now, tracker, status),
            Input::Startup => self.startup(now),
            Input::AddressLost { router, address, by } => {
                self.with(router, |router, out| {
                    router.handle_address_lost(now, address, by, out);
                });
            }
            Input::Shutdown => {
                let all: Vec<RouterId> = self.routers.keys().copied().collect();
                for id in &all {
                    self.with(*id, Router::shutdown);
                }
                for id in all {
                    self.tell_group(id);
                }
            }
        }
        self.check_invariants();
        Ok(())
    }

    fn track(&mut self, now: Time, tracker: TrackerId, status: TrackerStatus) {
        if self.statuses.insert(tracker, status) == Some(status) {
            return;
        }
        for id in self.routers.keys().copied().collect::<Vec<_>>() {
            self.with(id, |router, out| router.track(tracker, status, out));
            self.settle(now, id);
        }
    }

    fn startup(&mut self, now: Time) {
        let idle: Vec<RouterId> = self
            .routers
            .iter_mut()
            .filter_map(|(id, router)| (!std::mem::replace(&mut router.started, true)).then_some(*id))
            .collect();
        for id in idle {
            self.settle(now, id);
        }
    }

    /// Brings a router, and its sync group, in line with what is missing and what is not.
    pub(crate) fn settle(&mut self, now: Time, router: RouterId) {
        let companions = self.companions(router);
        let as_master = self.confer(&companions);
        for id in companions {
            self.with(id, |router, out| router.settle(now, as_master, out));
        }
        self.tell_group(router);
    }

    fn handle_packet(&mut self, now: Time, datagram: &Datagram<'_>) -> Result<(), Discard> {
        let Some(id) = self.addressee(datagram) else {
            let discard = stray(datagram);
            self.stray.count(&discard);
            return Err(discard);
        };
        self.give_up_after_stall(now, id);
        let outcome = self.with(id, |router, out| router.handle_packet(now, datagram, out));
        // What is discarded has no consequences.
        if matches!(outcome, Some(Ok(()))) {
            self.announce_together(now, id);
            self.follow_suit(now, id);
        }
        self.check_invariants();
        outcome.unwrap_or(Ok(()))
    }

    /// The router with the packet's identifier; one that expects the other kind of delivery if there is no better.
    fn addressee(&self, datagram: &Datagram<'_>) -> Option<RouterId> {
        let vrid = Vrid::new(Packet::new_unchecked(message_in(datagram)).vrid()).ok()?;
        let unicast = !datagram.destination.is_multicast();
        let key = |unicast| (datagram.interface, Family::of(datagram.source), vrid, unicast);
        [unicast, !unicast]
            .into_iter()
            .find_map(|unicast| self.by_key.get(&key(unicast)).copied())
    }

    /// Does what is due at `now`. Afterwards [`Engine::poll_timeout`] is later than `now`.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some((_, id)) = self.deadlines.first().copied().filter(|(due, _)| *due <= now) {
            let router = self.routers.get(&id);
            if router.is_some_and(|router| router.group.is_some() && router.is_overdue(now)) {
                self.take_over(now, id);
            } else {
                self.give_up_after_stall(now, id);
                self.with(id, |router, out| router.handle_timeout(now, out));
            }
            self.check_invariants();
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<(RouterId, Output)> {
        self.outputs.pop_front()
    }

    /// When [`Engine::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// The routers, in the order in which they were added.
    pub fn routers(&self) -> impl Iterator<Item = RouterId> + '_ {
        self.routers.keys().copied()
    }

    /// The router's state.
    pub fn state(&self, router: RouterId) -> Option<StateKind> {
        self.routers.get(&router).map(|router| router.state.kind())
    }

    /// The priority it advertises as master: what tracking leaves of the configured one.
    pub fn effective_priority(&self, router: RouterId) -> Option<Priority> {
        self.routers.get(&router).map(|router| router.priority)
    }

    /// The master that a backup follows, if it has heard one.
    pub fn known_master(&self, router: RouterId) -> Option<KnownMaster> {
        self.routers.get(&router)?.state.known_master()
    }

    /// The router's configuration.
    pub fn config(&self, router: RouterId) -> Option<&RouterConfig> {
        self.routers.get(&router).map(|router| &router.config)
    }

    /// What the router has counted.
    pub fn counters(&self, router: RouterId) -> Option<&Counters> {
        self.routers.get(&router).map(|router| &router.counters)
    }

    /// Packets of the router that were discarded, by kind; kinds that never happened are left out.
    pub fn discards(&self, router: RouterId) -> impl Iterator<Item = (DiscardKind, u64)> + '_ {
        self.routers
            .get(&router)
            .into_iter()
            .flat_map(|router| router.discards.iter())
    }

    /// Packets that belong to no router, by kind.
    pub fn stray_discards(&self) -> impl Iterator<Item = (DiscardKind, u64)> + '_ {
        self.stray.iter()
    }

    /// The same engine on a clock whose zero is `now`; what is past becomes zero. For comparing states that were
    /// reached at different times, as a model checker does.
    #[must_use]
    pub fn rebased(&self, now: Time) -> Self {
        let mut engine = self.clone();
        engine.deadlines.clear();
        for (id, router) in &mut engine.routers {
            router.shift(|time| *time = Time::ZERO + (*time - now));
            engine
                .deadlines
                .extend(router.state.deadline().map(|due| (due, *id)));
        }
        engine
    }

    fn on_interface(&self, interface: InterfaceId) -> Vec<RouterId> {
        let there = self
            .routers
            .iter()
            .filter(|(_, router)| router.config.interface == interface);
        there.map(|(id, _)| *id).collect()
    }

    /// Lets something happen to a router, and keeps the deadlines in step.
    pub(crate) fn with<R>(
        &mut self,
        id: RouterId,
        act: impl FnOnce(&mut Router, &mut Outputs<'_>) -> R,
    ) -> Option<R> {
        let router = self.routers.get_mut(&id)?;
        let before = router.state.deadline();
        let outcome = act(
            router,
            &mut Outputs {
                router: id,
                time_of_day: self.time_of_day,
                queue: &mut self.outputs,
            },
        );
        let after = router.state.deadline();
        if before != after {
            before.map(|due| self.deadlines.remove(&(due, id)));
            after.map(|due| self.deadlines.insert((due, id)));
        }
        Some(outcome)
    }
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        (&self.routers, &self.groups, &self.statuses, &self.outputs)
            == (&other.routers, &other.groups, &other.statuses, &other.outputs)
    }
}

impl Eq for Engine {}

impl std::hash::Hash for Engine {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.routers, &self.groups, &self.statuses, &self.outputs).hash(state);
    }
}

/// Why a packet that belongs to no router is ignored.
fn stray(datagram: &Datagram<'_>) -> Discard {
    if datagram.authenticated().is_some()
        && let Err(error) = AhPacket::parse(datagram.pdu)
    {
        return Discard::AuthenticationHeader(error);
    }
    let context = Context {
        source: datagram.source,
        destination: datagram.destination,
        checksum: V3Checksum::Plain,
    };
    match Advertisement::parse(message_in(datagram), &context) {
        Ok(advert) => Discard::UnknownVrid(advert.vrid()),
        Err(error) => Discard::Malformed(error),
    }
}

/// The VRRP message, also where an authentication header is before it.
fn message_in<'a>(datagram: &Datagram<'a>) -> &'a [u8] {
    match datagram.authenticated() {
        Some(_) => AhPacket::parse(datagram.pdu).map_or(&[], |packet| packet.message()),
        None => datagram.pdu,
    }
}
