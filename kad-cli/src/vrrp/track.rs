//! What is tracked, for the engine.

use vrrp_engine::{Input, Time, TrackerId};

use super::daemon::Daemon;
use crate::track::{TrackEvent, TrackerKind};

impl Daemon {
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
        let Some(setup) = place.and_then(|place| self.plan.trackers.get(place)) else {
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
        let kind = match setup.kind {
            TrackerKind::Script(_) => "script",
            TrackerKind::File(_) => "file",
            TrackerKind::Process(_) => "process",
            TrackerKind::Interface(_) => "interface",
        };
        format!("the {kind} {} that it tracks", setup.name)
    }
}
