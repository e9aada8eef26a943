//! What goes wrong, and how it ends.

use vrrp_engine::{Delivery, Input, Taker, TrackerStatus};
use vrrp_proto::Priority;

use super::scenario::{LANS, interface, source};
use super::world::World;

impl World {
    /// One thing breaks, or is repaired.
    pub(super) fn chaos(&mut self) -> Result<(), String> {
        let machine = self.rng.index(self.machines.len());
        let group = self.rng.index(self.scenario.groups.len());
        let kind = self.rng.below(13);
        match kind {
            0 => return self.crash(machine),
            1 | 2 => return self.boot(machine),
            3 => {
                self.note(|| "a partition".to_owned());
                self.network.partition(&mut self.rng);
                return Ok(());
            }
            4 => {
                let faults = self.network.faults.clone();
                self.network.heal();
                self.network.faults = faults;
                return Ok(());
            }
            _ if self.machines[machine].stalled_until > self.now => return Ok(()),
            _ => {}
        }
        match kind {
            5 => {
                let lan = self.rng.index(LANS);
                let up = !self.machines[machine].link_up[lan];
                self.set_link(machine, lan, up)
            }
            6 => {
                let there = self.machines[machine].seats[group].source.is_some();
                // The other machines know a unicast peer by its address: it may lose it, but not change it.
                let multicast = matches!(
                    self.scenario.groups[group].members[machine].delivery,
                    Delivery::Multicast(_)
                );
                let another = multicast && self.rng.chance(500);
                self.set_source(machine, group, !there || another, another)
            }
            7 => self.track(machine, group),
            8 => {
                let time = self.rng.duration(self.scenario.groups[group].master_down() * 2);
                let time = time.min(self.phases.healed - self.now);
                self.note(|| format!("m{machine} stands still for {time:?}"));
                self.stall(machine, time);
                Ok(())
            }
            9 => self.shut_down(machine),
            10 => self.lose_address(machine, group),
            11 => self.reload(machine, group),
            _ => self.fire(machine),
        }
    }

    /// Everything is repaired, but for some machines that stay dead. At least one lives.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        self.note(|| "everything is repaired".to_owned());
        self.network.heal();
        let dead = if self.rng.chance(300) {
            self.rng.index(self.machines.len())
        } else {
            0
        };
        let first = self.rng.index(self.machines.len());
        for machine in 0..self.machines.len() {
            self.machines[machine].stalled_until = self.now;
            if (machine + first) % self.machines.len() < dead {
                if self.rng.chance(500) {
                    self.crash(machine)?;
                } else {
                    (0..LANS).try_for_each(|lan| self.set_link(machine, lan, false))?;
                }
            } else {
                self.repair(machine)?;
            }
        }
        Ok(())
    }

    fn repair(&mut self, machine: usize) -> Result<(), String> {
        self.boot(machine)?;
        (0..LANS).try_for_each(|lan| self.set_link(machine, lan, true))?;
        for group in 0..self.scenario.groups.len() {
            self.set_source(machine, group, true, false)?;
            if self.machines[machine].seats[group].id.is_none() {
                let outputs = self.machines[machine].add(group, self.now)?;
                self.follow(machine, outputs)?;
            }
        }
        // What it did not read while it stood still.
        self.schedule(self.now, super::world::Event::Resume(machine));
        Ok(())
    }

    fn crash(&mut self, machine: usize) -> Result<(), String> {
        self.note(|| format!("m{machine} crashes"));
        self.machines[machine].crash(self.now);
        (0..self.scenario.groups.len())
            .try_for_each(|group| self.judge.mastership(self.now, group, machine, false))
    }

    fn set_link(&mut self, machine: usize, lan: usize, up: bool) -> Result<(), String> {
        self.note(|| format!("m{machine} link {lan} is {}", if up { "up" } else { "down" }));
        self.machines[machine].link_up[lan] = up;
        let input = Input::Link {
            interface: interface(machine, lan),
            up,
        };
        let outputs = self.machines[machine].input(self.now, input)?;
        self.follow(machine, outputs)
    }

    fn set_source(&mut self, machine: usize, group: usize, there: bool, another: bool) -> Result<(), String> {
        let seat = &mut self.machines[machine].seats[group];
        let family = seat.config.addresses.family();
        let address = there.then(|| source(machine, seat.lan, family, another));
        seat.source = address;
        let Some(router) = seat.id else { return Ok(()) };
        self.note(|| format!("m{machine} g{group} sends from {address:?}"));
        let outputs = self.machines[machine].input(self.now, Input::Source { router, address })?;
        self.follow(machine, outputs)
    }

    fn track(&mut self, machine: usize, group: usize) -> Result<(), String> {
        let member = &self.scenario.groups[group].members[machine];
        let (configured, tracker) = (member.priority.get(), member.trackers[0].id);
        let priority = Priority::new(self.rng.pick(&[0, 1, configured, 100, 101, 200, 254, 255]));
        let seat = &mut self.machines[machine].seats[group];
        if seat.id.is_none() {
            return Ok(());
        }
        seat.watch.set_priority(&seat.config, priority);
        // Beyond that it would be a fault.
        let value = (i32::from(priority.get()) - i32::from(configured)).max(-253);
        self.note(|| format!("m{machine} g{group} has priority {priority}"));
        let outputs = self.machines[machine].input(
            self.now,
            Input::Tracker {
                tracker,
                status: TrackerStatus::Value(value),
            },
        )?;
        self.follow(machine, outputs)
    }

    /// A clean end: masters resign, and the process is gone.
    fn shut_down(&mut self, machine: usize) -> Result<(), String> {
        self.note(|| format!("m{machine} shuts down"));
        let outputs = self.machines[machine].input(self.now, Input::Shutdown)?;
        self.follow(machine, outputs)?;
        if let Some(due) = self.machines[machine].due() {
            return Err(format!("m{machine} is shut down, but waits for {due:?}"));
        }
        self.crash(machine)
    }

    fn lose_address(&mut self, machine: usize, group: usize) -> Result<(), String> {
        let seat = &self.machines[machine].seats[group];
        let (Some(router), Some(address)) = (seat.id, seat.config.addresses.as_addresses().iter().next())
        else {
            return Ok(());
        };
        let is_master = seat.watch.is_master();
        let outputs = self.machines[machine].input(
            self.now,
            Input::AddressLost {
                router,
                address,
                by: Taker::Program,
            },
        )?;
        let restored = outputs
            .iter()
            .any(|(_, output)| *output == vrrp_engine::Output::RestoreAddress(address));
        if restored != is_master {
            return Err(format!(
                "m{machine} g{group} put {address} back: {restored}, is master: {is_master}"
            ));
        }
        self.follow(machine, outputs)
    }

    /// A router is taken out of the configuration, or put back.
    fn reload(&mut self, machine: usize, group: usize) -> Result<(), String> {
        self.note(|| format!("m{machine} removes or adds g{group}"));
        let outputs = if self.machines[machine].seats[group].id.is_some() {
            self.machines[machine].remove(group, self.now)?
        } else {
            self.machines[machine].add(group, self.now)?
        };
        self.follow(machine, outputs)
    }
}
