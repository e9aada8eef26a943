//! FAULT: what a router cannot do without, and what happens when it goes and comes back.

use std::net::IpAddr;

use crate::router::{Outputs, Router};
use crate::state::State;
use crate::{FaultReason, Reason, Time};

impl Router {
    pub(crate) fn handle_link(&mut self, now: Time, up: bool, out: &mut Outputs<'_>) {
        let before = self.fault();
        self.link_up = up;
        self.environment_changed(now, before, out);
    }

    pub(crate) fn handle_source(&mut self, now: Time, address: Option<IpAddr>, out: &mut Outputs<'_>) {
        let address = self.usable(address);
        let before = self.fault();
        // The last words of a master still come from the address it had.
        if address.is_none() && before.is_none() && self.state != State::Initialize {
            self.enter_fault(FaultReason::NoSource, out);
            self.source = None;
            return;
        }
        self.source = address;
        self.environment_changed(now, before, out);
    }

    /// FAULT ends when nothing is missing any more, not when the first thing is back.
    fn environment_changed(&mut self, now: Time, before: Option<FaultReason>, out: &mut Outputs<'_>) {
        match (before, self.fault()) {
            _ if self.state == State::Initialize => {}
            (None, Some(fault)) => self.enter_fault(fault, out),
            (Some(fault), None) if self.starts_as_master() => {
                self.enter_master(now, Reason::Recovered(fault), out);
            }
            (Some(fault), None) => self.enter_backup(now, Reason::Recovered(fault), out),
            _ => {}
        }
    }

    /// What is missing.
    pub(super) fn fault(&self) -> Option<FaultReason> {
        match (self.link_up, self.source) {
            (false, _) => Some(FaultReason::LinkDown),
            (true, None) => Some(FaultReason::NoSource),
            (true, Some(_)) => None,
        }
    }

    pub(super) fn enter_fault(&mut self, fault: FaultReason, out: &mut Outputs<'_>) {
        self.resign(out);
        self.change(State::Fault, Reason::Fault(fault), out);
    }
}
