//! What only all instances and groups together can be wrong about.

use std::collections::HashMap;

use super::draft::Names;
use super::reference::Known;
use crate::session::Session;
use crate::{Code, Config, Diagnostic, GlobalDefs, Spanned, SyncGroup, VrrpInstance};

/// Takes out of the groups what no instance is, and what another group has; and groups that nothing is left in.
pub(super) fn resolve(config: &mut Config, names: &Names, session: &mut Session<'_>) {
    let instances = config.instances.iter().map(|instance| instance.name.as_str());
    let known = Known::new("vrrp_instance", instances, names);
    check_sync_daemon(&mut config.global, &known, session);
    let mut owners = HashMap::new();
    config.sync_groups.retain_mut(|group| {
        group.inherit(&config.global);
        report_empty(group, session);
        let name = &group.name;
        group
            .group
            .retain(|member| known.has(member, session) && is_first(name, member, &mut owners, session));
        !group.group.is_empty()
    });
    for group in &config.sync_groups {
        check_members(group, &config.instances, session);
    }
}

/// IPVS's connection synchronisation goes with an instance.
fn check_sync_daemon(global: &mut GlobalDefs, known: &Known<'_>, session: &mut Session<'_>) {
    let daemon = global.lvs.sync_daemon.as_ref();
    let instance = daemon.and_then(|daemon| daemon.instance.as_ref());
    if instance.is_some_and(|instance| !known.has_or_warn(instance, session)) {
        global.lvs.sync_daemon = None;
    }
}

/// An instance can be in one group only, and only once.
fn is_first(
    group: &Spanned<String>,
    member: &Spanned<String>,
    owners: &mut HashMap<String, (String, crate::Span)>,
    session: &mut Session<'_>,
) -> bool {
    let Some((other, first)) = owners.get(&member.value) else {
        owners.insert(member.value.clone(), (group.value.clone(), member.span));
        return true;
    };
    let message = if *other == group.value {
        format!("`{member}` is in this group already")
    } else {
        format!("`{member}` is in the group `{other}` already, and can be in one only")
    };
    session.report(
        Diagnostic::error(Code::InTwoGroups, message)
            .label(member.span, "ignored")
            .label(*first, "the first time"),
    );
    false
}

fn report_empty(group: &SyncGroup, session: &mut Session<'_>) {
    if group.group.is_empty() {
        let message = format!("`vrrp_sync_group {}` has no instance, and is ignored", group.name);
        session.report(
            Diagnostic::warning(Code::EmptyGroup, message)
                .at(group.name.span)
                .help("its instances stand in `group { ... }`, one on each line"),
        );
    }
}

fn check_members(group: &SyncGroup, instances: &[VrrpInstance], session: &mut Session<'_>) {
    if let [only] = group.group.as_slice() {
        let message = format!("`{only}` is alone in the group `{}`", group.name);
        session.report(
            Diagnostic::warning(Code::GroupOfOne, message)
                .at(only.span)
                .help("a group of one changes nothing; a second instance joins it, or the group can go"),
        );
    }
    let members = || {
        let named = |name: &Spanned<String>| instances.iter().find(|instance| instance.name == *name);
        group.group.iter().filter_map(named)
    };
    let owner = members().find(|member| *member.priority == VrrpInstance::OWNER);
    let other = members().find(|member| *member.priority != VrrpInstance::OWNER);
    if let (Some(owner), Some(other)) = (owner, other) {
        let message = format!(
            "`{}` owns its addresses (priority 255) and `{}` does not: they cannot be master together",
            owner.name, other.name
        );
        session.report(
            Diagnostic::warning(Code::GroupMixesOwners, message)
                .label(group.name.span, "in this group")
                .label(owner.priority.span, "the owner")
                .label(other.priority.span, "not the owner")
                .help("an owner is master at once and for ever, and a group moves as one"),
        );
    }
}
