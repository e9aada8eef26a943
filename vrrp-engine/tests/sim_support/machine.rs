//! One machine: an engine, what it stands on, and a loop that may stand still.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    Datagram, Discard, Engine, Environment, Input, Output, RouterConfig, RouterId, Time, TrackerStatus,
};
use vrrp_proto::{AdvertInterval, Packet as Pdu, Priority};

use super::manners::{Heard, Manners};
use super::network::Packet;
use super::scenario::{LANS, Scenario, interface, source};
use super::watch::Watch;

/// A machine. Without an engine it has crashed.
#[derive(Debug)]
pub(crate) struct Machine {
    number: usize,
    pub(crate) engine: Option<Engine>,
    /// One for each group.
    pub(crate) seats: Vec<Seat>,
    ids: BTreeMap<RouterId, usize>,
    /// How far its clock is ahead: no two machines booted together.
    clock: Duration,
    pub(crate) link_up: [bool; LANS],
    pub(crate) stalled_until: Time,
    /// The receive buffer while it stands still.
    pub(crate) backlog: VecDeque<Packet>,
    /// The wake-up that is scheduled.
    pub(crate) wake: Option<Time>,
}

/// A machine's place in a group.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) config: RouterConfig,
    pub(crate) lan: usize,
    pub(crate) id: Option<RouterId>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) watch: Watch,
    manners: Manners,
    /// Of all members.
    longest: AdvertInterval,
}

/// Outputs with the groups they are for.
pub(crate) type Outputs = Vec<(usize, Output)>;

impl Machine {
    pub(crate) fn new(number: usize, scenario: &Scenario, clock: Duration) -> Self {
        let seat = |group: &super::scenario::Group| {
            let config = group.members[number].clone();
            Seat {
                lan: group.lan,
                id: None,
                source: Some(source(number, group.lan, config.addresses.family(), false)),
                watch: Watch::new(&config),
                manners: Manners::default(),
                longest: group.longest_interval(),
                config,
            }
        };
        Self {
            number,
            engine: None,
            seats: scenario.groups.iter().map(seat).collect(),
            ids: BTreeMap::new(),
            clock,
            link_up: [true; LANS],
            stalled_until: Time::ZERO,
            backlog: VecDeque::new(),
            wake: None,
        }
    }

    /// Its own time.
    fn local(&self, now: Time) -> Time {
        now + self.clock
    }

    /// When its next timer is due, on everyone's clock.
    pub(crate) fn due(&self) -> Option<Time> {
        let due = self.engine.as_ref()?.poll_timeout()?;
        Some(due.earlier_by(self.clock))
    }

    /// Starts the daemon, all routers at once.
    pub(crate) fn boot(&mut self, now: Time) -> Result<Outputs, String> {
        self.engine = Some(Engine::new());
        let mut outputs = Outputs::new();
        for group in 0..self.seats.len() {
            outputs.extend(self.add(group, now)?);
        }
        Ok(outputs)
    }

    /// Starts one router.
    pub(crate) fn add(&mut self, group: usize, now: Time) -> Result<Outputs, String> {
        let (local, link_up) = (self.local(now), self.link_up);
        let (Some(engine), Some(seat)) = (&mut self.engine, self.seats.get_mut(group)) else {
            return Ok(Outputs::new());
        };
        let environment = Environment {
            link_up: link_up[seat.lan],
            source: seat.source,
        };
        // What an earlier one of this place was told of its tracker is forgotten.
        let forget = Input::Tracker {
            tracker: seat.config.trackers[0].id,
            status: TrackerStatus::Unknown,
        };
        engine
            .handle_input(local, forget)
            .map_err(|discard| discard.to_string())?;
        let id = engine
            .add_router(seat.config.clone(), environment)
            .map_err(|error| error.to_string())?;
        engine
            .handle_input(local, Input::Startup)
            .map_err(|discard| discard.to_string())?;
        seat.watch = Watch::new(&seat.config);
        seat.manners = Manners::default();
        seat.id = Some(id);
        self.ids.insert(id, group);
        self.drain(local)
    }

    /// Removes one router.
    pub(crate) fn remove(&mut self, group: usize, now: Time) -> Result<Outputs, String> {
        let local = self.local(now);
        let (Some(engine), Some(id)) = (&mut self.engine, self.seats[group].id) else {
            return Ok(Outputs::new());
        };
        engine.remove_router(local, id);
        let outputs = self.drain(local)?;
        self.seats[group].id = None;
        self.ids.remove(&id);
        Ok(outputs)
    }

    /// Everything is gone: engine, addresses, what was received.
    pub(crate) fn crash(&mut self, now: Time) {
        self.stalled_until = now;
        self.engine = None;
        self.ids.clear();
        self.backlog.clear();
        for seat in &mut self.seats {
            seat.id = None;
            seat.watch = Watch::new(&seat.config);
        }
    }

