//! Which interfaces of the machines are on one network.

use std::collections::{BTreeMap, BTreeSet};

use super::matching::Matches;
use crate::check::Report;
use crate::plan::Plan;

/// An interface of one of the machines.
type Interface = (usize, String);

/// The plans, with one name for each network: what the first file that has it calls its interface.
///
/// Interfaces are on one network if they have a virtual router in common; without any, if they have one name.
pub(super) fn on_common_interfaces(reports: &[Report], names: &[String], matches: &Matches<'_>) -> Vec<Plan> {
    let networks = networks(matches);
    let mut called: BTreeMap<Network, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut plans: Vec<Plan> = reports.iter().filter_map(|report| report.plan.clone()).collect();
    for (router, plan) in plans.iter_mut().enumerate() {
        for name in &mut plan.interfaces {
            let network = match networks.get(&(router, name.clone())) {
                Some(number) => Network::Of(*number),
                None => Network::Called(name.clone()),
            };
            let free = called.entry(network).or_insert_with(|| {
                let machine = names.get(router).map_or("", String::as_str);
                let name = if taken.contains(name) {
                    format!("{name} of {machine}")
                } else {
                    name.clone()
                };
                taken.insert(name.clone());
                name
            });
            free.clone_into(name);
        }
    }
    plans
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Network {
    /// That of a virtual router, by number.
    Of(usize),
    /// That of all interfaces of a name which no virtual router joins to others.
    Called(String),
}

/// A number for each network that virtual routers show to be one, by interface.
fn networks(matches: &Matches<'_>) -> BTreeMap<Interface, usize> {
    let mut networks: BTreeMap<Interface, usize> = BTreeMap::new();
    let shared = matches.routers.iter().filter(|router| router.members.len() > 1);
    for (number, router) in shared.enumerate() {
        let members = router.members.iter();
        let interfaces: Vec<Interface> = members
            .map(|member| (member.router, member.interface.to_owned()))
            .collect();
        let known: BTreeSet<usize> = interfaces
            .iter()
            .filter_map(|interface| networks.get(interface).copied())
            .collect();
        for other in networks.values_mut().filter(|other| known.contains(other)) {
            *other = number;
        }
        networks.extend(interfaces.into_iter().map(|interface| (interface, number)));
    }
    networks
}
