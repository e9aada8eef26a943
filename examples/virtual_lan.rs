//! Three routers on a virtual LAN, in simulated time and without any privileges: who is master, and why.
//!
//! Each machine is one [`Engine`]. The LAN between them carries a packet to everyone else a tenth of a millisecond
//! after it was sent, and loses what is sent to a machine that is off. Nobody sleeps: the clock jumps to whatever
//! happens next, so that a minute of failures passes at once, and the same way each time.
//!
//! The best router loses power, comes back, and at last is shut down as it should be. Note how long the address is
//! nobody's in each case: three intervals and a skew after a crash, only the skew after a resignation, and not at all
//! when a better router preempts.
//!
//! ```text
//! cargo run -p kad-examples --example virtual_lan
//! ```
#![allow(clippy::print_stdout, reason = "it is there to be read")]

use std::collections::VecDeque;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    AddressList, Datagram, Engine, Environment, Input, InterfaceId, Output, RouterConfig, RouterId,
    StateKind, Time, Transmit,
};
use vrrp_proto::{Family, Priority, Vrid};

fn main() -> Result<(), Box<dyn Error>> {
    let mut lan = Lan::new(&[("alpha", 1, 150), ("bravo", 2, 120), ("charlie", 3, 100)]);

    lan.chapter("all three are switched on");
    for name in ["alpha", "bravo", "charlie"] {
        lan.switch_on(name)?;
    }
    lan.run_for(seconds(10));
    lan.expect_master("alpha")?;

    lan.chapter("alpha loses power");
    lan.switch_off("alpha")?;
    lan.run_for(seconds(10));
    lan.expect_master("bravo")?;

    lan.chapter("alpha is back, and has the higher priority");
    lan.switch_on("alpha")?;
    lan.run_for(seconds(10));
    lan.expect_master("alpha")?;

    lan.chapter("alpha is shut down in good order");
    lan.shut_down("alpha")?;
    lan.run_for(seconds(10));
    lan.expect_master("bravo")?;

    lan.chapter("bravo loses power too");
    lan.switch_off("bravo")?;
    lan.run_for(seconds(10));
    lan.expect_master("charlie")
}

/// The machines, what is on its way between them, and the time.
struct Lan {
    now: Time,
    machines: Vec<Machine>,
    /// Every packet takes as long as the others, so that the first sent is the first to arrive.
    on_the_way: VecDeque<(Time, Transmit)>,
    /// Since when nobody holds the address.
    unheld_since: Option<Time>,
}

/// A machine with one virtual router.
struct Machine {
    name: &'static str,
    address: IpAddr,
    priority: Priority,
    /// Nothing while it is off: a crash forgets everything.
    running: Option<(Engine, RouterId)>,
}

