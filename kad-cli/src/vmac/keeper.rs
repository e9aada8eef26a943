//! Makes the interfaces, and makes them anew when they are gone.

use std::collections::{BTreeMap, BTreeSet};

use nix::libc;
use nix::net::if_::if_nametoindex;
use thiserror::Error;
use vrrp_engine::{InterfaceId, TrackerStatus};

use super::decide::{Found, Step, Wanted, decide, mark};
use super::settings::{RP_FILTER, Setting, no_local_igmp, of_base, of_virtual, rp_filter};
use crate::plan::{Plan, VirtualInterface};
use crate::rtnl::{self, AddressSpec, Commands, LinkChange, Request, StackedKind, StackedLink, StackedSpec};
use crate::sysctl::{SysctlError, Sysctls};

/// Keeps the interfaces of a plan.
#[derive(Debug)]
pub struct Keeper {
    commands: Commands,
    sysctls: Sysctls,
    /// By name.
    kept: BTreeMap<String, Kept>,
    /// Interfaces whose settings are made, by name, with their numbers.
    bases: BTreeMap<String, u32>,
    /// What is wrong, by interface; each is said once.
    troubles: BTreeMap<String, String>,
    /// What was said of settings.
    complaints: BTreeSet<String>,
    moved_filter: bool,
}

/// What the machine says of an interface that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence {
    /// The kernel's number.
    pub index: u32,
    /// Whether it is switched on, with or without a carrier.
    pub on: bool,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    index: u32,
    kind: StackedKind,
    ours: bool,
}

