//! The machines, for real: network namespaces, and programs in them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::cast::{Cast, Role};
use super::error::DemoError;
use super::players::Players;
use crate::cli::Peer;
use crate::lab::{self, Event, Lan, Node, Pinger, Process, Program, World};
use crate::simulate::{self, Topology};

/// Routers and a client, joined by a bridge for each LAN.
pub(super) struct Machines<'a> {
    world: World,
    lans: Vec<Lan>,
    topology: &'a Topology,
    routers: Vec<Router>,
    client: Node,
}

struct Router {
    node: Node,
    daemon: Peer,
    config: PathBuf,
    /// Its pid files without what tells one start from another.
    pid_files: PathBuf,
    starts: u32,
    process: Option<Process>,
    /// Whether the machine is on.
    on: bool,
}

impl<'a> Machines<'a> {
    /// Makes them; no router runs yet.
    pub(super) fn new(cast: &Cast, players: &Players, topology: &'a Topology) -> Result<Self, DemoError> {
        if cast.roles.iter().any(|role| role.daemon == Peer::Keepalived) {
            keepalived()?;
        }
        let mut world = World::new(Path::new(OWN_PROGRAM))?;
        let lans = topology.lans.iter().map(|_| world.lan());
        let lans = lans.collect::<Result<Vec<_>, _>>()?;
        let client = world.node("client")?;
        let mut machines = Self {
            world,
            lans,
            topology,
            routers: Vec::new(),
            client,
        };
        for (place, (role, player)) in cast.roles.iter().zip(&players.routers).enumerate() {
            let node = machines.world.node(&player.name)?;
            let router = Router::new(node.clone(), role, cast.dir.path());
            machines.routers.push(router);
            machines.plug_in(&node, place, topology.routers.get(place))?;
        }
        let client = machines.client.clone();
        machines.plug_in(&client, players.routers.len(), Some(&topology.client))?;
        Ok(machines)
    }

    /// Gives a machine its interfaces, with nothing on them but its own addresses.
    fn plug_in(
        &mut self,
        node: &Node,
        machine: usize,
        seats: Option<&BTreeMap<usize, Vec<(IpAddr, u8)>>>,
    ) -> Result<(), lab::Error> {
        for (place, (lan, interface)) in self.lans.iter().zip(&self.topology.lans).enumerate() {
            let addresses = seats.and_then(|seats| seats.get(&place));
            let addresses = addresses.map(Vec::as_slice).unwrap_or_default();
            self.world
                .join(node, interface, simulate::mac(machine, place), lan, addresses)?;
        }
        Ok(())
    }

    /// Starts a router's program.
    pub(super) fn start(&mut self, router: usize) -> Result<(), DemoError> {
        let Some(router) = self.routers.get_mut(router) else {
            return Ok(());
        };
        let program = router.program()?;
        router.process = Some(router.node.spawn(&program)?);
        Ok(())
    }

    /// A machine dies: its program, and its interfaces, since a killed program alone would leave the address there.
    pub(super) fn kill(&mut self, router: usize) -> Result<(), DemoError> {
        let Some(router) = self.routers.get_mut(router) else {
            return Ok(());
        };
        router.on = false;
        if let Some(process) = router.process.take() {
            process.kill_all();
        }
        for interface in &self.topology.lans {
            router.node.remove_link(interface)?;
        }
        Ok(())
    }

    /// A machine that died is switched on again, and its program started.
    pub(super) fn revive(&mut self, router: usize) -> Result<(), DemoError> {
        let Some(place) = self.routers.get_mut(router) else {
            return Ok(());
        };
        place.on = true;
        let node = place.node.clone();
        self.plug_in(&node, router, self.topology.routers.get(router))?;
        self.start(router)
    }

    /// Tells a router's program to stop. Its process is answered with, if it runs.
    pub(super) fn stop(&mut self, router: usize) -> Option<u32> {
        let process = self.routers.get_mut(router)?.process.take()?;
        process.signal(Signal::SIGTERM);
        Some(process.id())
    }

    /// The process of a router's program that is to be running.
    pub(super) fn process(&self, router: usize) -> Option<u32> {
        self.routers.get(router)?.process.as_ref().map(Process::id)
    }

    /// Lets the client ping.
    pub(super) fn ping(&self, address: IpAddr, interval: Duration) -> Result<Pinger, DemoError> {
        Ok(self.client.ping(address, interval)?)
    }

    pub(super) fn next_event(&self, timeout: Duration) -> Option<Event> {
        self.world.next_event(timeout)
    }

    /// All addresses of each router; none of one that is dead.
    pub(super) fn addresses(&self) -> Result<Vec<Vec<IpAddr>>, DemoError> {
        let mut all = Vec::new();
        for router in &self.routers {
            let entries = if router.on {
                router.node.addresses()?
            } else {
                Vec::new()
            };
            all.push(entries.into_iter().map(|entry| entry.address).collect());
        }
        Ok(all)
    }
}

impl Router {
    fn new(node: Node, role: &Role, dir: &Path) -> Self {
        let pid_files = dir.join(node.name());
        Self {
            node,
            daemon: role.daemon,
            config: role.config.clone(),
            pid_files,
            starts: 0,
            process: None,
            on: true,
        }
    }

    fn program(&mut self) -> Result<Program, DemoError> {
        let program = match self.daemon {
            Peer::Kad => return Ok(Program::new(OWN_PROGRAM).arg("run").arg("-f").arg(&self.config)),
            Peer::Keepalived => Program::new(keepalived()?),
        };
        // New pid files each time: a killed keepalived leaves its own behind.
        self.starts += 1;
        let pid_file = |kind: &str| self.pid_files.with_extension(format!("{}.{kind}", self.starts));
        Ok(program
            .arg("-nlGDP")
            .arg("-f")
            .arg(&self.config)
            .arg("-p")
            .arg(pid_file("pid"))
            .arg("-r")
            .arg(pid_file("vrrp.pid")))
    }
}

fn keepalived() -> Result<PathBuf, DemoError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders
        .map(|folder| folder.join("keepalived"))
        .find(|file| file.is_file())
        .ok_or(DemoError::NoKeepalived)
}

/// This very program, even if its file was replaced meanwhile.
const OWN_PROGRAM: &str = "/proc/self/exe";
