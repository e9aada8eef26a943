//! Who plays: routers, and the virtual routers that they have in common.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::RouterConfig;
use vrrp_proto::{Family, Version, Vrid};

use super::topology::{Topology, is_link_local};
use crate::plan::{Instance, Plan};

/// Everyone, as a person who watches needs to know them. Routers, virtual routers and LANs are numbered from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Players {
    pub(super) routers: Vec<Player>,
    /// The client's own addresses.
    pub(super) client: Vec<IpAddr>,
    pub(super) lans: Vec<String>,
    /// The first one is the one whose address the client pings.
    pub(super) groups: Vec<Group>,
    /// The address that the client pings.
    pub(super) target: IpAddr,
}

/// A router.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Player {
    pub(super) name: String,
    pub(super) daemon: &'static str,
    /// Its own addresses.
    pub(super) addresses: Vec<IpAddr>,
}

/// A virtual router, and who is configured for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Group {
    /// What the first file that has it calls it.
    pub(super) name: String,
    pub(super) lan: usize,
    pub(super) vrid: Vrid,
    pub(super) family: Family,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) members: Vec<Member>,
}

/// A router's part in a virtual router.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) router: usize,
    /// What its file calls the instance.
    pub(super) instance: String,
    pub(super) priority: u8,
    pub(super) interval: Duration,
    /// Adverts that may be missed.
    pub(super) adverts: u8,
    /// Skew_Time, as long as the master has the same interval.
    pub(super) skew: Duration,
}

impl Players {
    /// The number of a router.
    pub(super) fn router(&self, name: &str) -> Option<usize> {
        self.routers.iter().position(|router| router.name == name)
    }

    /// A router's name.
    pub(super) fn name(&self, router: usize) -> &str {
        self.routers.get(router).map_or("?", |router| &router.name)
    }

    /// `r1`, `r1 and r2`, `nobody`.
    pub(super) fn names(&self, routers: &[usize], conjunction: &str) -> String {
        let names: Vec<&str> = routers.iter().map(|router| self.name(*router)).collect();
        match names.split_last() {
            None => "nobody".to_owned(),
            Some((only, [])) => (*only).to_owned(),
            Some((last, others)) => format!("{} {conjunction} {last}", others.join(", ")),
        }
    }

    /// The virtual router that a router's instance belongs to.
    pub(super) fn group(&self, router: usize, instance: &str) -> Option<usize> {
        self.groups.iter().position(|group| {
            group
                .members
                .iter()
                .any(|member| member.router == router && member.instance == instance)
        })
    }

    /// As many groups as a person can follow, with their numbers.
    pub(super) fn shown(&self) -> impl Iterator<Item = (usize, &Group)> {
        self.groups.iter().enumerate().take(SHOWN)
    }

    /// Whether an address is of a group that is shown.
    pub(super) fn is_shown(&self, address: &IpAddr) -> bool {
        self.shown().any(|(_, group)| group.addresses.contains(address))
    }

    /// The longest advert interval.
    pub(super) fn longest_interval(&self) -> Duration {
        let members = self.groups.iter().flat_map(|group| &group.members);
        members.map(|member| member.interval).max().unwrap_or_default()
    }
}

impl Group {
    pub(super) fn is(&self, lan: usize, vrid: Vrid, family: Family) -> bool {
        (self.lan, self.vrid, self.family) == (lan, vrid, family)
    }

    pub(super) fn member(&self, router: usize) -> Option<&Member> {
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
    pub(super) fn master_down(&self) -> Duration {
        self.interval * u32::from(self.adverts) + self.skew
    }
}

/// The virtual routers of all files, the one whose address is to be pinged first, and that address; `None` if the
/// first file has no address.
pub(super) fn groups(plans: &[&Plan], topology: &Topology) -> Option<(Vec<Group>, IpAddr)> {
    let mut groups: Vec<Group> = Vec::new();
    for (router, plan) in plans.iter().enumerate() {
        for instance in &plan.instances {
            add(&mut groups, router, plan, instance, topology);
        }
    }
    let is_first = |group: &Group| group.member(0).is_some() && !group.addresses.is_empty();
    let place = groups.iter().position(is_first)?;
    groups.get_mut(..=place)?.rotate_right(1);
    let addresses = &groups.first()?.addresses;
    // A link-local address would need to be pinged with the interface's name.
    let routable = addresses.iter().find(|address| !is_link_local(**address));
    let target = *routable.or_else(|| addresses.first())?;
    Some((groups, target))
}

fn add(groups: &mut Vec<Group>, router: usize, plan: &Plan, instance: &Instance, topology: &Topology) {
    let config = &instance.router;
    let Some(lan) = topology.lan(plan.interface_name(config.interface)) else {
        return;
    };
    let (vrid, family) = (config.vrid, config.addresses.family());
    let member = Member::new(router, instance);
    match groups.iter_mut().find(|group| group.is(lan, vrid, family)) {
        Some(group) => group.members.push(member),
        None => groups.push(Group {
            name: instance.name.clone(),
            lan,
            vrid,
            family,
            addresses: instance.addresses.iter().map(|entry| entry.address).collect(),
            members: vec![member],
        }),
    }
}

/// Skew_Time. Version 2: RFC 3768 section 6.1; version 3: RFC 9568 section 6.1.
fn skew(config: &RouterConfig) -> Duration {
    let whole = match config.version {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => config.interval.as_duration(),
    };
    whole * (256 - u32::from(config.priority.get())) / 256
}

/// More would be no overview.
const SHOWN: usize = 6;
