//! Makes the interfaces, and makes them anew when they are gone.

use std::collections::{BTreeMap, BTreeSet};

use nix::libc;
use nix::net::if_::if_nametoindex;
use thiserror::Error;
use vrrp_engine::{InterfaceId, TrackerStatus};

use super::decide::{Found, Step, Wanted, decide, mark};
use super::environment::Environment;
use crate::plan::{Plan, VirtualInterface};
use crate::rtnl::{self, AddressSpec, Commands, LinkChange, Request, StackedKind, StackedLink, StackedSpec};

/// Keeps the interfaces of a plan.
#[derive(Debug)]
pub struct Keeper {
    commands: Commands,
    environment: Environment,
    /// By name.
    kept: BTreeMap<String, Kept>,
    /// What is wrong, by interface; each is said once.
    troubles: BTreeMap<String, Known>,
}

/// A trouble that was said.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Known {
    text: String,
    /// How the interface under it, and that of its name, were when it was tried. Where the kernel refused something it is
    /// not tried again while they are the same: trying changes things, and to be told of these would be a reason to try.
    tried: Option<Presences>,
}

type Presences = (Option<Presence>, Option<Presence>);

/// What the machine says of an interface that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Presence {
    /// The kernel's number.
    pub index: u32,
    /// Whether it is switched on, with or without a carrier.
    pub on: bool,
}

#[derive(Clone, Debug)]
struct Kept {
    index: u32,
    /// As it was made.
    made: VirtualInterface,
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
            environment: Environment::default(),
            kept: BTreeMap::new(),
            troubles: BTreeMap::new(),
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
                    // Without the interface under it there is nothing to be said.
                    if self.troubles.remove(name).is_some() && done {
                        tracing::info!("{}: interface {name} is as it should be now", made.instance);
                    }
                }
                Err(trouble) => self.report(made, name, &trouble, (look(made.base), look(made.interface))),
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
        self.environment.restore();
    }

    fn remove(&mut self, name: &str, index: u32) {
        self.environment.forget(name);
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
        let name = plan.interface_name(made.interface);
        if let Some(trouble) = self.troubles.get(name) {
            return trouble.tried == Some((base, own));
        }
        match (base, own, self.kept.get(name)) {
            (None, ..) => true,
            (Some(base), Some(own), Some(kept)) => {
                own.on
                    && own.index == kept.index
                    && *made == kept.made
                    && self
                        .environment
                        .is_prepared(plan.interface_name(made.base), base.index)
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
        self.environment
            .prepare_base(plan.interface_name(made.base), base, made.ipv4);
        if plan.disable_local_igmp {
            self.environment.silence_igmp();
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
        let kept = Kept {
            index: found.index,
            made: made.clone(),
            ours: found.ours,
        };
        self.kept.insert(name.to_owned(), kept);
        self.complete(made, name, &spec, found)?;
        Ok(true)
    }

    fn say_used(&self, made: &VirtualInterface, name: &str, found: Found) {
        let instance = &made.instance;
        if self.troubles.contains_key(name) {
            return;
        }
        let kept = self.kept.get(name).filter(|kept| kept.index == found.index);
        if kept.is_some_and(|kept| kept.made != *made) {
            tracing::info!("{instance}: interface {name} follows the configuration");
        } else if kept.is_some() {
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
        self.environment.apply(name, made);
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

    fn report(&mut self, made: &VirtualInterface, name: &str, trouble: &Trouble, tried: Presences) {
        let known = Known {
            text: trouble.to_string(),
            tried: trouble.is_the_kernels().then_some(tried),
        };
        let before = self.troubles.insert(name.to_owned(), known);
        if before.is_none_or(|before| before.text != trouble.to_string()) {
            tracing::error!("{}: interface {name} cannot be had: {trouble}", made.instance);
        }
    }
}

impl Trouble {
    /// Whether the kernel was asked for something, and refused.
    fn is_the_kernels(&self) -> bool {
        match self {
            Self::Foreign(_) | Self::NoVrf(_) => false,
            Self::NoSuchKind(_) | Self::Netlink(_) | Self::Vanished => true,
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
