//! What the engine wants done.

use vrrp_engine::{Notice, Output, RouterId, Time, Transition, Transmit};

use super::daemon::Daemon;
use super::kernel::{targets, targets_of};
use super::report;

/// Lines for the log, written when everything else is done.
enum Line {
    Transition(Transition),
    Notice(Notice),
}

impl Daemon {
    /// Does what the engine wants: adverts first, then addresses and announcements, then the log.
    pub(super) fn act(&mut self, now: Time) {
        let mut rest = Vec::new();
        while let Some((router, output)) = self.engine.poll_output() {
            match (self.place(router), output) {
                (Some(place), Output::Transmit(transmit)) => self.queue(place, transmit),
                (Some(place), output) => rest.push((place, output)),
                (None, _) => {}
            }
        }
        self.send(now);
        let mut lines = Vec::new();
        for (place, output) in rest {
            self.take_output(place, output, &mut lines);
        }
        self.kernel.work(&self.plan, &self.interfaces);
        for (place, line) in lines {
            let Some(instance) = self.plan.instances.get(place) else {
                continue;
            };
            match line {
                Line::Transition(transition) => report::transition(&instance.name, &transition),
                Line::Notice(notice) => report::notice(&instance.name, &notice),
            }
        }
    }

    fn queue(&mut self, place: usize, transmit: Transmit) {
        if let Some(instance) = self.plan.instances.get(place) {
            self.sockets.queue(instance.router.interface, transmit);
        }
    }

    fn take_output(&mut self, place: usize, output: Output, lines: &mut Vec<(usize, Line)>) {
        match output {
            Output::AddAddresses => self.kernel.add(targets(&self.plan, place)),
            Output::RemoveAddresses => self.kernel.remove_all(&self.plan, place),
            Output::RestoreAddress(address) => {
                self.kernel
                    .add(targets_of(&self.plan, place, address).into_iter());
            }
            Output::Announce {
                address: None,
                repeat,
            } => {
                self.kernel
                    .announce(&targets(&self.plan, place).collect::<Vec<_>>(), repeat);
            }
            Output::Announce {
                address: Some(address),
                repeat,
            } => {
                self.kernel
                    .announce(&targets_of(&self.plan, place, address), repeat);
            }
            Output::Transition(transition) => lines.push((place, Line::Transition(transition))),
            Output::Notice(notice) => lines.push((place, Line::Notice(notice))),
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
        self.routers.binary_search(&router).ok()
    }
}
