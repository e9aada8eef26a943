//! Another configuration while the daemon runs (SIGHUP): read and checked by a thread of its own, and then taken over
//! between two turns of the event loop. What stays is not touched.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use mio::{Registry, Token, Waker};
use vrrp_engine::{GroupConfig, GroupId, RouterId, StateKind, Time};

use super::daemon::{Daemon, RunError};
use super::holdings::Holder;
use super::items::{frame, items};
use crate::plan::{Difference, Names, Plan};

/// Reads and checks the configuration anew: the plan, numbered on from these names, or a sentence that says what is
/// wrong, when everything else has been said.
pub type Configure = Arc<dyn Fn(&Names) -> Result<Plan, String> + Send + Sync>;

/// Has the configuration read, one reading at a time.
pub(super) struct Reloader {
    configure: Option<Configure>,
    waker: Arc<Waker>,
    sender: Sender<Result<Plan, String>>,
    receiver: Receiver<Result<Plan, String>>,
    reading: bool,
    /// It was asked for again meanwhile.
    again: bool,
}

impl Reloader {
    pub(super) fn new(configure: Option<Configure>, registry: &Registry, token: Token) -> io::Result<Self> {
        let (sender, receiver) = channel();
        Ok(Self {
            configure,
            waker: Arc::new(Waker::new(registry, token)?),
            sender,
            receiver,
            reading: false,
            again: false,
        })
    }

    /// Begins to read; a reading that is under way may have missed what made somebody ask.
    pub(super) fn begin(&mut self, names: Names) {
        let Some(configure) = self.configure.clone() else {
            return tracing::warn!("there is no configuration to be read again");
        };
        if self.reading {
            self.again = true;
            return;
        }
        let (waker, sender) = (self.waker.clone(), self.sender.clone());
        let read = move || {
            // A reading that fails in a way nobody thought of must not be the last.
            let outcome = catch_unwind(AssertUnwindSafe(|| configure(&names)));
            let outcome =
                outcome.unwrap_or_else(|_| Err("reading the configuration failed unexpectedly".to_owned()));
            // The daemon is gone if nobody takes it.
            let _ = sender.send(outcome);
            let _ = waker.wake();
        };
        match thread::Builder::new().name("reload".to_owned()).spawn(read) {
            Ok(_) => self.reading = true,
            Err(error) => tracing::error!("reload: {error}; nothing was changed"),
        }
    }

    /// What was read, if it was, and whether to read it once more.
    fn take(&mut self) -> Option<(Result<Plan, String>, bool)> {
        let outcome = self.receiver.try_recv().ok()?;
        self.reading = false;
        Some((outcome, std::mem::take(&mut self.again)))
    }
}

impl Daemon {
    /// A reading is done.
    pub(super) fn read_reload(&mut self, now: Time) -> Result<(), RunError> {
        let Some((outcome, again)) = self.reloader.take() else {
            return Ok(());
        };
        if again {
            self.reloader.begin(self.plan.names());
            return Ok(());
        }
        match outcome {
            Ok(plan) => self.apply(now, plan),
            Err(summary) => {
                tracing::error!("reload: {summary}; nothing was changed");
                Ok(())
            }
        }
    }

    /// Goes over to another plan in one step.
    fn apply(&mut self, now: Time, plan: Plan) -> Result<(), RunError> {
        let difference = Difference::between(&self.plan, &plan);
        if difference.is_empty() {
            tracing::info!("reload: nothing changed");
            self.tell_states(now);
            return Ok(());
        }
        self.filter_ahead(&plan, &difference);
        self.hold_ahead(&plan, &difference);
        self.hold_statics(&plan.statics);
        for place in &difference.removed {
            if let Some(router) = self.routers.get(*place).copied() {
                self.engine.remove_router(now, router);
            }
        }
        self.is_deleting = true;
        self.act(now);
        self.is_deleting = false;
        // What was removed just now is known to be gone.
        self.read_monitor(now)?;
        let old = std::mem::replace(&mut self.plan, plan);
        let routers = std::mem::take(&mut self.routers);
        self.places.clear();
        self.follow_interfaces(now)?;
        self.follow_notifications();
        if let Err(error) = self.follow_trackers(now) {
            tracing::error!("reload: {error}; it is as it was");
        }
        self.place_routers(&difference, &routers)?;
        let groups = self.leave_groups(now, &old);
        self.reconfigure_routers(now, &difference)?;
        self.join_groups(now, &groups)?;
        self.let_go(&difference);
        self.channels.configure(now, &self.plan);
        self.keep_statics();
        self.kernel.try_missing_again();
        self.tell_statics(now);
        self.watch_routes()?;
        self.follow_promotion();
        self.start_routers(now);
        self.tell_engine(now);
        self.filter_follows();
        self.act(now);
        self.tell_states(now);
        tracing::info!("reload: {difference}");
        Ok(())
    }

