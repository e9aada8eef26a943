//! A machine with a router on each LAN, all in one sync group, and what must hold after each step.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use vrrp_engine::{
    AddressList, Announcements, Datagram, Engine, Environment, GroupConfig, GroupId, Input, InterfaceId,
    Output, RouterConfig, RouterId, StateKind, Time, Tracker, TrackerId, TrackerStatus, Weight,
};
use vrrp_proto::{Family, Priority, Vrid, multicast_group};

/// The LANs there are: an inside and an outside.
pub(crate) const LANS: usize = 2;
/// Something without which no router of a machine runs.
pub(crate) const TRACKER: TrackerId = TrackerId(1);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    members: Vec<RouterId>,
    group: GroupId,
    /// What the outputs say of the addresses.
    holds: [bool; LANS],
    /// What they say of the group.
    told: StateKind,
    pub(crate) link_up: [bool; LANS],
}

/// A packet that left a machine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Sent {
    pub(crate) lan: usize,
    pub(crate) source: IpAddr,
    pub(crate) pdu: Bytes,
}

impl Machine {
    /// Started, with those priorities inside and outside. What it sends goes nowhere yet.
    pub(crate) fn boot(
        now: Time,
        number: usize,
        priorities: [u8; LANS],
        link_up: [bool; LANS],
        tracker: TrackerStatus,
    ) -> (Self, Result<Vec<Sent>, String>) {
        let mut engine = Engine::new();
        let status = Input::Tracker {
            tracker: TRACKER,
            status: tracker,
        };
        engine.handle_input(now, status).unwrap();
        let members: Vec<RouterId> = (0..LANS)
            .map(|lan| {
                let environment = Environment {
                    link_up: link_up[lan],
                    source: Some(address(number, lan)),
                };
                engine
                    .add_router(config(lan, priorities[lan]), environment)
                    .unwrap()
            })
            .collect();
        let config = GroupConfig {
            members: members.clone(),
        };
        let group = engine.add_group(now, config).unwrap();
        let mut machine = Self {
            engine,
            members,
            group,
            holds: [false; LANS],
            told: StateKind::Initialize,
            link_up,
        };
        let sent = machine.input(now, Input::Startup);
        (machine, sent)
    }

    pub(crate) fn input(&mut self, now: Time, input: Input<'_>) -> Result<Vec<Sent>, String> {
        // Whether a packet is discarded does not matter here, only what comes of it.
        let _discarded = self.engine.handle_input(now, input);
        self.drain(now)
    }

    pub(crate) fn hear(&mut self, now: Time, packet: &Sent) -> Result<Vec<Sent>, String> {
        if !self.link_up[packet.lan] {
            return Ok(Vec::new());
        }
        let datagram = Datagram {
            interface: interface(packet.lan),
            source: packet.source,
            destination: multicast_group(Family::Ipv4),
            hop_limit: 255,
            header: None,
            pdu: &packet.pdu,
        };
        self.input(now, Input::Packet(datagram))
    }

    pub(crate) fn link(&mut self, now: Time, lan: usize, up: bool) -> Result<Vec<Sent>, String> {
        let interface = interface(lan);
        let sent = self.input(now, Input::Link { interface, up })?;
        self.link_up[lan] = up;
        // What was said when it was down already did not leave.
        Ok(sent)
    }

    pub(crate) fn fire(&mut self, now: Time) -> Result<Vec<Sent>, String> {
        self.engine.handle_timeout(now);
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            return Err("something is due right after handle_timeout".to_owned());
        }
        self.drain(now)
    }

    pub(crate) fn is_master(&self, lan: usize) -> bool {
        self.engine.state(self.members[lan]) == Some(StateKind::Master)
    }

    /// Takes the outputs, and looks at what must hold between any two steps.
    fn drain(&mut self, _now: Time) -> Result<Vec<Sent>, String> {
        let mut sent = Vec::new();
        while let Some((router, output)) = self.engine.poll_output() {
            let lan = self.members.iter().position(|member| *member == router).unwrap();
            match output {
                Output::Transmit(packet) => sent.push(Sent {
                    lan,
                    source: packet.source,
                    pdu: packet.pdu,
                }),
                Output::AddAddresses if self.holds[lan] => return Err("added twice".to_owned()),
                Output::AddAddresses => self.holds[lan] = true,
                Output::RemoveAddresses if !self.holds[lan] => return Err("removed twice".to_owned()),
                Output::RemoveAddresses => self.holds[lan] = false,
                Output::GroupTransition { transition, .. } if transition.from != self.told => {
                    return Err(format!("told of {:?}, now {transition:?}", self.told));
                }
                Output::GroupTransition { transition, .. } => self.told = transition.to,
                _ => {}
            }
        }
        self.check().map(|()| sent)
    }

    fn check(&self) -> Result<(), String> {
        let states: Vec<StateKind> = self
            .members
            .iter()
            .filter_map(|member| self.engine.state(*member))
            .collect();
        if states.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(format!("members are out of step: {states:?}"));
        }
        let masters = [StateKind::Master; LANS].map(|master| states.contains(&master));
        if self.holds != masters {
            return Err(format!("{states:?} holds {:?}", self.holds));
        }
        if Some(self.told) != self.engine.group_state(self.group) || !states.contains(&self.told) {
            return Err(format!(
                "{states:?}, but the group was told to be {:?}",
                self.told
            ));
        }
        Ok(())
    }
}

fn config(lan: usize, priority: u8) -> RouterConfig {
    let number = u8::try_from(lan).unwrap();
    let virtual_address = IpAddr::from([10, number, 0, 100]);
    let addresses = AddressList::new(Family::Ipv4, [virtual_address]).unwrap();
    RouterConfig {
        priority: Priority::new(priority),
        announcements: Announcements {
            repeat: 1,
            delay: Duration::ZERO,
            lower_priority_repeat: 1,
            lower_priority_delay: Duration::ZERO,
            ..Announcements::default()
        },
        trackers: vec![Tracker {
            id: TRACKER,
            weight: Weight::default(),
        }],
        ..RouterConfig::new(interface(lan), Vrid::new(number + 1).unwrap(), addresses)
    }
}

pub(crate) fn interface(lan: usize) -> InterfaceId {
    InterfaceId(u32::try_from(lan).unwrap())
}

fn address(number: usize, lan: usize) -> IpAddr {
    let (number, lan) = (u8::try_from(number).unwrap(), u8::try_from(lan).unwrap());
    IpAddr::from([10, lan, 0, number + 1])
}
