//! Virtual servers whose services a `virtual_server_group` lists.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::draft::Names;
use super::reference::Known;
use super::{lvs_check, lvs_pool};
use crate::session::Session;
use crate::{
    Code, Config, Diagnostic, Family, Forwarding, GroupEntry, Service, Spanned, VirtualServer,
    VirtualServerGroup,
};

/// Leaves out virtual servers of groups that do not exist, and checks the others against their groups.
pub(super) fn resolve(config: &mut Config, declared: &Names, session: &mut Session<'_>) {
    let groups = &config.virtual_server_groups;
    let names = groups.iter().map(|group| group.name.as_str());
    let known = Known::new("virtual_server_group", names, declared);
    let by_name: HashMap<_, _> = groups.iter().map(|group| (group.name.as_str(), group)).collect();
    let mut used = HashSet::new();
    config.virtual_servers.retain_mut(|server| {
        let Service::Group(name) = &server.service.value else {
            return true;
        };
        let name = Spanned::new(name.clone(), server.service.span);
        if !known.has_or_warn(&name, session) {
            return false;
        }
        if let Some(&group) = by_name.get(name.as_str()) {
            used.insert(group.name.as_str());
            check(server, group, session);
        }
        true
    });
    for group in groups {
        check_group(group, used.contains(group.name.as_str()), session);
    }
}

fn check_group(group: &VirtualServerGroup, used: bool, session: &mut Session<'_>) {
    let mut warn = |code, message: String| {
        session.report(Diagnostic::warning(code, message).at(group.name.span));
    };
    if group.entries.is_empty() {
        warn(
            Code::WithoutEffect,
            format!("`virtual_server_group {}` lists nothing", group.name),
        );
    }
    if !used {
        let message = format!("no virtual server has the group `{}`", group.name);
        warn(Code::Unused, message);
    }
}

fn check(server: &mut VirtualServer, group: &VirtualServerGroup, session: &mut Session<'_>) {
    let families = group.entries.iter().map(|entry| entry.family());
    let families: BTreeSet<Option<Family>> = families.collect();
    let mut said = families.iter().flatten();
    server.family = match (said.next(), said.next()) {
        // Marks alone are of the family of what is behind them.
        (None, _) => server.family,
        (only, None) => only.copied(),
        (_, Some(_)) => None,
    };
    if server.family.is_some() {
        lvs_check::check_families(server, session);
    }
    lvs_pool::check_quorum(server, session);
    for entry in &group.entries {
        check_entry(server, entry, session);
    }
}

fn check_entry(server: &mut VirtualServer, entry: &Spanned<GroupEntry>, session: &mut Session<'_>) {
    let GroupEntry::Addresses { port, .. } = entry.value else {
        return;
    };
    if port == 0 {
        lvs_check::need_persistence(server, entry.span, session);
    }
    let differs = server.real_servers.iter().find(|real| {
        let written = real.endpoint.port;
        real.method.value != Forwarding::Nat && written != 0 && written != port
    });
    if let Some(real) = differs {
        let message = format!(
            "{} cannot change ports: this service's is taken instead of {}",
            real.method.word(),
            real.endpoint.port
        );
        session.report(
            Diagnostic::warning(Code::PortForced, message)
                .at(entry.span)
                .label(real.endpoint.span, "another port"),
        );
    }
}
