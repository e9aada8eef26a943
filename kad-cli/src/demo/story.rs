//! The demo, act by act.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use vrrp_engine::Time;
use vrrp_proto::Family;

use super::facts::{Check, Credits, Happening, Member, Outcome, Teller, readable};
use super::forecast::{Forecast, Watched};
use super::recorder::{CLIENT, Recorder};
use super::topology::{self, Topology};
use super::{Cast, DemoError, Role};
use crate::cli::Peer;
use crate::clock;
use crate::lab::{Node, Process, Program, World};
use crate::plan::Plan;

/// A world with routers that are not running yet.
pub(super) struct Story {
    world: World,
    routers: Vec<Router>,
    client: Node,
    topology: Topology,
    target: IpAddr,
    forecast: Forecast,
    recorder: Recorder,
    credits: Credits,
    begun: Time,
    kad: PathBuf,
    checks: Vec<Check>,
    outage: Option<(Time, Duration, Duration)>,
}

struct Router {
    node: Node,
    daemon: Peer,
    config: PathBuf,
    pid_files: [PathBuf; 2],
    process: Option<Process>,
}

type Show<'a> = &'a mut dyn FnMut(&str);

impl Story {
    pub(super) fn stage(cast: &Cast) -> Result<Self, DemoError> {
        let kad = std::env::current_exe().map_err(DemoError::OwnFile)?;
        let plans: Vec<&Plan> = cast.roles.iter().map(|role| &role.plan).collect();
        let topology = Topology::new(&plans);
        let (watched, target) = watched(&plans, &topology).ok_or(DemoError::NoAddress)?;
        let forecast =
            Forecast::new(&plans, &topology, watched).map_err(|masters| DemoError::masters(&masters))?;
        let mut world = World::new(&kad)?;
        let lans = topology
            .lans
            .iter()
            .map(|_| world.lan())
            .collect::<Result<Vec<_>, _>>()?;
        let mut join =
            |name: &str, machine: usize, addresses: &std::collections::BTreeMap<usize, Vec<(IpAddr, u8)>>| {
                let node = world.node(name)?;
                for (place, (lan, interface)) in lans.iter().zip(&topology.lans).enumerate() {
                    let addresses = addresses.get(&place).map(Vec::as_slice).unwrap_or_default();
                    world.join(&node, interface, topology::mac(machine, place), lan, addresses)?;
                }
                Ok::<_, DemoError>(node)
            };
        let mut routers = Vec::new();
        for (place, (role, addresses)) in cast.roles.iter().zip(&topology.routers).enumerate() {
            let name = format!("r{}", place + 1);
            let node = join(&name, place, addresses)?;
            routers.push(Router::new(node, role, cast.dir.path(), &name)?);
        }
        let client = join(CLIENT, routers.len(), &topology.client)?;
        let names = routers
            .iter()
            .map(|router| router.node.name().to_owned())
            .collect();
        let credits = credits(cast, &topology, &names, target);
        Ok(Self {
            recorder: Recorder::new(watched, names),
            world,
            routers,
            client,
            topology,
            target,
            forecast,
            credits,
            begun: clock::now(),
            kad,
            checks: Vec::new(),
            outage: None,
        })
    }

    pub(super) fn play(&mut self, teller: &mut dyn Teller, show: Show<'_>) -> Result<Outcome, DemoError> {
        self.begun = clock::now();
        teller.begin(&self.credits).iter().for_each(|line| show(line));
        self.begin(teller, show)?;
        let pings = self.client.ping(self.target, PING_INTERVAL)?;
        self.watch(CALM, teller, show);
        if self.checks.iter().all(|check| check.ok) {
            self.takeover(teller, show)?;
            self.watch(CALM, teller, show);
            self.comeback(teller, show)?;
            self.watch(CALM, teller, show);
        }
        drop(pings);
        self.orderly_end(teller, show);
        self.watch(Duration::from_millis(50), teller, show);
        let outcome = self.outcome();
        teller.end(&outcome).iter().for_each(|line| show(line));
        Ok(outcome)
    }

