//! What the tests with real daemons share: routers on a LAN, and what is to be seen of them.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends there")]

mod skip;

use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::{Event, Lan, Node, Process, Program, What, World};
use nix::sys::signal::Signal;
pub use skip::skip;
use tempfile::TempDir;
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

pub const KAD: &str = env!("CARGO_BIN_EXE_kad");

/// Which program is a router.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Daemon {
    Kad,
    Keepalived,
}

/// Whether tests of this kind can run here. If not, they say so; in CI that is a failure.
pub fn can_run(needs: &[Daemon]) -> bool {
    let missing = if !nix::unistd::geteuid().is_root() {
        Some("making network namespaces beside other threads needs root")
    } else if needs.contains(&Daemon::Keepalived) && !Path::new(KEEPALIVED).exists() {
        Some("Debian's package keepalived is not installed")
    } else {
        None
    };
    missing.inspect(|reason| skip(reason));
    missing.is_none()
}

pub const KEEPALIVED: &str = "/usr/sbin/keepalived";

/// Routers r1, r2, ... with eth0 and 10.0.0.1, 10.0.0.2, ... (fe80::1, fe80::2, ...), and a client with 10.0.0.99.
pub struct Lab {
    pub world: World,
    pub lan: Lan,
    pub routers: Vec<Router>,
    pub client: Node,
    pub seen: Vec<Event>,
    dir: TempDir,
    starts: u32,
}

pub struct Router {
    pub node: Node,
    pub daemon: Daemon,
    pub process: Option<Process>,
    config: String,
}

impl Lab {
    pub fn new(daemons: &[Daemon]) -> Self {
        let mut world = World::new(Path::new(KAD)).unwrap();
        let lan = world.lan().unwrap();
        let mut routers = Vec::new();
        for (number, daemon) in (1..).zip(daemons) {
            let node = world.node(&format!("r{number}")).unwrap();
            let addresses = [(v4(number), 24), (v6(number), 64), (global_v6(number), 64)];
            world
                .join(&node, "eth0", MacAddr([2, 0, 0, 0, 0, number]), &lan, &addresses)
                .unwrap();
            routers.push(Router {
                node,
                daemon: *daemon,
                process: None,
                config: String::new(),
            });
        }
        let client = world.node("client").unwrap();
        let addresses = [(v4(99), 24), (v6(99), 64), (global_v6(99), 64)];
        world
            .join(&client, "eth0", MacAddr([2, 0, 0, 0, 0, 99]), &lan, &addresses)
            .unwrap();
        Self {
            world,
            lan,
            routers,
            client,
            seen: Vec::new(),
            dir: tempfile::tempdir().unwrap(),
            starts: 0,
        }
    }

    /// A second LAN, on which routers have eth1 and 10.1.0.1, 10.1.0.2, ...
    pub fn second_lan(&mut self) -> Lan {
        let lan = self.world.lan().unwrap();
        for (number, router) in (1..).zip(&self.routers) {
            let address = IpAddr::from([10, 1, 0, number]);
            let mac = MacAddr([2, 0, 0, 1, 0, number]);
            self.world
                .join(&router.node, "eth1", mac, &lan, &[(address, 24)])
                .unwrap();
        }
        lan
    }

    /// Starts router `number` (from 1) with this configuration.
    pub fn start(&mut self, number: usize, config: &str) {
        config.clone_into(&mut self.routers[number - 1].config);
        self.restart(number);
    }

    /// Starts it again with the configuration it had.
    pub fn restart(&mut self, number: usize) {
        let path = self.dir.path().join(format!("r{number}.conf"));
        let router = &mut self.routers[number - 1];
        std::fs::write(&path, &router.config).unwrap();
        let program = match router.daemon {
            Daemon::Kad => Program::new(KAD).arg("run").arg("-D").arg("-f").arg(path),
            Daemon::Keepalived => {
                // A new name each time: a killed one leaves its files, and one that was told to stop lingers a second.
                self.starts += 1;
                let start = self.starts;
                let pid = |kind: &str| self.dir.path().join(format!("r{number}.{start}.{kind}"));
                let program = Program::new(KEEPALIVED).arg("-nlGDP").arg("-f").arg(path);
                program.arg("-p").arg(pid("pid")).arg("-r").arg(pid("vrrp"))
            }
        };
        router.process = Some(router.node.spawn(&program).unwrap());
    }

    /// Gives router `number` another configuration, and has it read that.
    pub fn reload(&mut self, number: usize, config: &str) {
        let path = self.dir.path().join(format!("r{number}.conf"));
        std::fs::write(path, config).unwrap();
        config.clone_into(&mut self.routers[number - 1].config);
        self.signal(number, Signal::SIGHUP);
    }

    pub fn router(&self, number: usize) -> &Router {
        &self.routers[number - 1]
    }