/// Why an interface cannot be had.
#[derive(Debug, Error)]
enum Trouble {
    #[error(
        "an interface of that name is there already, and {0}; remove it, or have another name made by `use_vmac NAME`"
    )]
    Foreign(String),
    #[error("there is no VRF {0}")]
    NoVrf(String),
    #[error("this kernel has no {0} interfaces")]
    NoSuchKind(&'static str),
    #[error(transparent)]
    Netlink(#[from] rtnl::Error),
    #[error("it vanished as soon as it was made")]
    Vanished,
}

impl Keeper {
    /// Needs no privilege; making interfaces does.
    pub fn open() -> Result<Self, rtnl::Error> {
        Ok(Self {
            commands: Commands::open()?,
            sysctls: Sysctls::new(),
            kept: BTreeMap::new(),
            bases: BTreeMap::new(),
            troubles: BTreeMap::new(),
            complaints: BTreeSet::new(),
            moved_filter: false,
        })
    }

    /// Makes what is wanted and not there, as far as the interfaces under it are; answers with whether anything changed.
    /// Waits for the kernel if something is to be done, and does nothing at all otherwise.
    pub fn follow(&mut self, plan: &Plan, look: impl Fn(InterfaceId) -> Option<Presence>) -> bool {
        let unsettled: Vec<_> = plan
            .virtual_interfaces
            .iter()
            .filter(|made| !self.is_settled(plan, made, look(made.base), look(made.interface)))
            .collect();
        if unsettled.is_empty() {
            return false;
        }
        let links = match rtnl::stacked_links() {
            Ok(links) => links,
            Err(error) => {
                tracing::error!("the interfaces cannot be looked at: {error}");
                return false;
            }
        };
        let mut changed = false;
        for made in unsettled {
            let name = plan.interface_name(made.interface);
            match self.settle(plan, made, &links, &look) {
                Ok(done) => {
                    changed |= done;
                    if self.troubles.remove(name).is_some() {
                        tracing::info!("{}: interface {name} is as it should be now", made.instance);
                    }
                }
                Err(trouble) => self.report(&made.instance, name, trouble.to_string()),
            }
        }
        changed
    }

    /// What the instance of an interface is to make of it: in FAULT if it cannot be had.
    pub fn status(&self, plan: &Plan, made: &VirtualInterface) -> TrackerStatus {
        if self.is_in_trouble(plan, made.interface) {
            TrackerStatus::Down
        } else {
            TrackerStatus::Up
        }
    }

    /// Whether the interface cannot be had, so that whatever has its name is none of ours.
    pub fn is_in_trouble(&self, plan: &Plan, id: InterfaceId) -> bool {
        self.troubles.contains_key(plan.interface_name(id))
    }

    /// Whether the interface was made by kad, in this run or an earlier one.
    pub fn is_ours(&self, plan: &Plan, id: InterfaceId) -> bool {
        self.kept
            .get(plan.interface_name(id))
            .is_some_and(|kept| kept.ours)
    }

    /// Goes over to another plan: removes the interfaces that kad made and that are not in it.
    pub fn retain(&mut self, plan: &Plan) {
        let made = plan.virtual_interfaces.iter();
        let wanted: BTreeSet<&str> = made.map(|made| plan.interface_name(made.interface)).collect();
        self.troubles.retain(|name, _| wanted.contains(name.as_str()));
        let unwanted: Vec<_> = self
            .kept
            .extract_if(.., |name, _| !wanted.contains(name.as_str()))
            .collect();
        for (name, kept) in unwanted {
            if kept.ours {
                self.remove(&name, kept.index);
            }
        }
    }

    /// Removes the interfaces that kad made, and puts the settings of others back.
    pub fn remove_all(&mut self) {
        for (name, kept) in std::mem::take(&mut self.kept) {
            if kept.ours {
                self.remove(&name, kept.index);
            }
        }
        for error in self.sysctls.restore() {
            tracing::warn!("{error}; it stays as it is");
        }
        self.bases.clear();
    }

    fn remove(&mut self, name: &str, index: u32) {
        self.forget_settings(name);
        match self.commands.execute(Request::RemoveLink { index }) {
            Ok(()) => tracing::debug!("interface {name} removed"),
            Err(rtnl::Error::Refused(refusal)) if refusal.is_missing() => {}
            Err(error) => tracing::error!("interface {name} cannot be removed: {error}"),
        }
    }

    fn is_settled(
        &self,
        plan: &Plan,
        made: &VirtualInterface,
        base: Option<Presence>,
        own: Option<Presence>,
    ) -> bool {
        let kept = self.kept.get(plan.interface_name(made.interface));
        match (base, own, kept) {
            (None, ..) => true,
            (Some(base), Some(own), Some(kept)) => {
                own.on
                    && own.index == kept.index
                    && made.kind == kept.kind
                    && self.bases.get(plan.interface_name(made.base)) == Some(&base.index)
            }
            _ => false,
        }
    }

    /// Does what there is to do about one interface; answers with whether anything changed.
    fn settle(
        &mut self,
        plan: &Plan,
        made: &VirtualInterface,
        links: &[StackedLink],
        look: &impl Fn(InterfaceId) -> Option<Presence>,
    ) -> Result<bool, Trouble> {
        let base = look(made.base).map(|base| base.index);
        let name = plan.interface_name(made.interface);
        let wanted = Wanted {
            name,
            base,
            kind: made.kind,
        };
        let step = decide(wanted, links);
        let (Some(base), true) = (base, step != Step::Wait) else {
            return Ok(false);
        };
        let vrf = match made.vrf {
            None => None,
            Some(id) => Some(look(id).ok_or_else(|| Trouble::NoVrf(plan.interface_name(id).to_owned()))?),
        };
        let spec = StackedSpec {
            group: made.group,
            controller: vrf.map(|vrf| vrf.index),
            ..StackedSpec::new(name, base, made.kind)
        };
        self.prepare_base(plan.interface_name(made.base), base, made.ipv4);
        if plan.disable_local_igmp {
            self.set(&no_local_igmp());
        }
        let found = match step {
            Step::Wait => return Ok(false),
            Step::Refuse(difference) => return Err(Trouble::Foreign(difference)),
            Step::Use(found) => {
                self.say_used(made, name, found);
                found
            }
            Step::Make => self.make(plan, made, &spec)?,
            Step::MakeAnew { index } => {
                tracing::info!(
                    "{}: interface {name} is of an earlier configuration",
                    made.instance
                );
                self.remove(name, index);
                self.make(plan, made, &spec)?
            }
        };
        self.complete(made, name, &spec, found)?;
        let kept = Kept {
            index: found.index,
            kind: made.kind,
            ours: found.ours,
        };
        self.kept.insert(name.to_owned(), kept);
        Ok(true)
    }

    fn say_used(&self, made: &VirtualInterface, name: &str, found: Found) {
        let instance = &made.instance;
        if self.troubles.contains_key(name) {
            return;
        }
        if self.kept.get(name).is_some_and(|kept| kept.index == found.index) {
            tracing::warn!("{instance}: interface {name} was changed by another program; set right again");
        } else if found.ours {
            tracing::info!("{instance}: interface {name} is left over from an earlier run; used again");
        } else {
            tracing::info!(
                "{instance}: interface {name} was made by another program; used, and left at the end"
            );
        }
    }

    fn make(&mut self, plan: &Plan, made: &VirtualInterface, spec: &StackedSpec) -> Result<Found, Trouble> {
        let (instance, name) = (&made.instance, &spec.name);
        match self.commands.execute(Request::AddStacked(spec.clone())) {
            Err(rtnl::Error::Refused(refusal)) if refusal.errno() == libc::EOPNOTSUPP => {
                return Err(Trouble::NoSuchKind(kind_name(made.kind)));
            }
            outcome => outcome?,
        }
        let index = if_nametoindex(name.as_str()).map_err(|_| Trouble::Vanished)?;
        let base = plan.interface_name(made.base);
        if self.kept.contains_key(name) {
            tracing::warn!("{instance}: interface {name} was gone; made anew on {base}");
        } else {
            tracing::info!(
                "{instance}: interface {name} made on {base}{}",
                mac_words(made.kind)
            );
        }
        let mut change = LinkChange::new(index);
        change.alias = Some(mark(instance));
        self.commands.execute(Request::ChangeLink(change))?;
        Ok(Found {
            index,
            ours: true,
            hides: false,
        })
    }

    /// Gives the interface all that it needs besides being there, and switches it on.
    fn complete(
        &mut self,
        made: &VirtualInterface,
        name: &str,
        spec: &StackedSpec,
        found: Found,
    ) -> Result<(), Trouble> {
        let index = found.index;
        if found.hides {
            self.commands.execute(Request::ChangeStacked(spec.clone()))?;
        }
        if made.address.is_some() || !made.ipv6 || matches!(made.kind, StackedKind::Macvlan { .. }) {
            let mut change = LinkChange::new(index);
            change.generates_no_addresses = true;
            // Without IPv6 there are none.
            if let Err(error) = self.commands.execute(Request::ChangeLink(change)) {
                tracing::debug!("{name} may make itself IPv6 addresses: {error}");
            }
        }
        self.forget_settings(name);
        for setting in of_virtual(name, made.ipv4, made.ipv6) {
            self.set(&setting);
        }
        if let Some(address) = made.address {
            let len = if address.is_ipv4() { 32 } else { 128 };
            match self
                .commands
                .execute(Request::AddAddress(AddressSpec::new(index, address, len)))
            {
                Err(rtnl::Error::Refused(refusal)) if refusal.is_exists() => {}
                outcome => outcome?,
            }
        }
        let mut change = LinkChange::new(index);
        change.up = Some(true);
        change.bridge = spec.controller;
        self.commands.execute(Request::ChangeLink(change))?;
        if made.notify && found.ours {
            // Whatever is set, those who listen are told what the interface is now.
            let mut change = LinkChange::new(index);
            change.alias = Some(mark(&made.instance));
            self.commands.execute(Request::ChangeLink(change))?;
        }
        Ok(())
    }

    /// Makes the settings of the interface under one of ours.
    fn prepare_base(&mut self, name: &str, index: u32, ipv4: bool) {
        if ipv4 && !self.moved_filter {
            self.moved_filter = true;
            self.move_filter();
        }
        let known = self.bases.insert(name.to_owned(), index);
        if known.is_some_and(|known| known != index) {
            self.forget_settings(name);
        }
        if ipv4 {
            of_base(name).iter().for_each(|setting| self.set(setting));
        }
    }

    /// The filter of all interfaces holds for ours too, however theirs is set: it becomes each other interface's own.
    fn move_filter(&mut self) {
        let all = match self.sysctls.get(ALL_FILTER) {
            Ok(all) if all != "0" => all,
            Ok(_) => return,
            Err(error) => return self.complain(&error, RP_FILTER),
        };
        let interfaces = match self.sysctls.list("net/ipv4/conf") {
            Ok(interfaces) => interfaces,
            Err(error) => return self.complain(&error, RP_FILTER),
        };
        for interface in interfaces.iter().filter(|name| *name != "all") {
            let own = self.sysctls.get(&format!("net/ipv4/conf/{interface}/rp_filter"));
            if let Some(setting) = own.ok().and_then(|own| rp_filter(interface, &own, &all)) {
                self.set(&setting);
            }
        }
        tracing::info!(
            "net.ipv4.conf.all.rp_filter, which is {all}, is each interface's own now, except for those made here"
        );
        self.set(&Setting {
            name: ALL_FILTER.to_owned(),
            value: "0".to_owned(),
            without: RP_FILTER,
        });
    }

    fn set(&mut self, setting: &Setting) {
        if let Err(error) = self.sysctls.set(&setting.name, &setting.value) {
            self.complain(&error, setting.without);
        }
    }

    /// What a kernel does not have needs no setting.
    fn complain(&mut self, error: &SysctlError, without: &str) {
        if !error.is_missing() && self.complaints.insert(error.to_string()) {
            tracing::warn!("{error}; {without}");
        }
    }

    fn forget_settings(&mut self, interface: &str) {
        for family in ["ipv4", "ipv6"] {
            self.sysctls.forget(&format!("net/{family}/conf/{interface}"));
        }
    }

    fn report(&mut self, instance: &str, name: &str, trouble: String) {
        if self.troubles.get(name) != Some(&trouble) {
            tracing::error!("{instance}: interface {name} cannot be had: {trouble}");
            self.troubles.insert(name.to_owned(), trouble);
        }
    }
}

impl Drop for Keeper {
    /// Nothing of it stays, whatever ended the daemon.
    fn drop(&mut self) {
        self.remove_all();
    }
}

fn kind_name(kind: StackedKind) -> &'static str {
    match kind {
        StackedKind::Macvlan { .. } => "macvlan",
        StackedKind::Ipvlan { .. } => "ipvlan",
    }
}

fn mac_words(kind: StackedKind) -> String {
    match kind {
        StackedKind::Macvlan { mac } => format!(" with MAC address {mac}"),
        StackedKind::Ipvlan { .. } => String::new(),
    }
}

const ALL_FILTER: &str = "net/ipv4/conf/all/rp_filter";
