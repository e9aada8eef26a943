//! What is to be in the kernel, and how it gets there.
//!
//! Work is queued and done a little at a time, so that a thousand addresses never make an advert late.

mod repairs;
mod requests;
mod words;

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::Time;

use self::repairs::Repairs;
use self::requests::request;
use super::holdings::{Change, Holder, Holdings, Item, Key, What};
use super::interfaces::Interfaces;
use super::report::Limiter;
use crate::plan::Plan;
use crate::rtnl::{Commands, Refusal, Request, RequestId, RouteTrace, RuleTrace};

/// Adds and removes what is wanted and no longer wanted.
#[derive(Debug)]
pub(super) struct Kernel {
    commands: Commands,
    holdings: Holdings,
    jobs: VecDeque<Job>,
    asked: HashMap<RequestId, Job>,
    /// Addresses that were on the interface before us and belong to the machine: never removed.
    owned: HashSet<Key>,
    /// What is wanted and could not be had.
    missing: HashSet<Key>,
    /// `missing` is not as it was when somebody looked.
    missing_changed: bool,
    repairs: Repairs,
    /// Nothing is sent before: the last time, sending failed.
    paused: Option<Time>,
    failures: Limiter<Failure>,
}

/// Something to be done once.
#[derive(Clone, Debug)]
struct Job {
    change: Change,
    why: Why,
}

/// Why something is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Why {
    /// Somebody wants it, or no longer.
    Asked,
    /// It was there before anybody wanted it.
    Leftover,
    /// Another program removed it, and the engine tells of it.
    Restored,
    /// Another program may have removed it.
    Lost,
    /// It may have gone with something that is there again.
    Again,
}

/// Lines of which there may be too many.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Failure {
    Sending,
    Repair,
    Leftover,
}

impl Kernel {
    pub(super) fn new(commands: Commands) -> Self {
        Self {
            commands,
            holdings: Holdings::default(),
            jobs: VecDeque::new(),
            asked: HashMap::new(),
            owned: HashSet::new(),
            missing: HashSet::new(),
            missing_changed: false,
            repairs: Repairs::default(),
            paused: None,
            failures: Limiter::new(),
        }
    }

    pub(super) fn commands_mut(&mut self) -> &mut Commands {
        &mut self.commands
    }

    /// Whether there is more to do right away.
    pub(super) fn is_busy(&self) -> bool {
        self.paused.is_none() && !self.jobs.is_empty()
    }

    /// Whether there is more to do, if not right away.
    pub(super) fn has_work(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Whether there is anything left to do, or the kernel still owes an answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.jobs.is_empty() || !self.asked.is_empty()
    }

