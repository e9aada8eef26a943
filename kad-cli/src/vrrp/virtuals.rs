//! The interfaces that are made for virtual routers, within the daemon.

use vrrp_engine::{Input, InterfaceId, Time, TrackerStatus};

use super::daemon::Daemon;
use super::interfaces::Interfaces;
use crate::rtnl;
use crate::vmac::Presence;

impl Daemon {
    /// Makes all that can be made, before the election starts.
    pub(super) fn make_virtual_interfaces(&mut self) -> Result<(), rtnl::Error> {
        if self.follow_virtual_interfaces() {
            // The monitor tells of them as well, but later.
            self.interfaces.replace(rtnl::snapshot()?);
        }
        Ok(())
    }

    /// Makes what is gone; answers with whether there is news of it.
    pub(super) fn follow_virtual_interfaces(&mut self) -> bool {
        let interfaces = &self.interfaces;
        self.virtuals.follow(&self.plan, |id| presence(interfaces, id))
    }

    /// Tells the engine which of them can be had, and sent by.
    pub(super) fn tell_of_virtual_interfaces(&mut self, now: Time) {
        let closed: Vec<InterfaceId> = self
            .sockets
            .states()
            .into_iter()
            .filter(|(.., open)| !open)
            .map(|(interface, ..)| interface)
            .collect();
        let made = self.plan.virtual_interfaces.iter();
        let statuses: Vec<_> = made
            .map(|made| {
                let status = if closed.contains(&made.interface) {
                    TrackerStatus::Down
                } else {
                    self.virtuals.status(&self.plan, made)
                };
                (made.tracker, status)
            })
            .collect();
        for (tracker, status) in statuses {
            self.input(now, Input::Tracker { tracker, status });
        }
    }
}

fn presence(interfaces: &Interfaces, id: InterfaceId) -> Option<Presence> {
    let interface = interfaces.get(id)?;
    Some(Presence {
        index: interface.index?,
        on: interface.admin_up,
    })
}
