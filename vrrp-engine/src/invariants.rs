//! Relations that hold between any two calls, checked where debugging is on.

use std::collections::BTreeSet;

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
                let ready = router.fault().is_none();
                assert!(
                    ready || !router.state.is_running(),
                    "a router runs though something is missing"
                );
            }
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