    /// When there is something to do that cannot be done yet.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let due = [self.paused, self.repairs.poll_timeout()];
        due.into_iter().flatten().min()
    }

    /// What is wanted.
    pub(super) fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Whether something is still to be done with it.
    pub(super) fn is_queued(&self, key: &Key) -> bool {
        self.jobs.iter().any(|job| job.change.item.key() == *key)
    }

    /// Everything that something is still to be done with.
    pub(super) fn queued(&self) -> HashSet<Key> {
        self.jobs.iter().map(|job| job.change.item.key()).collect()
    }

    /// The holder wants these as well; answers with what was not there before.
    pub(super) fn hold(&mut self, holder: Holder, name: &str, items: Vec<Item>) -> Vec<Item> {
        let changes = self.holdings.hold(holder, name, items);
        let added = changes.iter().filter(|change| change.what == What::Add);
        let added = added.map(|change| change.item.clone()).collect();
        self.queue(changes);
        added
    }

    /// Of what it holds, the holder wants these only.
    pub(super) fn keep(&mut self, holder: Holder, items: &[Item]) {
        let changes = self.holdings.keep(holder, items);
        self.queue(changes);
    }

    /// The holder wants nothing any more.
    pub(super) fn release(&mut self, holder: Holder) {
        let changes = self.holdings.release(holder);
        self.queue(changes);
    }

    fn queue(&mut self, changes: Vec<Change>) {
        for change in changes {
            let key = change.item.key();
            if change.what == What::Remove {
                self.repairs.forget(&key);
                if self.owned.contains(&key) {
                    continue;
                }
            }
            self.jobs.push_back(Job {
                change,
                why: Why::Asked,
            });
        }
    }

    /// The holder's addresses that are `address` are not there any more: they are put back, if not at once.
    pub(super) fn restore(&mut self, now: Time, holder: Holder, address: IpAddr) {
        let is_it = |item: &&Item| matches!(item, Item::Address(entry) if entry.address == address);
        let lost: Vec<Key> = self.holdings.of(holder).filter(is_it).map(Item::key).collect();
        for key in lost {
            self.repairs.lose(now, key, Why::Restored);
        }
        self.repair(now);
    }

    /// Another program removed something: it is put back, if not at once.
    pub(super) fn lose(&mut self, now: Time, key: Key) {
        if self.holdings.get(&key).is_some_and(Item::is_tracked) {
            self.repairs.lose(now, key, Why::Lost);
            self.repair(now);
        }
    }

    /// A route went that was one of these, or like one of them.
    pub(super) fn lose_routes(&mut self, now: Time, gone: &HashSet<RouteTrace>) {
        self.lose_all(
            now,
            |item| matches!(item, Item::Route(route) if gone.contains(&route.spec.trace())),
        );
    }

    /// The same for a rule.
    pub(super) fn lose_rules(&mut self, now: Time, gone: &[RuleTrace]) {
        self.lose_all(
            now,
            |item| matches!(item, Item::Rule(rule) if gone.iter().any(|gone| rule.spec.may_be(gone))),
        );
    }

    /// Any route or rule may have gone.
    pub(super) fn lose_any(&mut self, now: Time) {
        self.lose_all(now, |item| !matches!(item, Item::Address(_)));
    }

    fn lose_all(&mut self, now: Time, is_it: impl Fn(&Item) -> bool) {
        let wanted = self.holdings.items();
        let lost: Vec<Key> = wanted
            .filter(|item| item.is_tracked() && is_it(item))
            .map(Item::key)
            .collect();
        if lost.is_empty() {
            return;
        }
        let queued = self.queued();
        for key in lost {
            if !queued.contains(&key) {
                self.repairs.lose(now, key, Why::Lost);
            }
        }
        self.repair(now);
    }

    /// An interface or an address is there again: routes that went with it come back, once things have settled.
    pub(super) fn look_after_routes(&mut self, now: Time) {
        let any = self.holdings.items().any(|item| matches!(item, Item::Route(_)));
        if any {
            self.repairs.look_again(now);
        }
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        self.paused = self.paused.filter(|until| *until > now);
        if self.repairs.take_look_again(now) {
            let is_route = |item: &Item| matches!(item, Item::Route(_)) && item.is_tracked();
            self.try_again(is_route);
        }
        self.repair(now);
    }

    /// What could not be had may be had now.
    pub(super) fn try_missing_again(&mut self) {
        if !self.missing.is_empty() {
            self.try_again(|_| false);
        }
    }

    /// What could not be had, and these.
    fn try_again(&mut self, also: impl Fn(&Item) -> bool) {
        let wanted = self.holdings.items();
        let again = wanted.filter(|item| also(item) || self.missing.contains(&item.key()));
        let again: Vec<Key> = again.map(Item::key).collect();
        let queued = self.queued();
        for key in again.into_iter().filter(|key| !queued.contains(key)) {
            self.push_again(&key, Why::Again);
        }
    }

    fn repair(&mut self, now: Time) {
        for (key, why) in self.repairs.take_due(now) {
            self.push_again(&key, why);
        }
    }

    fn push_again(&mut self, key: &Key, why: Why) {
        let item = self.holdings.get(key).cloned();
        if let (Some(item), Some(name)) = (item, self.holdings.name_of(key)) {
            let what = What::Add;
            let change = Change { what, item, name };
            self.jobs.push_back(Job { change, why });
        }
    }

    /// Takes off what nobody here has put there.
    pub(super) fn clear(&mut self, name: &str, item: Item) {
        self.owned.remove(&item.key());
        self.jobs.push_back(Job {
            change: Change {
                what: What::Remove,
                item,
                name: name.into(),
            },
            why: Why::Leftover,
        });
    }

    /// The address belongs to the machine: never remove it.
    pub(super) fn own(&mut self, key: Key) {
        self.owned.insert(key);
    }

    /// Whether [`take_missing_changed`](Self::take_missing_changed) would say so.
    pub(super) fn has_news(&self) -> bool {
        self.missing_changed
    }

    /// Whether what could not be had is not as it was when this was asked the last time.
    pub(super) fn take_missing_changed(&mut self) -> bool {
        std::mem::take(&mut self.missing_changed)
    }

    /// Whether it is wanted and could not be had.
    pub(super) fn is_missing(&self, key: &Key) -> bool {
        self.missing.contains(key)
    }

    fn set_missing(&mut self, key: Key, missing: bool) -> bool {
        let changed = if missing {
            self.missing.insert(key)
        } else {
            self.missing.remove(&key)
        };
        self.missing_changed |= changed;
        changed
    }

    /// Does a share of what is queued.
    pub(super) fn work(&mut self, now: Time, plan: &Plan, interfaces: &Interfaces) {
        if !self.is_busy() {
            return;
        }
        let share: Vec<Job> = self.jobs.drain(..self.jobs.len().min(SHARE)).collect();
        let (mut requests, mut asked) = (Vec::new(), Vec::new());
        for job in share {
            if job.is_of_a_plan_to_come(plan) {
                self.jobs.push_back(job);
                continue;
            }
            match request(&job.change, plan, interfaces) {
                Ok(request) => {
                    requests.push(request);
                    asked.push(job);
                }
                Err(absent) => self.cannot(now, plan, &job, &absent),
            }
        }
        self.submit(now, requests, asked);
    }

    /// What is to be removed is gone with its interface.
    fn cannot(&mut self, now: Time, plan: &Plan, job: &Job, reason: &str) {
        if job.change.what == What::Remove {
            self.set_missing(job.change.item.key(), false);
            return;
        }
        if self.set_missing(job.change.item.key(), true) {
            self.complain(now, plan, job, reason);
            self.repairs.look_again(now);
        }
    }

    fn submit(&mut self, now: Time, requests: Vec<Request>, asked: Vec<Job>) {
        if requests.is_empty() {
            return;
        }
        match self.commands.submit(requests) {
            Ok(ids) => self.asked.extend(ids.into_iter().zip(asked)),
            // Some may be done; doing them once more changes nothing.
            Err(error) => {
                if let Some(held_back) = self.failures.pass(now, Failure::Sending) {
                    let more = super::report::more_of_them(held_back);
                    tracing::error!("rtnetlink: {error}; tried again in a moment{more}");
                }
                asked.into_iter().rev().for_each(|job| self.jobs.push_front(job));
                self.paused = Some(now + PAUSE);
            }
        }
    }

    /// Reads the kernel's answers. A refusal is a line in the log. Answers with what is there again.
    pub(super) fn read_replies(&mut self, now: Time, plan: &Plan) -> Vec<Item> {
        let mut replies = Vec::new();
        if let Err(error) = self.commands.read_replies(&mut replies) {
            tracing::error!("rtnetlink: {error}");
        }
        let mut back = Vec::new();
        for (id, outcome) in replies {
            let Some(job) = self.asked.remove(&id) else {
                continue;
            };
            match outcome {
                Ok(()) => back.extend(self.done(now, plan, job)),
                Err(refusal) => self.refused(now, plan, &job, &refusal),
            }
        }
        back
    }

    fn done(&mut self, now: Time, plan: &Plan, job: Job) -> Option<Item> {
        let was_missing = self.set_missing(job.change.item.key(), false);
        self.report_done(now, plan, &job);
        let is_back =
            job.why == Why::Lost || job.why == Why::Restored || (was_missing && job.change.what == What::Add);
        if is_back && matches!(job.change.item, Item::Address(_)) {
            // What needs it as a source went with it.
            self.look_after_routes(now);
        }
        is_back.then_some(job.change.item)
    }

    fn refused(&mut self, now: Time, plan: &Plan, job: &Job, refusal: &Refusal) {
        let key = job.change.item.key();
        let gone = job.change.what == What::Remove;
        let fine = if gone {
            refusal.is_missing()
        } else {
            refusal.is_exists()
        };
        let was_missing = self.missing.contains(&key);
        self.set_missing(key, !gone && !fine);
        if fine {
            self.report_needless(plan, job);
        } else if !was_missing {
            self.complain(now, plan, job, &refusal.to_string());
            self.repairs.look_again(now);
        } else {
            self.repairs.look_again_in(now, PATIENCE);
        }
    }
}

impl Job {
    /// A reload wants things before the plan that names their interfaces has taken hold.
    fn is_of_a_plan_to_come(&self, plan: &Plan) -> bool {
        match self.change.item.key() {
            Key::Address(interface, ..) => {
                usize::try_from(interface.0).is_ok_and(|place| place >= plan.interfaces.len())
            }
            _ => false,
        }
    }
}

/// Between two tries to have what the kernel refuses.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests made between two looks at the clock.
const SHARE: usize = 128;
/// How long nothing is sent after sending failed.
const PAUSE: Duration = Duration::from_millis(100);
