//! How announcements are paced.

use std::collections::BTreeMap;
use std::time::Duration;

use kaconf::Config;
use vrrp_engine::InterfaceId;

use super::Plan;

/// The least time between two announcements: `vrrp_garp_interval`, `vrrp_gna_interval` and `garp_group`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pacing {
    /// On each interface that is in no group.
    pub alone: Pace,
    /// On all interfaces of a group together.
    pub groups: Vec<Pace>,
    /// The group of an interface, a place in `groups`.
    pub group_of: BTreeMap<InterfaceId, usize>,
}

/// The least time between two frames; zero for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pace {
    /// Between gratuitous ARPs.
    pub arp: Duration,
    /// Between unsolicited neighbour advertisements.
    pub na: Duration,
}

/// The pacing on the interfaces that `plan` has numbered.
pub(super) fn pacing(config: &Config, plan: &Plan) -> Pacing {
    let group_of = config.garp_groups.iter().enumerate().flat_map(|(place, group)| {
        let names = group.interfaces.iter();
        names.filter_map(move |name| Some((plan.known_interface(name)?, place)))
    });
    let groups = config.garp_groups.iter().map(|group| Pace {
        arp: group.garp_interval.map(|it| it.value).unwrap_or_default(),
        na: group.gna_interval.map(|it| it.value).unwrap_or_default(),
    });
    Pacing {
        alone: Pace {
            arp: *config.global.garp_interval,
            na: *config.global.gna_interval,
        },
        groups: groups.collect(),
        group_of: group_of.collect(),
    }
}
