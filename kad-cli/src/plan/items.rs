//! What is to be in the kernel: addresses, routes and rules, of instances and of the daemon itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ipnet::Ipv4Net;
use kaconf::{
    Broadcast, Config, Destination, Name, RouteKind, RouteMetricKind, RoutePreference, RuleAction, Scope,
};
use thiserror::Error;
use vrrp_engine::{InterfaceId, Tracker, TrackerId, Weight};
use vrrp_proto::Family;

use super::encap::{self, EncapError};
use super::from_config::PlanErrorReason;
use super::iproute::{IprouteNames, NameKind, Unknown};
use super::{Plan, PlanError, VirtualAddress};
use crate::rtnl::{AddressOptions, Hop, Metric, RouteSpec, RuleSpec, RuleTarget};
use crate::track::{Kind, TrackerKind, TrackerSetup};

/// A route, and how it is looked after.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Route {
    /// What the kernel is told.
    pub spec: RouteSpec<InterfaceId>,
    /// The VRF whose table it is in, whatever the table in `spec`.
    pub vrf: Option<InterfaceId>,
    /// Whether it is put back when another program removes it.
    pub tracked: bool,
}

/// A routing rule, and how it is looked after.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Rule {
    /// What the kernel is told.
    pub spec: RuleSpec,
    /// Whether it is put back when another program removes it.
    pub tracked: bool,
}

/// What is there as long as the daemon runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statics {
    /// `static_ipaddress`.
    pub addresses: Vec<VirtualAddress>,
    /// `static_routes`.
    pub routes: Vec<Arc<Route>>,
    /// `static_rules`.
    pub rules: Vec<Arc<Rule>>,
    /// For each of the addresses, then of the routes, then of the rules: the tracker that it counts for.
    pub trackers: Vec<Option<TrackerId>>,
}

impl Statics {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.routes.is_empty() && self.rules.is_empty()
    }
}

/// Why an item cannot be.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ItemError {
    /// A name that stands for no number.
    #[error("there is no {what} `{name}`: it has no number in {file}")]
    UnknownName {
        /// What it would be of.
        what: &'static str,
        /// The name.
        name: String,
        /// Where a number would be.
        file: String,
    },
    /// A number that does not fit.
    #[error("the {what} {number} is more than {most}")]
    TooLarge {
        /// What it is of.
        what: &'static str,
        /// The number.
        number: u32,
        /// The largest.
        most: u32,
    },
    /// Two realms at most, each of 16 bits.
    #[error("realms are two numbers or names at most, as in `3/4`, not `{0}`")]
    Realms(String),
    /// A wrapping that cannot be.
    #[error(transparent)]
    Encap(#[from] EncapError),
}

impl From<Unknown> for ItemError {
    fn from(unknown: Unknown) -> Self {
        Self::UnknownName {
            what: unknown.what,
            name: unknown.name,
            file: unknown.file.display().to_string(),
        }
    }
}

/// Makes items, one after another.
pub(super) struct ItemMaker {
    names: IprouteNames,
    /// The next priorities of rules that are given none, for each family.
    priorities: [u32; 2],
}