impl Lan {
    fn new(machines: &[(&'static str, u8, u8)]) -> Self {
        let machine = |&(name, last, priority)| Machine {
            name,
            address: IpAddr::from([10, 0, 0, last]),
            priority: Priority::new(priority),
            running: None,
        };
        Self {
            now: Time::ZERO,
            machines: machines.iter().map(machine).collect(),
            on_the_way: VecDeque::new(),
            unheld_since: Some(Time::ZERO),
        }
    }

    fn switch_on(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let now = self.now;
        let machine = self.machine(name)?;
        let mut engine = Engine::new();
        let environment = Environment {
            link_up: true,
            source: Some(machine.address),
        };
        let router = engine.add_router(config(machine.priority)?, environment)?;
        engine.handle_input(now, Input::Startup)?;
        machine.running = Some((engine, router));
        self.carry_out();
        Ok(())
    }

    /// Without a word to anyone.
    fn switch_off(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        self.machine(name)?.running = None;
        self.note_who_holds();
        Ok(())
    }

    /// The engine is told, and what it says then still goes out.
    fn shut_down(&mut self, name: &str) -> Result<(), Box<dyn Error>> {
        let now = self.now;
        if let Some((engine, _)) = &mut self.machine(name)?.running {
            engine.handle_input(now, Input::Shutdown)?;
        }
        self.carry_out();
        self.switch_off(name)
    }

    /// From one event to the next. What arrives is read before anything that is due is done.
    fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.now = next;
            self.deliver();
            for (engine, _) in self.machines.iter_mut().filter_map(|it| it.running.as_mut()) {
                engine.handle_timeout(next);
            }
            self.carry_out();
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<Time> {
        let running = self
            .machines
            .iter()
            .filter_map(|machine| machine.running.as_ref());
        let timeouts = running.filter_map(|(engine, _)| engine.poll_timeout());
        timeouts.chain(self.on_the_way.front().map(|(at, _)| *at)).min()
    }

    /// To everyone who is on, but not to the sender.
    fn deliver(&mut self) {
        while let Some((_, packet)) = self.on_the_way.pop_front_if(|(at, _)| *at <= self.now) {
            for machine in self.machines.iter_mut().filter(|it| it.address != packet.source) {
                let Some((engine, _)) = &mut machine.running else {
                    continue;
                };
                let datagram = Datagram {
                    interface: LAN,
                    source: packet.source,
                    destination: packet.destination,
                    hop_limit: 255,
                    header: None,
                    pdu: &packet.pdu,
                };
                // A backup that is about to preempt discards what the lesser master says; that is no failure here.
                if let Err(discard) = engine.handle_input(self.now, Input::Packet(datagram)) {
                    say(self.now, machine.name, &format!("ignores an advert: {discard}"));
                }
            }
        }
    }

    /// Does what the engines want: send packets and say what changed. A daemon would also move addresses, and tell the
    /// neighbours.
    fn carry_out(&mut self) {
        for machine in &mut self.machines {
            let Some((engine, _)) = &mut machine.running else {
                continue;
            };
            while let Some((_, output)) = engine.poll_output() {
                match output {
                    Output::Transmit(packet) => self.on_the_way.push_back((self.now + LATENCY, packet)),
                    Output::Transition(change) => {
                        let words = format!("{} -> {}: {}", change.from, change.to, change.reason);
                        say(self.now, machine.name, &words);
                    }
                    Output::Notice(notice) => say(self.now, machine.name, &notice.to_string()),
                    _ => {}
                }
            }
        }
        self.note_who_holds();
    }

    fn note_who_holds(&mut self) {
        let is_held = !self.masters().is_empty();
        match self.unheld_since {
            Some(since) if is_held => {
                let gap = (self.now - since).as_secs_f64();
                say(self.now, "", &format!("{ADDRESS} was nobody's for {gap:.3} s"));
                self.unheld_since = None;
            }
            None if !is_held => self.unheld_since = Some(self.now),
            _ => {}
        }
    }

    fn masters(&self) -> Vec<&'static str> {
        let is_master = |machine: &&Machine| match &machine.running {
            Some((engine, router)) => engine.state(*router) == Some(StateKind::Master),
            None => false,
        };
        self.machines
            .iter()
            .filter(is_master)
            .map(|machine| machine.name)
            .collect()
    }

    /// Says who is master in the end; anyone else, or two of them, would be an error.
    fn expect_master(&self, name: &str) -> Result<(), Box<dyn Error>> {
        let masters = self.masters();
        if masters != [name] {
            return Err(format!("{name} should be master, and {masters:?} is").into());
        }
        say(self.now, "", &format!("{name} is master"));
        Ok(())
    }

    fn machine(&mut self, name: &str) -> Result<&mut Machine, Box<dyn Error>> {
        let found = self.machines.iter_mut().find(|machine| machine.name == name);
        found.ok_or_else(|| format!("there is no {name}").into())
    }

    fn chapter(&self, title: &str) {
        println!("\n{:8.3} s  --- {title} ---", at(self.now));
    }
}

/// The same on every machine, but for the priority.
fn config(priority: Priority) -> Result<RouterConfig, Box<dyn Error>> {
    let addresses = AddressList::new(Family::Ipv4, [ADDRESS.parse()?])?;
    Ok(RouterConfig {
        priority,
        ..RouterConfig::new(LAN, Vrid::new(51)?, addresses)
    })
}

fn say(now: Time, who: &str, words: &str) {
    println!("{:8.3} s  {who:8} {words}", at(now));
}

fn at(time: Time) -> f64 {
    (time - Time::ZERO).as_secs_f64()
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The address they share.
const ADDRESS: &str = "10.0.0.100";
const LAN: InterfaceId = InterfaceId(0);
const LATENCY: Duration = Duration::from_micros(100);
