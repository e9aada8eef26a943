//! The virtual addresses in the kernel.
//!
//! Work is queued and done a little at a time, so that a thousand addresses never make an advert late.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;

use super::interfaces::Interfaces;
use crate::plan::{Plan, VirtualAddress};
use crate::rtnl::{AddressSpec, Commands, InterfaceAddress, Refusal, Request, RequestId};

/// Adds and removes addresses.
#[derive(Debug)]
pub(super) struct Kernel {
    commands: Commands,
    jobs: VecDeque<Job>,
    asked: HashMap<RequestId, Asked>,
    /// Removals that the kernel has yet to tell of, so that they are not taken for somebody else's.
    own_removals: HashMap<(u32, IpAddr, u8), u32>,
    /// Addresses that were on the interface before us and belong to the machine.
    owned: Vec<Target>,
    /// Addresses of those who are master.
    held: HashSet<Target>,
}

/// An address of an instance: places in the plan.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Target {
    pub(super) instance: usize,
    pub(super) address: usize,
}

#[derive(Clone, Copy, Debug)]
enum Job {
    Add(Target),
    Remove(Target),
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    target: Target,
    index: u32,
    add: bool,
}

impl Kernel {
    pub(super) fn new(commands: Commands) -> Self {
        Self {
            commands,
            jobs: VecDeque::new(),
            asked: HashMap::new(),
            own_removals: HashMap::new(),
            owned: Vec::new(),
            held: HashSet::new(),
        }
    }

    pub(super) fn commands_mut(&mut self) -> &mut Commands {
        &mut self.commands
    }

    /// Whether there is more to do right away.
    pub(super) fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Whether the kernel still owes an answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Whether something is still to be done with the address.
    pub(super) fn is_queued(&self, target: Target) -> bool {
        let of_it = |job: &Job| matches!(job, Job::Add(queued) | Job::Remove(queued) if *queued == target);
        self.jobs.iter().any(of_it)
    }

    pub(super) fn add(&mut self, targets: impl Iterator<Item = Target>) {
        for target in targets {
            self.held.insert(target);
            self.jobs.push_back(Job::Add(target));
        }
    }

    /// Takes an instance's addresses off. What another instance holds as well stays.
    pub(super) fn remove_all(&mut self, plan: &Plan, instance: usize) {
        self.held.retain(|target| target.instance != instance);
        let borrowed = targets(plan, instance).filter(|target| !self.owned.contains(target));
        let unshared = borrowed.filter(|target| !self.held.iter().any(|held| is_same(plan, *held, *target)));
        self.jobs.extend(unshared.map(Job::Remove));
    }

    /// Takes one address off.
    pub(super) fn remove(&mut self, target: Target) {
        self.jobs.push_back(Job::Remove(target));
    }

    /// The address belongs to the machine: never remove it.
    pub(super) fn keep(&mut self, target: Target) {
        self.owned.push(target);
    }

    /// Does a share of what is queued.
    pub(super) fn work(&mut self, plan: &Plan, interfaces: &Interfaces) {
        let share: Vec<Job> = self.jobs.drain(..self.jobs.len().min(SHARE)).collect();
        let mut requests = Vec::new();
        let mut asked = Vec::new();
        for job in share {
            match job {
                Job::Add(target) => prepare(plan, interfaces, target, true, &mut requests, &mut asked),
                Job::Remove(target) => prepare(plan, interfaces, target, false, &mut requests, &mut asked),
            }
        }
        self.submit(requests, asked, plan);
    }

    fn submit(&mut self, requests: Vec<Request>, asked: Vec<Asked>, plan: &Plan) {
        if requests.is_empty() {
            return;
        }
        match self.commands.submit(requests) {
            Ok(ids) => {
                for (id, asked) in ids.into_iter().zip(asked) {
                    if let (false, Some(entry)) = (asked.add, entry(plan, asked.target)) {
                        *self.own_removals.entry(key(asked.index, entry)).or_default() += 1;
                    }
                    self.asked.insert(id, asked);
                }
            }
            Err(error) => tracing::error!("rtnetlink: {error}"),
        }
    }

    /// Reads the kernel's answers. A refusal is a line in the log.
    pub(super) fn read_replies(&mut self, plan: &Plan) {
        let mut replies = Vec::new();
        if let Err(error) = self.commands.read_replies(&mut replies) {
            tracing::error!("rtnetlink: {error}");
        }
        for (id, outcome) in replies {
            let Some(asked) = self.asked.remove(&id) else {
                continue;
            };
            let Some(entry) = entry(plan, asked.target) else {
                continue;
            };
            match outcome {
                Ok(()) => report_done(plan, asked, entry),
                Err(refusal) => self.refused(plan, asked, entry, &refusal),
            }
        }
    }