    /// What masters that stay will have is wanted before anybody lets go of it, so that what goes from one to another is
    /// not touched. What is new is announced.
    fn hold_ahead(&mut self, plan: &Plan, difference: &Difference) {
        for (instance, before) in plan.instances.iter().zip(&difference.before) {
            let router = before.and_then(|before| self.routers.get(before)).copied();
            let Some(router) = router.filter(|router| self.is_master(*router)) else {
                continue;
            };
            let added = self
                .kernel
                .hold(Holder::Router(router), &instance.name, items(instance));
            let frames = added.iter().filter_map(|item| frame(router, item));
            let repeat = instance.router.announcements.repeat.max(1);
            self.announcements.announce(frames, repeat);
        }
    }

    /// Masters that stay let go of what they do not have any more.
    fn let_go(&mut self, difference: &Difference) {
        for place in difference.changed.iter().copied() {
            let router = self.routers.get(place).copied();
            let instance = self.plan.instances.get(place);
            if let (Some(router), Some(instance)) = (router, instance)
                && self.is_master(router)
            {
                self.kernel.keep(Holder::Router(router), &items(instance));
            }
        }
    }

    fn is_master(&self, router: RouterId) -> bool {
        self.engine.state(router) == Some(StateKind::Master)
    }

    fn follow_interfaces(&mut self, now: Time) -> Result<(), RunError> {
        self.virtuals.retain(&self.plan);
        // Of new names it is known only below what they are now, and so is what is to be made.
        if self.interfaces.follow(&self.plan) || self.follow_virtual_interfaces() {
            // Of those that are new nothing is known yet.
            self.monitor.look_anew_next();
            self.read_monitor(now)?;
        }
        self.tell_of_virtual_interfaces(now);
        self.announcements.follow(&self.plan);
        self.sockets.follow_plan(&self.plan, self.poll.registry());
        self.follow_sockets(now);
        Ok(())
    }

    /// Each router has its place in the new plan; new ones do nothing yet.
    fn place_routers(&mut self, difference: &Difference, old: &[RouterId]) -> Result<(), RunError> {
        for (place, before) in difference.before.iter().enumerate() {
            match before.and_then(|before| old.get(before)).copied() {
                Some(router) => self.routers.push(router),
                None => self.add_router(place)?,
            }
        }
        self.places = self.routers.iter().copied().zip(0..).collect();
        Ok(())
    }

    fn reconfigure_routers(&mut self, now: Time, difference: &Difference) -> Result<(), RunError> {
        for place in difference.changed.iter().copied() {
            if let Some(router) = self.routers.get(place).copied() {
                self.reconfigure_router(now, place, router)?;
            }
        }
        Ok(())
    }

    fn reconfigure_router(&mut self, now: Time, place: usize, router: RouterId) -> Result<(), RunError> {
        let Some(instance) = self.plan.instances.get(place) else {
            return Ok(());
        };
        let outcome = self.engine.reconfigure(now, router, instance.router.clone());
        outcome.map_err(|source| RunError::Instance {
            name: instance.name.clone(),
            source,
        })
    }

    /// Groups are known by their names. Members leave before anything happens to them that is no longer the group's
    /// business, and are free for another group. Answers with the groups that go on.
    fn leave_groups(&mut self, now: Time, old: &Plan) -> BTreeMap<String, GroupId> {
        let mut known = BTreeMap::new();
        for (group, id) in old.groups.iter().zip(std::mem::take(&mut self.groups)) {
            let wanted = self.plan.groups.iter().find(|wanted| wanted.name == group.name);
            let wanted = wanted
                .map(|wanted| self.members(&wanted.members))
                .unwrap_or_default();
            let mut members = self
                .engine
                .group(id)
                .map(|config| config.members.clone())
                .unwrap_or_default();
            members.retain(|member| wanted.contains(member));
            if members.is_empty() {
                self.engine.remove_group(now, id);
            } else {
                // What stays was legal before.
                let _ = self.engine.reconfigure_group(now, id, GroupConfig { members });
                known.insert(group.name.clone(), id);
            }
        }
        known
    }

    fn join_groups(&mut self, now: Time, known: &BTreeMap<String, GroupId>) -> Result<(), RunError> {
        for place in 0..self.plan.groups.len() {
            let Some(group) = self.plan.groups.get(place) else {
                continue;
            };
            match known.get(&group.name) {
                Some(id) => {
                    let config = GroupConfig {
                        members: self.members(&group.members),
                    };
                    let outcome = self.engine.reconfigure_group(now, *id, config);
                    outcome.map_err(|source| RunError::Group {
                        name: group.name.clone(),
                        source,
                    })?;
                    self.groups.push(*id);
                }
                None => self.add_group(now, place)?,
            }
        }
        self.group_places = self.groups.iter().copied().zip(0..).collect();
        Ok(())
    }

    fn members(&self, places: &[usize]) -> Vec<RouterId> {
        places
            .iter()
            .filter_map(|place| self.routers.get(*place))
            .copied()
            .collect()
    }
}
