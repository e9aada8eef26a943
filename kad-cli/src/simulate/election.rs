//! The real election in simulated time, on a network without faults.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    Datagram, Discard, Engine, Environment, GroupConfig, Input, InterfaceId, InvalidConfig, Output,
    RouterConfig, RouterId, StateKind, Time, TrackerStatus, Transition, Transmit,
};
use vrrp_proto::{Family, Priority, Vrid};

use super::{Group, Topology};
use crate::plan::{Instance, Plan};

/// Machines that run the plans.
#[derive(Clone, Debug)]
pub(crate) struct Election<'a> {
    plans: &'a [&'a Plan],
    topology: &'a Topology,
    groups: &'a [Group],
    /// The groups' places, by LAN, identifier and family.
    places: BTreeMap<(usize, Vrid, Family), usize>,
    /// Who comes first where several do something at once.
    order: Vec<usize>,
    pub(crate) now: Time,
    machines: Vec<Option<Engine>>,
    /// What happened since the caller last emptied it.
    pub(crate) log: Vec<Happened>,
}

/// Something that a router did.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Happened {
    pub(crate) at: Time,
    pub(crate) router: usize,
    pub(crate) group: usize,
    pub(crate) what: What,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    Advert(Priority),
    Transition(Transition),
    /// It did not accept a packet of another router.
    Discard {
        from: usize,
        reason: Discard,
    },
}

