//! What the files say will happen: the real election, in simulated time, on a network without faults.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    Datagram, Engine, Environment, Input, InterfaceId, Output, Preempt, Reason, RouterConfig, StateKind,
    Time, Transmit,
};
use vrrp_proto::{Family, Vrid};

use super::topology::Topology;
use crate::plan::Plan;

/// Who is master of the watched virtual router when all machines are there, when that one is gone, and when it is back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Forecast {
    pub(super) first: usize,
    pub(super) takeover: Option<Takeover>,
    pub(super) back: Option<usize>,
    /// How long any of it may take.
    pub(super) patience: Duration,
}

/// The next master, and what it waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Takeover {
    pub(super) router: usize,
    /// From the last advert.
    pub(super) wait: Duration,
    pub(super) reason: Reason,
}

/// The virtual router that the client's address belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Watched {
    pub(super) lan: usize,
    pub(super) vrid: Vrid,
    pub(super) family: Family,
}

impl Forecast {
    /// If the files do not make exactly one router master, the masters they make.
    pub(super) fn new(plans: &[&Plan], topology: &Topology, watched: Watched) -> Result<Self, Vec<usize>> {
        let patience = patience(plans);
        let mut world = World::new(plans, topology, watched);
        (0..plans.len()).for_each(|router| world.start(router));
        world.run(patience);
        let first = world.only_master().ok_or_else(|| world.masters())?;
        let last_advert = world.stop_after_advert(first);
        world.run(patience);
        let takeover = world.only_master().and_then(|router| {
            let (at, reason) = world.taken?;
            Some(Takeover {
                router,
                wait: at - last_advert,
                reason,
            })
        });
        world.start(first);
        world.run(patience);
        Ok(Self {
            first,
            takeover,
            back: world.only_master(),
            patience,
        })
    }
}

/// The longest that the files can make anyone wait, and some.
fn patience(plans: &[&Plan]) -> Duration {
    let instances = plans
        .iter()
        .flat_map(|plan| &plan.instances)
        .map(|instance| &instance.router);
    let longest = |router: &RouterConfig| {
        let down = router.interval.as_duration() * (u32::from(router.down_timer_adverts.get()) + 1);
        let delay = if let Preempt::After(delay) = router.preempt {
            delay
        } else {
            Duration::ZERO
        };
        down * 2 + delay + Duration::from_secs(1)
    };
    instances.map(longest).max().unwrap_or_default()
}

struct World<'a> {
    plans: &'a [&'a Plan],
    topology: &'a Topology,
    watched: Watched,
    now: Time,
    machines: Vec<Option<Engine>>,
    /// When the watched virtual router last became somebody's, and why.
    taken: Option<(Time, Reason)>,
    /// Who sent the watched virtual router's last advert.
    last_sender: Option<usize>,
}

impl<'a> World<'a> {
    fn new(plans: &'a [&'a Plan], topology: &'a Topology, watched: Watched) -> Self {
        let machines = plans.iter().map(|_| None).collect();
        Self {
            plans,
            topology,
            watched,
            now: Time::ZERO,
            machines,
            taken: None,
            last_sender: None,
        }
    }

    fn start(&mut self, router: usize) {
        let Some(plan) = self.plans.get(router) else {
            return;
        };
        let mut engine = Engine::new();
        for instance in &plan.instances {
            let Some(lan) = self.topology.lan(plan.interface_name(instance.router.interface)) else {
                continue;
            };
            let interface = InterfaceId(u32::try_from(lan).unwrap_or(u32::MAX));
            let config = RouterConfig {
                interface,
                ..instance.router.clone()
            };
            let source = self.topology.source(router, plan, instance);
            // A duplicate is the daemon's to refuse.
            let _ = engine.add_router(
                self.now,
                config,
                Environment {
                    link_up: true,
                    source,
                },
            );
        }
        if let Some(machine) = self.machines.get_mut(router) {
            *machine = Some(engine);
        }
        self.settle();
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.step(next);
        }
        self.now = end;
    }

    fn step(&mut self, now: Time) {
        self.now = self.now.max(now);
        for engine in self.machines.iter_mut().flatten() {
            engine.handle_timeout(self.now);
        }
        self.settle();
    }

    /// Stops a machine right after its next advert: when that was.
    fn stop_after_advert(&mut self, router: usize) -> Time {
        self.last_sender = None;
        while self.last_sender != Some(router) {
            let Some(next) = self.next_deadline() else { break };
            self.step(next);
        }
        if let Some(machine) = self.machines.get_mut(router) {
            *machine = None;
        }
        self.now
    }

    fn next_deadline(&self) -> Option<Time> {
        self.machines
            .iter()
            .flatten()
            .filter_map(Engine::poll_timeout)
            .min()
    }

    /// Delivers until nobody has anything to say.
    fn settle(&mut self) {
        loop {
            let mut said = Vec::new();
            for router in 0..self.machines.len() {
                self.collect(router, &mut said);
            }
            if said.is_empty() {
                return;
            }
            for (from, interface, packet) in said {
                self.deliver(from, interface, &packet);
            }
        }
    }

    fn collect(&mut self, router: usize, said: &mut Vec<(usize, InterfaceId, Transmit)>) {
        let Some(Some(engine)) = self.machines.get_mut(router) else {
            return;
        };
        while let Some((id, output)) = engine.poll_output() {
            let Some(config) = engine.config(id) else { continue };
            let is_watched = self.watched.is(config);
            match output {
                Output::Transmit(packet) => {
                    if is_watched {
                        self.last_sender = Some(router);
                    }
                    said.push((router, config.interface, packet));
                }
                Output::Transition(change) if is_watched && change.to == StateKind::Master => {
                    self.taken = Some((self.now, change.reason));
                }
                _ => {}
            }
        }
    }

    fn deliver(&mut self, from: usize, interface: InterfaceId, packet: &Transmit) {
        for (router, machine) in self.machines.iter_mut().enumerate() {
            let (Some(engine), true) = (machine, router != from) else {
                continue;
            };
            let destination = packet.destination;
            if !destination.is_multicast() && !has_address(self.topology, router, destination) {
                continue;
            }
            let datagram = Datagram {
                interface,
                source: packet.source,
                destination,
                hop_limit: 255,
                pdu: &packet.pdu,
            };
            let _ = engine.handle_input(self.now, Input::Packet(datagram));
        }
    }

    fn masters(&self) -> Vec<usize> {
        let is_master = |engine: &Engine| {
            engine.routers().any(|id| {
                engine.config(id).is_some_and(|config| self.watched.is(config))
                    && engine.state(id) == Some(StateKind::Master)
            })
        };
        let machines = self.machines.iter().enumerate();
        machines
            .filter(|(_, machine)| machine.as_ref().is_some_and(is_master))
            .map(|(router, _)| router)
            .collect()
    }

    fn only_master(&self) -> Option<usize> {
        match *self.masters() {
            [router] => Some(router),
            _ => None,
        }
    }
}

impl Watched {
    fn is(&self, config: &RouterConfig) -> bool {
        usize::try_from(config.interface.0) == Ok(self.lan)
            && config.vrid == self.vrid
            && config.addresses.family() == self.family
    }
}

fn has_address(topology: &Topology, router: usize, address: IpAddr) -> bool {
    let Some(lans) = topology.routers.get(router) else {
        return false;
    };
    lans.values().flatten().any(|(own, _)| *own == address)
}
