//! The programs that a file names: can they be run, and can nobody put others in their place?

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;

use kaconf::{
    Check, Code, Command, Config, Diagnostic, Notify, RealServer, ScriptUser, Span, Spanned, VirtualServer,
};

use super::scripts::{ScriptProblem, script_problems};
use super::users;

/// Everything that is wrong with the programs, each thing once.
pub(super) fn problems(config: &Config) -> Vec<Diagnostic> {
    let search = std::env::var_os("PATH").unwrap_or_else(|| OsString::from(USUAL_PATH));
    let usual_user_is_root = usual_user_is_root(config);
    let (mut looked_at, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    let usual = config.global.processes.script_user.as_ref();
    found.extend(usual.and_then(|user| users::problem(&user.value, user.span)));
    let trackers = config.scripts.iter().filter_map(|script| script.user.as_ref());
    let servers = config
        .virtual_servers
        .iter()
        .flat_map(|server| &server.real_servers);
    let checkers = servers.flat_map(|server| &server.checkers);
    let checkers = checkers.filter_map(|checker| match &checker.check {
        Check::Misc(check) => check.user.as_ref(),
        _ => None,
    });
    let mut asked = BTreeSet::new();
    for user in trackers
        .chain(checkers)
        .filter(|user| asked.insert((&user.user, &user.group)))
    {
        found.extend(users::problem(&user.value, user.span));
    }
    let commands = commands(config);
    for named in &commands {
        let user = named.command.user.as_ref();
        found.extend(user.and_then(|user| users::problem(user, named.span)));
        let program = named.command.program();
        if program.is_empty() {
            continue;
        }
        let by_root = named.user().map_or(usual_user_is_root, is_root);
        // Thousands of real servers may have one script in common.
        if !looked_at.insert((program, by_root)) {
            continue;
        }
        for problem in script_problems(program, &search) {
            let matters = by_root || !matches!(problem, ScriptProblem::Writable { .. });
            if matters && seen.insert(problem.to_string()) {
                found.push(diagnostic(&problem, named.span, config));
            }
        }
    }
    found
}

/// A command, and who runs it if not the usual user.
struct Named<'a> {
    command: &'a Command,
    span: Span,
    user: Option<&'a ScriptUser>,
}

impl<'a> Named<'a> {
    fn user(&self) -> Option<&'a ScriptUser> {
        self.user.or(self.command.user.as_ref())
    }
}

fn commands(config: &Config) -> Vec<Named<'_>> {
    let mut commands: Vec<Named<'_>> = Vec::new();
    let global = &config.global;
    let (startup, shutdown) = (
        &global.processes.startup_script,
        &global.processes.shutdown_script,
    );
    commands.extend([startup, shutdown].into_iter().flatten().map(plain));
    let files = &global.files;
    let pipes = [
        &files.notify_fifo,
        &files.vrrp_notify_fifo,
        &files.lvs_notify_fifo,
    ];
    commands.extend(
        pipes
            .into_iter()
            .filter_map(|pipe| pipe.script.as_ref())
            .map(plain),
    );
    commands.extend(config.scripts.iter().map(|script| Named {
        user: script.user.as_ref().map(|user| &user.value),
        ..plain(&script.script)
    }));
    let groups = config.sync_groups.iter().map(|group| &group.notify);
    let instances = config.instances.iter().map(|instance| &instance.notify);
    commands.extend(groups.chain(instances).flat_map(|notify| of_notify(notify)));
    commands.extend(config.virtual_servers.iter().flat_map(of_virtual_server));
    commands
}

fn of_virtual_server(server: &VirtualServer) -> impl Iterator<Item = Named<'_>> {
    let quorum = [&server.notify.up, &server.notify.down];
    let quorum = quorum.into_iter().flatten().map(plain);
    quorum.chain(server.real_servers.iter().flat_map(of_real_server))
}

fn of_real_server(server: &RealServer) -> impl Iterator<Item = Named<'_>> {
    let notify = [&server.extras.notify_up, &server.extras.notify_down];
    let checks = server.checkers.iter().filter_map(|checker| match &checker.check {
        Check::Misc(check) => Some(Named {
            user: check.user.as_ref().map(|user| &user.value),
            ..plain(&check.command)
        }),
        _ => None,
    });
    notify.into_iter().flatten().map(plain).chain(checks)
}

fn plain(command: &Spanned<Command>) -> Named<'_> {
    Named {
        command: &command.value,
        span: command.span,
        user: None,
    }
}

fn of_notify(notify: &Notify) -> impl Iterator<Item = Named<'_>> {
    notify.commands().map(|(span, command)| Named {
        command,
        span,
        user: None,
    })
}

/// keepalived's rule: `script_user`, or else the user `keepalived_script` if there is one, or else root.
fn usual_user_is_root(config: &Config) -> bool {
    match &config.global.processes.script_user {
        Some(user) => is_root(&user.value),
        None => {
            let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
            !users.lines().any(|line| line.starts_with("keepalived_script:"))
        }
    }
}

fn is_root(user: &ScriptUser) -> bool {
    user.user == "root" || user.user == "0"
}

fn diagnostic(problem: &ScriptProblem, span: Span, config: &Config) -> Diagnostic {
    let code = match problem {
        ScriptProblem::Missing(_) | ScriptProblem::NotOnPath(_) => Code::ScriptMissing,
        ScriptProblem::NotExecutable(_) | ScriptProblem::NotAFile { .. } => Code::ScriptNotExecutable,
        ScriptProblem::Writable { .. } => Code::ScriptWritable,
        ScriptProblem::Unknown { .. } => Code::MachineUnknown,
    };
    let diagnostic = Diagnostic::warning(code, problem.to_string()).at(span);
    match problem {
        ScriptProblem::Missing(_) | ScriptProblem::NotOnPath(_) => {
            diagnostic.help("what cannot be run counts as failed")
        }
        ScriptProblem::NotExecutable(path) => diagnostic.help(format!("chmod +x {}", path.display())),
        ScriptProblem::Writable { .. } if config.global.processes.enable_script_security.value => {
            diagnostic.help("with `enable_script_security` root does not run it")
        }
        ScriptProblem::Writable { .. } => {
            diagnostic.help("root runs this, so whoever can change it can do anything as root")
        }
        ScriptProblem::NotAFile { .. } | ScriptProblem::Unknown { .. } => diagnostic,
    }
}

/// Where programs usually are.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