    /// Act 1: everyone starts, and one becomes master.
    fn begin(&mut self, teller: &mut dyn Teller, show: Show<'_>) -> Result<(), DemoError> {
        for router in 0..self.routers.len() {
            self.start(router)?;
        }
        let first = self.forecast.first;
        self.wait(teller, show, |story| {
            story.holders() == [first] && story.is_last_sender(first)
        });
        // What is decided on the wire needs a little longer to be decided for good.
        self.watch(CALM, teller, show);
        let (expected, seen) = (self.name(first), self.names(&self.holders()));
        self.check("first master", expected.clone(), seen.clone(), expected == seen);
        Ok(())
    }

    /// Act 2: the master's machine dies.
    fn takeover(&mut self, teller: &mut dyn Teller, show: Show<'_>) -> Result<(), DemoError> {
        let first = self.forecast.first;
        let died = self.kill(first)?;
        let Some(takeover) = self.forecast.takeover.clone() else {
            self.watch(self.forecast.patience, teller, show);
            let seen = self.names(&self.others(first));
            self.check("takeover", "nobody".to_owned(), seen.clone(), seen == "nobody");
            return Ok(());
        };
        let next = takeover.router;
        self.wait(teller, show, |story| {
            let taken = story
                .recorder
                .last_advert()
                .is_some_and(|(at, by)| by == next && at > died);
            taken && story.others(first) == [next] && story.answered_since(died)
        });
        let last = self
            .recorder
            .adverts
            .iter()
            .filter(|(at, by)| *by == first && *at <= died)
            .map(|(at, _)| *at)
            .max();
        let taken = self
            .recorder
            .adverts
            .iter()
            .find(|(at, by)| *by == next && *at > died)
            .map(|(at, _)| *at);
        let expected = format!("{} after {}", self.name(next), readable(takeover.wait));
        let seen = match (last, taken) {
            (Some(last), Some(taken)) => {
                self.outage = Some((last, taken - last, takeover.wait));
                format!(
                    "{} after {}",
                    self.names(&self.others(first)),
                    readable(taken - last)
                )
            }
            _ => self.names(&self.others(first)),
        };
        let ok = taken.is_some() && self.others(first) == [next] && self.answered_since(died);
        self.check("takeover", expected, seen, ok);
        Ok(())
    }

    /// Act 3: it is back.
    fn comeback(&mut self, teller: &mut dyn Teller, show: Show<'_>) -> Result<(), DemoError> {
        let (first, back) = (self.forecast.first, self.forecast.back);
        let returned = self.revive(first)?;
        if back == Some(first) {
            self.wait(teller, show, |story| {
                story.is_last_sender(first) && story.holders() == [first]
            });
        } else {
            self.watch(self.forecast.patience, teller, show);
        }
        let lost = self
            .recorder
            .pings
            .iter()
            .filter(|ping| ping.sent > returned && ping.answered.is_none())
            .count();
        let expected = back.map_or_else(|| "nobody".to_owned(), |router| self.name(router));
        let seen = self.names(&self.holders());
        let ok = expected == seen;
        self.check(
            "when it is back",
            expected,
            format!("{seen} ({lost} pings lost)"),
            ok,
        );
        Ok(())
    }

    /// The end: everyone is told to stop.
    fn orderly_end(&mut self, teller: &mut dyn Teller, show: Show<'_>) {
        let processes: Vec<Process> = self
            .routers
            .iter()
            .filter_map(|router| router.process.clone())
            .collect();
        processes
            .iter()
            .for_each(|process| process.signal(Signal::SIGTERM));
        let ids: Vec<u32> = processes.iter().map(Process::id).collect();
        self.wait(teller, show, |story| {
            ids.iter()
                .all(|id| story.recorder.exits.iter().any(|(exit, _)| exit == id))
        });
        let well = self
            .recorder
            .exits
            .iter()
            .filter(|(id, well)| ids.contains(id) && *well)
            .count();
        let left = self.names(&self.holders());
        let seen = format!("{well} of {} do, {left} holds it", ids.len());
        let ok = well == ids.len() && left == "nobody";
        self.check(
            "told to stop",
            "all end well, nobody holds it".to_owned(),
            seen,
            ok,
        );
    }

