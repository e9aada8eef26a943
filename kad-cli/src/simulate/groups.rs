//! Virtual routers: what the files of several machines have in common.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::RouterConfig;
use vrrp_proto::{Family, Version, Vrid};

use super::Topology;
use crate::plan::{Instance, Plan};

/// A virtual router, and who is configured for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    /// What the first file that has it calls it.
    pub(crate) name: String,
    pub(crate) lan: usize,
    pub(crate) vrid: Vrid,
    pub(crate) family: Family,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) members: Vec<Member>,
}

/// A router's part in a virtual router.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub(crate) router: usize,
    /// What its file calls the instance.
    pub(crate) instance: String,
    pub(crate) priority: u8,
    pub(crate) interval: Duration,
    /// Adverts that may be missed.
    pub(crate) adverts: u8,
    /// Skew_Time, as long as the master has the same interval.
    pub(crate) skew: Duration,
}

impl Group {
    fn new(lan: usize, first: &Instance) -> Self {
        Self {
            name: first.name.clone(),
            lan,
            vrid: first.router.vrid,
            family: first.router.addresses.family(),
            addresses: first.addresses.iter().map(|entry| entry.address).collect(),
            members: Vec::new(),
        }
    }

    pub(crate) fn member(&self, router: usize) -> Option<&Member> {
        self.members.iter().find(|member| member.router == router)
    }
}

impl Member {
    fn new(router: usize, instance: &Instance) -> Self {
        let config = &instance.router;
        Self {
            router,
            instance: instance.name.clone(),
            priority: config.priority.get(),
            interval: config.interval.as_duration(),
            adverts: config.down_timer_adverts.get(),
            skew: skew(config),
        }
    }

    /// Master_Down_Interval (RFC 9568 section 6.1).
    pub(crate) fn master_down(&self) -> Duration {
        self.interval * u32::from(self.adverts) + self.skew
    }
}

/// The virtual routers of all files, in the order in which they come up.
pub(crate) fn groups(plans: &[&Plan], topology: &Topology) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = BTreeMap::new();
    for (router, plan) in plans.iter().enumerate() {
        for instance in &plan.instances {
            let config = &instance.router;
            let Some(lan) = topology.lan(plan.wire_name(config.interface)) else {
                continue;
            };
            let (vrid, family) = (config.vrid, config.addresses.family());
            let place = *known.entry((lan, vrid, family)).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Group::new(lan, instance));
            }
            if let Some(group) = groups.get_mut(place) {
                group.members.push(Member::new(router, instance));
            }
        }
    }
    groups
}

/// Skew_Time. Version 2: RFC 3768 section 6.1; version 3: RFC 9568 section 6.1.
fn skew(config: &RouterConfig) -> Duration {
    let whole = match config.version {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => config.interval.as_duration(),
    };
    whole * (256 - u32::from(config.priority.get())) / 256
}