impl ItemMaker {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            names: IprouteNames::new(&config.global.files),
            priorities: [FIRST_PRIORITY; 2],
        }
    }

    pub(super) fn route(&mut self, plan: &mut Plan, from: &kaconf::Route) -> Result<Arc<Route>, ItemError> {
        let family = family(from.family().unwrap_or(kaconf::Family::Ipv4));
        let destination = match from.destination.value {
            Destination::Default => None,
            Destination::Net(net) => Some(net),
        };
        let encap = encap::read(&from.encap)?;
        let hops = from.next_hops.iter().map(|hop| Hop {
            via: hop.via,
            device: hop.dev.as_ref().map(|dev| plan.interface(dev)),
            weight: hop.weight.unwrap_or(1),
            onlink: hop.onlink || from.onlink,
            encap: None,
        });
        let mut spec = RouteSpec::new(family, destination);
        spec.hops = hops.collect();
        spec.kind = kind(from.kind);
        spec.source = from.src;
        spec.hop.via = from.via;
        spec.hop.device = from.dev.as_ref().map(|dev| plan.interface(dev));
        spec.hop.onlink = from.onlink;
        spec.hop.encap = encap;
        spec.scope = from.scope.unwrap_or(default_scope(from.kind)).0;
        if let Some(table) = &from.table {
            spec.table = self.names.number(NameKind::Table, table)?;
        }
        spec.tos = from.tos.unwrap_or_default();
        spec.metric = from.metric;
        spec.protocol = self.protocol(from.protocol.as_ref(), spec.protocol)?;
        spec.realms = self.realms(from.realms.as_deref())?;
        spec.metrics = from.metrics.iter().map(metric).collect();
        spec.congestion = from.congctl.as_ref().map(|it| (it.name.clone(), it.lock));
        spec.preference = from.pref.map(preference).filter(|_| family == Family::Ipv6);
        spec.expires = from.expires.filter(|_| family == Family::Ipv6);
        spec.ttl_propagate = from.ttl_propagate;
        Ok(Arc::new(Route {
            vrf: from.vrf.as_ref().map(|vrf| plan.interface(vrf)),
            // What the kernel is told to remove in time is not to come back.
            tracked: !from.no_track && spec.expires.is_none(),
            spec,
        }))
    }

    /// `None` if the rule is disabled.
    pub(super) fn rule(&mut self, from: &kaconf::Rule) -> Result<Option<Arc<Rule>>, ItemError> {
        if from.disabled {
            return Ok(None);
        }
        let net = from.from.or(from.to).map(|net| kaconf::Family::of(net.addr()));
        let family = family(from.family.or(net).unwrap_or(kaconf::Family::Ipv4));
        let target = match &from.action.value {
            RuleAction::Table(table) => RuleTarget::Table(self.names.number(NameKind::Table, table)?),
            RuleAction::Goto(priority) => RuleTarget::Goto(*priority),
            RuleAction::Nop => RuleTarget::Nop,
            RuleAction::Blackhole => RuleTarget::Blackhole,
            RuleAction::Unreachable => RuleTarget::Unreachable,
            RuleAction::Prohibit => RuleTarget::Prohibit,
            RuleAction::L3mdev => RuleTarget::L3mdev,
        };
        let mut spec = RuleSpec::new(family, target);
        spec.invert = from.invert;
        spec.from = from.from;
        spec.to = from.to;
        spec.iif = from.iif.as_ref().map(|name| name.value.clone());
        spec.oif = from.oif.as_ref().map(|name| name.value.clone());
        spec.fwmark = from.fwmark;
        spec.tos = from.tos.unwrap_or_default();
        spec.priority = Some(from.priority.unwrap_or_else(|| self.priority(family)));
        spec.realms = self.realms(from.realms.as_deref())?;
        spec.suppress_prefixlength = from.suppress_prefixlength;
        spec.suppress_ifgroup = from.suppress_ifgroup;
        spec.uidrange = from.uidrange;
        spec.tunnel_id = from.tunnel_id;
        spec.ipproto = match &from.ipproto {
            Some(name) => {
                let number = self.names.number(NameKind::IpProtocol, name)?;
                Some(byte("protocol above IP", number)?)
            }
            None => None,
        };
        spec.sport = from.sport;
        spec.dport = from.dport;
        spec.protocol = self.protocol(from.protocol.as_ref(), spec.protocol)?;
        Ok(Some(Arc::new(Rule {
            spec,
            tracked: !from.no_track,
        })))
    }

    /// As keepalived: 16384 and downwards, for each family by itself.
    fn priority(&mut self, family: Family) -> u32 {
        let [ipv4, ipv6] = &mut self.priorities;
        let next = if family == Family::Ipv4 { ipv4 } else { ipv6 };
        let priority = *next;
        *next = next.saturating_sub(1);
        priority
    }

    fn protocol(&mut self, name: Option<&Name>, otherwise: u8) -> Result<u8, ItemError> {
        match name {
            Some(name) => byte("routing protocol", self.names.number(NameKind::Protocol, name)?),
            None => Ok(otherwise),
        }
    }

    /// `DESTINATION` or `SOURCE/DESTINATION`.
    fn realms(&mut self, text: Option<&str>) -> Result<Option<u32>, ItemError> {
        let Some(text) = text else { return Ok(None) };
        let mut realm = |name: &str| {
            if name.is_empty() || name.contains('/') {
                return Err(ItemError::Realms(text.to_owned()));
            }
            let number = self.names.find(NameKind::Realm, name)?;
            within("realm", number, u16::MAX.into())
        };
        Ok(Some(match text.split_once('/') {
            Some((source, destination)) => realm(source)? << 16 | realm(destination)?,
            None => realm(text)?,
        }))
    }
}

