//! The steps that the routers of a small world can take, in any order.

use std::net::IpAddr;

use vrrp_engine::{Datagram, Engine, Environment, Input, InterfaceId, Output, Preempt, RouterConfig, Time};
use vrrp_proto::{Family, Packet as Pdu, Priority, multicast_group};

use super::small_world::{Action, Event, Node, Packet, World};
use super::watch::skew;

/// The routers, and how much may go wrong.
#[derive(Clone)]
pub(crate) struct Lan {
    pub(crate) routers: Vec<RouterConfig>,
    pub(crate) faults: u8,
    /// After so many ticks without a fault the master is the right one.
    pub(crate) agreed_after: u8,
    /// What must be possible, so that the rest means something.
    pub(crate) possible: &'static [&'static str],
}

impl Lan {
    /// All routers have just been started.
    pub(crate) fn first(&self) -> World {
        let mut world = World {
            nodes: self.routers.iter().map(Node::off).collect(),
            wire: Vec::new(),
            faults_left: self.faults,
            quiet: 0,
            event: None,
            wrong: None,
        };
        (0..self.routers.len()).for_each(|number| self.boot(&mut world, number));
        world
    }

    /// What can happen next.
    pub(crate) fn steps(&self, world: &World, actions: &mut Vec<Action>) {
        let mut wire = world.wire.clone();
        wire.dedup();
        for packet in wire.iter().filter(|packet| world.is_deliverable(packet)) {
            actions.push(Action::Deliver(packet.clone()));
            if world.faults_left > 0 {
                let faults = [Action::Lose, Action::Duplicate, Action::Delay];
                actions.extend(faults.map(|fault| fault(packet.clone())));
            }
        }
        for (number, node) in world.nodes.iter().enumerate() {
            if node.is_due() {
                actions.push(Action::Fire(number));
            }
            match &node.running {
                Some(_) if world.faults_left > 0 => {
                    actions.extend([Action::Crash(number), Action::ShutDown(number)]);
                    if node.link_up {
                        actions.push(Action::LinkDown(number));
                    }
                    // Nothing is missed by who has nothing to do.
                    if node.is_due() {
                        actions.push(Action::Sleep(number));
                    }
                }
                Some(_) => {}
                None => actions.push(Action::Boot(number)),
            }
            if !node.link_up {
                actions.push(Action::LinkUp(number));
            }
        }
        if world.is_still() {
            actions.push(Action::Tick);
        }
    }

    /// What comes of it.
    pub(crate) fn after(&self, world: &World, action: Action) -> World {
        let mut next = world.clone();
        next.event = None;
        next.spend(&action);
        match action {
            Action::Deliver(packet) => {
                next.take(&packet);
                self.deliver(&mut next, &packet);
            }
            Action::Fire(number) => self.fire(&mut next, number),
            Action::Tick => next.tick(self.agreed_after),
            Action::Lose(packet) => next.take(&packet),
            Action::Duplicate(packet) => next.wire.push(packet),
            Action::Delay(packet) => {
                next.take(&packet);
                next.wire.push(Packet { late: true, ..packet });
            }
            Action::Crash(number) => next.nodes[number].crash(&self.routers[number]),
            Action::ShutDown(number) => {
                self.input(&mut next, number, Input::Shutdown);
                next.nodes[number].crash(&self.routers[number]);
            }
            Action::LinkDown(number) => self.link(&mut next, number, false),
            Action::LinkUp(number) => self.link(&mut next, number, true),
            Action::Sleep(number) => next.nodes[number].asleep = true,
            Action::Boot(number) => self.boot(&mut next, number),
        }
        next.wire.sort();
        next
    }

    fn boot(&self, world: &mut World, number: usize) {
        let mut engine = Engine::new();
        let config = self.routers[number].clone();
        let environment = Environment {
            link_up: world.nodes[number].link_up,
            source: Some(source(number)),
        };
        let id = engine
            .add_router(config, environment)
            .expect("the configuration is legal");
        engine
            .handle_input(Time::ZERO, Input::Startup)
            .expect("only packets are discarded");
        world.nodes[number].running = Some((engine, id));
        self.drain(world, number);
    }

