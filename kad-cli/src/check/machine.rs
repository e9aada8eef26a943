//! What a file says, held against this machine's interfaces and addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use kaconf::{Code, Config, Diagnostic, Family, Route, Span, Spanned, VirtualAddress, VrrpInstance};

use crate::plan::made_interfaces;
use crate::rtnl::{self, InterfaceAddress, Link, Snapshot};

/// Everything that does not fit this machine.
pub(super) fn problems(config: &Config) -> Vec<Diagnostic> {
    match rtnl::snapshot() {
        Ok(snapshot) => Machine::new(config, &snapshot).problems(),
        Err(error) => {
            let message = format!("this machine's interfaces cannot be looked at: {error}");
            vec![Diagnostic::warning(Code::MachineUnknown, message)]
        }
    }
}

/// The machine as a configuration sees it.
struct Machine<'a> {
    config: &'a Config,
    snapshot: &'a Snapshot,
    /// Virtual addresses, which come and go, and say nothing about the networks that the machine is in.
    borrowed: BTreeSet<IpAddr>,
    /// Interfaces that the configuration makes.
    made: BTreeSet<String>,
}

impl<'a> Machine<'a> {
    fn new(config: &'a Config, snapshot: &'a Snapshot) -> Self {
        let borrowed = config
            .instances
            .iter()
            .filter(|instance| instance.priority.value != VrrpInstance::OWNER);
        Self {
            config,
            snapshot,
            borrowed: borrowed
                .flat_map(addresses)
                .map(|entry| entry.address.value)
                .collect(),
            made: made_interfaces(config),
        }
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut missing = BTreeSet::new();
        let instances = self.config.instances.iter();
        let named = instances
            .flat_map(named_interfaces)
            .chain(named_outside(self.config));
        for (name, what) in named {
            if self.link(name).is_none() && !self.made.contains(&name.value) && missing.insert(&name.value) {
                problems.push(self.missing(name, what));
            }
        }
        for instance in &self.config.instances {
            problems.extend(self.source(instance));
            problems.extend(self.outside(instance));
        }
        problems
    }

    fn link(&self, name: &str) -> Option<&Link> {
        self.snapshot.links.iter().find(|link| link.name == name)
    }

    /// An interface's own addresses.
    fn own(&self, link: &Link) -> impl Iterator<Item = &InterfaceAddress> {
        let index = link.index;
        let addresses = self.snapshot.addresses.iter();
        addresses.filter(move |entry| entry.index == index && !self.borrowed.contains(&entry.address))
    }

    fn missing(&self, name: &Spanned<String>, what: &str) -> Diagnostic {
        let message = format!("this machine has no interface `{name}`");
        let diagnostic = Diagnostic::warning(Code::InterfaceMissing, message).label(name.span, what);
        let names = self.snapshot.links.iter().map(|link| link.name.as_str());
        let similar = names
            .clone()
            .filter(|other| *other != "lo")
            .map(|other| (strsim::damerau_levenshtein(other, name), other))
            .min()
            .filter(|(distance, _)| *distance <= 1 + name.len() / 5);
        let diagnostic = match similar {
            Some((_, similar)) => {
                diagnostic.suggest(name.span, similar, format!("did you mean `{similar}`?"))
            }
            None => diagnostic,
        };
        let there: Vec<&str> = names.take(SHOWN).collect();
        let more = self.snapshot.links.len().saturating_sub(there.len());
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        diagnostic.help(format!("it has {}{more}", there.join(", ")))
    }

    /// Adverts need an address to come from.
    fn source(&self, instance: &VrrpInstance) -> Option<Diagnostic> {
        let link = self.link(instance.interface.as_ref()?)?;
        let Some(source) = &instance.source else {
            return self.nothing_to_send_from(instance, link);
        };
        let is_it = |entry: &&InterfaceAddress| entry.address == source.value;
        if self.snapshot.addresses.iter().any(|entry| is_it(&entry)) {
            return None;
        }
        let message = format!("this machine does not have the source address {source}");
        let own: Vec<String> = self
            .own(link)
            .filter(|entry| Family::of(entry.address) == instance.family)
            .take(SHOWN)
            .map(|entry| entry.address.to_string())
            .collect();
        let diagnostic = Diagnostic::warning(Code::SourceAddressMissing, message).at(source.span);
        Some(match own.is_empty() {
            true => diagnostic,
            false => diagnostic.help(format!("on {} it has {}", link.name, own.join(", "))),
        })
    }

