//! The test bed: routers of either program on LANs of their own, and what was seen of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kad_cli::lab::{Event, Lan, Node, Process, Program, What, World};
use nix::sys::signal::Signal;
use tempfile::TempDir;
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

pub(crate) const KAD: &str = env!("CARGO_BIN_EXE_kad");
pub(crate) const KEEPALIVED: &str = "/usr/sbin/keepalived";

/// Whose program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Kad,
    Keepalived,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Kad, Self::Keepalived];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kad => "kad",
            Self::Keepalived => "keepalived",
        }
    }

    /// Both, the other way round in every second round: neither always goes first.
    pub(crate) fn in_turn(round: usize) -> [usize; 2] {
        if round.is_multiple_of(2) { [0, 1] } else { [1, 0] }
    }
}

/// A world, and what was seen in it.
pub(crate) struct Bed {
    world: World,
    pub(crate) seen: Seen,
    dir: TempDir,
    starts: u32,
}

/// What was seen, by the machine's name or the process's id.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) adverts: HashMap<String, Vec<Advert>>,
    pub(crate) lines: HashMap<u32, Vec<String>>,
    pub(crate) exits: HashMap<u32, (Time, bool)>,
    /// Announcements, by the machine's name.
    pub(crate) announcements: HashMap<String, usize>,
}

#[derive(Clone, Copy)]
pub(crate) struct Advert {
    pub(crate) at: Time,
    pub(crate) vrid: u8,
    pub(crate) priority: Priority,
}

/// A machine that runs one of the two programs.
pub(crate) struct Router {
    pub(crate) node: Node,
    pub(crate) side: Side,
    pub(crate) process: Option<Process>,
    /// Which of all starts its last one was.
    start: u32,
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self {
            world: World::new(Path::new(KAD)).unwrap(),
            seen: Seen::default(),
            dir: tempfile::tempdir().unwrap(),
            starts: 0,
        }
    }

    pub(crate) fn lan(&mut self) -> Lan {
        self.world.lan().unwrap()
    }

    /// A machine with eth0 and 10.0.0.NUMBER.
    pub(crate) fn router(&mut self, side: Side, number: u8, lan: &Lan) -> Router {
        let node = self.world.node(&format!("{}{number}", side.name())).unwrap();
        let router = Router {
            node,
            side,
            process: None,
            start: 0,
        };
        self.interface(&router, 0, number, lan);
        router
    }

    /// One more interface for it, ethPLACE with 10.0.PLACE.NUMBER.
    pub(crate) fn interface(&mut self, router: &Router, place: u8, number: u8, lan: &Lan) {
        let address = IpAddr::from([10, 0, place, number]);
        let mac = MacAddr([2, 0, 0, 0, place, number]);
        let name = format!("eth{place}");
        self.world
            .join(&router.node, &name, mac, lan, &[(address, 24)])
            .unwrap();
    }

    /// Starts a router with this configuration; `extra` arguments go to either program.
    pub(crate) fn start(&mut self, router: &mut Router, config: &str, extra: &[&str]) {
        self.starts += 1;
        router.start = self.starts;
        let file = self.write(&format!("{}.conf", self.starts), config);
        let mut program = match router.side {
            Side::Kad => Program::new(KAD).arg("run").arg("-P").arg("-f").arg(file),
            Side::Keepalived => Program::new(KEEPALIVED).arg("-nlGP").arg("-f").arg(file),
        };
        for (option, kind) in [("-p", "pid"), ("-r", "vrrp")] {
            program = program
                .arg(option)
                .arg(self.dir.path().join(format!("{}.{kind}", self.starts)));
        }
        for argument in extra {
            program = program.arg(*argument);
        }
        router.process = Some(router.node.spawn(&program).unwrap());
    }

    /// Gives a running router another configuration, and has it read that.
    pub(crate) fn reload(&self, router: &Router, config: &str) {
        let process = router.process.as_ref().unwrap();
        self.write(&format!("{}.conf", router.start), config);
        process.signal(Signal::SIGHUP);
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Takes in what happens for a while.
    pub(crate) fn watch(&mut self, duration: Duration) {
        let end = Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.world.next_event(left) {
                Some(event) => self.seen.take(event),
                None if left.is_zero() => return,
                None => {}
            }
        }
    }

    /// Takes in what happens until it is so; whether it ever was.
    pub(crate) fn watch_until(&mut self, limit: Duration, mut so: impl FnMut(&Seen) -> bool) -> bool {
        let end = Instant::now() + limit;
        while !so(&self.seen) {
            let left = end.saturating_duration_since(Instant::now());
            match self.world.next_event(left) {
                Some(event) => self.seen.take(event),
                None if left.is_zero() => return false,
                None => {}
            }
        }
        true
    }

    /// Watches until a process has ended: when, and whether it was content.
    pub(crate) fn wait_for_exit(&mut self, process: &Process) -> (Time, bool) {
        let id = process.id();
        let ended = self.watch_until(PATIENCE, |seen| seen.exits.contains_key(&id));
        assert!(ended, "process {id} does not end");
        self.seen.exits[&id]
    }

    /// Forgets the adverts that were seen.
    pub(crate) fn forget_adverts(&mut self) {
        self.seen.adverts.clear();
    }
}

impl Seen {
    fn take(&mut self, event: Event) {
        match event.what {
            What::Advert {
                node, vrid, priority, ..
            } => self.adverts.entry(node).or_default().push(Advert {
                at: event.at,
                vrid: vrid.get(),
                priority,
            }),
            What::Line { process, text, .. } => self.lines.entry(process).or_default().push(text),
            What::Announcement { node, .. } => *self.announcements.entry(node).or_default() += 1,
            What::Exit { process, status, .. } => {
                self.exits.insert(process, (event.at, status.success()));
            }
            _ => {}
        }
    }

    /// The adverts of a router.
    pub(crate) fn of(&self, router: &Router) -> &[Advert] {
        self.adverts.get(router.node.name()).map_or(&[], Vec::as_slice)
    }

    /// Whether a router's process has said that it is a backup.
    pub(crate) fn is_backup(&self, router: &Router) -> bool {
        let id = router.process.as_ref().map(Process::id);
        let lines = id.and_then(|id| self.lines.get(&id));
        lines.is_some_and(|lines| lines.iter().any(|line| line.contains("BACKUP")))
    }
}

/// One `vrrp_instance` of the file, with one address.
pub(crate) struct Instance<'a> {
    pub(crate) interface: u8,
    pub(crate) vrid: u8,
    pub(crate) priority: u8,
    /// Lines with the version, the interval and so on.
    pub(crate) lines: &'a str,
}

impl Instance<'_> {
    pub(crate) fn text(&self) -> String {
        let Self {
            interface,
            vrid,
            priority,
            lines,
        } = self;
        format!(
            "vrrp_instance VI_{interface}_{vrid} {{\n interface eth{interface}\n virtual_router_id {vrid}\n \
             priority {priority}\n {lines}\n virtual_ipaddress {{\n 10.1.{interface}.{vrid}/32\n }}\n}}\n"
        )
    }
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
