//! Drafts to the model: inheritance, defaults, and what contradicts what.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::draft::{Draft, GarpDraft, GlobalDraft, InstanceDraft};
use super::value;
use crate::session::Session;
use crate::{
    Code, Config, Diagnostic, Family, Garp, GlobalDefs, InitialState, Spanned, VrrpInstance, VrrpVersion,
};

impl Draft {
    /// The configuration that the statements mean.
    pub(crate) fn resolve(self, session: &mut Session<'_>) -> Config {
        let global = self.global.resolve();
        let drafts = self.instances.into_iter();
        let instances: Vec<_> = drafts
            .filter_map(|draft| draft.resolve(&global, session))
            .collect();
        report_duplicate_ids(&instances, session);
        Config { global, instances }
    }
}

impl GlobalDraft {
    fn resolve(self) -> GlobalDefs {
        let default = GlobalDefs::default();
        GlobalDefs {
            router_id: self.router_id,
            vrrp_version: self.version.map_or(default.vrrp_version, |version| version.value),
            vrrp_mcast_group4: self.mcast_group4.unwrap_or(default.vrrp_mcast_group4),
            vrrp_mcast_group6: self.mcast_group6.unwrap_or(default.vrrp_mcast_group6),
            garp: self.garp.resolve_global(),
            garp_interval: self.garp_interval,
            gna_interval: self.gna_interval,
            down_timer_adverts: self.down_timer_adverts.unwrap_or(default.down_timer_adverts),
            skip_check_adv_addr: self.skip_check_adv_addr.unwrap_or(default.skip_check_adv_addr),
            v3_checksum_as_v2: self.v3_checksum_as_v2.unwrap_or(default.v3_checksum_as_v2),
        }
    }
}

impl GarpDraft {
    /// What answers a lower priority is, unless said, what becoming master does.
    fn resolve_global(self) -> Garp {
        let lower = GarpDraft {
            lower_prio_delay: self.lower_prio_delay.or(self.master_delay),
            lower_prio_repeat: self.lower_prio_repeat.or(self.master_repeat),
            ..self
        };
        lower.resolve(&Garp::default())
    }

    fn resolve(self, inherited: &Garp) -> Garp {
        let or = |own: Option<Duration>, inherited| {
            own.map_or(inherited, |own| Some(own).filter(|own| !own.is_zero()))
        };
        Garp {
            master_delay: or(self.master_delay, inherited.master_delay),
            master_repeat: self.master_repeat.unwrap_or(inherited.master_repeat),
            master_refresh: or(self.master_refresh, inherited.master_refresh),
            master_refresh_repeat: self
                .master_refresh_repeat
                .unwrap_or(inherited.master_refresh_repeat),
            lower_prio_delay: or(self.lower_prio_delay, inherited.lower_prio_delay),
            lower_prio_repeat: self.lower_prio_repeat.unwrap_or(inherited.lower_prio_repeat),
        }
    }
}

impl InstanceDraft {
    /// The instance; `None` without an id, which an instance cannot be without.
    fn resolve(mut self, global: &GlobalDefs, session: &mut Session<'_>) -> Option<VrrpInstance> {
        self.check_complete(session);
        self.check_unicast(session);
        let family = self.family();
        self.drop_other_family(family, session);
        self.drop_repeated_addresses(session);
        let version = self.version(family, global, session);
        let advert_int = self.advert_int(version, session);
        self.check_authentication(version, session);
        let priority = match (&self.priority, &self.state) {
            (Some(priority), _) => priority.value,
            (
                None,
                Some(Spanned {
                    value: InitialState::Master,
                    ..
                }),
            ) => OWNER,
            (None, _) => DEFAULT_PRIORITY,
        };
        let state = match &self.state {
            Some(state) => state.value,
            None if priority == OWNER => InitialState::Master,
            None => InitialState::Backup,
        };
        self.check_preemption(state, priority, session);
        let id = self.virtual_router_id?;
        Some(VrrpInstance {
            name: self.name,
            state,
            interface: self.interface,
            virtual_router_id: id,
            priority,
            version,
            family,
            native_ipv6: self.native_ipv6.is_some_and(|native| native.value),
            advert_int,
            down_timer_adverts: self.down_timer_adverts.unwrap_or(global.down_timer_adverts),
            nopreempt: self.nopreempt.is_some(),
            preempt_delay: self.preempt_delay.map_or(Duration::ZERO, |delay| delay.value),
            virtual_ipaddress: self.virtual_ipaddress,
            authentication: self.authentication.map(|authentication| authentication.value),
            source: self.source,
            mcast_dst_ip: self
                .mcast_dst_ip
                .map_or(global_group(family, global), |group| group.value),
            unicast_peer: self.unicast_peer,
            v3_checksum_as_v2: self.v3_checksum_as_v2.unwrap_or(global.v3_checksum_as_v2),
            skip_check_adv_addr: self.skip_check_adv_addr.unwrap_or(global.skip_check_adv_addr),
            garp: self.garp.resolve(&global.garp),
            debug: self.debug.unwrap_or(0),
        })
    }

