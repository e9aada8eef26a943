//! The networks that the routers' files are about, and an address for everyone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use vrrp_engine::{Delivery, InterfaceId};
use vrrp_proto::{Family, MacAddr};

use crate::plan::{Instance, Plan};

/// Who has which addresses on which network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Topology {
    /// Names of interfaces; each is a network of its own.
    pub(crate) lans: Vec<String>,
    /// By router, then by LAN.
    pub(crate) routers: Vec<BTreeMap<usize, Vec<(IpAddr, u8)>>>,
    /// By LAN.
    pub(crate) client: BTreeMap<usize, Vec<(IpAddr, u8)>>,
}

impl Topology {
    pub(crate) fn new(plans: &[&Plan]) -> Self {
        let mut lans: Vec<String> = Vec::new();
        for name in plans.iter().flat_map(|plan| plan.wires()) {
            if !lans.iter().any(|known| known == name) {
                lans.push(name.to_owned());
            }
        }
        let mut topology = Self {
            lans,
            routers: vec![BTreeMap::new(); plans.len()],
            client: BTreeMap::new(),
        };
        for lan in 0..topology.lans.len() {
            topology.furnish(plans, lan);
        }
        topology
    }

    /// The number of an interface's LAN.
    pub(crate) fn lan(&self, name: &str) -> Option<usize> {
        self.lans.iter().position(|known| known == name)
    }

    /// The address that an instance's adverts come from.
    pub(crate) fn source(&self, router: usize, plan: &Plan, instance: &Instance) -> Option<IpAddr> {
        if let Some(address) = instance.source.named() {
            return Some(address);
        }
        let lan = self.lan(plan.wire_name(instance.router.interface))?;
        let family = instance.router.addresses.family();
        let mut addresses = self
            .routers
            .get(router)?
            .get(&lan)?
            .iter()
            .map(|(address, _)| *address);
        addresses.find(|address| {
            Family::of(*address) == family && (family == Family::Ipv4 || is_link_local(*address))
        })
    }

    fn furnish(&mut self, plans: &[&Plan], lan: usize) {
        let Some(name) = self.lans.get(lan).cloned() else {
            return;
        };
        let instances = || plans.iter().flat_map(|plan| on_lan(plan, &name));
        let mut network = Network {
            taken: instances().flat_map(spoken_of).collect(),
            subnets: instances().flat_map(subnets).collect(),
        };
        for (number, (plan, seat)) in (1..).zip(plans.iter().zip(&mut self.routers)) {
            let fixed = fixed_sources(plan, plans, &name);
            seat.insert(lan, network.addresses(number, &fixed));
        }
        self.client
            .insert(lan, network.addresses(CLIENT, &BTreeSet::new()));
    }
}

/// The addresses of one LAN.
struct Network {
    taken: BTreeSet<IpAddr>,
    subnets: BTreeSet<IpNet>,
}

impl Network {
    /// What machine `number` has there: what the files say it has, and something in every subnet. IPv4 comes first, for
    /// that is what a person looks for.
    fn addresses(&mut self, number: u32, fixed: &BTreeSet<IpAddr>) -> Vec<(IpAddr, u8)> {
        let mut addresses = Vec::new();
        for subnet in &self.subnets {
            let own: Vec<IpAddr> = fixed
                .iter()
                .filter(|address| subnet.contains(*address))
                .copied()
                .collect();
            let made_up = own
                .is_empty()
                .then(|| free(subnet, number, &self.taken))
                .flatten();
            for address in own.into_iter().chain(made_up) {
                self.taken.insert(address);
                addresses.push((address, subnet.prefix_len()));
            }
        }
        addresses.sort_by_key(|(address, _)| (address.is_ipv6(), is_link_local(*address)));
        addresses.dedup();
        addresses
    }
}

/// The Ethernet address of a machine's interface.
pub(crate) fn mac(machine: usize, lan: usize) -> MacAddr {
    let octet = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    MacAddr([2, 0, 0, 0, octet(lan), octet(machine + 1)])
}

fn on_lan<'a>(plan: &'a Plan, name: &'a str) -> impl Iterator<Item = &'a Instance> {
    let there = move |id: InterfaceId| plan.wire_name(id) == name;
    plan.instances.iter().filter(move |instance| {
        there(instance.router.interface) || instance.addresses.iter().any(|entry| there(entry.interface))
    })
}

/// Addresses that a file gives to somebody.
fn spoken_of(instance: &Instance) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = instance.addresses.iter().map(|entry| entry.address).collect();
    addresses.extend(peers(instance));
    if let Some(address) = instance.source.named() {
        addresses.push(address);
    }
    addresses
}

fn peers(instance: &Instance) -> Vec<IpAddr> {
    match &instance.router.delivery {
        Delivery::Unicast(peers) => peers.iter().map(|peer| peer.address).collect(),
        Delivery::Multicast(_) => Vec::new(),
    }
}

/// The subnets of an instance's addresses; a prefix that leaves no room for a router is widened. Adverts over IPv6 come
/// from link-local addresses (RFC 9568 section 5.1.2.1).
fn subnets(instance: &Instance) -> Vec<IpNet> {
    let given = instance
        .addresses
        .iter()
        .map(|entry| (entry.address, entry.prefix_len));
    let spoken = spoken_of(instance).into_iter().map(|address| (address, u8::MAX));
    let ipv6 = instance.router.addresses.family() == Family::Ipv6
        || instance.addresses.iter().any(|entry| entry.address.is_ipv6());
    let link_local = ipv6.then_some((IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 0]), 64));
    let subnet = |(address, len): (IpAddr, u8)| {
        let narrowest = if address.is_ipv4() { 24 } else { 64 };
        let len = if is_link_local(address) {
            64
        } else {
            len.min(narrowest)
        };
        IpNet::new(address, len).map(|net| net.trunc()).ok()
    };
    given.chain(spoken).chain(link_local).filter_map(subnet).collect()
}

/// What a router must be called for its file to be right: its own source addresses, or else those that are peers in
/// the others' files and not in its own.
fn fixed_sources(plan: &Plan, plans: &[&Plan], lan: &str) -> BTreeSet<IpAddr> {
    let own = on_lan(plan, lan).filter_map(|instance| instance.source.named());
    let own: BTreeSet<IpAddr> = own.collect();
    let mine: BTreeSet<IpAddr> = on_lan(plan, lan).flat_map(peers).collect();
    if !own.is_empty() || mine.is_empty() {
        return own;
    }
    let theirs = plans.iter().filter(|other| !std::ptr::eq(**other, plan));
    let theirs = theirs.flat_map(|other| on_lan(other, lan).flat_map(peers));
    theirs.filter(|address| !mine.contains(address)).collect()
}

/// The `number`th address of a network, or one after it that is free.
fn free(network: &IpNet, number: u32, taken: &BTreeSet<IpAddr>) -> Option<IpAddr> {
    let first = u128::from(number);
    (first..first + 1024)
        .map(|offset| nth(network, offset))
        .find_map(|address| {
            let address = address?;
            (network.contains(&address) && address != network.broadcast() && !taken.contains(&address))
                .then_some(address)
        })
}

fn nth(network: &IpNet, offset: u128) -> Option<IpAddr> {
    Some(match network.network() {
        IpAddr::V4(base) => IpAddr::V4((u32::from(base).checked_add(u32::try_from(offset).ok()?)?).into()),
        IpAddr::V6(base) => IpAddr::V6((u128::from(base).checked_add(offset)?).into()),
    })
}

pub(crate) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Past any number of routers that a person would try.
const CLIENT: u32 = 200;
