//! What the engine wants done.

use std::net::IpAddr;

use vrrp_engine::{FaultReason, GroupId, Notice, Output, Reason, RouterId, Time, Transition, Transmit};
use vrrp_proto::Priority;

use super::announce::Frame;
use super::daemon::Daemon;
use super::holdings::{Holder, Item};
use super::items::{frame, items};
use super::report;

/// What is said when everything else is done.
enum Line {
    Transition(Transition),
    Group(GroupId, Transition),
    Priority { from: Priority, to: Priority },
    Notice(Notice),
}

impl Daemon {
    /// Does what the engine wants: adverts first, then addresses and announcements, then the log.
    pub(super) fn act(&mut self, now: Time) {
        let mut rest = Vec::new();
        while let Some((router, output)) = self.engine.poll_output() {
            match (self.place(router), output) {
                (Some(place), Output::Transmit(transmit)) => self.queue(place, transmit),
                (Some(place), output) => rest.push((place, router, output)),
                (None, _) => {}
            }
        }
        self.send(now);
        let mut lines = Vec::new();
        for (place, router, output) in rest {
            self.take_output(now, place, router, output, &mut lines);
        }
        self.announce_elsewhere(now);
        self.filter_what_comes();
        self.kernel.work(now, &self.plan, &self.interfaces);
        // The neighbours are told of an address when it is there.
        if !self.kernel.has_work() {
            self.forget_what_went();
            self.announcements.work(now, &self.interfaces);
        }
        for (place, router, line) in lines {
            self.write(place, &line);
            match line {
                Line::Transition(transition) => self.tell_transition(now, place, &transition),
                Line::Group(group, transition) => self.tell_group_transition(now, group, &transition),
                Line::Priority { to, .. } => self.tell_priority(now, place, to),
                Line::Notice(notice) => self.tell_notice(now, place, router, &notice),
            }
        }
    }

    fn write(&self, place: usize, line: &Line) {
        let Some(instance) = self.plan.instances.get(place) else {
            return;
        };
        match line {
            Line::Transition(transition) => {
                report::transition(&instance.name, transition, &self.reason(&transition.reason));
            }
            Line::Group(group, transition) => {
                let group = self.group_places.get(group);
                if let Some(group) = group.and_then(|place| self.plan.groups.get(*place)) {
                    report::transition(&group.name, transition, &self.reason(&transition.reason));
                }
            }
            Line::Priority { from, to } => {
                tracing::info!("{}: effective priority {from} -> {to}", instance.name);
            }
            Line::Notice(notice) => report::notice(&instance.name, &self.notice(notice)),
        }
    }

    /// A reason in words, with the names that the engine does not know.
    pub(super) fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::GroupYields(member) => {
                format!("{} of its sync group gave up", self.name(*member))
            }
            Reason::Fault(FaultReason::Group(member)) => {
                format!("{} of its sync group is in FAULT", self.name(*member))
            }
            Reason::Fault(FaultReason::Tracker(tracker)) => format!("{} is not well", self.tracked(*tracker)),
            Reason::Recovered(FaultReason::Tracker(tracker)) => format!("{} is well", self.tracked(*tracker)),
            other => other.to_string(),
        }
    }

    fn notice(&self, notice: &Notice) -> String {
        match notice {
            Notice::GroupHoldsBack { member } => format!(
                "would be master, but {} of its sync group follows a better one; if that goes on, the members' priorities \
                 are crossed with those of the other router, and nobody can be master of all",
                self.name(*member)
            ),
            other => other.to_string(),
        }
    }

    fn name(&self, router: RouterId) -> &str {
        let instance = self
            .place(router)
            .and_then(|place| self.plan.instances.get(place));
        instance.map_or("a member", |instance| instance.name.as_str())
    }

    /// Has the kernel put there what a master has; answers with what was not there before.
    pub(super) fn hold(&mut self, place: usize, router: RouterId) -> Vec<Item> {
        let Some(instance) = self.plan.instances.get(place) else {
            return Vec::new();
        };
        let items = items(instance);
        self.kernel.hold(Holder::Router(router), &instance.name, items)
    }

    fn announce(&mut self, router: RouterId, only: Option<IpAddr>, repeat: u8) {
        let held = self.kernel.holdings().of(Holder::Router(router));
        let frames = held.filter_map(|item| frame(router, item));
        let frames = frames.filter(|frame| only.is_none_or(|address| frame.address == address));
        self.announcements.announce(frames, repeat);
    }

    /// The address that an instance's adverts come from, on the interface that they leave by.
    fn announce_source(&mut self, place: usize, router: RouterId, address: IpAddr) {
        if let Some(instance) = self.plan.instances.get(place) {
            let interface = instance.transmit;
            let frame = Frame {
                router,
                interface,
                address,
            };
            self.announcements.announce([frame], 1);
        }
    }

    fn queue(&mut self, place: usize, transmit: Transmit) {
        if let Some(instance) = self.plan.instances.get(place) {
            self.sockets.queue(instance.transmit, transmit);
        }
    }

    fn take_output(
        &mut self,
        now: Time,
        place: usize,
        router: RouterId,
        output: Output,
        lines: &mut Vec<(usize, RouterId, Line)>,
    ) {
        match output {
            Output::AddAddresses => {
                self.firewall.note_change();
                self.hold(place, router);
            }
            Output::RemoveAddresses => {
                self.firewall.note_change();
                self.kernel.release(Holder::Router(router));
                self.announcements.forget(router);
            }
            Output::RestoreAddress(address) => self.kernel.restore(now, Holder::Router(router), address),
            Output::Announce { address, repeat } => self.announce(router, address, repeat),
            Output::AnnounceSource(address) => self.announce_source(place, router, address),
            Output::Transition(transition) => lines.push((place, router, Line::Transition(transition))),
            Output::GroupTransition { group, transition } => {
                lines.push((place, router, Line::Group(group, transition)));
            }
            Output::PriorityChanged { from, to } => lines.push((place, router, Line::Priority { from, to })),
            Output::Notice(notice) => lines.push((place, router, Line::Notice(notice))),
            other => tracing::debug!("the engine wants something unknown: {other:?}"),
        }
    }

    fn send(&mut self, now: Time) {
        let (plan, failures) = (&self.plan, &mut self.send_failures);
        self.sockets.flush(|interface, count, error| {
            if let Some(held_back) = failures.pass(now, interface) {
                let more = report::more_of_them(held_back);
                let name = plan.interface_name(interface);
                tracing::warn!("{count} adverts could not be sent on {name}: {error}{more}");
            }
        });
    }

    fn place(&self, router: RouterId) -> Option<usize> {
        self.places.get(&router).copied()
    }
}