impl<'a> Election<'a> {
    pub(crate) fn new(
        plans: &'a [&'a Plan],
        topology: &'a Topology,
        groups: &'a [Group],
        order: Vec<usize>,
    ) -> Self {
        Self {
            plans,
            topology,
            groups,
            places: groups
                .iter()
                .enumerate()
                .map(|(place, group)| ((group.lan, group.vrid, group.family), place))
                .collect(),
            order,
            now: Time::ZERO,
            machines: plans.iter().map(|_| None).collect(),
            log: Vec::new(),
        }
    }

    /// Switches a machine on. The name of the instance that the engine refuses comes back with the reason.
    pub(crate) fn start(&mut self, router: usize) -> Result<(), (String, InvalidConfig)> {
        let Some(plan) = self.plans.get(router) else {
            return Ok(());
        };
        let mut engine = Engine::new();
        let mut ids = Vec::new();
        for instance in &plan.instances {
            let added = self.add(&mut engine, router, plan, instance);
            ids.push(added.map_err(|reason| (instance.name.clone(), reason))?);
        }
        for group in &plan.groups {
            let members = group.members.iter().filter_map(|place| *ids.get(*place)?);
            let config = GroupConfig {
                members: members.collect(),
            };
            // The parser lets nobody be in two groups, and one without members has nobody to wait for.
            let _ = engine.add_group(self.now, config);
        }
        for setup in &plan.trackers {
            let well = Input::Tracker {
                tracker: setup.id,
                status: setup.kind.when_well(),
            };
            // Only packets are discarded.
            let _ = engine.handle_input(self.now, well);
        }
        for made in &plan.virtual_interfaces {
            let there = Input::Tracker {
                tracker: made.tracker,
                status: TrackerStatus::Up,
            };
            let _ = engine.handle_input(self.now, there);
        }
        let _ = engine.handle_input(self.now, Input::Startup);
        if let Some(machine) = self.machines.get_mut(router) {
            *machine = Some(engine);
        }
        self.settle();
        Ok(())
    }

    fn add(
        &self,
        engine: &mut Engine,
        router: usize,
        plan: &Plan,
        instance: &Instance,
    ) -> Result<Option<RouterId>, InvalidConfig> {
        let Some(lan) = self.topology.lan(plan.wire_name(instance.router.interface)) else {
            return Ok(None);
        };
        let config = RouterConfig {
            interface: interface(lan),
            ..instance.router.clone()
        };
        let environment = Environment {
            link_up: true,
            source: self.topology.source(router, plan, instance),
        };
        engine.add_router(config, environment).map(Some)
    }

    /// Cuts a machine off.
    pub(crate) fn kill(&mut self, router: usize) {
        if let Some(machine) = self.machines.get_mut(router) {
            *machine = None;
        }
    }

    /// Ends a machine in order.
    pub(crate) fn resign(&mut self, router: usize) {
        if let Some(Some(engine)) = self.machines.get_mut(router) {
            // Only packets are discarded.
            let _ = engine.handle_input(self.now, Input::Shutdown);
        }
        self.settle();
        self.kill(router);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.step(next);
        }
        self.now = end;
    }

    /// Lets time pass until a router sends an advert for a group, if it ever does.
    pub(crate) fn run_until_advert(&mut self, router: usize, group: usize, limit: Duration) {
        let end = self.now + limit;
        let seen = self.log.len();
        let is_it =
            |it: &Happened| (it.router, it.group) == (router, group) && matches!(it.what, What::Advert(_));
        while !self.log.iter().skip(seen).any(is_it) {
            let Some(next) = self.next_deadline().filter(|next| *next <= end) else {
                return;
            };
            self.step(next);
        }
    }

    fn step(&mut self, now: Time) {
        self.now = self.now.max(now);
        for place in 0..self.order.len() {
            let router = self.order.get(place).copied();
            if let Some(Some(engine)) = router.and_then(|router| self.machines.get_mut(router)) {
                engine.handle_timeout(self.now);
            }
            self.settle();
        }
    }

    fn next_deadline(&self) -> Option<Time> {
        let machines = self.machines.iter().flatten();
        machines.filter_map(Engine::poll_timeout).min()
    }

    /// Delivers until nobody has anything to say.
    fn settle(&mut self) {
        loop {
            let mut said = Vec::new();
            for place in 0..self.order.len() {
                if let Some(router) = self.order.get(place).copied() {
                    self.collect(router, &mut said);
                }
            }
            if said.is_empty() {
                return;
            }
            for (from, group, packet) in said {
                self.deliver(from, group, &packet);
            }
        }
    }

    fn collect(&mut self, router: usize, said: &mut Vec<(usize, usize, Transmit)>) {
        let Some(Some(engine)) = self.machines.get_mut(router) else {
            return;
        };
        while let Some((id, output)) = engine.poll_output() {
            let Some(group) = group_of(&self.places, engine, id) else {
                continue;
            };
            let what = match output {
                Output::Transmit(packet) => {
                    let priority = vrrp_proto::Packet::new_unchecked(&packet.pdu).priority();
                    said.push((router, group, packet));
                    What::Advert(Priority::new(priority))
                }
                Output::Transition(transition) => What::Transition(transition),
                _ => continue,
            };
            self.log.push(Happened {
                at: self.now,
                router,
                group,
                what,
            });
        }
    }

    fn deliver(&mut self, from: usize, group: usize, packet: &Transmit) {
        let Some(lan) = self.groups.get(group).map(|group| group.lan) else {
            return;
        };
        for (router, machine) in self.machines.iter_mut().enumerate() {
            let reached = packet.destination.is_multicast()
                || has_address(self.topology, router, lan, packet.destination);
            let (Some(engine), true) = (machine, router != from && reached) else {
                continue;
            };
            let datagram = Datagram {
                interface: interface(lan),
                source: packet.source,
                destination: packet.destination,
                hop_limit: 255,
                header: None,
                pdu: &packet.pdu,
            };
            if let Err(reason) = engine.handle_input(self.now, Input::Packet(datagram)) {
                self.log.push(Happened {
                    at: self.now,
                    router,
                    group,
                    what: What::Discard { from, reason },
                });
            }
        }
    }

    /// A group.
    pub(crate) fn group(&self, group: usize) -> Option<&Group> {
        self.groups.get(group)
    }

    /// The masters of a group.
    pub(crate) fn masters(&self, group: usize) -> Vec<usize> {
        let masters = self.masters_by_group().into_iter().nth(group);
        masters.unwrap_or_default()
    }

    /// The masters of each group.
    pub(crate) fn masters_by_group(&self) -> Vec<Vec<usize>> {
        let mut masters = vec![Vec::new(); self.groups.len()];
        for (router, machine) in self.machines.iter().enumerate() {
            let Some(engine) = machine else { continue };
            let of = engine
                .routers()
                .filter(|id| engine.state(*id) == Some(StateKind::Master))
                .filter_map(|id| group_of(&self.places, engine, id));
            for group in of {
                if let Some(masters) = masters.get_mut(group) {
                    masters.push(router);
                }
            }
        }
        masters
    }

    /// Whether a machine that runs is configured for a group.
    pub(crate) fn is_served(&self, group: usize) -> bool {
        let members = self.groups.get(group).map(|group| group.members.as_slice());
        let runs = |router: usize| matches!(self.machines.get(router), Some(Some(_)));
        members
            .unwrap_or_default()
            .iter()
            .any(|member| runs(member.router))
    }
}

fn group_of(places: &BTreeMap<(usize, Vrid, Family), usize>, engine: &Engine, id: RouterId) -> Option<usize> {
    let config = engine.config(id)?;
    let lan = usize::try_from(config.interface.0).ok()?;
    places
        .get(&(lan, config.vrid, config.addresses.family()))
        .copied()
}

/// A LAN has the same number on all machines.
fn interface(lan: usize) -> InterfaceId {
    InterfaceId(u32::try_from(lan).unwrap_or(u32::MAX))
}

fn has_address(topology: &Topology, router: usize, lan: usize, address: IpAddr) -> bool {
    let seat = topology.routers.get(router).and_then(|seats| seats.get(&lan));
    seat.into_iter().flatten().any(|(own, _)| *own == address)
}