    fn start(&mut self, place: usize) -> Result<(), DemoError> {
        let Some(router) = self.routers.get_mut(place) else {
            return Ok(());
        };
        let program = match router.daemon {
            Peer::Kad => Program::new(&self.kad).arg("run").arg("-f").arg(&router.config),
            Peer::Keepalived => {
                let [main, vrrp] = &router.pid_files;
                let program = Program::new(keepalived()?)
                    .arg("-nlGDP")
                    .arg("-f")
                    .arg(&router.config);
                program.arg("-p").arg(main).arg("-r").arg(vrrp)
            }
        };
        router.process = Some(router.node.spawn(&program)?);
        let (name, daemon) = (router.node.name().to_owned(), daemon_name(router.daemon));
        self.recorder
            .note(clock::now(), &name, Happening::Started { daemon });
        Ok(())
    }

    /// The machine dies: its daemon by SIGKILL, and its links are cut, since a killed daemon alone would leave the
    /// address answering.
    fn kill(&mut self, place: usize) -> Result<Time, DemoError> {
        let Some(router) = self.routers.get(place) else {
            return Ok(clock::now());
        };
        let died = clock::now();
        if let Some(process) = &router.process {
            process.kill_all();
        }
        for interface in &self.topology.lans {
            router.node.set_link(interface, false)?;
        }
        let name = router.node.name().to_owned();
        self.recorder.note(died, &name, Happening::Died);
        Ok(died)
    }

    /// The machine is back, as it was before it ever had the address.
    fn revive(&mut self, place: usize) -> Result<Time, DemoError> {
        let Some(router) = self.routers.get(place) else {
            return Ok(clock::now());
        };
        for entry in router.node.addresses()? {
            let ours = self
                .topology
                .routers
                .get(place)
                .into_iter()
                .flat_map(|lans| lans.values().flatten());
            if !ours.clone().any(|(address, _)| *address == entry.address) && !entry.address.is_loopback() {
                router
                    .node
                    .remove_address_at(entry.index, entry.address, entry.prefix_len)?;
            }
        }
        for (lan, interface) in self.topology.lans.iter().enumerate() {
            router.node.set_link(interface, true)?;
            // IPv6 addresses go with the link.
            let addresses = self
                .topology
                .routers
                .get(place)
                .and_then(|lans| lans.get(&lan))
                .into_iter()
                .flatten();
            for (address, len) in addresses.filter(|(address, _)| address.is_ipv6()) {
                if !router.node.has_address(*address)? {
                    router.node.add_address(interface, *address, *len)?;
                }
            }
        }
        let (name, returned) = (router.node.name().to_owned(), clock::now());
        self.recorder.note(returned, &name, Happening::Returned);
        self.start(place)?;
        Ok(returned)
    }

    fn watch(&mut self, duration: Duration, teller: &mut dyn Teller, show: Show<'_>) {
        let end = clock::now() + duration;
        self.watch_until(end, teller, show, |_| false);
    }

    /// Waits until it has happened, for as long as the files can make anyone wait.
    fn wait(&mut self, teller: &mut dyn Teller, show: Show<'_>, done: impl Fn(&Self) -> bool) {
        let end = clock::now() + self.forecast.patience + SLACK;
        self.watch_until(end, teller, show, done);
    }

    fn watch_until(
        &mut self,
        end: Time,
        teller: &mut dyn Teller,
        show: Show<'_>,
        done: impl Fn(&Self) -> bool,
    ) {
        let mut look = clock::now();
        while clock::now() < end {
            if let Some(event) = self.world.next_event(LOOK) {
                self.recorder.take(event);
            }
            if clock::now() - look >= LOOK {
                look = clock::now();
                self.tell(teller, show);
                if done(self) {
                    return;
                }
            }
        }
        self.tell(teller, show);
    }

    fn tell(&mut self, teller: &mut dyn Teller, show: Show<'_>) {
        for fact in self.recorder.news(clock::now()) {
            teller.tell(self.begun, &fact).iter().for_each(|line| show(line));
        }
    }

    /// The routers that have the address.
    fn holders(&self) -> Vec<usize> {
        let has = |router: &Router| router.node.has_address(self.target).unwrap_or(false);
        self.routers
            .iter()
            .enumerate()
            .filter(|(_, router)| has(router))
            .map(|(place, _)| place)
            .collect()
    }

    fn others(&self, dead: usize) -> Vec<usize> {
        self.holders()
            .into_iter()
            .filter(|place| *place != dead)
            .collect()
    }

