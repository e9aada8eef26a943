//! Sync groups: routers that are master together or not at all (keepalived's `vrrp_sync_group`).
//!
//! A member whose Master_Down_Timer runs out becomes master only when all the others would as well; until then it waits
//! another interval. One that yields, or is in FAULT, takes the others along.

use crate::damper::GROUP_PAUSE;
use crate::fault::{Sibling, Standing};
use crate::router::{Outputs, Router};
use crate::state::{Heard, State};
use crate::{
    Engine, GroupConfig, GroupId, InvalidGroup, Notice, Output, Reason, RouterId, StateKind, Time, Transition,
};

/// One sync group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Group {
    pub(crate) config: GroupConfig,
    /// As it was last told of.
    pub(crate) state: StateKind,
}

impl Engine {
    /// Makes a sync group of routers that are there. If some of them run already and not in the same state, they get
    /// into step as they would after any other disagreement.
    pub fn add_group(&mut self, now: Time, config: GroupConfig) -> Result<GroupId, InvalidGroup> {
        self.check_group(None, &config)?;
        let id = GroupId(self.next_group);
        self.next_group += 1;
        self.place_group(now, id, config);
        Ok(id)
    }

    /// Changes who is in a sync group.
    pub fn reconfigure_group(
        &mut self,
        now: Time,
        group: GroupId,
        config: GroupConfig,
    ) -> Result<(), InvalidGroup> {
        if !self.groups.contains_key(&group) {
            return Ok(());
        }
        self.check_group(Some(group), &config)?;
        self.place_group(now, group, config);
        Ok(())
    }

    /// Dissolves a sync group; its members go on by themselves.
    pub fn remove_group(&mut self, now: Time, group: GroupId) {
        let Some(removed) = self.groups.remove(&group) else {
            return;
        };
        self.release(now, removed.config.members);
        self.check_invariants();
    }

    fn release(&mut self, now: Time, members: Vec<RouterId>) {
        for member in members {
            self.with(member, |router, _| {
                router.group = None;
                router.sibling = None;
            });
            self.settle(now, member);
        }
    }

    /// The state of a sync group: FAULT if a member is, MASTER if all members are.
    pub fn group_state(&self, group: GroupId) -> Option<StateKind> {
        self.groups.get(&group).map(|group| group.state)
    }

    /// A sync group's configuration.
    pub fn group(&self, group: GroupId) -> Option<&GroupConfig> {
        self.groups.get(&group).map(|group| &group.config)
    }

