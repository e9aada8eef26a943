//! Relations that hold between any two calls, checked where debugging is on.

use std::collections::BTreeSet;

use crate::fault::Standing;
use crate::{Engine, StateKind};

impl Engine {
    /// Panics, in debug builds, if the engine contradicts itself.
    pub(crate) fn check_invariants(&self) {
        if cfg!(debug_assertions) && self.routers.len() <= CHECKED_UP_TO {
            self.check_deadlines();
            self.check_lookup();
            for router in self.routers.values() {
                let master = router.state.kind() == StateKind::Master;
                assert_eq!(
                    router.holds_addresses, master,
                    "addresses are held by masters, and by them only"
                );
                let fault = matches!(router.standing(), Standing::Fault(_));
                assert!(
                    !fault || !router.state.is_running(),
                    "a router runs though something is missing"
                );
                let in_fault = router.state.kind() == StateKind::Fault;
                assert!(
                    fault || !in_fault || router.standing() == Standing::Waiting,
                    "a fault that is over"
                );
            }
            self.check_groups();
        }
    }

    fn check_deadlines(&self) {
        let due = self.routers.iter();
        let due = due.filter_map(|(id, router)| Some((router.state.deadline()?, *id)));
        assert!(
            due.collect::<BTreeSet<_>>() == self.deadlines,
            "a deadline is missing or left over"
        );
    }

    fn check_groups(&self) {
        for (id, group) in &self.groups {
            let members = group.config.members.iter().filter_map(|id| self.routers.get(id));
            let members: Vec<_> = members.collect();
            assert_eq!(members.len(), group.config.members.len(), "members exist");
            assert!(
                members.iter().all(|router| router.group == Some(*id)),
                "members know their group"
            );
            let started = members.iter().filter(|router| router.started);
            let states: BTreeSet<_> = started.map(|router| router.state.kind()).collect();
            let in_fault = states.contains(&StateKind::Fault);
            assert!(!in_fault || states.len() == 1, "a fault of one is a fault of all");
        }
        let grouped = self.routers.values().filter(|router| router.group.is_some());
        let members = self.groups.values().map(|group| group.config.members.len());
        assert_eq!(
            grouped.count(),
            members.sum::<usize>(),
            "nobody is in a group that is not there"
        );
    }

    fn check_lookup(&self) {
        assert_eq!(self.by_key.len(), self.routers.len(), "as many keys as routers");
        for (id, router) in &self.routers {
            let found = self.by_key.get(&router.config.key());
            assert_eq!(found, Some(id), "every router is found by its key");
        }
    }
}

/// Beyond this many routers the check would make debug builds crawl.
const CHECKED_UP_TO: usize = 16;