    /// What the adverts travel over.
    fn family(&self) -> Family {
        if self.native_ipv6.is_some_and(|native| native.value) {
            return Family::Ipv6;
        }
        let first = self.virtual_ipaddress.first().map(|first| first.address.value);
        let peer = || self.unicast_peer.first().map(|peer| peer.address.value);
        first
            .or(self.source.map(|source| source.value))
            .or_else(peer)
            .map_or(Family::Ipv4, Family::of)
    }

    /// Takes out addresses that are not of the instance's family.
    fn drop_other_family(&mut self, family: Family, session: &mut Session<'_>) {
        let name = &self.name;
        let why = match (&self.native_ipv6, self.virtual_ipaddress.first()) {
            (Some(native), _) if native.value => Some((native.span, "this makes it IPv6")),
            (_, Some(first)) => Some((first.address.span, "the first address decides")),
            _ => None,
        };
        let mut is_ours = |address: &Spanned<IpAddr>, what: &str, help: &str| {
            let ours = Family::of(address.value) == family;
            if !ours {
                let (is, not) = names(family);
                let message = format!("the {what} {address} is {not}, and `{name}` is {is}");
                let mut diagnostic = Diagnostic::error(Code::WrongFamily, message).at(address.span);
                if let Some((span, text)) = why.filter(|&(span, _)| span != address.span) {
                    diagnostic = diagnostic.label(span, text);
                }
                session.report(if help.is_empty() {
                    diagnostic
                } else {
                    diagnostic.help(help)
                });
            }
            ours
        };
        let help =
            "addresses of the other family go into `virtual_ipaddress_excluded` or an instance of their own";
        self.virtual_ipaddress
            .retain(|vip| is_ours(&vip.address, "virtual address", help));
        self.unicast_peer
            .retain(|peer| is_ours(&peer.address, "unicast peer", ""));
        self.source = self
            .source
            .take()
            .filter(|source| is_ours(source, "source address", ""));
        self.mcast_dst_ip = self
            .mcast_dst_ip
            .take()
            .filter(|group| is_ours(group, "multicast group", ""));
    }

    fn drop_repeated_addresses(&mut self, session: &mut Session<'_>) {
        let mut seen = HashMap::new();
        self.virtual_ipaddress.retain(|vip| {
            let first = *seen.entry(vip.address.value).or_insert(vip.address.span);
            let new = first == vip.address.span;
            if !new {
                let message = format!("{} is there already", vip.address);
                session.report(
                    Diagnostic::warning(Code::DuplicateAddress, message)
                        .label(vip.address.span, "ignored")
                        .label(first, "the first one"),
                );
            }
            new
        });
    }