    pub(crate) fn input(&mut self, now: Time, input: Input<'_>) -> Result<Outputs, String> {
        let local = self.local(now);
        if let Some(engine) = &mut self.engine {
            engine
                .handle_input(local, input)
                .map_err(|discard| format!("only packets are discarded: {discard}"))?;
        }
        self.drain(local)
    }

    /// A packet, and what was thought of it.
    pub(crate) fn receive(
        &mut self,
        now: Time,
        packet: &Packet,
    ) -> Result<(Outputs, Option<Discard>), String> {
        let local = self.local(now);
        let Some(engine) = &mut self.engine else {
            return Ok((Outputs::new(), None));
        };
        let datagram = Datagram {
            interface: interface(self.number, packet.lan),
            source: packet.source,
            destination: packet.destination,
            hop_limit: packet.hop_limit,
            header: None,
            pdu: &packet.pdu,
        };
        let addressee = (self.seats.iter()).position(|seat| seat.is_meant(packet));
        let was_master = addressee.is_some_and(|group| self.seats[group].watch.is_master());
        // A packet that cannot be meant must leave no trace at all.
        let before = packet.is_bad.then(|| engine.clone());
        let discard = engine.handle_input(local, Input::Packet(datagram)).err();
        if let Some(before) = before
            && (discard.is_none() || before != *engine || before.poll_timeout() != engine.poll_timeout())
        {
            return Err(format!("a bad packet had an effect ({discard:?}): {packet:?}"));
        }
        let outputs = self.drain(local)?;
        if let (Some(group), None) = (addressee, &discard) {
            self.judge(group, local, was_master, packet, &outputs)?;
        }
        Ok((outputs, discard))
    }

    /// Whether what came of an advert is what it should be.
    fn judge(
        &mut self,
        group: usize,
        local: Time,
        was_master: bool,
        packet: &Packet,
        outputs: &Outputs,
    ) -> Result<(), String> {
        let seat = &mut self.seats[group];
        let heard = Heard {
            config: &seat.config,
            now: local,
            source: seat.source,
            was_master,
            theirs: Priority::new(Pdu::new_unchecked(&packet.pdu[..]).priority()),
            watch: &seat.watch,
            outputs: outputs
                .iter()
                .filter(|(of, _)| *of == group)
                .map(|(_, output)| output)
                .collect(),
            due: self.engine.as_ref().and_then(Engine::poll_timeout),
            longest: seat.longest,
        };
        (seat.manners.hear(&heard)).map_err(|wrong| format!("group {group}: {wrong}: {packet:?}"))
    }

    /// Does what is due.
    pub(crate) fn fire(&mut self, now: Time) -> Result<Outputs, String> {
        let local = self.local(now);
        let Some(engine) = &mut self.engine else {
            return Ok(Outputs::new());
        };
        let early = engine.poll_timeout().is_none_or(|due| due > local);
        let before = early.then(|| engine.clone());
        engine.handle_timeout(local);
        if let Some(due) = engine.poll_timeout().filter(|due| *due <= local) {
            return Err(format!(
                "at {local:?} the next deadline is {due:?} after handle_timeout"
            ));
        }
        if before.is_some_and(|before| before != *engine) {
            return Err("handle_timeout did something before it was due".to_owned());
        }
        self.drain(local)
    }

    fn drain(&mut self, local: Time) -> Result<Outputs, String> {
        let mut outputs = Outputs::new();
        let Some(engine) = &mut self.engine else {
            return Ok(outputs);
        };
        while let Some((id, output)) = engine.poll_output() {
            let group = *self.ids.get(&id).ok_or("an output for no router")?;
            let seat = &mut self.seats[group];
            seat.watch
                .take(&seat.config, &output)
                .map_err(|wrong| format!("group {group}: {wrong}: {output:?}"))?;
            (seat.manners.check_patience(&seat.config, local, &output))
                .map_err(|wrong| format!("group {group}: {wrong}"))?;
            outputs.push((group, output));
        }
        // Only a removed router has no state any more, and its last word was that it shut down.
        for (group, seat) in self.seats.iter_mut().enumerate() {
            if let Some(id) = seat.id {
                let state = engine.state(id).unwrap_or(vrrp_engine::StateKind::Initialize);
                seat.watch
                    .settle(&seat.config, state)
                    .map_err(|wrong| format!("group {group}: {wrong}"))?;
            }
        }
        Ok(outputs)
    }
}

impl Seat {
    /// Whether a packet is one of this router's.
    fn is_meant(&self, packet: &Packet) -> bool {
        !packet.is_bad
            && packet.lan == self.lan
            && Pdu::new_unchecked(&packet.pdu[..]).vrid() == self.config.vrid.get()
    }
}