    fn nothing_to_send_from(&self, instance: &VrrpInstance, link: &Link) -> Option<Diagnostic> {
        let is_usable = |entry: &InterfaceAddress| match entry.address {
            IpAddr::V4(_) => instance.family == Family::Ipv4,
            IpAddr::V6(address) => instance.family == Family::Ipv6 && address.is_unicast_link_local(),
        };
        if self.own(link).any(is_usable) {
            return None;
        }
        let what = match instance.family {
            Family::Ipv4 => "IPv4 address",
            Family::Ipv6 => "IPv6 link-local address",
        };
        let message = format!("`{}` has no {what} that adverts could come from", link.name);
        let span = instance
            .interface
            .as_ref()
            .map_or(Span::NOWHERE, |name| name.span);
        Some(
            Diagnostic::warning(Code::SourceAddressMissing, message)
                .at(span)
                .help(format!("`{}` is in FAULT until it has one", instance.name)),
        )
    }

    /// Virtual addresses that no host next to the machine would look for there.
    fn outside(&self, instance: &VrrpInstance) -> Option<Diagnostic> {
        let own = instance.interface.as_ref()?;
        let outside: Vec<(&VirtualAddress, &str, Vec<IpNet>)> = addresses(instance)
            .filter_map(|entry| {
                let link = self.link(entry.dev.as_ref().unwrap_or(own))?;
                let networks = self.networks(link, entry.address.value);
                let is_inside = |network: &IpNet| network.contains(&entry.address.value);
                let is_outside = !networks.is_empty() && !networks.iter().any(is_inside);
                is_outside.then_some((entry, link.name.as_str(), networks))
            })
            .collect();
        let (first, link, networks) = outside.first()?;
        let others = match outside.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        let message = format!(
            "the virtual address {}{others} is outside every network of `{link}`",
            first.address
        );
        let networks: Vec<String> = networks.iter().take(SHOWN).map(ToString::to_string).collect();
        let diagnostic = Diagnostic::warning(Code::AddressOutsideNetworks, message);
        let diagnostic = outside
            .iter()
            .take(SHOWN)
            .fold(diagnostic, |diagnostic, (entry, _, _)| {
                diagnostic.at(entry.address.span)
            });
        Some(
            diagnostic
                .help(format!("`{link}` is in {}", networks.join(", ")))
                .help("other machines reach it only if a route says so"),
        )
    }

    /// The networks of an interface, of the family of an address.
    fn networks(&self, link: &Link, address: IpAddr) -> Vec<IpNet> {
        let link_local = |address: IpAddr| matches!(address, IpAddr::V6(it) if it.is_unicast_link_local());
        if link_local(address) || link.loopback {
            return Vec::new();
        }
        let networks = self
            .own(link)
            .filter(|entry| Family::of(entry.address) == Family::of(address) && !link_local(entry.address))
            .filter_map(|entry| Some(IpNet::new(entry.address, entry.prefix_len).ok()?.trunc()));
        networks.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn addresses(instance: &VrrpInstance) -> impl Iterator<Item = &VirtualAddress> {
    let advertised = instance.virtual_ipaddress.iter();
    advertised.chain(&instance.virtual_ipaddress_excluded)
}

/// Every interface that an instance names, and what becomes of it without that.
fn named_interfaces(instance: &VrrpInstance) -> Vec<(&Spanned<String>, &'static str)> {
    let own = instance
        .interface
        .iter()
        .map(|name| (name, "the instance is in FAULT without it"));
    let devices = addresses(instance).filter_map(|entry| entry.dev.as_ref());
    let devices = devices.map(|name| (name, "the address cannot be put on it"));
    let tracked = instance.tracking.interfaces.iter();
    let tracked = tracked.map(|tracked| (&tracked.name, "it counts as down"));
    let routes = instance.virtual_routes.iter().flat_map(self::devices);
    own.chain(devices).chain(tracked).chain(routes).collect()
}

/// Every interface that is named outside the instances.
fn named_outside(config: &Config) -> impl Iterator<Item = (&Spanned<String>, &'static str)> {
    let groups = config
        .sync_groups
        .iter()
        .flat_map(|group| &group.tracking.interfaces);
    let groups = groups.map(|tracked| (&tracked.name, "it counts as down"));
    let addresses = config
        .static_ipaddress
        .iter()
        .filter_map(|entry| entry.dev.as_ref());
    let addresses = addresses.map(|name| (name, "the address cannot be put on it"));
    let routes = config.static_routes.iter().flat_map(devices);
    let garp = config.garp_groups.iter().flat_map(|group| &group.interfaces);
    let garp = garp.map(|name| (name, "nothing is sent on it"));
    groups.chain(addresses).chain(routes).chain(garp)
}

fn devices(route: &Route) -> impl Iterator<Item = (&Spanned<String>, &'static str)> {
    let hops = route.next_hops.iter().filter_map(|hop| hop.dev.as_ref());
    let names = route.dev.iter().chain(hops);
    names.map(|name| (name, "the route cannot be set"))
}

/// As many as a person would read.
const SHOWN: usize = 6;
