//! The scripts that are told what happened.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use kaconf::Command;
use mio::{Registry, Token};
use vrrp_engine::Time;

use super::queue::Queue;
use super::{Event, Kind, Object};
use crate::script::{Finished, Job, JobId, Outcome, Policy, Prepared, Runner};

/// What an instance or a group runs: keepalived's `notify*`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scripts {
    /// `notify_master`.
    pub master: Option<Command>,
    /// `notify_backup`.
    pub backup: Option<Command>,
    /// `notify_fault`.
    pub fault: Option<Command>,
    /// `notify_stop`.
    pub stop: Option<Command>,
    /// `notify_deleted` with a command.
    pub deleted: Option<Command>,
    /// `notify_master_rx_lower_pri`.
    pub master_rx_lower_priority: Option<Command>,
    /// `notify`: after the others that tell a state, with what happened as further arguments.
    pub any: Option<Command>,
}

impl Scripts {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The one for what happened, and its keyword.
    fn own(&self, kind: Kind) -> Option<(&'static str, &Command)> {
        let (keyword, command) = match kind {
            Kind::Master => ("notify_master", &self.master),
            Kind::Backup => ("notify_backup", &self.backup),
            Kind::Fault => ("notify_fault", &self.fault),
            Kind::Stop => ("notify_stop", &self.stop),
            Kind::Deleted => ("notify_deleted", &self.deleted),
            Kind::MasterRxLowerPriority => ("notify_master_rx_lower_pri", &self.master_rx_lower_priority),
            Kind::MasterPriority | Kind::BackupPriority => return None,
        };
        Some((keyword, command.as_ref()?))
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, &Command)> {
        let kinds = [
            Kind::Master,
            Kind::Backup,
            Kind::Fault,
            Kind::Stop,
            Kind::Deleted,
            Kind::MasterRxLowerPriority,
        ];
        let own = kinds.into_iter().filter_map(|kind| self.own(kind));
        own.chain(self.any.iter().map(|command| ("notify", command)))
    }
}

/// Runs the scripts of all objects: those of one never overlap, those of different ones do.
#[derive(Debug)]
pub struct Notifier {
    runner: Runner,
    policy: Policy,
    objects: BTreeMap<Key, Known>,
    queues: BTreeMap<Key, Queue<Call>>,
    running: HashMap<JobId, (Key, Call)>,
}

type Key = (Object, String);

/// What is known of an object's scripts: each one that may be run.
#[derive(Debug, Default)]
struct Known {
    scripts: Scripts,
    prepared: HashMap<&'static str, Prepared>,
}

/// A script with its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Call {
    keyword: &'static str,
    job: Job,
}

impl Notifier {
    /// Without scripts yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self::with(Runner::new()?))
    }

    /// With another helper than this very program, see [`Runner::with_helper`].
    pub fn with_helper(helper: PathBuf) -> io::Result<Self> {
        Ok(Self::with(Runner::with_helper(helper)?))
    }

    fn with(runner: Runner) -> Self {
        Self {
            runner,
            policy: Policy::default(),
            objects: BTreeMap::new(),
            queues: BTreeMap::new(),
            running: HashMap::new(),
        }
    }

    /// Takes over what a configuration says. What waits and runs already is not touched. Scripts that may not be run are
    /// told of here, once.
    pub fn follow<'a>(
        &mut self,
        policy: &Policy,
        scripts: impl IntoIterator<Item = (Object, &'a str, &'a Scripts)>,
    ) {
        let same_policy = self.policy == *policy;
        self.policy = policy.clone();
        self.runner.set_security(policy.security);
        let mut before = std::mem::take(&mut self.objects);
        for (object, name, scripts) in scripts {
            let key = (object, name.to_owned());
            let known = before
                .remove(&key)
                .filter(|known| same_policy && known.scripts == *scripts);
            let known = known.unwrap_or_else(|| self.prepare(name, scripts));
            self.objects.insert(key, known);
        }
    }

    fn prepare(&self, name: &str, scripts: &Scripts) -> Known {
        let mut prepared = HashMap::new();
        for (keyword, command) in scripts.all() {
            match self.policy.prepare(command, None) {
                Ok(script) => {
                    for warning in &script.warnings {
                        tracing::warn!("{name}: {keyword} {}: {warning}", command.program());
                    }
                    prepared.insert(keyword, script);
                }
                Err(refusal) => {
                    tracing::error!("{name}: {keyword} {} is not run: {refusal}", command.program());
                }
            }
        }
        Known {
            scripts: scripts.clone(),
            prepared,
        }
    }

    /// Something happened.
    pub fn tell(&mut self, now: Time, event: &Event) {
        let key = (event.object, event.name.to_string());
        let known = self.objects.get(&key).filter(|known| !known.scripts.is_empty());
        let Some(known) = known else { return };
        let calls = known.calls(event);
        if calls.is_empty() && !event.kind.is_state() {
            return;
        }
        self.queues
            .entry(key.clone())
            .or_default()
            .push(event.kind, calls);
        self.start_next(now, &key);
    }

    fn start_next(&mut self, now: Time, key: &Key) {
        if let Some(call) = self.queues.get_mut(key).and_then(Queue::next) {
            self.start(now, key.clone(), call);
        }
    }

    fn start(&mut self, now: Time, key: Key, call: Call) {
        let id = self.runner.start(now, &call.job);
        self.running.insert(id, (key, call));
        self.settle(now);
    }

    /// Takes what has ended, and starts what comes after it.
    fn settle(&mut self, now: Time) {
        while let Some(finished) = self.runner.poll_finished() {
            let Some((key, call)) = self.running.remove(&finished.job) else {
                continue;
            };
            report(&key.1, &call, &finished);
            let Some(queue) = self.queues.get_mut(&key) else {
                continue;
            };
            match queue.finished().or_else(|| queue.next()) {
                Some(call) => {
                    let id = self.runner.start(now, &call.job);
                    self.running.insert(id, (key, call));
                }
                // Of one that is no more nothing has to be remembered.
                None if !self.objects.contains_key(&key) => drop(self.queues.remove(&key)),
                None => {}
            }
        }
    }

    /// Has the caller woken when a script ends.
    pub fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.runner.register(registry, token)
    }

    /// A script has ended.
    pub fn handle_ready(&mut self, now: Time) {
        self.runner.handle_ready(now);
        self.settle(now);
    }

    /// Ends scripts that have taken too long.
    pub fn handle_timeout(&mut self, now: Time) {
        self.runner.handle_timeout(now);
        self.settle(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.runner.poll_timeout()
    }

    /// Whether a script runs or waits.
    pub fn is_busy(&self) -> bool {
        self.queues.values().any(Queue::is_busy)
    }

    /// It is time to come to an end: a script that hangs makes room for the one that is to be told so.
    pub fn hurry(&mut self, now: Time) {
        self.runner.hurry(now, HURRY);
    }
}

