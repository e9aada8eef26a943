//! What happened, for scripts and the other channels.

use vrrp_engine::{GroupId, Notice, RouterId, StateKind, Time, Transition};
use vrrp_proto::Priority;

use super::daemon::Daemon;
use crate::notify::{Event, Kind, Object};

impl Daemon {
    /// An instance is in another state.
    pub(super) fn tell_transition(&mut self, now: Time, place: usize, transition: &Transition) {
        let Some(name) = self
            .plan
            .instances
            .get(place)
            .map(|instance| instance.name.clone())
        else {
            return;
        };
        let priority = self
            .routers
            .get(place)
            .and_then(|router| self.engine.effective_priority(*router));
        let configured = self
            .plan
            .instances
            .get(place)
            .map(|instance| instance.router.priority);
        let priority = priority.or(configured).map_or(0, Priority::get);
        self.tell_state(now, Object::Instance, &name, transition, priority);
    }

    /// A sync group is.
    pub(super) fn tell_group_transition(&mut self, now: Time, group: GroupId, transition: &Transition) {
        let place = self.group_places.get(&group).copied();
        let Some(group) = place.and_then(|place| self.plan.groups.get(place)) else {
            return;
        };
        let name = group.name.clone();
        self.tell_state(now, Object::Group, &name, transition, 0);
    }

    fn tell_state(&mut self, now: Time, object: Object, name: &str, transition: &Transition, priority: u8) {
        let kind = match transition.to {
            StateKind::Master => Kind::Master,
            StateKind::Backup => Kind::Backup,
            StateKind::Fault => Kind::Fault,
            StateKind::Initialize if !self.is_deleting => Kind::Stop,
            StateKind::Initialize if self.tells_deletion(object, name) => Kind::Deleted,
            StateKind::Initialize => Kind::Fault,
        };
        let reason = self.reason(&transition.reason);
        let mut event = Event::new(object, name, kind);
        event.previous = word(transition.from);
        event.priority = priority;
        event.reason = reason.into();
        self.tell(now, event);
    }

    fn tells_deletion(&self, object: Object, name: &str) -> bool {
        let notified = self.plan.notify.of(object, name);
        notified.is_some_and(|notified| notified.tells_deletion)
    }

    /// An instance has another effective priority, which some want to know.
    pub(super) fn tell_priority(&mut self, now: Time, place: usize, priority: Priority) {
        let Some(instance) = self.plan.instances.get(place) else {
            return;
        };
        let notified = self.plan.notify.of(Object::Instance, &instance.name);
        if !notified.is_some_and(|notified| notified.priority_changes) {
            return;
        }
        let router = self.routers.get(place).copied();
        let (kind, state) = match router.and_then(|router| self.engine.state(router)) {
            Some(state @ StateKind::Master) => (Kind::MasterPriority, state),
            Some(state @ StateKind::Backup) => (Kind::BackupPriority, state),
            _ => return,
        };
        let mut event = Event::new(Object::Instance, &instance.name, kind);
        event.previous = word(state);
        event.priority = priority.get();
        event.reason = "what it tracks, or its configuration, changed".into();
        self.tell(now, event);
    }

    /// A master heard another one of lower priority.
    pub(super) fn tell_notice(&mut self, now: Time, place: usize, router: RouterId, notice: &Notice) {
        let (Some(instance), Notice::LowerPriorityMaster { .. }) = (self.plan.instances.get(place), notice)
        else {
            return;
        };
        let mut event = Event::new(Object::Instance, &instance.name, Kind::MasterRxLowerPriority);
        event.previous = word(StateKind::Master);
        event.priority = self.engine.effective_priority(router).map_or(0, Priority::get);
        event.reason = notice.to_string().into();
        self.tell(now, event);
    }

    /// By every channel there is.
    fn tell(&mut self, now: Time, mut event: Event) {
        self.events += 1;
        event.sequence = self.events;
        self.notifier.tell(now, &event);
        self.channels.tell(now, &event);
    }

    /// Into the pipes, after a reload: how everything is, if the file wants that.
    pub(super) fn tell_states(&mut self, now: Time) {
        if !self.plan.fifos.states_on_reload {
            return;
        }
        let instances = self.plan.instances.iter().zip(&self.routers);
        let instances = instances.filter_map(|(instance, router)| {
            let mut event = state(Object::Instance, &instance.name, self.engine.state(*router)?)?;
            event.priority = self.engine.effective_priority(*router).map_or(0, Priority::get);
            Some(event)
        });
        let groups = self.plan.groups.iter().zip(&self.groups);
        let groups =
            groups.filter_map(|(group, id)| state(Object::Group, &group.name, self.engine.group_state(*id)?));
        for event in instances.chain(groups) {
            self.channels.tell_pipes(now, &event);
        }
    }

    /// The scripts that the plan names.
    pub(super) fn follow_notifications(&mut self) {
        let plan = &self.plan.notify;
        let scripts = plan
            .objects
            .iter()
            .map(|it| (it.object, it.name.as_str(), &it.scripts));
        self.notifier.follow(&plan.policy, scripts);
    }
}

/// That it is as it is; nothing of what has not begun.
fn state(object: Object, name: &str, state: StateKind) -> Option<Event> {
    let kind = match state {
        StateKind::Master => Kind::Master,
        StateKind::Backup => Kind::Backup,
        StateKind::Fault => Kind::Fault,
        StateKind::Initialize => return None,
    };
    Some(Event::new(object, name, kind))
}

fn word(state: StateKind) -> &'static str {
    match state {
        StateKind::Initialize => "INIT",
        StateKind::Fault => "FAULT",
        StateKind::Backup => "BACKUP",
        StateKind::Master => "MASTER",
    }
}