    fn deliver(&self, world: &mut World, packet: &Packet) {
        let datagram = Datagram {
            interface: INTERFACE,
            source: packet.source,
            destination: multicast_group(Family::Ipv4),
            hop_limit: 255,
            header: None,
            pdu: &packet.pdu,
        };
        if !world.nodes[packet.to].link_up {
            return;
        }
        let sent = world.wire.len();
        self.input(world, packet.to, Input::Packet(datagram));
        let release = Pdu::new_unchecked(&packet.pdu[..]).priority() == Priority::RELEASE.get();
        if release && world.wire.len() == sent {
            self.check_wait(world, packet.to);
        }
    }

    /// Somebody resigned and was not answered: a backup waits no longer than Skew_Time, and a master answers before
    /// that of any backup is over.
    fn check_wait(&self, world: &mut World, number: usize) {
        let node = &world.nodes[number];
        let priority = if node.watch.is_master() {
            Priority::new(254)
        } else {
            self.routers[number].priority
        };
        let config = &self.routers[number];
        let latest = Time::ZERO + skew(config.version, priority, config.interval);
        if node.due().is_some_and(|due| due > latest) {
            world.wrong = Some(format!(
                "{number} waits until {:?} after a resignation",
                node.due()
            ));
        }
    }

    fn link(&self, world: &mut World, number: usize, up: bool) {
        // The last words of a master still leave, or do not: losing them is another fault.
        self.input(
            world,
            number,
            Input::Link {
                interface: INTERFACE,
                up,
            },
        );
        world.nodes[number].link_up = up;
    }

    fn input(&self, world: &mut World, number: usize, input: Input<'_>) {
        if let Some((engine, _)) = &mut world.nodes[number].running {
            // Whether it is discarded does not matter here, only what comes of it.
            let _discarded = engine.handle_input(Time::ZERO, input);
            self.drain(world, number);
        }
    }

    fn fire(&self, world: &mut World, number: usize) {
        let Some((engine, _)) = &mut world.nodes[number].running else {
            return;
        };
        engine.handle_timeout(Time::ZERO);
        if engine.poll_timeout().is_some_and(|due| due <= Time::ZERO) {
            world.wrong = Some(format!("{number} has something due right after handle_timeout"));
        }
        self.drain(world, number);
    }

    /// Does what the engine wants done.
    fn drain(&self, world: &mut World, number: usize) {
        let config = &self.routers[number];
        let others = world.nodes.len();
        let Node {
            running: Some((engine, id)),
            watch,
            ..
        } = &mut world.nodes[number]
        else {
            return;
        };
        let mut wrong = Ok(());
        while let Some((_, output)) = engine.poll_output() {
            wrong = wrong.and_then(|()| watch.take(config, &output));
            match output {
                Output::Transmit(transmit) => {
                    let packet = |to| Packet {
                        to,
                        source: transmit.source,
                        pdu: transmit.pdu.clone(),
                        late: false,
                    };
                    world
                        .wire
                        .extend((0..others).filter(|to| *to != number).map(packet));
                }
                Output::Transition(transition) => world.event = Event::of(&transition.reason),
                _ => {}
            }
        }
        let state = engine.state(*id).expect("the router is never removed");
        wrong = wrong.and_then(|()| watch.settle(config, state));
        world.wrong = world.wrong.take().or(wrong.err());
    }

    /// No better router that preempts is there, and one is master if any can be.
    pub(crate) fn is_agreed(&self, world: &World) -> bool {
        let fit = |number: &usize| world.nodes[*number].running.is_some() && world.nodes[*number].link_up;
        let Some(master) = world.masters().next() else {
            return !(0..world.nodes.len()).any(|number| fit(&number));
        };
        let outranks = |number: usize| {
            let (there, here) = (&self.routers[number], &self.routers[master]);
            there.preempt != Preempt::Never && there.priority > here.priority
        };
        !(0..world.nodes.len()).filter(fit).any(outranks)
    }
}

fn source(number: usize) -> IpAddr {
    IpAddr::from([10, 0, 0, u8::try_from(number).expect("few routers") + 1])
}

pub(crate) const INTERFACE: InterfaceId = InterfaceId(1);