    fn is_last_sender(&self, router: usize) -> bool {
        self.recorder.last_advert().is_some_and(|(_, by)| by == router)
    }

    fn answered_since(&self, time: Time) -> bool {
        self.recorder
            .pings
            .iter()
            .any(|ping| ping.sent > time && ping.answered.is_some())
    }

    fn name(&self, router: usize) -> String {
        self.routers
            .get(router)
            .map_or_else(String::new, |router| router.node.name().to_owned())
    }

    fn names(&self, routers: &[usize]) -> String {
        match routers {
            [] => "nobody".to_owned(),
            routers => routers
                .iter()
                .map(|router| self.name(*router))
                .collect::<Vec<_>>()
                .join(" and "),
        }
    }

    fn check(&mut self, what: &'static str, expected: String, seen: String, ok: bool) {
        self.checks.push(Check {
            what,
            expected,
            seen,
            ok,
        });
    }

    fn outcome(&self) -> Outcome {
        let mut pings: Vec<_> = self
            .recorder
            .pings
            .iter()
            .map(|ping| (ping.sent, ping.answered.is_some()))
            .collect();
        pings.sort_unstable();
        Outcome {
            credits: self.credits.clone(),
            start: self.begun,
            end: clock::now(),
            facts: self.recorder.facts.clone(),
            checks: self.checks.clone(),
            adverts: self
                .recorder
                .adverts
                .iter()
                .chain(&self.recorder.resignations)
                .copied()
                .collect(),
            pings,
            outage: self.outage,
        }
    }
}

impl Router {
    fn new(node: Node, role: &Role, dir: &Path, name: &str) -> Result<Self, DemoError> {
        if role.daemon == Peer::Keepalived {
            keepalived()?;
        }
        // A relative path is relative to the same folder: nobody changes it.
        let pid_files = ["pid", "vrrp.pid"].map(|kind| dir.join(format!("{name}.{kind}")));
        Ok(Self {
            node,
            daemon: role.daemon,
            config: role.config.clone(),
            pid_files,
            process: None,
        })
    }
}

/// The first instance of the first file that has an address, and that address.
fn watched(plans: &[&Plan], topology: &Topology) -> Option<(Watched, IpAddr)> {
    let plan = plans.first()?;
    let instance = plan
        .instances
        .iter()
        .find(|instance| !instance.addresses.is_empty())?;
    // An address of the link alone would need to be pinged with the interface's name.
    let routable = |address: &IpAddr| !matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    let addresses = || instance.addresses.iter().map(|entry| entry.address);
    let target = addresses().find(routable).or_else(|| addresses().next())?;
    let watched = Watched {
        lan: topology.lan(plan.interface_name(instance.router.interface))?,
        vrid: instance.router.vrid,
        family: instance.router.addresses.family(),
    };
    Some((watched, target))
}

fn credits(cast: &Cast, topology: &Topology, names: &Vec<String>, target: IpAddr) -> Credits {
    let family = Family::of(target);
    let of_family = |lans: &std::collections::BTreeMap<usize, Vec<(IpAddr, u8)>>| {
        let addresses = lans.values().flatten().map(|(address, _)| *address);
        addresses
            .filter(|address| Family::of(*address) == family)
            .collect::<Vec<_>>()
    };
    let members = cast
        .roles
        .iter()
        .zip(names)
        .zip(&topology.routers)
        .map(|((role, name), lans)| Member {
            name: name.clone(),
            daemon: daemon_name(role.daemon),
            addresses: of_family(lans),
            instances: role
                .plan
                .instances
                .iter()
                .map(|instance| (instance.name.clone(), instance.router.priority.get()))
                .collect(),
        });
    Credits {
        members: members.collect(),
        client: of_family(&topology.client),
        target,
        ping_interval: PING_INTERVAL,
    }
}

fn daemon_name(daemon: Peer) -> &'static str {
    match daemon {
        Peer::Kad => "kad",
        Peer::Keepalived => "keepalived",
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

const PING_INTERVAL: Duration = Duration::from_millis(10);
/// Nothing happens for a moment, so that one can read.
const CALM: Duration = Duration::from_millis(1200);
const LOOK: Duration = Duration::from_millis(20);
/// How much slower than its timers a busy machine may be.
const SLACK: Duration = Duration::from_secs(8);
