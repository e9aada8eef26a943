//! Drafts to the model: inheritance, defaults, and what contradicts what.

use std::time::Duration;

use super::draft::{Draft, InstanceDraft};
use super::{
    address_check, check, global, groups, lvs_groups, lvs_names, pitfalls, static_items, track_names, value,
};
use crate::session::Session;
use crate::{Code, Config, Diagnostic, Family, GlobalDefs, InitialState, VrrpInstance, VrrpVersion};

impl Draft {
    /// The configuration that the statements mean.
    pub(crate) fn resolve(mut self, session: &mut Session<'_>) -> Config {
        global::resolve(&mut self.config.global);
        let Config {
            global, instances, ..
        } = &mut self.config;
        let mut drafts = self.instances.iter();
        // In place: of 4,000 instances a second list would be felt.
        instances.retain_mut(|instance| {
            let draft = drafts.next().expect("a draft for each instance");
            draft.resolve(instance, global, session)
        });
        check::report_duplicate_ids(&self.config.instances, session);
        groups::resolve(&mut self.config, &self.names, session);
        static_items::resolve(&mut self.config, &self.names, session);
        track_names::resolve(&mut self.config, &self.names, session);
        lvs_names::resolve(&mut self.config, &self.names, session);
        lvs_groups::resolve(&mut self.config, &self.names, session);
        self.config
    }
}

impl InstanceDraft {
    /// Completes an instance; false without an id, which an instance cannot be without.
    fn resolve(&self, instance: &mut VrrpInstance, global: &GlobalDefs, session: &mut Session<'_>) -> bool {
        self.check_complete(instance, session);
        self.check_unicast(instance, session);
        instance.family = family(instance);
        check::drop_other_family(instance, session);
        check::check_repeated_addresses(instance, session);
        address_check::check(instance, session);
        check_version(instance, session);
        instance.inherit(global);
        fit_advert_int(instance, session);
        check::check_authentication(instance, session);
        fill_priority(instance);
        pitfalls::check(instance, session);
        check::check_preemption(instance, session);
        instance.virtual_router_id.is_written()
    }
}

/// The owner of the addresses would be MASTER, and a MASTER without a priority is the owner.
fn fill_priority(instance: &mut VrrpInstance) {
    if !instance.priority.is_written()
        && instance.state.is_written()
        && *instance.state == InitialState::Master
    {
        instance.priority.value = VrrpInstance::OWNER;
    }
    if !instance.state.is_written() && *instance.priority == VrrpInstance::OWNER {
        instance.state.value = InitialState::Master;
    }
}

/// What the adverts travel over.
fn family(instance: &VrrpInstance) -> Family {
    if instance.native_ipv6.value {
        return Family::Ipv6;
    }
    let first = instance
        .virtual_ipaddress
        .first()
        .map(|first| first.address.value);
    let peer = || instance.unicast_peer.first().map(|peer| peer.address.value);
    first
        .or(instance.source.map(|source| source.value))
        .or_else(peer)
        .map_or(Family::Ipv4, Family::of)
}

fn check_version(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    if instance.family == Family::Ipv4 {
        return;
    }
    let version = &mut instance.version;
    if version.is_written() && version.value == VrrpVersion::V2 {
        session.report(
            Diagnostic::warning(
                Code::Ipv6NeedsVersion3,
                "version 2 knows no IPv6: this instance speaks version 3",
            )
            .at(version.span),
        );
    }
    version.value = VrrpVersion::V3;
}

/// Makes the interval one that the version can say.
fn fit_advert_int(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let (wanted, span) = (instance.advert_int.value, instance.advert_int.span);
    let (unit, unit_name, longest, code) = match *instance.version {
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
        instance.advert_int.value = longest;
        return;
    }
    let units = (wanted.as_micros() + unit.as_micros() / 2) / unit.as_micros();
    let rounded = unit * u32::try_from(units.max(1)).unwrap_or(1);
    if rounded != wanted {
        let (wanted, taken) = (value::shown(wanted), value::shown(rounded));
        let message = format!("this version counts {unit_name}: {wanted} s is taken as {taken} s");
        let mut diagnostic = Diagnostic::warning(code, message).at(span);
        if *instance.version == VrrpVersion::V2 {
            diagnostic = diagnostic.help("`version 3` counts centiseconds; all routers must speak it");
        }
        session.report(diagnostic);
    }
    instance.advert_int.value = rounded;
}

const SECOND: Duration = Duration::from_secs(1);
const CENTISECOND: Duration = Duration::from_millis(10);
/// Twelve bits of centiseconds (RFC 9568 section 5.2.7).
const LONGEST_V3: Duration = Duration::from_millis(40_950);
