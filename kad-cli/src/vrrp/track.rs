//! What is tracked, for the engine.

use vrrp_engine::{Input, Time, TrackerId};

use super::daemon::{Daemon, RunError, system};
use crate::track::{Kind, TrackEvent};

impl Daemon {
    /// Tracks what the plan says from now on.
    pub(super) fn follow_trackers(&mut self, now: Time) -> Result<(), RunError> {
        let outcome = self
            .trackers
            .follow(now, &self.plan.trackers, &self.plan.link_delays);
        self.take_tracked(now);
        outcome.map_err(system("what is tracked"))
    }

    /// The interfaces as they are now; those who run on them or track them learn of it when it counts.
    pub(super) fn track_links(&mut self, now: Time) {
        for id in self.interfaces.ids() {
            let up = self.interfaces.get(id).is_some_and(|interface| interface.up);
            self.trackers.handle_link(now, id, up);
        }
        self.take_tracked(now);
    }

    /// Tells the engine what became known.
    pub(super) fn take_tracked(&mut self, now: Time) {
        while let Some(event) = self.trackers.poll_event() {
            match event {
                TrackEvent::Tracker { tracker, status } => {
                    self.input(now, Input::Tracker { tracker, status });
                }
                TrackEvent::Link { interface, up } => self.input(now, Input::Link { interface, up }),
            }
        }
    }

    /// What a tracker is, for a log line.
    pub(super) fn tracked(&self, id: TrackerId) -> String {
        let place = usize::try_from(id.0).ok();
        let Some((kind, name)) = place.and_then(|place| self.plan.tracker_names.get(place)) else {
            let made = self
                .plan
                .virtual_interfaces
                .iter()
                .find(|made| made.tracker == id);
            let name = made.map(|made| self.plan.interface_name(made.interface));
            return name.map_or_else(
                || "something it tracks".to_owned(),
                |name| format!("its interface {name}"),
            );
        };
        let kind = match kind {
            Kind::Script => "script",
            Kind::File => "file",
            Kind::Process => "process",
            Kind::Interface => "interface",
            Kind::Statics => "group of static items",
        };
        format!("the {kind} {name} that it tracks")
    }
}
