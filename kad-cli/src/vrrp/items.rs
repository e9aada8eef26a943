//! What instances and the daemon have in the kernel: put there, looked after, taken off.

use std::collections::HashSet;
use std::net::IpAddr;

use vrrp_engine::{Input, InterfaceId, RouterId, Taker, Time, TrackerId, TrackerStatus};

use super::announce::Frame;
use super::daemon::{Daemon, RunError};
use super::holdings::{Holder, Item, Key};
use super::interfaces::Gone;
use crate::plan::{Instance, Plan, Statics};
use crate::rtnl::{RouteEvent, RouteMonitor};
use crate::track::TrackerKind;

impl Daemon {
    /// Puts what is there as long as the daemon runs: before the election, since adverts may leave from such an address.
    pub(super) fn begin_statics(&mut self, now: Time) -> Result<(), RunError> {
        let statics = self.plan.statics.clone();
        self.hold_statics(&statics);
        self.promote_secondaries();
        if !self.kernel.is_busy() {
            return Ok(());
        }
        while self.kernel.is_busy() {
            self.kernel.work(now, &self.plan, &self.interfaces);
        }
        self.read_replies(now);
        self.read_monitor(now)
    }

    /// What there is more of them is put there as well.
    pub(super) fn hold_statics(&mut self, statics: &Statics) {
        self.kernel.hold(Holder::Daemon, STATIC, static_items(statics));
    }

    /// What the plan does not have is taken off.
    pub(super) fn keep_statics(&mut self) {
        self.kernel
            .keep(Holder::Daemon, &static_items(&self.plan.statics));
    }

    /// Has the kernel keep the other addresses of a network when the first one goes.
    pub(super) fn promote_secondaries(&mut self) {
        let wanted = self
            .plan
            .instances
            .iter()
            .filter(|instance| instance.promote_secondaries);
        let interfaces: HashSet<InterfaceId> = wanted.map(|instance| instance.router.interface).collect();
        let present = |id: &InterfaceId| self.interfaces.get(*id).is_some_and(|it| it.index.is_some());
        for id in interfaces.into_iter().filter(present) {
            let setting = promotion(self.plan.interface_name(id));
            if let Err(error) = self.settings.set(&setting, "1") {
                tracing::error!("promote_secondaries: {error}");
            }
        }
    }

    /// The same for another plan; what is not wanted any more is as it was.
    pub(super) fn follow_promotion(&mut self) {
        self.restore_settings();
        self.promote_secondaries();
    }

    /// Everything that was set is as it was.
    pub(super) fn restore_settings(&mut self) {
        for error in self.settings.restore() {
            tracing::warn!("promote_secondaries: {error}");
        }
    }

    /// Listens for routes and rules that go, as soon as there are any to be looked after.
    pub(super) fn watch_routes(&mut self) -> Result<(), RunError> {
        if self.routes.is_some() || !has_routes(&self.plan) {
            return Ok(());
        }
        let mut routes = RouteMonitor::open()?;
        self.register_routes(&mut routes)?;
        self.routes = Some(routes);
        Ok(())
    }

    /// Reads which routes and rules went, within bounds; the rest is for the next turn.
    pub(super) fn read_routes(&mut self, now: Time) {
        let Some(monitor) = &mut self.routes else { return };
        let mut events = Vec::new();
        match monitor.read(&mut events) {
            Ok(more) => self.more_routes = more,
            Err(error) => {
                self.more_routes = false;
                tracing::error!("rtnetlink: {error}");
            }
        }
        let (mut routes, mut rules, mut any) = (HashSet::new(), Vec::new(), false);
        for event in events {
            match event {
                RouteEvent::RouteGone(route) => drop(routes.insert(route)),
                RouteEvent::RuleGone(rule) => rules.push(rule),
                RouteEvent::Lost => any = true,
            }
        }
        if any {
            tracing::warn!(
                "routes changed too fast to be watched; those that are wanted are put back if need be"
            );
            self.kernel.lose_any(now);
        }
        if !routes.is_empty() {
            self.kernel.lose_routes(now, &routes);
        }
        if !rules.is_empty() {
            self.kernel.lose_rules(now, &rules);
        }
    }

    /// Reads what the kernel made of what it was asked for, and tells the neighbours of what is there again.
    pub(super) fn read_replies(&mut self, now: Time) {
        let back = self.kernel.read_replies(now, &self.plan);
        for item in back {
            let holders = self.kernel.holdings().holders(&item.key());
            let routers = holders.iter().filter_map(|holder| holder.router());
            let frames = routers.filter_map(|router| frame(router, &item));
            self.announcements.announce(frames, 1);
        }
    }

    /// Tells the engine of what can be had now, or cannot any more.
    pub(super) fn tell_missing(&mut self, now: Time) {
        if self.kernel.take_missing_changed() {
            self.tell_statics(now);
        }
    }

