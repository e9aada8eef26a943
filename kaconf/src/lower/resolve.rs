//! Drafts to the model: inheritance, defaults, and what contradicts what.

use std::net::IpAddr;
use std::time::Duration;

use super::check::report_duplicate_ids;
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
        Config {
            random_seed: self.random_seed,
            global,
            instances,
        }
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
        self.check_repeated_addresses(session);
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
}

fn global_group(family: Family, global: &GlobalDefs) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(global.vrrp_mcast_group4),
        Family::Ipv6 => IpAddr::V6(global.vrrp_mcast_group6),
    }
}

/// The priority of a router whose own the addresses are (RFC 9568 section 5.2.4).
pub(super) const OWNER: u8 = 255;
const DEFAULT_PRIORITY: u8 = 100;
const SECOND: Duration = Duration::from_secs(1);
const CENTISECOND: Duration = Duration::from_millis(10);
/// Twelve bits of centiseconds (RFC 9568 section 5.2.7).
const LONGEST_V3: Duration = Duration::from_millis(40_950);
