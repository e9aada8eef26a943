//! What instances and groups track, and whether there is such a thing.

use std::collections::{HashMap, HashSet};

use super::draft::Names;
use super::reference::Known;
use crate::session::Session;
use crate::{
    Code, Command, Config, Diagnostic, Notify, NotifyDeleted, Spanned, SyncGroup, Tracked, Tracking,
    VirtualServer, VrrpInstance, Weight,
};

/// Takes out of instances and groups what there is not, and says what nobody tracks.
pub(super) fn resolve(config: &mut Config, names: &Names, session: &mut Session<'_>) {
    let mut used = Used::default();
    drop_second_neighbours(config, session);
    {
        let bfd = config
            .bfd_instances
            .iter()
            .filter(|bfd| *bfd.vrrp || !*bfd.checker);
        let scripts = config.scripts.iter().map(|script| script.name.as_str());
        let files = config.track_files.iter().map(|file| file.name.as_str());
        let processes = config.track_processes.iter().map(|process| process.name.as_str());
        let known = All {
            scripts: Known::new("vrrp_script", scripts, names),
            files: Known::new("track_file", files, names),
            processes: Known::new("vrrp_track_process", processes, names),
            bfd: Known::new("bfd_instance", bfd.map(|bfd| bfd.name.as_str()), names),
        };
        let instances = config.instances.iter_mut().map(|instance| &mut instance.tracking);
        let groups = config.sync_groups.iter_mut().map(|group| &mut group.tracking);
        for tracking in instances.chain(groups) {
            known.resolve(tracking, &mut used, session);
        }
    }
    report_unused(config, &used, session);
    for instance in &config.instances {
        check_owner(instance, session);
    }
    check_groups(config, session);
    check_script_security(config, session);
}

struct All<'a> {
    scripts: Known<'a>,
    files: Known<'a>,
    processes: Known<'a>,
    bfd: Known<'a>,
}

/// The names that are tracked.
#[derive(Default)]
struct Used {
    scripts: HashSet<String>,
    files: HashSet<String>,
    processes: HashSet<String>,
}

impl All<'_> {
    fn resolve(&self, tracking: &mut Tracking, used: &mut Used, session: &mut Session<'_>) {
        let mut ignored = HashSet::new();
        retain(
            &mut tracking.interfaces,
            None,
            LIMIT,
            &mut HashSet::new(),
            session,
        );
        retain(
            &mut tracking.scripts,
            Some(&self.scripts),
            LIMIT,
            &mut used.scripts,
            session,
        );
        retain(
            &mut tracking.processes,
            Some(&self.processes),
            FILE_LIMIT,
            &mut used.processes,
            session,
        );
        retain(
            &mut tracking.files,
            Some(&self.files),
            FILE_LIMIT,
            &mut used.files,
            session,
        );
        retain(&mut tracking.bfd, Some(&self.bfd), LIMIT, &mut ignored, session);
    }
}

/// Leaves of a list what there is, each once.
fn retain(
    list: &mut Vec<Tracked>,
    known: Option<&Known<'_>>,
    limit: i32,
    used: &mut HashSet<String>,
    session: &mut Session<'_>,
) {
    let mut seen: HashSet<String> = HashSet::new();
    list.retain_mut(|tracked| {
        if known.is_some_and(|known| !known.has(&tracked.name, session)) {
            return false;
        }
        used.insert(tracked.name.value.clone());
        if !seen.insert(tracked.name.value.clone()) {
            let message = format!("`{}` is tracked here already", tracked.name);
            session
                .report(Diagnostic::warning(Code::TrackedTwice, message).label(tracked.name.span, "ignored"));
            return false;
        }
        limit_weight(tracked, limit, session);
        true
    });
}

fn limit_weight(tracked: &mut Tracked, limit: i32, session: &mut Session<'_>) {
    let Some(weight) = tracked
        .weight
        .as_mut()
        .filter(|weight| weight.value.abs() > limit)
    else {
        return;
    };
    let taken = limit * weight.value.signum();
    let message = format!(
        "a weight of {} is more than can count: it is taken as {taken}",
        weight.value
    );
    weight.value = taken;
    session.report(Diagnostic::warning(Code::WeightLimited, message).at(tracked.name.span));
}

fn report_unused(config: &Config, used: &Used, session: &mut Session<'_>) {
    let mut unused = |kind: &str, name: &Spanned<String>, used: &HashSet<String>| {
        if !used.contains(&name.value) {
            let message = format!("nothing tracks `{kind} {name}`: it is not run");
            session.report(Diagnostic::warning(Code::Unused, message).at(name.span));
        }
    };
    for script in &config.scripts {
        unused("vrrp_script", &script.name, &used.scripts);
    }
    for process in &config.track_processes {
        unused("vrrp_track_process", &process.name, &used.processes);
    }
}

/// An owner's priority never changes, and a positive weight can add nothing to 254.
fn check_owner(instance: &VrrpInstance, session: &mut Session<'_>) {
    if instance.priority.value != VrrpInstance::OWNER {
        return;
    }
    for tracked in instance.tracking.all() {
        if tracked.weight.is_some_and(|weight| weight.value != 0) {
            let message = format!(
                "`{}` owns its addresses: its priority stays 255 whatever `{}` says",
                instance.name, tracked.name
            );
            session.report(Diagnostic::warning(Code::WeightIgnored, message).at(tracked.name.span));
        }
    }
}