    fn refused(&mut self, plan: &Plan, asked: Asked, entry: &VirtualAddress, refusal: &Refusal) {
        if !asked.add {
            self.take_own_removal(key(asked.index, entry));
        }
        let (name, interface) = (
            instance_name(plan, asked.target),
            plan.interface_name(entry.interface),
        );
        let (address, len) = (entry.address, entry.prefix_len);
        if asked.add && refusal.is_exists() {
            tracing::info!("{name}: {address}/{len} was already on {interface}");
        } else if !asked.add && refusal.is_missing() {
            tracing::debug!("{name}: {address}/{len} was no longer on {interface}");
        } else {
            let what = if asked.add { "added to" } else { "removed from" };
            tracing::error!("{name}: {address}/{len} cannot be {what} {interface}: {refusal}");
        }
    }

    /// Whether the removal that the kernel tells of was asked for here.
    pub(super) fn is_own_removal(&mut self, gone: &InterfaceAddress) -> bool {
        self.take_own_removal((gone.index, gone.address, gone.prefix_len))
    }

    fn take_own_removal(&mut self, key: (u32, IpAddr, u8)) -> bool {
        let Some(count) = self.own_removals.get_mut(&key) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.own_removals.remove(&key);
        }
        true
    }

    /// The picture was made anew: what the kernel has yet to tell of will not be told.
    pub(super) fn forget_own_removals(&mut self) {
        self.own_removals.clear();
    }
}

fn prepare(
    plan: &Plan,
    interfaces: &Interfaces,
    target: Target,
    add: bool,
    requests: &mut Vec<Request>,
    asked: &mut Vec<Asked>,
) {
    let Some(entry) = entry(plan, target) else { return };
    let Some(index) = interfaces
        .get(entry.interface)
        .and_then(|interface| interface.index)
    else {
        if add {
            let (name, interface) = (instance_name(plan, target), plan.interface_name(entry.interface));
            tracing::error!(
                "{name}: {} cannot be added: there is no interface {interface}",
                entry.address
            );
        }
        return;
    };
    let mut spec = AddressSpec::new(index, entry.address, entry.prefix_len);
    spec.broadcast = entry.broadcast;
    spec.scope = entry.scope;
    spec.label.clone_from(&entry.label);
    requests.push(if add {
        Request::AddAddress(spec)
    } else {
        Request::RemoveAddress(spec)
    });
    asked.push(Asked { target, index, add });
}

fn report_done(plan: &Plan, asked: Asked, entry: &VirtualAddress) {
    let (name, interface) = (
        instance_name(plan, asked.target),
        plan.interface_name(entry.interface),
    );
    let what = if asked.add { "added to" } else { "removed from" };
    tracing::debug!(
        "{name}: {}/{} {what} {interface}",
        entry.address,
        entry.prefix_len
    );
}

/// All addresses of an instance.
pub(super) fn targets(plan: &Plan, instance: usize) -> impl Iterator<Item = Target> + Clone + use<> {
    let count = plan
        .instances
        .get(instance)
        .map_or(0, |instance| instance.addresses.len());
    (0..count).map(move |address| Target { instance, address })
}

/// The addresses of an instance that are `address`.
pub(super) fn targets_of(plan: &Plan, instance: usize, address: IpAddr) -> Vec<Target> {
    let is_it = |target: &Target| entry(plan, *target).is_some_and(|entry| entry.address == address);
    targets(plan, instance).filter(is_it).collect()
}

pub(super) fn entry(plan: &Plan, target: Target) -> Option<&VirtualAddress> {
    plan.instances.get(target.instance)?.addresses.get(target.address)
}

/// Whether two instances name one address on one interface.
fn is_same(plan: &Plan, one: Target, other: Target) -> bool {
    let place = |target| entry(plan, target).map(|entry| (entry.interface, entry.address, entry.prefix_len));
    place(one) == place(other)
}

fn instance_name(plan: &Plan, target: Target) -> &str {
    plan.instances
        .get(target.instance)
        .map_or("(unknown)", |instance| instance.name.as_str())
}

fn key(index: u32, entry: &VirtualAddress) -> (u32, IpAddr, u8) {
    (index, entry.address, entry.prefix_len)
}

/// Requests made between two looks at the clock.
const SHARE: usize = 128;
