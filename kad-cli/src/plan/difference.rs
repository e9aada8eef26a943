//! What is different in another plan.

use std::collections::HashMap;
use std::fmt;

use vrrp_engine::{Delivery, InterfaceId};
use vrrp_proto::{Family, Vrid};

use super::{Instance, Plan};

/// How a plan differs from the one before it. Instances are known by interface, family, virtual router id and kind of
/// delivery, whatever they are called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Difference {
    /// For each instance of the new plan, its place in the old one.
    pub before: Vec<Option<usize>>,
    /// Places, in the old plan, of instances that are no more.
    pub removed: Vec<usize>,
    /// Places, in the new plan, of instances that are there already, but not the same.
    pub changed: Vec<usize>,
    /// Something else is different.
    pub other: bool,
}

type Identity = (InterfaceId, Family, Vrid, bool);

impl Difference {
    /// Between two plans that number interfaces alike.
    pub fn between(old: &Plan, new: &Plan) -> Self {
        let known: HashMap<Identity, usize> = old.instances.iter().map(identity).zip(0..).collect();
        let before: Vec<Option<usize>> = new
            .instances
            .iter()
            .map(|instance| known.get(&identity(instance)).copied())
            .collect();
        let stays: std::collections::HashSet<usize> = before.iter().flatten().copied().collect();
        let is_changed = |place: &usize| {
            let was = before
                .get(*place)
                .copied()
                .flatten()
                .and_then(|was| old.instances.get(was));
            was.is_some_and(|was| new.instances.get(*place) != Some(was))
        };
        let without_instances = |plan: &Plan| Plan {
            instances: Vec::new(),
            ..plan.clone()
        };
        Self {
            removed: (0..old.instances.len())
                .filter(|place| !stays.contains(place))
                .collect(),
            changed: (0..new.instances.len()).filter(is_changed).collect(),
            other: without_instances(old) != without_instances(new),
            before,
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        let in_place = self
            .before
            .iter()
            .enumerate()
            .all(|(place, before)| *before == Some(place));
        in_place && self.removed.is_empty() && self.changed.is_empty() && !self.other
    }

    fn added(&self) -> usize {
        self.before.iter().filter(|before| before.is_none()).count()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (added, changed, removed) = (self.added(), self.changed.len(), self.removed.len());
        let same = self.before.len() - added - changed;
        write!(
            f,
            "{added} instances added, {changed} changed, {removed} removed, {same} as before"
        )
    }
}

fn identity(instance: &Instance) -> Identity {
    let router = &instance.router;
    let unicast = matches!(router.delivery, Delivery::Unicast(_));
    (router.interface, router.addresses.family(), router.vrid, unicast)
}
