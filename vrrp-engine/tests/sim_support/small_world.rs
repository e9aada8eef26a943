//! What the model checker looks at: few routers, packets on a wire, and steps that can be taken in any order.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    Datagram, Engine, Environment, Input, InterfaceId, Output, Preempt, Reason, RouterConfig, RouterId, Time,
};
use vrrp_proto::{Family, multicast_group};

use super::watch::Watch;

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

/// Everything there is at one instant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct World {
    nodes: Vec<Node>,
    /// In order, as packets that are equal are the same.
    wire: Vec<Packet>,
    faults_left: u8,
    /// Ticks since the last fault or repair, as far as they matter.
    pub(crate) quiet: u8,
    /// What the last step was good for.
    pub(crate) event: Option<Event>,
    pub(crate) wrong: Option<String>,
}

/// A router. Without an engine it has crashed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Node {
    running: Option<(Engine, RouterId)>,
    watch: Watch,
    link_up: bool,
    asleep: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Packet {
    to: usize,
    source: IpAddr,
    pdu: bytes::Bytes,
    /// Not to be delivered before the next tick.
    late: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Deliver(Packet),
    Fire(usize),
    Tick,
    // Faults.
    Lose(Packet),
    Duplicate(Packet),
    Delay(Packet),
    Crash(usize),
    ShutDown(usize),
    LinkDown(usize),
    Sleep(usize),
    // Repairs.
    Boot(usize),
    LinkUp(usize),
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
            .add_router(Time::ZERO, config, environment)
            .expect("the configuration is legal");
        world.nodes[number].running = Some((engine, id));
        self.drain(world, number);
    }

    fn deliver(&self, world: &mut World, packet: &Packet) {
        let datagram = Datagram {
            interface: INTERFACE,
            source: packet.source,
            destination: multicast_group(Family::Ipv4),
            hop_limit: 255,
            pdu: &packet.pdu,
        };
        if world.nodes[packet.to].link_up {
            self.input(world, packet.to, Input::Packet(datagram));
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

impl World {
    fn is_deliverable(&self, packet: &Packet) -> bool {
        !packet.late && !self.nodes[packet.to].asleep
    }

    /// Whether all that happens at this instant has happened.
    pub(crate) fn is_still(&self) -> bool {
        !self.wire.iter().any(|packet| self.is_deliverable(packet)) && !self.nodes.iter().any(Node::is_due)
    }

    pub(crate) fn masters(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|number| self.nodes[*number].watch.is_master())
    }

    fn take(&mut self, packet: &Packet) {
        let at = self
            .wire
            .iter()
            .position(|there| there == packet)
            .expect("the action is about a packet on the wire");
        self.wire.remove(at);
    }

    fn spend(&mut self, action: &Action) {
        use Action::{
            Boot, Crash, Delay, Deliver, Duplicate, Fire, LinkDown, LinkUp, Lose, ShutDown, Sleep, Tick,
        };
        match action {
            Deliver(_) | Fire(_) | Tick => return,
            Lose(_) | Duplicate(_) | Delay(_) | Crash(_) | ShutDown(_) | LinkDown(_) | Sleep(_) => {
                self.faults_left -= 1;
            }
            Boot(_) | LinkUp(_) => {}
        }
        self.quiet = 0;
    }

    fn tick(&mut self, agreed_after: u8) {
        let now = Time::ZERO + TICK;
        // What is late, or was not read, arrives only now.
        let late = self.wire.iter().any(|packet| packet.late) || self.nodes.iter().any(|node| node.asleep);
        for node in &mut self.nodes {
            node.asleep = false;
            if let Some((engine, _)) = &mut node.running {
                *engine = engine.rebased(now);
            }
        }
        self.quiet = if late {
            0
        } else {
            (self.quiet + 1).min(agreed_after)
        };
        self.wire.iter_mut().for_each(|packet| packet.late = false);
    }
}

impl Node {
    fn off(config: &RouterConfig) -> Self {
        Self {
            running: None,
            watch: Watch::without_a_clock(config),
            link_up: true,
            asleep: false,
        }
    }

    fn crash(&mut self, config: &RouterConfig) {
        *self = Self {
            link_up: self.link_up,
            ..Self::off(config)
        };
    }

    fn is_due(&self) -> bool {
        let due = self
            .running
            .as_ref()
            .and_then(|(engine, _)| engine.poll_timeout());
        !self.asleep && due.is_some_and(|due| due <= Time::ZERO)
    }
}

/// Something worth knowing that it happens at all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Event {
    SilentReplaced,
    ResignedReplaced,
    LowerReplaced,
    YieldedToPriority,
    YieldedToAddress,
}

impl Event {
    fn of(reason: &Reason) -> Option<Self> {
        match reason {
            Reason::MasterSilent { master: Some(_), .. } => Some(Self::SilentReplaced),
            Reason::MasterResigned { .. } => Some(Self::ResignedReplaced),
            Reason::Preempted { .. } => Some(Self::LowerReplaced),
            Reason::HigherPriority { .. } => Some(Self::YieldedToPriority),
            Reason::HigherAddress { .. } => Some(Self::YieldedToAddress),
            _ => None,
        }
    }
}

fn source(number: usize) -> IpAddr {
    IpAddr::from([10, 0, 0, u8::try_from(number).expect("few routers") + 1])
}

pub(crate) const INTERFACE: InterfaceId = InterfaceId(1);
pub(crate) const TICK: Duration = Duration::from_millis(250);