fn within(what: &'static str, number: u32, most: u32) -> Result<u32, ItemError> {
    if number > most {
        return Err(ItemError::TooLarge { what, number, most });
    }
    Ok(number)
}

fn byte(what: &'static str, number: u32) -> Result<u8, ItemError> {
    u8::try_from(number).map_err(|_| ItemError::TooLarge {
        what,
        number,
        most: u8::MAX.into(),
    })
}

fn family(from: kaconf::Family) -> Family {
    match from {
        kaconf::Family::Ipv4 => Family::Ipv4,
        kaconf::Family::Ipv6 => Family::Ipv6,
    }
}

/// `RTN_*` in linux/rtnetlink.h.
fn kind(from: RouteKind) -> u8 {
    match from {
        RouteKind::Unicast => 1,
        RouteKind::Local => 2,
        RouteKind::Broadcast => 3,
        RouteKind::Multicast => 5,
        RouteKind::Blackhole => 6,
        RouteKind::Unreachable => 7,
        RouteKind::Prohibit => 8,
        RouteKind::Throw => 9,
        RouteKind::Nat => 10,
    }
}

/// The kernel takes no other for local and broadcast routes.
fn default_scope(kind: RouteKind) -> Scope {
    match kind {
        RouteKind::Local | RouteKind::Nat => Scope::HOST,
        RouteKind::Broadcast => Scope::LINK,
        _ => Scope::GLOBAL,
    }
}

/// The kernel counts round-trip times in eighths of a millisecond, and their deviations in quarters.
fn metric(from: &kaconf::RouteMetric) -> Metric {
    let (kind, unit) = match from.kind {
        RouteMetricKind::Mtu => (2, 1),
        RouteMetricKind::Window => (3, 1),
        RouteMetricKind::Rtt => (4, 8),
        RouteMetricKind::Rttvar => (5, 4),
        RouteMetricKind::Ssthresh => (6, 1),
        RouteMetricKind::Cwnd => (7, 1),
        RouteMetricKind::Advmss => (8, 1),
        RouteMetricKind::Reordering => (9, 1),
        RouteMetricKind::Hoplimit => (10, 1),
        RouteMetricKind::Initcwnd => (11, 1),
        RouteMetricKind::Features => (12, 1),
        RouteMetricKind::RtoMin => (13, 1),
        RouteMetricKind::Initrwnd => (14, 1),
        RouteMetricKind::Quickack => (15, 1),
        RouteMetricKind::FastopenNoCookie => (17, 1),
    };
    Metric {
        kind,
        value: from.value.saturating_mul(unit),
        lock: from.lock,
    }
}

/// RFC 4191 section 2.1: two bits, signed.
fn preference(from: RoutePreference) -> u8 {
    match from {
        RoutePreference::Medium => 0,
        RoutePreference::High => 1,
        RoutePreference::Low => 3,
    }
}

impl Plan {
    /// Each `track_group` of static items is a tracker of its instances: a fault while one of its items cannot be had.
    /// What else is tracked has its numbers already.
    pub(super) fn track_statics(&mut self, config: &Config) {
        let mut known = Vec::new();
        for group in &config.track_groups {
            let id = self.static_tracker(&group.name.value);
            let members = self
                .instances
                .iter_mut()
                .filter(|instance| group.group.iter().any(|name| name.value == instance.name));
            for member in members {
                let weight = Weight {
                    value: 0,
                    reverse: false,
                };
                member.router.trackers.push(Tracker { id, weight });
            }
            self.trackers.push(TrackerSetup {
                id,
                name: group.name.value.clone(),
                kind: TrackerKind::Statics,
            });
            known.push((&group.name.value, id));
        }
        let addresses = config.static_ipaddress.iter().map(|entry| &entry.track_group);
        let routes = config.static_routes.iter().map(|route| &route.track_group);
        let rules = config.static_rules.iter().filter(|rule| !rule.disabled);
        let rules = rules.map(|rule| &rule.track_group);
        let find = |group: &Option<kaconf::Spanned<String>>| {
            let group = group.as_ref()?;
            known
                .iter()
                .find(|(name, _)| **name == group.value)
                .map(|(_, id)| *id)
        };
        self.statics.trackers = addresses.chain(routes).chain(rules).map(find).collect();
    }

