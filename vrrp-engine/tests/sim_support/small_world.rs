//! What the model checker looks at: few routers, and packets on a wire.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{Engine, Reason, RouterConfig, RouterId, Time};

use super::watch::Watch;

/// Everything there is at one instant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    /// In order, as packets that are equal are the same.
    pub(crate) wire: Vec<Packet>,
    pub(crate) faults_left: u8,
    /// Ticks since the last fault or repair, as far as they matter.
    pub(crate) quiet: u8,
    /// What the last step was good for.
    pub(crate) event: Option<Event>,
    pub(crate) wrong: Option<String>,
}

/// A router. Without an engine it has crashed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Node {
    pub(crate) running: Option<(Engine, RouterId)>,
    pub(crate) watch: Watch,
    pub(crate) link_up: bool,
    pub(crate) asleep: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Packet {
    pub(crate) to: usize,
    pub(crate) source: IpAddr,
    pub(crate) pdu: bytes::Bytes,
    /// Not to be delivered before the next tick.
    pub(crate) late: bool,
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

impl World {
    pub(crate) fn is_deliverable(&self, packet: &Packet) -> bool {
        !packet.late && !self.nodes[packet.to].asleep
    }

    /// Whether all that happens at this instant has happened.
    pub(crate) fn is_still(&self) -> bool {
        !self.wire.iter().any(|packet| self.is_deliverable(packet)) && !self.nodes.iter().any(Node::is_due)
    }

    pub(crate) fn masters(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|number| self.nodes[*number].watch.is_master())
    }

    pub(crate) fn take(&mut self, packet: &Packet) {
        let at = self
            .wire
            .iter()
            .position(|there| there == packet)
            .expect("the action is about a packet on the wire");
        self.wire.remove(at);
    }

    pub(crate) fn spend(&mut self, action: &Action) {
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

    pub(crate) fn tick(&mut self, agreed_after: u8) {
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
    pub(crate) fn off(config: &RouterConfig) -> Self {
        Self {
            running: None,
            watch: Watch::without_a_clock(config),
            link_up: true,
            asleep: false,
        }
    }

    pub(crate) fn crash(&mut self, config: &RouterConfig) {
        *self = Self {
            link_up: self.link_up,
            ..Self::off(config)
        };
    }

    /// When its timer is due.
    pub(crate) fn due(&self) -> Option<Time> {
        let (engine, _) = self.running.as_ref()?;
        engine.poll_timeout()
    }

    pub(crate) fn is_due(&self) -> bool {
        !self.asleep && self.due().is_some_and(|due| due <= Time::ZERO)
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
    pub(crate) fn of(reason: &Reason) -> Option<Self> {
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

pub(crate) const TICK: Duration = Duration::from_millis(250);
