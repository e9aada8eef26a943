//! Random troubles for a while, then none, and then one machine is master of all.

use std::collections::BTreeMap;
use std::time::Duration;

use vrrp_engine::{Input, Time, TrackerStatus};

use super::machine::{LANS, Machine, Sent, TRACKER};
use super::rng::Rng;

struct World {
    rng: Rng,
    now: Time,
    priorities: Vec<[u8; LANS]>,
    /// Who is better inside may be worse outside.
    crossed: bool,
    machines: Vec<Option<Machine>>,
    links: Vec<[bool; LANS]>,
    well: Vec<bool>,
    /// Packets on their way, by arrival.
    wire: BTreeMap<(Time, u64), (usize, Sent)>,
    carried: u64,
    /// Of a thousand packets.
    loss: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let machines = 2 + rng.index(2);
        let crossed = rng.chance(300);
        let priorities = (0..machines)
            .map(|_| {
                let (inside, outside) = (rng.pick(&[50, 100, 150, 200]), rng.pick(&[50, 100, 150, 200]));
                if crossed {
                    [inside, outside]
                } else {
                    [inside; LANS]
                }
            })
            .collect();
        Self {
            loss: rng.pick(&[0, 50, 200]),
            crossed,
            rng,
            now: Time::from_millis(1_000_000),
            priorities,
            machines: (0..machines).map(|_| None).collect(),
            links: vec![[true; LANS]; machines],
            well: vec![true; machines],
            wire: BTreeMap::new(),
            carried: 0,
        }
    }

    fn live(&mut self) -> Result<(), String> {
        for number in 0..self.machines.len() {
            self.boot(number)?;
        }
        for _ in 0..60 {
            let pause = self.rng.duration(Duration::from_secs(3));
            self.run(pause)?;
            self.trouble()?;
        }
        self.heal()?;
        self.run(Duration::from_secs(20))?;
        if self.crossed {
            return Ok(());
        }
        self.verdict()?;
        // And it stays so.
        let masters = self.masters(0);
        self.run(Duration::from_secs(30))?;
        self.verdict()?;
        if masters != self.masters(0) {
            return Err("the master changed though nothing happened".to_owned());
        }
        Ok(())
    }

    fn verdict(&self) -> Result<(), String> {
        let masters: Vec<Vec<usize>> = (0..LANS).map(|lan| self.masters(lan)).collect();
        if masters[0].len() != 1 || masters[0] != masters[1] {
            return Err(format!(
                "masters inside and outside are {masters:?}, of {:?}",
                self.priorities
            ));
        }
        Ok(())
    }

    fn masters(&self, lan: usize) -> Vec<usize> {
        let is_master = |number: &usize| {
            self.machines[*number]
                .as_ref()
                .is_some_and(|it| it.is_master(lan))
        };
        (0..self.machines.len()).filter(is_master).collect()
    }

    fn trouble(&mut self) -> Result<(), String> {
        let (number, lan) = (self.rng.index(self.machines.len()), self.rng.index(LANS));
        match self.rng.index(6) {
            0 => self.machines[number] = None,
            1 => self.boot(number)?,
            2 | 3 => self.link(number, lan, !self.links[number][lan])?,
            4 => self.track(number, !self.well[number])?,
            _ => self.loss = self.rng.pick(&[0, 100, 1000]),
        }
        Ok(())
    }

    fn heal(&mut self) -> Result<(), String> {
        self.loss = 0;
        for number in 0..self.machines.len() {
            self.boot(number)?;
            self.track(number, true)?;
            for lan in 0..LANS {
                self.link(number, lan, true)?;
            }
        }
        Ok(())
    }

    fn boot(&mut self, number: usize) -> Result<(), String> {
        if self.machines[number].is_none() {
            let status = status(self.well[number]);
            let (priorities, links) = (self.priorities[number], self.links[number]);
            let (machine, sent) = Machine::boot(self.now, number, priorities, links, status);
            self.machines[number] = Some(machine);
            self.carry(number, sent?);
        }
        Ok(())
    }

    fn link(&mut self, number: usize, lan: usize, up: bool) -> Result<(), String> {
        self.links[number][lan] = up;
        self.step(number, |machine, now| machine.link(now, lan, up))
    }

    fn track(&mut self, number: usize, well: bool) -> Result<(), String> {
        self.well[number] = well;
        let input = Input::Tracker {
            tracker: TRACKER,
            status: status(well),
        };
        self.step(number, |machine, now| machine.input(now, input))
    }

    fn step(
        &mut self,
        number: usize,
        act: impl FnOnce(&mut Machine, Time) -> Result<Vec<Sent>, String>,
    ) -> Result<(), String> {
        let Some(machine) = &mut self.machines[number] else {
            return Ok(());
        };
        let sent =
            act(machine, self.now).map_err(|wrong| format!("machine {number} at {:?}: {wrong}", self.now))?;
        self.carry(number, sent);
        Ok(())
    }

    fn carry(&mut self, from: usize, sent: Vec<Sent>) {
        for packet in sent {
            for to in (0..self.machines.len()).filter(|to| *to != from) {
                let lost = self.rng.chance(self.loss) || !self.links[from][packet.lan];
                let arrival = self.now + self.rng.duration(Duration::from_millis(2));
                self.carried += 1;
                if !lost {
                    self.wire.insert((arrival, self.carried), (to, packet.clone()));
                }
            }
        }
    }

    fn run(&mut self, time: Duration) -> Result<(), String> {
        let end = self.now + time;
        loop {
            let timers = self.machines.iter().enumerate();
            let timer = timers
                .filter_map(|(number, machine)| Some((machine.as_ref()?.engine.poll_timeout()?, number)))
                .min();
            let arrival = self.wire.first_key_value().map(|((at, _), _)| *at);
            match (timer, arrival) {
                (timer, Some(at)) if at <= end && timer.is_none_or(|(due, _)| at <= due) => {
                    let (_, (to, packet)) = self.wire.pop_first().unwrap();
                    self.now = at.max(self.now);
                    self.step(to, |machine, now| machine.hear(now, &packet))?;
                }
                (Some((due, number)), _) if due <= end => {
                    self.now = due.max(self.now);
                    self.step(number, Machine::fire)?;
                }
                _ => break,
            }
        }
        self.now = end;
        Ok(())
    }
}

fn status(well: bool) -> TrackerStatus {
    if well {
        TrackerStatus::Up
    } else {
        TrackerStatus::Down
    }
}

#[test]
fn members_are_always_in_step_and_one_machine_is_master_of_all_in_the_end() {
    let seeds = match std::env::var("KAD_SIM_SEED") {
        Ok(seed) => {
            let seed = seed.parse().expect("KAD_SIM_SEED is a number");
            seed..=seed
        }
        Err(_) => 1..=1500,
    };
    for seed in seeds {
        if let Err(wrong) = World::new(seed).live() {
            panic!(
                "seed {seed}: {wrong}\nto see it: KAD_SIM_SEED={seed} cargo test -p vrrp-engine --test groups"
            );
        }
    }
}