    /// Ends a router's daemon with a signal. keepalived's child is what sends adverts, and dies with its parent.
    pub fn signal(&self, number: usize, signal: Signal) {
        let process = self.router(number).process.as_ref().unwrap();
        match signal {
            Signal::SIGKILL => process.kill_all(),
            _ => process.signal(signal),
        }
    }

    /// Takes in what happens for a while.
    pub fn watch(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.world.next_event(left) {
                Some(event) => self.seen.push(event),
                None if left.is_zero() => return,
                None => {}
            }
        }
    }

    /// Takes in what happens until `done` says so; panics with everything that was said if it never does.
    pub fn watch_until(&mut self, what: &str, limit: Duration, mut done: impl FnMut(&Event) -> bool) -> Time {
        let end = Instant::now() + limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                panic!("{what}: not within {limit:?}\n{}", self.story());
            }
            if let Some(event) = self.world.next_event(left) {
                let (at, hit) = (event.at, done(&event));
                self.seen.push(event);
                if hit {
                    return at;
                }
            }
        }
    }

    /// Waits until router `number` sends adverts, and has the addresses that only a master has.
    pub fn wait_for_master(&mut self, number: usize, address: IpAddr, limit: Duration) -> Time {
        let name = format!("r{number}");
        let what = format!("{name} is master");
        let begun = clock::now();
        let at = self.watch_until(&what, limit, |event| {
            matches!(&event.what, What::Advert { node, priority, .. }
                if *node == name && *priority != Priority::RELEASE && event.at >= begun)
        });
        self.wait_until(&format!("{name} has {address}"), |lab| {
            lab.holders(address).contains(&number)
        });
        at
    }

    /// Waits until exactly router `number` has the address.
    pub fn wait_for_holder(&mut self, number: usize, address: IpAddr) {
        self.wait_until(&format!("only r{number} has {address}"), |lab| {
            lab.holders(address) == [number]
        });
    }

    pub fn wait_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + SETTLE;
        while !done(self) {
            assert!(
                Instant::now() < end,
                "{what}: not within {SETTLE:?}\n{}",
                self.story()
            );
            self.watch(Duration::from_millis(5));
        }
    }

    /// The numbers of the routers that have the address.
    pub fn holders(&self, address: IpAddr) -> Vec<usize> {
        let has = |number: &usize| self.router(*number).node.has_address(address).unwrap();
        (1..=self.routers.len()).filter(has).collect()
    }

    /// Adverts of a router since a moment: when, and with which priority.
    pub fn adverts(&self, number: usize, since: Time) -> Vec<(Time, Priority)> {
        let name = format!("r{number}");
        let adverts = self.seen.iter().filter(|event| event.at >= since);
        adverts
            .filter_map(|event| match &event.what {
                What::Advert { node, priority, .. } if *node == name => Some((event.at, *priority)),
                _ => None,
            })
            .collect()
    }

    /// Lines that a router's program wrote.
    pub fn lines(&self, number: usize) -> Vec<&str> {
        let name = format!("r{number}");
        let line = |event: &'_ Event| matches!(&event.what, What::Line { node, .. } if *node == name);
        self.seen
            .iter()
            .filter(|event| line(event))
            .filter_map(|event| match &event.what {
                What::Line { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    pub fn wait_for_line(&mut self, number: usize, part: &str) {
        let what = format!("r{number} says {part:?}");
        let end = Instant::now() + SETTLE;
        while !self.lines(number).iter().any(|line| line.contains(part)) {
            assert!(
                Instant::now() < end,
                "{what}: not within {SETTLE:?}\n{}",
                self.story()
            );
            self.watch(Duration::from_millis(5));
        }
    }

    /// Everything that was seen, for a failure's message.
    pub fn story(&self) -> String {
        let mut story = String::new();
        let start = self.seen.first().map_or(Time::ZERO, |event| event.at);
        for event in &self.seen {
            let at = (event.at - start).as_secs_f64();
            let _ = match &event.what {
                What::Ping(ping) if ping.answered.is_some() => Ok(()),
                what => writeln!(story, "{at:9.4} {what:?}"),
            };
        }
        story
    }
}

impl Drop for Lab {
    /// Ends what runs in order, so that nothing outlives the world.
    fn drop(&mut self) {
        for router in &self.routers {
            if let Some(process) = &router.process {
                process.kill_all();
            }
        }
    }
}

pub fn v4(number: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, number])
}

pub fn v6(number: u8) -> IpAddr {
    IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, u16::from(number)])
}

pub fn global_v6(number: u8) -> IpAddr {
    IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(number)])
}

/// What takes no timer of the protocol is done within this, however slow the machine.
pub const SETTLE: Duration = Duration::from_secs(10);