    /// The number that a group has already, or a new one.
    fn static_tracker(&mut self, name: &str) -> TrackerId {
        let name = (Kind::Statics, name.to_owned());
        let known = self.tracker_names.iter().position(|known| *known == name);
        let place = known.unwrap_or_else(|| {
            self.tracker_names.push(name);
            self.tracker_names.len() - 1
        });
        TrackerId(u32::try_from(place).expect("a file that fits memory tracks fewer things"))
    }

    /// What is there as long as the daemon runs; answers with what cannot be.
    pub(super) fn make_statics(&mut self, config: &Config, maker: &mut ItemMaker) -> Vec<PlanError> {
        let mut errors = Vec::new();
        let mut fail = |block: &str, span, error: PlanErrorReason| {
            errors.push(PlanError {
                subject: block.to_owned(),
                span,
                reason: error,
            });
        };
        let mut statics = Statics::default();
        for entry in &config.static_ipaddress {
            let interface = self.interface(entry.dev.as_ref().unwrap_or(&config.global.default_interface));
            statics.addresses.push(address(entry, interface));
        }
        for route in &config.static_routes {
            match maker.route(self, route) {
                Ok(route) => statics.routes.push(route),
                Err(error) => fail("static_routes", route.destination.span, error.into()),
            }
        }
        for rule in &config.static_rules {
            match maker.rule(rule) {
                Ok(rule) => statics.rules.extend(rule),
                Err(error) => fail("static_rules", rule.action.span, error.into()),
            }
        }
        self.statics = statics;
        errors
    }
}

/// An address on an interface.
pub(super) fn address(from: &kaconf::VirtualAddress, interface: InterfaceId) -> VirtualAddress {
    let address = from.address.value;
    let prefix_len = from.peer.map_or(from.prefix_len, |(_, prefix_len)| prefix_len);
    VirtualAddress {
        interface,
        address,
        prefix_len,
        broadcast: broadcast(address, from.prefix_len, from.broadcast),
        scope: from.scope.unwrap_or(Scope::GLOBAL).0,
        label: from.label.clone(),
        options: AddressOptions {
            peer: from.peer.map(|(peer, _)| peer),
            home: from.home,
            dad: from.dad,
            mngtmpaddr: from.mngtmpaddr,
            noprefixroute: from.noprefixroute,
            autojoin: from.autojoin,
            preferred: preferred(from, prefix_len),
        },
        tracked: !from.no_track,
    }
}

/// As keepalived: IPv4 addresses always are; of IPv6, those that are a network of their own are not, unless the file
/// says so, since the machine's own connections should not come from them.
fn preferred(from: &kaconf::VirtualAddress, prefix_len: u8) -> Option<u32> {
    if from.address.is_ipv4() {
        return None;
    }
    let seconds = from.preferred_lft.or((prefix_len == 128).then_some(0));
    seconds.filter(|seconds| *seconds != u32::MAX)
}

/// `brd +` sets the host bits, `brd -` clears them.
fn broadcast(address: IpAddr, prefix_len: u8, from: Option<Broadcast>) -> Option<Ipv4Addr> {
    let IpAddr::V4(address) = address else { return None };
    let net = Ipv4Net::new(address, prefix_len).ok()?;
    match from? {
        Broadcast::Address(broadcast) => Some(broadcast),
        Broadcast::Plus => Some(net.broadcast()),
        Broadcast::Minus => Some(net.network()),
    }
}

/// The priority of the first rule that is given none.
const FIRST_PRIORITY: u32 = 16384;
