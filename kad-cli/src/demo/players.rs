//! Who plays: routers, and the virtual routers that they have in common.

use std::net::IpAddr;
use std::time::Duration;

use crate::plan::Plan;
use crate::simulate::{self, Group, Topology, is_link_local};

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
        simulate::listed(&names, conjunction)
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

/// The virtual routers of all files, the one whose address is to be pinged first, and that address; `None` if the
/// first file has no address.
pub(super) fn groups(plans: &[&Plan], topology: &Topology) -> Option<(Vec<Group>, IpAddr)> {
    let mut groups = simulate::groups(plans, topology);
    let is_first = |group: &Group| group.member(0).is_some() && !group.addresses.is_empty();
    let place = groups.iter().position(is_first)?;
    groups.get_mut(..=place)?.rotate_right(1);
    let addresses = &groups.first()?.addresses;
    // A link-local address would need to be pinged with the interface's name.
    let routable = addresses.iter().find(|address| !is_link_local(**address));
    let target = *routable.or_else(|| addresses.first())?;
    Some((groups, target))
}

/// More would be no overview.
const SHOWN: usize = 6;