    /// The sync groups.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.groups.keys().copied()
    }

    fn check_group(&self, group: Option<GroupId>, config: &GroupConfig) -> Result<(), InvalidGroup> {
        if config.members.is_empty() {
            return Err(InvalidGroup::Empty);
        }
        for (place, member) in config.members.iter().enumerate() {
            let router = self.routers.get(member);
            let router = router.ok_or(InvalidGroup::UnknownRouter(*member))?;
            let twice = config.members.iter().take(place).any(|earlier| earlier == member);
            if twice || (router.group.is_some() && router.group != group) {
                return Err(InvalidGroup::TakenRouter(*member));
            }
        }
        Ok(())
    }

    fn place_group(&mut self, now: Time, id: GroupId, config: GroupConfig) {
        for member in &config.members {
            self.with(*member, |router, _| router.group = Some(id));
        }
        let before = self.group_state(id).unwrap_or(StateKind::Initialize);
        let (members, first) = (config.members.clone(), config.members.first().copied());
        let state = self.common_state(&members, before);
        let old = self.groups.insert(id, Group { config, state });
        let dropped = old.into_iter().flat_map(|old| old.config.members);
        let dropped = dropped.filter(|member| !members.contains(member)).collect();
        self.release(now, dropped);
        if let Some(first) = first {
            self.settle(now, first);
        }
        self.check_invariants();
    }

    /// A router that was in a group is no more.
    pub(crate) fn leave_group(&mut self, now: Time, router: RouterId, group: Option<GroupId>) {
        let Some(group) = group else { return };
        let Some(members) = self.groups.get_mut(&group).map(|group| &mut group.config.members) else {
            return;
        };
        members.retain(|member| *member != router);
        match members.first().copied() {
            Some(first) => self.settle(now, first),
            None => drop(self.groups.remove(&group)),
        }
    }

    /// The router and the other members of its group, the router first.
    pub(crate) fn companions(&self, router: RouterId) -> Vec<RouterId> {
        let group = self.routers.get(&router).and_then(|router| router.group);
        let members = group.and_then(|group| self.groups.get(&group));
        let others = members.into_iter().flat_map(|group| &group.config.members);
        let others = others.copied().filter(|member| *member != router);
        std::iter::once(router).chain(others).collect()
    }

    /// Tells each member what the others have against its running, and whether all of them are owners that start as
    /// master.
    pub(crate) fn confer(&mut self, members: &[RouterId]) -> bool {
        // One that is in FAULT, and does not know yet whether it may leave it, still is.
        let standing = |id: &RouterId| {
            let router = self.routers.get(id)?;
            Some(match (router.own_standing(), &router.state) {
                (Standing::Waiting, State::Fault(fault)) => Standing::Fault(*fault),
                (own, _) => own,
            })
        };
        let standings: Vec<_> = members.iter().map(|id| (*id, standing(id))).collect();
        let as_master = members
            .iter()
            .all(|id| self.routers.get(id).is_some_and(Router::starts_as_master));
        for id in members {
            let others = || standings.iter().filter(|(other, _)| other != id);
            let fault = others().find(|(_, standing)| matches!(standing, Some(Standing::Fault(_))));
            let waiting = others().find(|(_, standing)| *standing == Some(Standing::Waiting));
            let sibling = match (fault, waiting) {
                (Some((member, _)), _) => Some(Sibling::Fault(*member)),
                (None, Some(_)) => Some(Sibling::Waiting),
                (None, None) => None,
            };
            if let Some(router) = self.routers.get_mut(id) {
                router.sibling = sibling;
            }
        }
        as_master
    }

    /// A member's Master_Down_Timer ran out: all become master if all would, or it waits once more.
    pub(crate) fn take_over(&mut self, now: Time, router: RouterId) {
        let companions = self.companions(router);
        let reluctant = companions.iter().skip(1).find(|member| {
            let member = self.routers.get(member);
            !member.is_some_and(|member| member.state.is_willing())
        });
        if let Some(member) = reluctant.copied() {
            self.with(router, |router, out| router.wait_for(now, member, out));
            return;
        }
        for member in companions {
            self.with(member, |router, out| router.become_master(now, out));
        }
        self.tell_group(router);
    }

    /// The others yield with a member that has found a better master.
    pub(crate) fn follow_suit(&mut self, now: Time, router: RouterId) {
        let Some(follows) = self.routers.get(&router).filter(|router| router.group.is_some()) else {
            return;
        };
        if follows.follows() {
            self.yield_together(now, router);
        } else {
            self.tell_group(router);
        }
    }

    /// A master that stood still gives up, with its group.
    pub(crate) fn give_up_after_stall(&mut self, now: Time, router: RouterId) {
        let gave_up = self.with(router, |router, out| router.give_up_after_stall(now, out));
        if gave_up == Some(true) {
            self.yield_together(now, router);
        }
    }

    /// The others of its group give up what a member has given up.
    pub(crate) fn yield_together(&mut self, now: Time, router: RouterId) {
        for member in self.companions(router).into_iter().skip(1) {
            self.with(member, |sibling, out| sibling.yield_with(now, router, out));
        }
        self.tell_group(router);
    }

    /// Another master has told the neighbours of a member's addresses, and so, it may be, of those of the others.
    pub(crate) fn announce_together(&mut self, now: Time, router: RouterId) {
        let in_conflict = self
            .routers
            .get_mut(&router)
            .map(|router| &mut router.in_conflict);
        if !in_conflict.is_some_and(std::mem::take) {
            return;
        }
        for member in self.companions(router).into_iter().skip(1) {
            self.with(member, |sibling, out| sibling.announce_conflict(now, out));
        }
    }

    /// Says so if the state of the router's group is another one than before.
    pub(crate) fn tell_group(&mut self, router: RouterId) {
        let Some(id) = self.routers.get(&router).and_then(|router| router.group) else {
            return;
        };
        let Some(members) = self.groups.get(&id).map(|group| group.config.members.clone()) else {
            return;
        };
        let Some(before) = self.group_state(id) else {
            return;
        };
        let to = self.common_state(&members, before);
        let reason = self.last_reason(router);
        let Some(group) = self.groups.get_mut(&id).filter(|_| before != to) else {
            return;
        };
        let from = std::mem::replace(&mut group.state, to);
        let transition = Transition { from, to, reason };
        let told = Output::GroupTransition {
            group: id,
            transition,
        };
        self.with(router, |_, out| out.push(told));
    }

    /// Those that have not started do not count, and while a new member is not in step yet it is as it was before.
    fn common_state(&self, members: &[RouterId], before: StateKind) -> StateKind {
        let states = || {
            let routers = members.iter().filter_map(|id| self.routers.get(id));
            routers.map(|router| router.state.kind())
        };
        let some = |state| states().any(|it| it == state);
        match (some(StateKind::Backup), some(StateKind::Master)) {
            _ if some(StateKind::Fault) => StateKind::Fault,
            (true, true) => before,
            (true, false) => StateKind::Backup,
            (false, true) => StateKind::Master,
            (false, false) => StateKind::Initialize,
        }
    }

    /// Why the router did what it did last.
    fn last_reason(&self, router: RouterId) -> Reason {
        let reasons = self.outputs.iter().rev().filter_map(|(of, output)| match output {
            Output::Transition(transition) if *of == router => Some(transition.reason),
            _ => None,
        });
        reasons.into_iter().next().unwrap_or(Reason::Started)
    }
}

impl Router {
    /// Whether it is a backup whose timer has run out.
    pub(crate) fn is_overdue(&self, now: Time) -> bool {
        matches!(&self.state, State::Backup(backup) if backup.master_down <= now)
    }

    /// Whether it is a backup that has accepted a master, and not missed it since.
    fn follows(&self) -> bool {
        matches!(&self.state, State::Backup(backup) if !backup.is_willing && matches!(backup.heard, Heard::Master(..)))
    }

    /// It would be master, and waits for the others of its group.
    fn wait_for(&mut self, now: Time, member: RouterId, out: &mut Outputs<'_>) {
        let State::Backup(backup) = &self.state else {
            return;
        };
        let next = now + self.master_down(backup.interval);
        let State::Backup(backup) = &mut self.state else {
            return;
        };
        backup.master_down = next;
        let again = std::mem::replace(&mut backup.is_willing, true);
        if again && self.dampers.group.pass(now, GROUP_PAUSE) {
            out.push(Output::Notice(Notice::GroupHoldsBack { member }));
        }
    }

    /// Together with the others of its group.
    pub(crate) fn become_master(&mut self, now: Time, out: &mut Outputs<'_>) {
        if let State::Backup(backup) = &self.state {
            let reason = self.takeover_reason(now, backup);
            self.enter_master(now, reason, out);
        }
    }

    fn yield_with(&mut self, now: Time, member: RouterId, out: &mut Outputs<'_>) {
        if self.state.kind() == StateKind::Master {
            self.release(out);
            self.enter_backup(now, Reason::GroupYields(member), out);
        }
    }
}
