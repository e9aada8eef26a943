//! The packet filter's part in a mastership: what may not reach a virtual address is dropped before the address is there,
//! and until it is gone.

use std::collections::BTreeSet;

use vrrp_engine::{RouterId, StateKind};

use super::daemon::Daemon;
use super::interfaces::Interfaces;
use crate::nft::{Element, Error, Filter, InterfaceKey, Setup};
use crate::plan::{Difference, Instance, Plan};

/// The filter, and what is yet to be done with it.
#[derive(Debug, Default)]
pub(super) struct Firewall {
    filter: Option<Filter>,
    /// Masters have changed since the filter was told.
    stale: bool,
    /// The filter may have what nobody wants any more.
    full: bool,
    /// Nothing is taken out until another configuration has taken hold.
    held: bool,
    /// Something went wrong, and was said.
    failed: bool,
}

impl Firewall {
    /// Masters have changed.
    pub(super) fn note_change(&mut self) {
        self.stale = true;
    }

    /// Does something with the filter, which is made if it is not there; answers with whether it is as it should be. What
    /// goes wrong is said once, and tried again with the next change.
    fn attempt(&mut self, plan: &Plan, job: impl FnOnce(&mut Filter) -> Result<(), Error>) -> bool {
        let outcome = self
            .filter(&plan.firewall)
            .and_then(|filter| filter.map_or(Ok(()), job));
        match &outcome {
            Ok(()) if self.failed => {
                tracing::info!("packets to virtual addresses are dropped again where no_accept says so");
            }
            Ok(()) => {}
            Err(error) if !self.failed => report(error, plan),
            Err(error) => tracing::debug!("{error}"),
        }
        self.failed = outcome.is_err();
        !self.failed
    }

    /// None if there is nothing to be filtered.
    fn filter(&mut self, setup: &Setup) -> Result<Option<&mut Filter>, Error> {
        if self.filter.is_none() && !setup.is_empty() {
            self.filter = Some(Filter::open(setup.clone())?);
        }
        Ok(self.filter.as_mut())
    }
}

/// The addresses come up all the same: what they serve is wanted more than what is in the way of it.
fn report(error: &Error, plan: &Plan) {
    let names = plan.instances.iter().filter(|instance| !instance.accept);
    let names: Vec<&str> = names.map(|instance| instance.name.as_str()).collect();
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    tracing::error!(
        "no_accept has no effect, packets to the virtual addresses of {} are let in: {error}{help}",
        names.join(", ")
    );
}

impl Daemon {
    /// Before an address is put on an interface: its packets are dropped from now on, if they are to be.
    pub(super) fn filter_what_comes(&mut self) {
        if std::mem::take(&mut self.firewall.stale) {
            let wanted = self.filtered();
            let setup = &self.plan.firewall;
            self.firewall.attempt(&self.plan, |filter| {
                // Another setup may have been refused.
                filter.follow(setup, &wanted)?;
                filter.admit(&wanted)
            });
            self.firewall.full = true;
        }
    }

    /// When addresses are gone: nothing needs to be dropped for them.
    pub(super) fn forget_what_went(&mut self) {
        if !self.firewall.held && std::mem::take(&mut self.firewall.full) {
            let wanted = self.filtered();
            self.firewall.attempt(&self.plan, |filter| filter.retire(&wanted));
        }
    }

    /// Before another plan takes hold, masters that stay may get addresses of it.
    pub(super) fn filter_ahead(&mut self, plan: &Plan, difference: &Difference) {
        let kept = |place: usize| {
            let before = difference.before.get(place).copied().flatten()?;
            self.routers.get(before).copied()
        };
        let mut wanted = self.elements(&self.plan, &plan.firewall, |place| {
            self.routers.get(place).copied()
        });
        wanted.extend(self.elements(plan, &plan.firewall, kept));
        self.firewall.held = true;
        self.firewall.attempt(plan, |filter| {
            filter.follow(&plan.firewall, &wanted)?;
            filter.admit(&wanted)
        });
    }

    /// The other plan has taken hold.
    pub(super) fn filter_follows(&mut self) {
        self.firewall.held = false;
        self.firewall.stale = true;
    }

    /// The tables go, the addresses being gone.
    pub(super) fn close_filter(&mut self) {
        if let Some(filter) = self.firewall.filter.take()
            && let Err(error) = filter.close()
        {
            tracing::warn!("the tables of the packet filter cannot be removed: {error}");
        }
    }

    fn filtered(&self) -> BTreeSet<Element> {
        self.elements(&self.plan, &self.plan.firewall, |place| {
            self.routers.get(place).copied()
        })
    }

    /// What is to be dropped as long as the masters are those that they are.
    fn elements(
        &self,
        plan: &Plan,
        setup: &Setup,
        router: impl Fn(usize) -> Option<RouterId>,
    ) -> BTreeSet<Element> {
        let mut elements = BTreeSet::new();
        for (place, instance) in plan.instances.iter().enumerate() {
            let state = router(place).and_then(|router| self.engine.state(router));
            if state != Some(StateKind::Master) {
                elements.extend(quiet(instance, plan));
            } else if !instance.accept {
                elements.extend(addresses(instance, plan, setup, &self.interfaces));
            }
        }
        elements
    }
}

/// Where the kernel must not speak with the virtual MAC address: switches would send to this machine what is for the
/// master. Little is said there anyway, so that a table is not made for this alone.
fn quiet(instance: &Instance, plan: &Plan) -> impl Iterator<Item = Element> {
    let own = plan.virtual_macs().filter(|made| made.instance == instance.name);
    own.flat_map(|made| {
        let families = made.families();
        families.map(|family| Element::Quiet(family, plan.interface_name(made.interface).to_owned()))
    })
}

/// What an instance that is master does not accept.
fn addresses(
    instance: &Instance,
    plan: &Plan,
    setup: &Setup,
    interfaces: &Interfaces,
) -> impl Iterator<Item = Element> {
    instance
        .addresses
        .iter()
        .chain(&instance.excluded)
        .filter_map(move |entry| {
            let interface = if setup.by_index {
                // An interface that is not there gets no address, either.
                InterfaceKey::Index(interfaces.get(entry.interface)?.index?)
            } else {
                InterfaceKey::Name(plan.interface_name(entry.interface).to_owned())
            };
            Some(Element::address(entry.address, interface))
        })
}
