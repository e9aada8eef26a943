//! Tracked scripts: each runs again and again, and its exit status counts.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use mio::{Registry, Token};
use vrrp_engine::{Time, TrackerId, TrackerStatus};

use super::schedule::{Schedule, first_run};
use super::setup::ScriptSetup;
use crate::script::{Finished, Job, JobId, Outcome, Runner};

/// All tracked scripts.
#[derive(Debug)]
pub(super) struct Scripts {
    runner: Runner,
    list: BTreeMap<TrackerId, Script>,
    running: BTreeMap<JobId, TrackerId>,
}

#[derive(Debug)]
struct Script {
    name: String,
    setup: ScriptSetup,
    /// `None` if it may not be run at all.
    job: Option<Job>,
    schedule: Schedule,
    /// How the last run ended, in words.
    last: String,
}

impl Scripts {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            runner: Runner::new()?,
            list: BTreeMap::new(),
            running: BTreeMap::new(),
        })
    }

    pub(super) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.runner.register(registry, token)
    }

    /// Watches these from now on. What was watched in the same way keeps what is known of it; the answer is what is known
    /// of the others.
    pub(super) fn follow(
        &mut self,
        now: Time,
        wanted: &[(TrackerId, &str, &ScriptSetup)],
    ) -> Vec<(TrackerId, TrackerStatus)> {
        let security = wanted.iter().any(|(_, _, setup)| setup.policy.security);
        self.runner.set_security(security);
        let mut old = std::mem::take(&mut self.list);
        let mut known = Vec::new();
        for (place, (id, name, setup)) in wanted.iter().enumerate() {
            let kept = old.remove(id).filter(|script| script.setup == **setup);
            let script = kept.unwrap_or_else(|| {
                self.forget(now, *id);
                let script = Script::new(name, setup, first_run(now, place, wanted.len()));
                known.push((*id, script.status()));
                script
            });
            self.list.insert(*id, script);
        }
        for id in old.into_keys() {
            self.forget(now, id);
        }
        known
    }

    /// What runs for a script that is no more, or not the same, says nothing.
    fn forget(&mut self, now: Time, script: TrackerId) {
        for (job, _) in self.running.extract_if(.., |_, of| *of == script) {
            self.runner.stop(now, job);
        }
    }

    /// Some script ended.
    pub(super) fn handle_ready(&mut self, now: Time) -> Vec<(TrackerId, TrackerStatus)> {
        self.runner.handle_ready(now);
        self.take_finished()
    }

    /// Starts what is due and ends what takes too long.
    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<(TrackerId, TrackerStatus)> {
        self.runner.handle_timeout(now);
        for (id, script) in &mut self.list {
            if let Some(job) = &script.job
                && script.schedule.handle_timeout(now)
            {
                let job = self.runner.start(now, job);
                self.running.insert(job, *id);
            }
        }
        self.take_finished()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let due = self.list.values().filter(|script| script.job.is_some());
        let due = due.map(|script| script.schedule.poll_timeout());
        due.chain(self.runner.poll_timeout()).min()
    }

    fn take_finished(&mut self) -> Vec<(TrackerId, TrackerStatus)> {
        let mut changed = Vec::new();
        while let Some(Finished { job, outcome, .. }) = self.runner.poll_finished() {
            let id = self.running.remove(&job);
            let script = id.and_then(|id| Some((id, self.list.get_mut(&id)?)));
            if let Some((id, script)) = script
                && let Some(status) = script.take(&outcome)
            {
                changed.push((id, status));
            }
        }
        changed
    }
}

impl Script {
    fn new(name: &str, setup: &ScriptSetup, first: Time) -> Self {
        let prepared = setup.policy.prepare(&setup.command, setup.user.as_ref());
        let job = prepared
            .inspect_err(|refusal| {
                tracing::error!("vrrp_script {name} counts as failed and is not run: {refusal}");
            })
            .map(|prepared| {
                for warning in &prepared.warnings {
                    tracing::warn!("vrrp_script {name}: {warning}");
                }
                Job {
                    argv: prepared.argv,
                    user: prepared.user,
                    environment: Vec::new(),
                    timeout: Some(setup.timeout),
                }
            });
        Self {
            name: name.to_owned(),
            setup: setup.clone(),
            job: job.ok(),
            schedule: Schedule::new(setup.schedule, first),
            last: String::new(),
        }
    }

    /// A check that cannot be made has failed.
    fn status(&self) -> TrackerStatus {
        match self.job {
            Some(_) => self.schedule.status(),
            None => TrackerStatus::Down,
        }
    }

    /// A run ended. What ends as it did before is not worth a line, unless it changes what counts.
    fn take(&mut self, outcome: &Outcome) -> Option<TrackerStatus> {
        let words = words(outcome, self.setup.timeout);
        let success = matches!(outcome, Outcome::Exited(0));
        let changed = self.schedule.handle_result(success);
        let name = &self.name;
        match (changed, success) {
            (Some(_), true) => tracing::info!("vrrp_script {name}: {words}: well"),
            (Some(_), false) => tracing::warn!("vrrp_script {name}: {words}: not well"),
            (None, _) if words == self.last => {}
            (None, _) => tracing::info!("vrrp_script {name}: {words}"),
        }
        self.last = words;
        changed
    }
}

/// How a run ended.
fn words(outcome: &Outcome, timeout: Duration) -> String {
    match outcome {
        Outcome::Exited(0) => "success".to_owned(),
        Outcome::Exited(status) => format!("exit status {status}"),
        Outcome::Signalled(signal) => format!("ended by signal {signal}"),
        Outcome::TimedOut => format!("ended because it took longer than {timeout:?}"),
        Outcome::NotStarted(reason) => format!("not run: {reason}"),
    }
}