impl Known {
    fn calls(&self, event: &Event) -> Vec<Call> {
        let own = self.scripts.own(event.kind).map(|(keyword, _)| keyword);
        // As with keepalived, whose `notify` hears of states only; pipes hear of everything.
        let any = event.kind.is_state().then_some("notify");
        let calls = own.into_iter().chain(any).filter_map(|keyword| {
            let prepared = self.prepared.get(keyword)?;
            let mut argv = prepared.argv.clone();
            if keyword == "notify" {
                argv.extend([
                    event.object.word().to_owned(),
                    event.name.to_string(),
                    event.kind.word().to_owned(),
                    event.priority.to_string(),
                ]);
            }
            let job = Job {
                argv,
                user: prepared.user.clone(),
                environment: environment(event),
                timeout: Some(TIMEOUT),
            };
            Some(Call { keyword, job })
        });
        calls.collect()
    }
}

/// What a script finds out without parsing its arguments.
fn environment(event: &Event) -> Vec<(String, String)> {
    let values = [
        ("KAD_TYPE", event.object.word().to_owned()),
        ("KAD_NAME", event.name.to_string()),
        ("KAD_STATE", event.kind.word().to_owned()),
        ("KAD_PREVIOUS_STATE", event.previous.to_owned()),
        ("KAD_PRIORITY", event.priority.to_string()),
        ("KAD_REASON", event.reason.to_string()),
        ("KAD_SEQUENCE", event.sequence.to_string()),
    ];
    values.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn report(name: &str, call: &Call, finished: &Finished) {
    let script = call.job.argv.first().map_or("", String::as_str);
    let (keyword, took) = (call.keyword, finished.took.as_secs_f64());
    match &finished.outcome {
        Outcome::Exited(0) => tracing::debug!("{name}: {keyword} {script} is done, {took:.2} s"),
        Outcome::Exited(status) => {
            tracing::warn!("{name}: {keyword} {script} ended with status {status}, {took:.2} s");
        }
        Outcome::Signalled(signal) => {
            tracing::warn!("{name}: {keyword} {script} was ended by signal {signal}, {took:.2} s");
        }
        Outcome::TimedOut => {
            tracing::warn!("{name}: {keyword} {script} took too long and was ended, {took:.2} s");
        }
        Outcome::NotStarted(reason) => {
            tracing::error!("{name}: {keyword} {script} cannot be run: {reason}");
        }
    }
}

/// A later state waits for an earlier script, so none may take for ever; calls to a provider's interface that are tried
/// again a few times fit into it.
const TIMEOUT: Duration = Duration::from_secs(60);
/// For a script at the end, from its beginning; keepalived gives one second to all of them.
const HURRY: Duration = Duration::from_secs(1);