/// What a group tracks counts for its members as the group says. What they track beside it keeps its weight only if the
/// group says so.
fn check_groups(config: &Config, session: &mut Session<'_>) {
    let owners: HashMap<&str, &SyncGroup> = config
        .sync_groups
        .iter()
        .flat_map(|group| group.group.iter().map(move |member| (member.as_str(), group)))
        .collect();
    if owners.is_empty() {
        return;
    }
    let scripts = config.scripts.iter();
    let scripts: HashMap<_, _> = scripts.map(|it| (it.name.as_str(), it.weight.value)).collect();
    let files = config.track_files.iter();
    let files: HashMap<_, _> = files.map(|it| (it.name.as_str(), it.weight.value)).collect();
    let none = HashMap::new();
    for instance in &config.instances {
        let Some(group) = owners.get(instance.name.as_str()) else {
            continue;
        };
        let (own, shared) = (&instance.tracking, &group.tracking);
        let kinds = [
            (&own.interfaces, &shared.interfaces, &none, Some(WITHOUT_WEIGHT)),
            (&own.scripts, &shared.scripts, &scripts, Some(NOT_AT_ALL)),
            (&own.files, &shared.files, &files, Some(WITHOUT_WEIGHT)),
            (&own.processes, &shared.processes, &none, None),
        ];
        for (own, shared, weights, consequence) in kinds {
            for tracked in own {
                if let Some(of_group) = shared.iter().find(|it| it.name == tracked.name) {
                    report_shared(group, tracked, of_group, session);
                } else if let Some(consequence) = consequence.filter(|_| !*group.sync_group_tracking_weight) {
                    let weight = weights.get(tracked.name.as_str());
                    report_weight(group, tracked, weight, consequence, session);
                }
            }
        }
    }
}

fn report_shared(group: &SyncGroup, tracked: &Tracked, of_group: &Tracked, session: &mut Session<'_>) {
    let message = format!(
        "`{}` is tracked by the group `{}` already",
        tracked.name, group.name
    );
    session.report(
        Diagnostic::warning(Code::TrackedTwice, message)
            .label(tracked.name.span, "ignored")
            .label(of_group.name.span, "this line counts"),
    );
}

fn report_weight(
    group: &SyncGroup,
    tracked: &Tracked,
    own: Option<&Weight>,
    consequence: &str,
    session: &mut Session<'_>,
) {
    if tracked.weight_or(own.copied().unwrap_or_default()).value == 0 {
        return;
    }
    let message = format!(
        "in the group `{}` the weight of `{}` does not count: {consequence}",
        group.name, tracked.name
    );
    session.report(
        Diagnostic::warning(Code::WeightIgnored, message)
            .at(tracked.name.span)
            .help("with `sync_group_tracking_weight` in the group it counts"),
    );
}

/// A neighbour's packets belong to one session.
fn drop_second_neighbours(config: &mut Config, session: &mut Session<'_>) {
    let mut seen = HashMap::new();
    config.bfd_instances.retain(|bfd| {
        let neighbour = bfd.neighbor_ip;
        let first = *seen.entry(neighbour.value).or_insert(neighbour.span);
        if first == neighbour.span {
            return true;
        }
        let message = format!("{neighbour} is the neighbour of another session already");
        session.report(
            Diagnostic::error(Code::DuplicateAddress, message)
                .label(neighbour.span, "this session is ignored")
                .label(first, "the first one"),
        );
        false
    });
}

fn check_script_security(config: &Config, session: &mut Session<'_>) {
    if config.global.processes.enable_script_security.value {
        return;
    }
    let scripts = config.scripts.iter().map(|script| script.script.span);
    let notifies = config.instances.iter().map(|instance| &instance.notify);
    let notifies = notifies.chain(config.sync_groups.iter().map(|group| &group.notify));
    let commands = notifies
        .flat_map(|notify| notify.commands())
        .map(|(span, _)| span);
    let processes = &config.global.processes;
    let ends = [&processes.startup_script, &processes.shutdown_script]
        .into_iter()
        .flatten();
    let commands = commands.chain(ends.map(|command| command.span));
    let of_servers = config.virtual_servers.iter().flat_map(VirtualServer::commands);
    let of_servers = of_servers.map(|(span, _)| span);
    let Some(first) = scripts
        .chain(commands)
        .chain(of_servers)
        .find(|span| !span.is_nowhere())
    else {
        return;
    };
    let message = "scripts run as their user although others than root might change them";
    session.report(
        Diagnostic::warning(Code::ScriptSecurityOff, message)
            .label(first, "the first script")
            .help("`enable_script_security` in `global_defs` refuses such scripts")
            .help("`script_user` says whom they run as; without it, `keepalived_script` if there is such a user, or else root"),
    );
}

impl Tracking {
    /// Everything that is tracked.
    pub fn all(&self) -> impl Iterator<Item = &Tracked> {
        let lists = [
            &self.interfaces,
            &self.scripts,
            &self.processes,
            &self.files,
            &self.bfd,
        ];
        lists.into_iter().flatten()
    }
}

impl Notify {
    /// Every command, and where it stands.
    pub fn commands(&self) -> impl Iterator<Item = (crate::Span, &Command)> {
        let plain = [
            &self.master,
            &self.backup,
            &self.fault,
            &self.stop,
            &self.master_rx_lower_pri,
            &self.any,
        ];
        let deleted = self.deleted.iter().filter_map(|deleted| match &deleted.value {
            NotifyDeleted::Command(command) => Some((deleted.span, command)),
            NotifyDeleted::Event => None,
        });
        let plain = plain
            .into_iter()
            .flatten()
            .map(|command| (command.span, &command.value));
        plain.chain(deleted)
    }
}

/// What becomes of a member's tracker that has a weight.
const WITHOUT_WEIGHT: &str = "a failure is a fault of all";
const NOT_AT_ALL: &str = "it is not tracked";
/// What a priority can change by.
const LIMIT: i32 = 253;
const FILE_LIMIT: i32 = 254;
