//! Which instances of the files are one virtual router.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kaconf::{Code, Diagnostic, Family};

use super::Side;

/// A virtual router: instances of different files that speak with each other.
#[derive(Clone, Debug)]
pub(super) struct VirtualRouter<'a> {
    /// In the order of the files; at least one.
    pub(super) members: Vec<Side<'a>>,
}

/// What belongs together.
#[derive(Clone, Debug)]
pub(super) struct Matches<'a> {
    /// Each instance is in one of them.
    pub(super) routers: Vec<VirtualRouter<'a>>,
    /// Two that would be one if their ids were.
    lookalikes: Vec<(usize, usize)>,
}

impl<'a> VirtualRouter<'a> {
    fn first(&self) -> &Side<'a> {
        self.members.first().expect("made with one member")
    }

    /// What most would call it: `VI_1`.
    pub(super) fn name(&self) -> &str {
        self.first().name()
    }

    /// The member that is a file's.
    pub(super) fn member(&self, router: usize) -> Option<&Side<'a>> {
        self.members.iter().find(|member| member.router == router)
    }

    /// `virtual router 51 for IPv4 on eth0`.
    pub(super) fn described(&self) -> String {
        let first = self.first();
        let family = match first.config.family {
            Family::Ipv4 => "IPv4",
            Family::Ipv6 => "IPv6",
        };
        format!(
            "virtual router {} for {family} on {}",
            first.config.virtual_router_id, first.interface
        )
    }

    fn id(&self) -> (u8, Family) {
        let config = self.first().config;
        (config.virtual_router_id.value, config.family)
    }

    /// Whether no file has an instance in both.
    fn is_disjoint(&self, other: &Self) -> bool {
        let has = |side: &Side<'_>| other.member(side.router).is_some();
        !self.members.iter().any(has)
    }

    fn addresses(&self) -> BTreeSet<IpAddr> {
        self.members.iter().flat_map(Side::addresses).collect()
    }

    fn shares_an_address_with(&self, other: &Self) -> bool {
        !self.addresses().is_disjoint(&other.addresses())
    }
}

impl<'a> Matches<'a> {
    /// What has one id and family is one virtual router if it has an address in common, or else the interface, or else
    /// (for machines name their interfaces differently) the name.
    pub(super) fn new(sides: &[Side<'a>]) -> Self {
        let alone = sides.iter().map(|side| VirtualRouter { members: vec![*side] });
        let by_address = join(alone.collect(), VirtualRouter::shares_an_address_with);
        let by_interface = join(by_address, |one, other| {
            one.first().interface == other.first().interface
        });
        let routers = join(by_interface, |one, other| one.name() == other.name());
        let lookalikes = lookalikes(&routers);
        Self { routers, lookalikes }
    }

    /// Whether the files have nothing to do with each other.
    pub(super) fn is_nothing(&self) -> bool {
        self.lookalikes.is_empty() && self.routers.iter().all(|router| router.members.len() == 1)
    }

    /// What is wrong with who belongs together.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        let two = |(one, other): &(usize, usize)| Some((self.routers.get(*one)?, self.routers.get(*other)?));
        let lookalikes = self.lookalikes.iter().filter_map(two);
        let looks_alike = |place| {
            let mut pairs = self.lookalikes.iter();
            pairs.any(|(one, other)| [*one, *other].contains(&place))
        };
        let alone = self
            .routers
            .iter()
            .enumerate()
            .filter(|(place, router)| router.members.len() == 1 && !looks_alike(*place));
        lookalikes
            .map(|(one, other)| identifiers_differ(one, other))
            .chain(alone.map(|(_, router)| is_alone(router)))
            .collect()
    }
}

/// Joins those of one id and family that `are_one`, if no file has two of them.
fn join<'a>(
    routers: Vec<VirtualRouter<'a>>,
    are_one: impl Fn(&VirtualRouter<'a>, &VirtualRouter<'a>) -> bool,
) -> Vec<VirtualRouter<'a>> {
    let mut joined: Vec<VirtualRouter<'a>> = Vec::new();
    let mut by_id: BTreeMap<(u8, Family), Vec<usize>> = BTreeMap::new();
    for mut router in routers {
        let places = by_id.entry(router.id()).or_default();
        let is_it = |other: &VirtualRouter<'a>| other.is_disjoint(&router) && are_one(other, &router);
        let place = places
            .iter()
            .find(|place| joined.get(**place).is_some_and(is_it))
            .copied();
        match place.and_then(|place| joined.get_mut(place)) {
            Some(other) => {
                other.members.append(&mut router.members);
                other.members.sort_by_key(|member| member.router);
            }
            None => {
                places.push(joined.len());
                joined.push(router);
            }
        }
    }
    joined
}

/// Pairs with different ids and a common address, none of them in two pairs.
fn lookalikes(routers: &[VirtualRouter<'_>]) -> Vec<(usize, usize)> {
    let mut by_address: BTreeMap<IpAddr, usize> = BTreeMap::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (place, router) in routers.iter().enumerate() {
        for address in router.addresses() {
            let other = *by_address.entry(address).or_insert(place);
            let are_two = routers.get(other).is_some_and(|it| it.is_disjoint(router));
            if are_two && !pairs.contains(&(other, place)) {
                pairs.push((other, place));
            }
        }
    }
    pairs
}

fn identifiers_differ(one: &VirtualRouter<'_>, other: &VirtualRouter<'_>) -> Diagnostic {
    let (a, b) = (one.first(), other.first());
    let common = one.addresses();
    let common: Vec<String> = common
        .intersection(&other.addresses())
        .take(3)
        .map(ToString::to_string)
        .collect();
    let message = format!(
        "`{}` of {} and `{}` of {} are two virtual routers with one address",
        a.name(),
        a.file(),
        b.name(),
        b.file()
    );
    let label = |router: &VirtualRouter<'_>| router.described();
    Diagnostic::error(Code::IdentifiersDiffer, message)
        .label(a.place(&a.config.virtual_router_id), label(one))
        .label(b.place(&b.config.virtual_router_id), label(other))
        .help(format!(
            "they do not hear each other, and both machines have {} at once; give them one `virtual_router_id`",
            common.join(", ")
        ))
}

fn is_alone(router: &VirtualRouter<'_>) -> Diagnostic {
    let only = router.first();
    let message = format!("`{}` is in {} only", only.name(), only.file());
    Diagnostic::warning(Code::InstanceAlone, message)
        .label(only.named(), format!("no other file has {}", router.described()))
        .help("nobody takes over its addresses if that machine fails")
}
