//! Interfaces, and how long a change of one must last to count.

use std::collections::BTreeMap;
use std::time::Duration;

use vrrp_engine::{InterfaceId, Time, TrackerId, TrackerStatus};

use super::TrackEvent;
use super::debounce::Debounce;
use super::setup::LinkDelays;

/// All interfaces of the plan.
#[derive(Debug)]
pub(super) struct Links {
    delays: Vec<LinkDelays>,
    trackers: Vec<(TrackerId, InterfaceId)>,
    links: BTreeMap<InterfaceId, Debounce>,
}

impl Links {
    pub(super) fn new(delays: Vec<LinkDelays>, trackers: Vec<(TrackerId, InterfaceId)>) -> Self {
        Self {
            delays,
            trackers,
            links: BTreeMap::new(),
        }
    }

    /// An interface is up or down; what is first learnt counts at once.
    pub(super) fn learn(&mut self, now: Time, interface: InterfaceId, up: bool) -> Vec<TrackEvent> {
        let delays = &self.delays;
        let link = self.links.entry(interface).or_insert_with(|| {
            let delays = delays.iter().find(|delays| delays.interface == interface);
            let (down, up) = delays.map_or((Duration::ZERO, Duration::ZERO), |it| (it.down, it.up));
            Debounce::new(down, up)
        });
        if link.learn(now, up) {
            return self.events(interface, up);
        }
        Vec::new()
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.links.values().filter_map(Debounce::poll_timeout).min()
    }

    pub(super) fn handle_timeout(&mut self, now: Time) -> Vec<TrackEvent> {
        let due = self.links.iter_mut().filter_map(|(interface, link)| {
            let counts = link.handle_timeout(now).then(|| link.counts())?;
            Some((*interface, counts?))
        });
        let due: Vec<_> = due.collect();
        due.into_iter()
            .flat_map(|(interface, up)| self.events(interface, up))
            .collect()
    }

    /// The interface itself, for those that run on it, and the trackers that are about it.
    fn events(&self, interface: InterfaceId, up: bool) -> Vec<TrackEvent> {
        let status = if up {
            TrackerStatus::Up
        } else {
            TrackerStatus::Down
        };
        let trackers = self.trackers.iter().filter(|(_, of)| *of == interface);
        let trackers = trackers.map(|(tracker, _)| TrackEvent::Tracker {
            tracker: *tracker,
            status,
        });
        std::iter::once(TrackEvent::Link { interface, up })
            .chain(trackers)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETH0: InterfaceId = InterfaceId(0);
    const ETH1: InterfaceId = InterfaceId(1);

    fn link(interface: InterfaceId, up: bool) -> TrackEvent {
        TrackEvent::Link { interface, up }
    }

    #[test]
    fn an_interface_counts_for_itself_and_for_its_trackers_when_its_delay_is_over() {
        let delays = LinkDelays {
            interface: ETH0,
            down: Duration::from_secs(1),
            up: Duration::ZERO,
        };
        let mut links = Links::new(vec![delays], vec![(TrackerId(4), ETH0)]);
        let tracker = |status| TrackEvent::Tracker {
            tracker: TrackerId(4),
            status,
        };
        let at = Time::from_millis;
        assert_eq!(
            links.learn(at(0), ETH0, true),
            [link(ETH0, true), tracker(TrackerStatus::Up)]
        );
        assert_eq!(links.learn(at(0), ETH1, true), [link(ETH1, true)]);
        assert_eq!(links.learn(at(10), ETH1, false), [link(ETH1, false)]);
        assert_eq!(links.learn(at(10), ETH0, false), []);
        assert_eq!(links.poll_timeout(), Some(at(1010)));
        assert_eq!(
            links.handle_timeout(at(1010)),
            [link(ETH0, false), tracker(TrackerStatus::Down)]
        );
        assert_eq!(
            (links.poll_timeout(), links.handle_timeout(at(2000))),
            (None, vec![])
        );
    }
}