    /// Reports what an instance must have and this one has not, unless a fault in it was reported.
    fn check_complete(&self, session: &mut Session<'_>) {
        let mut missing = |code, keyword: &'static str, what: &str| {
            if !self.faulty.contains(&keyword) {
                let message = format!("`vrrp_instance {}` has no `{keyword}`", self.name);
                session.report(Diagnostic::error(code, message).label(self.name.span, what));
            }
        };
        if self.virtual_router_id.is_none() {
            missing(
                Code::NoVirtualRouterId,
                "virtual_router_id",
                "needs a number from 1 to 255",
            );
        }
        if self.interface.is_none() && self.unicast_peer.is_empty() {
            missing(
                Code::NoInterface,
                "interface",
                "needs an interface, or unicast peers",
            );
        }
        if self.virtual_ipaddress.is_empty() {
            missing(
                Code::NoVirtualAddress,
                "virtual_ipaddress",
                "needs an address to take care of",
            );
        }
    }

    fn check_unicast(&self, session: &mut Session<'_>) {
        if let Some(span) = self.wants_unicast.filter(|_| self.unicast_peer.is_empty())
            && !self.faulty.contains(&"unicast_peer")
        {
            session.report(
                Diagnostic::warning(
                    Code::UnicastWithoutPeers,
                    "there is no unicast peer: adverts are multicast",
                )
                .at(span)
                .help("list the other routers in `unicast_peer { ... }`, one on each line"),
            );
        }
        let own = self.source.map(|source| source.value);
        for peer in self
            .unicast_peer
            .iter()
            .filter(|peer| Some(peer.address.value) == own)
        {
            let message = format!("{} is this router's own address, and no peer of it", peer.address);
            session.report(Diagnostic::warning(Code::OwnAddressAsPeer, message).at(peer.address.span));
        }
    }

    fn version(&self, family: Family, global: &GlobalDefs, session: &mut Session<'_>) -> VrrpVersion {
        if family == Family::Ipv4 {
            return self.version.map_or(global.vrrp_version, |version| version.value);
        }
        if let Some(version) = self.version.filter(|version| version.value == VrrpVersion::V2) {
            session.report(
                Diagnostic::warning(
                    Code::Ipv6NeedsVersion3,
                    "version 2 knows no IPv6: this instance speaks version 3",
                )
                .at(version.span),
            );
        }
        VrrpVersion::V3
    }

    /// The interval as the version can say it.
    fn advert_int(&self, version: VrrpVersion, session: &mut Session<'_>) -> Duration {
        let Some(Spanned { value: wanted, span }) = self.advert_int else {
            return Duration::from_secs(1);
        };
        let (unit, unit_name, longest, code) = match version {
            VrrpVersion::V2 => (
                SECOND,
                "whole seconds",
                Duration::from_secs(255),
                Code::IntervalRounded,
            ),
            VrrpVersion::V3 => (CENTISECOND, "centiseconds", LONGEST_V3, Code::Rounded),
        };
        if wanted > longest {
            let message = format!(
                "version 3 can say no interval above {} s: that is taken",
                value::shown(longest)
            );
            session.report(Diagnostic::warning(Code::IntervalTooLong, message).at(span));
            return longest;
        }
        let units = (wanted.as_micros() + unit.as_micros() / 2) / unit.as_micros();
        let rounded = unit * u32::try_from(units.max(1)).unwrap_or(1);
        if rounded != wanted {
            let (wanted, taken) = (value::shown(wanted), value::shown(rounded));
            let message = format!("this version counts {unit_name}: {wanted} s is taken as {taken} s");
            let mut diagnostic = Diagnostic::warning(code, message).at(span);
            if version == VrrpVersion::V2 {
                diagnostic = diagnostic.help("`version 3` counts centiseconds; all routers must speak it");
            }
            session.report(diagnostic);
        }
        rounded
    }

    fn check_authentication(&mut self, version: VrrpVersion, session: &mut Session<'_>) {
        if version == VrrpVersion::V3
            && let Some(authentication) = self.authentication.take()
        {
            session.report(
                Diagnostic::warning(
                    Code::AuthenticationIgnored,
                    "version 3 has no authentication; this is ignored",
                )
                .at(authentication.span)
                .help("RFC 5798 took it out: it protected against nothing that TTL 255 does not"),
            );
        }
    }

    /// Takes out what cannot work together, as keepalived does.
    fn check_preemption(&mut self, state: InitialState, priority: u8, session: &mut Session<'_>) {
        let mut ignored = |span, message: &str| {
            session.report(Diagnostic::warning(Code::PreemptionIgnored, message).label(span, "ignored"));
        };
        if let Some(span) = self.nopreempt {
            let clash = match (priority, state) {
                (OWNER, _) => Some("`nopreempt` is not for the owner of the addresses (priority 255)"),
                (_, InitialState::Master) => Some("`nopreempt` needs `state BACKUP`"),
                _ => None,
            };
            if let Some(message) = clash {
                ignored(span, message);
                self.nopreempt = None;
            }
        }
        if let Some(delay) = self.preempt_delay.filter(|delay| !delay.is_zero()) {
            let clash = match (self.nopreempt, state) {
                (Some(_), _) => Some("`preempt_delay` has no effect with `nopreempt`"),
                (None, InitialState::Master) => Some("`preempt_delay` needs `state BACKUP`"),
                _ => None,
            };
            if let Some(message) = clash {
                ignored(delay.span, message);
                self.preempt_delay = None;
            }
        }
    }
}

/// Two instances must not hear each other's adverts as their own.
fn report_duplicate_ids(instances: &[VrrpInstance], session: &mut Session<'_>) {
    let mut seen: HashMap<_, &VrrpInstance> = HashMap::new();
    for instance in instances {
        let group = instance.unicast_peer.is_empty().then_some(instance.mcast_dst_ip);
        let interface = instance.interface.as_ref().map(|interface| interface.as_str());
        let key = (
            interface,
            instance.virtual_router_id.value,
            instance.family,
            group,
        );
        let first = *seen.entry(key).or_insert(instance);
        if !std::ptr::eq(first, instance) {
            let (family, _) = names(instance.family);
            let id = instance.virtual_router_id.value;
            let on = interface.map(|name| format!(" on `{name}`")).unwrap_or_default();
            let message = format!(
                "`{}` and `{}` are both virtual router {id} of {family}{on}",
                first.name, instance.name
            );
            session.report(
                Diagnostic::error(Code::DuplicateVirtualRouterId, message)
                    .label(instance.virtual_router_id.span, "the same id")
                    .label(first.virtual_router_id.span, "the first one"),
            );
        }
    }
}

fn global_group(family: Family, global: &GlobalDefs) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(global.vrrp_mcast_group4),
        Family::Ipv6 => IpAddr::V6(global.vrrp_mcast_group6),
    }
}

/// A family's name, and the other's.
fn names(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Ipv4 => ("IPv4", "IPv6"),
        Family::Ipv6 => ("IPv6", "IPv4"),
    }
}

/// The priority of a router whose own the addresses are (RFC 9568 section 5.2.4).
const OWNER: u8 = 255;
const DEFAULT_PRIORITY: u8 = 100;
const SECOND: Duration = Duration::from_secs(1);
const CENTISECOND: Duration = Duration::from_millis(10);
/// Twelve bits of centiseconds (RFC 9568 section 5.2.7).
const LONGEST_V3: Duration = Duration::from_millis(40_950);
