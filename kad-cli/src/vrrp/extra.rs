//! When masters announce their addresses on other interfaces than their own (keepalived's `garp_extra_if`); pure.

use std::collections::BTreeMap;
use std::time::Duration;

use vrrp_engine::{RouterId, Time};

/// The next time of each master that does so.
#[derive(Debug, Default)]
pub(super) struct ExtraSchedule {
    due: BTreeMap<RouterId, Time>,
}

impl ExtraSchedule {
    /// These are the masters that do so, and how often. The first time is an interval from now, since a new master has
    /// just announced everything.
    pub(super) fn follow(&mut self, now: Time, masters: impl IntoIterator<Item = (RouterId, Duration)>) {
        let old = std::mem::take(&mut self.due);
        let next = |(router, interval): (RouterId, Duration)| {
            let first = now + interval;
            (router, old.get(&router).map_or(first, |due| (*due).min(first)))
        };
        self.due = masters.into_iter().map(next).collect();
    }

    /// When the first of them is due.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.due.values().min().copied()
    }

    /// The masters whose time has come. They are due again as soon as [`follow`](Self::follow) says so.
    pub(super) fn take_due(&mut self, now: Time) -> Vec<RouterId> {
        self.due
            .extract_if(.., |_, due| *due <= now)
            .map(|(router, _)| router)
            .collect()
    }
}
