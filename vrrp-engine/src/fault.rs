//! FAULT: what a router cannot do without, and what happens when it goes and comes back.

use std::net::IpAddr;

use crate::router::{Outputs, Router};
use crate::state::State;
use crate::{FaultReason, Output, Reason, RouterId, Time};

/// Whether a router may run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Ready,
    /// It is not known yet.
    Waiting,
    Fault(FaultReason),
}

/// What another member of the sync group has against it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Sibling {
    /// It is in FAULT.
    Fault(RouterId),
    /// It cannot start yet.
    Waiting,
}

impl Router {
    /// The address adverts are sent from was lost, found or changed. The last words of a master still come from the
    /// address it had.
    pub(crate) fn set_source(&mut self, address: Option<IpAddr>) {
        match self.usable(address) {
            Some(address) => {
                self.source = Some(address);
                self.source_lost = false;
            }
            None => self.source_lost = self.source.is_some(),
        }
    }

    /// What speaks for and against its running. FAULT ends when nothing is missing any more, not when the first thing is
    /// back.
    pub(crate) fn standing(&self) -> Standing {
        match (self.own_standing(), self.sibling) {
            (Standing::Fault(fault), _) => Standing::Fault(fault),
            (_, Some(Sibling::Fault(member))) => Standing::Fault(FaultReason::Group(member)),
            (_, Some(Sibling::Waiting)) => Standing::Waiting,
            (own, None) => own,
        }
    }

    /// The same without its sync group.
    pub(crate) fn own_standing(&self) -> Standing {
        if let Some(fault) = self.missing() {
            return Standing::Fault(fault);
        }
        match self.tracked.unknown() {
            Some(_) => Standing::Waiting,
            None => Standing::Ready,
        }
    }

    fn missing(&self) -> Option<FaultReason> {
        if self.config.track_link && !self.link_up {
            return Some(FaultReason::LinkDown);
        }
        if !self.sockets_open {
            return Some(FaultReason::NoSocket);
        }
        if self.source.is_none() || self.source_lost {
            return Some(FaultReason::NoSource);
        }
        if self.config.destinations().next().is_none() {
            return Some(FaultReason::NoPeer);
        }
        self.tracked.fault().map(FaultReason::Tracker)
    }

    /// Brings the state in line with the standing. `as_master`: it need not wait for a master that may be there.
    pub(crate) fn settle(&mut self, now: Time, as_master: bool, out: &mut Outputs<'_>) {
        match (self.standing(), &mut self.state) {
            _ if !self.started => {}
            (Standing::Fault(fault), State::Fault(known)) => *known = fault,
            (Standing::Fault(fault), _) => self.enter_fault(fault, out),
            (Standing::Ready, State::Initialize) if as_master => self.enter_master(now, Reason::Owner, out),
            (Standing::Ready, State::Initialize) => self.enter_backup(now, Reason::Started, out),
            (Standing::Ready, State::Fault(fault)) => {
                let reason = Reason::Recovered(*fault);
                if as_master {
                    self.enter_master(now, reason, out);
                } else {
                    self.announce_source(out);
                    self.enter_backup(now, reason, out);
                }
            }
            // What runs goes on while something new is not known yet.
            (Standing::Waiting, _) | (Standing::Ready, State::Backup(_) | State::Master(_)) => {}
        }
        if std::mem::take(&mut self.source_lost) {
            self.source = None;
        }
    }

    /// A unicast peer that sends to where we were before would not be heard.
    fn announce_source(&self, out: &mut Outputs<'_>) {
        if let (false, Some(source)) = (self.config.is_multicast(), self.source) {
            out.push(Output::AnnounceSource(source));
        }
    }

    fn enter_fault(&mut self, fault: FaultReason, out: &mut Outputs<'_>) {
        self.resign(out);
        self.change(State::Fault(fault), Reason::Fault(fault), out);
    }
}
