//! What is to be in the kernel, and how it gets there.
//!
//! Work is queued and done a little at a time, so that a thousand addresses never make an advert late.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;

use super::holdings::{Change, Holder, Holdings, Item, Key, What};
use super::interfaces::Interfaces;
use crate::plan::{Plan, VirtualAddress};
use crate::rtnl::{AddressSpec, Commands, InterfaceAddress, Refusal, Request, RequestId};

/// Adds and removes what is wanted and no longer wanted.
#[derive(Debug)]
pub(super) struct Kernel {
    commands: Commands,
    holdings: Holdings,
    jobs: VecDeque<Change>,
    asked: HashMap<RequestId, Asked>,
    /// Removals that the kernel has yet to tell of, so that they are not taken for somebody else's.
    own_removals: HashMap<(u32, IpAddr, u8), u32>,
    /// Addresses that were on the interface before us and belong to the machine: never removed.
    owned: HashSet<Key>,
}

#[derive(Clone, Debug)]
struct Asked {
    change: Change,
    index: u32,
}

impl Kernel {
    pub(super) fn new(commands: Commands) -> Self {
        Self {
            commands,
            holdings: Holdings::default(),
            jobs: VecDeque::new(),
            asked: HashMap::new(),
            own_removals: HashMap::new(),
            owned: HashSet::new(),
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

    /// What is wanted.
    pub(super) fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Whether something is still to be done with the item.
    pub(super) fn is_queued(&self, key: Key) -> bool {
        self.jobs.iter().any(|job| job.item.key() == key)
    }

    /// The holder wants these as well; answers with what was not there before.
    pub(super) fn hold(&mut self, holder: Holder, name: &str, items: Vec<Item>) -> Vec<Item> {
        let changes = self.holdings.hold(holder, name, items);
        let added = changes.iter().filter(|change| change.what == What::Add);
        let added = added.map(|change| change.item.clone()).collect();
        self.queue(changes);
        added
    }

    /// Of what it holds, the holder wants these only.
    pub(super) fn keep(&mut self, holder: Holder, items: &[Item]) {
        let changes = self.holdings.keep(holder, items);
        self.queue(changes);
    }

    /// The holder wants nothing any more.
    pub(super) fn release(&mut self, holder: Holder) {
        let changes = self.holdings.release(holder);
        self.queue(changes);
    }

    fn queue(&mut self, changes: Vec<Change>) {
        let owned = &self.owned;
        let is_ours = |change: &Change| change.what == What::Add || !owned.contains(&change.item.key());
        self.jobs.extend(changes.into_iter().filter(is_ours));
    }

    /// Puts the holder's addresses that are `address` there once more.
    pub(super) fn restore(&mut self, holder: Holder, address: IpAddr) {
        let Some(name) = self.holdings.name(holder) else {
            return;
        };
        let lost = |item: &&Item| matches!(item, Item::Address(entry) if entry.address == address);
        let lost = self.holdings.of(holder).filter(lost).map(|item| Change {
            what: What::Add,
            item: item.clone(),
            name: name.clone(),
        });
        self.jobs.extend(lost);
    }

    /// Takes off what nobody here has put there.
    pub(super) fn clear(&mut self, name: &str, item: Item) {
        self.jobs.push_back(Change {
            what: What::Remove,
            item,
            name: name.into(),
        });
    }

    /// Whether the kernel was asked to remove it, and has yet to tell that it did.
    pub(super) fn is_leaving(&self, index: u32, entry: &VirtualAddress) -> bool {
        let trace = (index, entry.address, entry.prefix_len);
        self.own_removals.contains_key(&trace)
    }

    /// The address belongs to the machine: never remove it.
    pub(super) fn own(&mut self, key: Key) {
        self.owned.insert(key);
    }

    /// Does a share of what is queued.
    pub(super) fn work(&mut self, plan: &Plan, interfaces: &Interfaces) {
        let share: Vec<Change> = self.jobs.drain(..self.jobs.len().min(SHARE)).collect();
        let mut requests = Vec::new();
        let mut asked = Vec::new();
        for change in share {
            let Item::Address(entry) = &change.item;
            let index = interfaces
                .get(entry.interface)
                .and_then(|interface| interface.index);
            match index {
                Some(index) => {
                    requests.push(request(change.what, entry, index));
                    asked.push(Asked { change, index });
                }
                None if change.what == What::Add => tracing::error!(
                    "{}: {} cannot be added: there is no interface {}",
                    change.name,
                    entry.address,
                    plan.interface_name(entry.interface)
                ),
                // It is gone with its interface.
                None => {}
            }
        }
        self.submit(requests, asked);
    }

    fn submit(&mut self, requests: Vec<Request>, asked: Vec<Asked>) {
        if requests.is_empty() {
            return;
        }
        match self.commands.submit(requests) {
            Ok(ids) => {
                for (id, asked) in ids.into_iter().zip(asked) {
                    if asked.change.what == What::Remove {
                        *self.own_removals.entry(asked.trace()).or_default() += 1;
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
            match (self.asked.remove(&id), outcome) {
                (Some(asked), Ok(())) => asked.report_done(plan),
                (Some(asked), Err(refusal)) => {
                    if asked.change.what == What::Remove {
                        self.take_own_removal(asked.trace());
                    }
                    asked.report_refused(plan, &refusal);
                }
                (None, _) => {}
            }
        }
    }

    /// Whether the removal that the kernel tells of was asked for here.
    pub(super) fn is_own_removal(&mut self, gone: &InterfaceAddress) -> bool {
        self.take_own_removal((gone.index, gone.address, gone.prefix_len))
    }

    fn take_own_removal(&mut self, trace: (u32, IpAddr, u8)) -> bool {
        let Some(count) = self.own_removals.get_mut(&trace) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.own_removals.remove(&trace);
        }
        true
    }

    /// The picture was made anew: what the kernel has yet to tell of will not be told.
    pub(super) fn forget_own_removals(&mut self) {
        self.own_removals.clear();
    }
}

impl Asked {
    /// What the kernel will tell of it.
    fn trace(&self) -> (u32, IpAddr, u8) {
        let Item::Address(entry) = &self.change.item;
        (self.index, entry.address, entry.prefix_len)
    }

    fn report_done(&self, plan: &Plan) {
        let (Change { name, what, .. }, Item::Address(entry)) = (&self.change, &self.change.item);
        let (address, len, interface) = (
            entry.address,
            entry.prefix_len,
            plan.interface_name(entry.interface),
        );
        let what = what.done();
        tracing::debug!("{name}: {address}/{len} {what} {interface}");
    }

    fn report_refused(&self, plan: &Plan, refusal: &Refusal) {
        let (Change { name, what, .. }, Item::Address(entry)) = (&self.change, &self.change.item);
        let (address, len, interface) = (
            entry.address,
            entry.prefix_len,
            plan.interface_name(entry.interface),
        );
        match what {
            What::Add if refusal.is_exists() => {
                tracing::info!("{name}: {address}/{len} was already on {interface}");
            }
            What::Remove if refusal.is_missing() => {
                tracing::debug!("{name}: {address}/{len} was no longer on {interface}");
            }
            _ => {
                let what = what.done();
                tracing::error!("{name}: {address}/{len} cannot be {what} {interface}: {refusal}");
            }
        }
    }
}

impl What {
    fn done(self) -> &'static str {
        match self {
            Self::Add => "added to",
            Self::Remove => "removed from",
        }
    }
}

fn request(what: What, entry: &VirtualAddress, index: u32) -> Request {
    let mut spec = AddressSpec::new(index, entry.address, entry.prefix_len);
    spec.broadcast = entry.broadcast;
    spec.scope = entry.scope;
    spec.label.clone_from(&entry.label);
    match what {
        What::Add => Request::AddAddress(spec),
        What::Remove => Request::RemoveAddress(spec),
    }
}

/// Requests made between two looks at the clock.
const SHARE: usize = 128;