    /// Tells the engine of each group of static items whether all of it is there.
    pub(super) fn tell_statics(&mut self, now: Time) {
        let statics = &self.plan.statics;
        let items = all_statics(statics).zip(&statics.trackers);
        let queued = self.kernel.queued();
        let is_lacking = |key: &Key| self.kernel.is_missing(key) && !queued.contains(key);
        let lacking: HashSet<TrackerId> = items
            .filter(|(item, _)| is_lacking(&item.key()))
            .filter_map(|(_, tracker)| *tracker)
            .collect();
        let setups = self.plan.trackers.iter();
        let groups = setups.filter(|setup| setup.kind == TrackerKind::Statics);
        let ids: Vec<TrackerId> = groups.map(|setup| setup.id).collect();
        for tracker in ids {
            let status = if lacking.contains(&tracker) {
                TrackerStatus::Down
            } else {
                TrackerStatus::Up
            };
            self.input(now, Input::Tracker { tracker, status });
        }
    }

    /// Whether the election itself sees to the address, if it is one.
    fn is_of_election(&self, router: RouterId, item: &Item) -> bool {
        let Item::Address(entry) = item else { return false };
        let place = self.places.get(&router);
        let instance = place.and_then(|place| self.plan.instances.get(*place));
        instance.is_some_and(|instance| {
            let mut addresses = instance.router.addresses.as_addresses().iter();
            addresses.any(|address| address == entry.address)
        })
    }

    /// Somebody removed an address that is wanted. If a master's adverts carry it, the engine has it put back; if it went
    /// with its interface, that has to come back first.
    pub(super) fn address_lost(&mut self, now: Time, gone: Gone, by: Taker) {
        let there = self.interfaces.get(gone.interface);
        if there.is_none_or(|interface| interface.index.is_none()) {
            let name = self.plan.interface_name(gone.interface);
            return tracing::warn!("{} is gone with its interface {name}", gone.address);
        }
        let holdings = self.kernel.holdings();
        let is_it = |item: &&Item| matches!(item, Item::Address(entry) if entry.interface == gone.interface && entry.address == gone.address);
        let lost: Vec<Item> = holdings.items().filter(is_it).cloned().collect();
        for item in lost {
            if item.is_tracked() || by == Taker::Interface {
                self.item_lost(now, &item, gone.address, by);
            } else {
                let name = self.kernel.holdings().name_of(&item.key()).unwrap_or_default();
                let address = gone.address;
                tracing::info!(
                    "{name}: {address} was removed by another program; it has no_track and is left so"
                );
            }
        }
    }

    fn item_lost(&mut self, now: Time, item: &Item, address: IpAddr, by: Taker) {
        let key = item.key();
        let holders = self.kernel.holdings().holders(&key).to_vec();
        let routers = holders.into_iter().filter_map(Holder::router);
        let elected: Vec<_> = routers
            .filter(|router| self.is_of_election(*router, item))
            .collect();
        if elected.is_empty() {
            self.kernel.lose(now, key);
        }
        for router in elected {
            self.input(now, Input::AddressLost { router, address, by });
        }
    }

    /// Takes off everything that is left.
    pub(super) fn release_statics(&mut self) {
        self.kernel.release(Holder::Daemon);
    }

    /// Routes and rules that an earlier run left behind. Those of other programs stay: the kernel compares who made them.
    pub(super) fn clear_left_routes(&mut self, place: usize) {
        let Some(instance) = self.plan.instances.get(place) else {
            return;
        };
        let routes = instance
            .routes
            .iter()
            .filter(|route| route.spec.protocol == KEEPALIVED);
        let rules = instance
            .rules
            .iter()
            .filter(|rule| rule.spec.protocol == KEEPALIVED);
        let items = rules
            .cloned()
            .map(Item::Rule)
            .chain(routes.cloned().map(Item::Route));
        for item in items {
            if self.kernel.holdings().holders(&item.key()).is_empty() {
                self.kernel.clear(&instance.name, item);
            }
        }
    }
}

/// What an instance has in the kernel while it is master, in the order in which it comes. Of what is there twice, the
/// first counts.
pub(super) fn items(instance: &Instance) -> Vec<Item> {
    let addresses = instance.addresses.iter().chain(&instance.excluded);
    let items = addresses
        .cloned()
        .map(Item::Address)
        .chain(instance.routes.iter().cloned().map(Item::Route))
        .chain(instance.rules.iter().cloned().map(Item::Rule));
    distinct(items)
}

fn static_items(statics: &Statics) -> Vec<Item> {
    distinct(all_statics(statics))
}

fn all_statics(statics: &Statics) -> impl Iterator<Item = Item> {
    statics
        .addresses
        .iter()
        .cloned()
        .map(Item::Address)
        .chain(statics.routes.iter().cloned().map(Item::Route))
        .chain(statics.rules.iter().cloned().map(Item::Rule))
}

fn distinct(items: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.key())).collect()
}

fn has_routes(plan: &Plan) -> bool {
    let of_instances = plan
        .instances
        .iter()
        .any(|instance| !instance.routes.is_empty() || !instance.rules.is_empty());
    of_instances || !plan.statics.routes.is_empty() || !plan.statics.rules.is_empty()
}

/// What the neighbours are told of an item.
pub(super) fn frame(router: RouterId, item: &Item) -> Option<Frame> {
    let Item::Address(entry) = item else { return None };
    Some(Frame {
        router,
        interface: entry.interface,
        address: entry.address,
    })
}

fn promotion(interface: &str) -> String {
    format!("net/ipv4/conf/{interface}/promote_secondaries")
}

/// On whose behalf static items are there.
const STATIC: &str = "static";
/// RTPROT_KEEPALIVED (linux/rtnetlink.h).
const KEEPALIVED: u8 = 18;
