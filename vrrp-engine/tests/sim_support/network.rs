//! The wire between the machines.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::Transmit;

use super::rng::Rng;
use super::scenario::{Faults, GOOD_DELAY, LANS, Scenario, source};

/// A packet on its way to one machine.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) lan: usize,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) hop_limit: u8,
    pub(crate) pdu: Vec<u8>,
    /// Whether it was damaged, or routed here.
    pub(crate) is_bad: bool,
}

/// Who hears whom, and how well.
#[derive(Debug)]
pub(crate) struct Network {
    machines: usize,
    pub(crate) faults: Faults,
    /// `cut[lan][from][to]`: each direction by itself.
    pub(crate) cut: Vec<Vec<Vec<bool>>>,
}

impl Network {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let machines = scenario.machines;
        Self {
            machines,
            faults: scenario.faults.clone(),
            cut: vec![vec![vec![false; machines]; machines]; LANS],
        }
    }

    /// Nothing is wrong any more.
    pub(crate) fn heal(&mut self) {
        self.faults = Faults {
            delay: GOOD_DELAY,
            ..Faults::default()
        };
        self.cut = vec![vec![vec![false; self.machines]; self.machines]; LANS];
    }

    /// A new partition: each machine is on one side; or each direction is cut by chance.
    pub(crate) fn partition(&mut self, rng: &mut Rng) {
        let lan = rng.index(LANS);
        let sides: Vec<bool> = (0..self.machines).map(|_| rng.chance(500)).collect();
        let asymmetric = rng.chance(400);
        for from in 0..self.machines {
            for to in 0..self.machines {
                self.cut[lan][from][to] = if asymmetric {
                    rng.chance(400)
                } else {
                    sides[from] != sides[to]
                };
            }
        }
    }

    /// Who gets a packet that `from` sends, what of it, and after how long.
    pub(crate) fn carry(
        &self,
        rng: &mut Rng,
        lan: usize,
        from: usize,
        transmit: &Transmit,
    ) -> Vec<(usize, Packet, Duration)> {
        let mut arrivals = Vec::new();
        for to in (0..self.machines).filter(|to| *to != from && self.reaches(lan, *to, transmit.destination))
        {
            if self.cut[lan][from][to] || rng.chance(self.faults.loss) {
                continue;
            }
            for _ in 0..=u64::from(rng.chance(self.faults.duplication)) {
                arrivals.push((
                    to,
                    self.packet(rng, lan, transmit),
                    rng.duration(self.faults.delay),
                ));
            }
        }
        arrivals
    }

    fn reaches(&self, lan: usize, to: usize, destination: IpAddr) -> bool {
        destination.is_multicast()
            || destination == source(to, lan, vrrp_proto::Family::of(destination), false)
    }

    fn packet(&self, rng: &mut Rng, lan: usize, transmit: &Transmit) -> Packet {
        let mut packet = Packet {
            lan,
            source: transmit.source,
            destination: transmit.destination,
            hop_limit: 255,
            pdu: transmit.pdu.to_vec(),
            is_bad: rng.chance(self.faults.corruption),
        };
        if packet.is_bad {
            damage(rng, &mut packet);
        }
        packet
    }
}

fn damage(rng: &mut Rng, packet: &mut Packet) {
    // A unicast packet may have been routed.
    if packet.destination.is_multicast() && rng.chance(300) {
        packet.hop_limit = rng.pick(&[0, 1, 64, 254]);
    } else if rng.chance(200) {
        packet.pdu.truncate(rng.index(packet.pdu.len()));
    } else {
        let at = rng.index(packet.pdu.len());
        packet.pdu[at] ^= 1 << rng.below(8);
    }
}
