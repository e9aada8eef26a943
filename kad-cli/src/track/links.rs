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
    pub(super) fn new() -> Self {
        Self {
            delays: Vec::new(),
            trackers: Vec::new(),
            links: BTreeMap::new(),
        }
    }

    /// These delays and trackers count from now on. Answers with what is known for the trackers.
    pub(super) fn follow(
        &mut self,
        delays: &[LinkDelays],
        trackers: Vec<(TrackerId, InterfaceId)>,
    ) -> Vec<(TrackerId, TrackerStatus)> {
        self.delays = delays.to_vec();
        self.trackers = trackers;
        for (interface, link) in &mut self.links {
            let (down, up) = delays_of(&self.delays, *interface);
            link.set_delays(down, up);
        }
        let known = self.trackers.iter().map(|(tracker, interface)| {
            let counts = self.links.get(interface).and_then(Debounce::counts);
            (*tracker, counts.map_or(TrackerStatus::Unknown, status))
        });
        known.collect()
    }

    /// An interface is up or down; what is first learnt counts at once.
    pub(super) fn learn(&mut self, now: Time, interface: InterfaceId, up: bool) -> Vec<TrackEvent> {
        let delays = &self.delays;
        let link = self.links.entry(interface).or_insert_with(|| {
            let (down, up) = delays_of(delays, interface);
            Debounce::new(down, up)
        });
        if link.learn(now, up) {
            return self.events(interface, up);
        }
        Vec::new()
    }

    /// Whether an interface counts as up, if that is known.
    pub(super) fn counts(&self, interface: InterfaceId) -> Option<bool> {
        self.links.get(&interface)?.counts()
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
        let trackers = self.trackers.iter().filter(|(_, of)| *of == interface);
        let trackers = trackers.map(|(tracker, _)| TrackEvent::Tracker {
            tracker: *tracker,
            status: status(up),
        });
        std::iter::once(TrackEvent::Link { interface, up })
            .chain(trackers)
            .collect()
    }
}

fn delays_of(list: &[LinkDelays], interface: InterfaceId) -> (Duration, Duration) {
    let delays = list.iter().find(|delays| delays.interface == interface);
    delays.map_or((Duration::ZERO, Duration::ZERO), |delays| {
        (delays.down, delays.up)
    })
}

fn status(up: bool) -> TrackerStatus {
    if up {
        TrackerStatus::Up
    } else {
        TrackerStatus::Down
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
        let mut links = Links::new();
        let known = links.follow(&[delays], vec![(TrackerId(4), ETH0)]);
        assert_eq!(known, [(TrackerId(4), TrackerStatus::Unknown)]);
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
