//! The states, each with the timers that run in it.

use std::net::IpAddr;

use vrrp_proto::{AdvertInterval, Priority};

use crate::announce::Bursts;
use crate::{FaultReason, StateKind, Time};

/// RFC 9568 section 6.4, and FAULT.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum State {
    Initialize,
    Fault(FaultReason),
    Backup(Backup),
    Master(Master),
}

impl State {
    pub(crate) fn kind(&self) -> StateKind {
        match self {
            Self::Initialize => StateKind::Initialize,
            Self::Fault(_) => StateKind::Fault,
            Self::Backup(_) => StateKind::Backup,
            Self::Master(_) => StateKind::Master,
        }
    }

    /// Whether it takes part in the election.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Backup(_) | Self::Master(_))
    }

    /// Whether it is master, or would be if its sync group let it.
    pub(crate) fn is_willing(&self) -> bool {
        match self {
            Self::Initialize | Self::Fault(_) => false,
            Self::Backup(backup) => backup.is_willing,
            Self::Master(_) => true,
        }
    }

    pub(crate) fn known_master(&self) -> Option<KnownMaster> {
        match self {
            Self::Backup(Backup {
                heard: Heard::Master(address, priority),
                since,
                ..
            }) => Some(KnownMaster {
                address: *address,
                priority: *priority,
                last_heard: *since,
            }),
            _ => None,
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Initialize | Self::Fault(_) => None,
            Self::Backup(backup) => Some(backup.master_down),
            Self::Master(master) => master
                .bursts
                .deadline()
                .into_iter()
                .chain([master.next_advert])
                .min(),
        }
    }

    /// Calls `shift` on every point in time.
    pub(crate) fn shift(&mut self, mut shift: impl FnMut(&mut Time)) {
        match self {
            Self::Initialize | Self::Fault(_) => {}
            Self::Backup(backup) => {
                shift(&mut backup.master_down);
                shift(&mut backup.since);
                backup.patient_until.iter_mut().for_each(&mut shift);
            }
            Self::Master(master) => {
                shift(&mut master.next_advert);
                master.bursts.shift(shift);
            }
        }
    }
}

/// The master that a backup follows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct KnownMaster {
    /// The address its adverts come from.
    pub address: IpAddr,
    /// The priority in its last accepted advert.
    pub priority: Priority,
    /// When that came in.
    pub last_heard: Time,
}

/// Listening.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Backup {
    /// Master_Down_Timer.
    pub(crate) master_down: Time,
    /// When the timer was last set.
    pub(crate) since: Time,
    /// Master_Adver_Interval (version 3: as learned).
    pub(crate) interval: AdvertInterval,
    /// Who was heard.
    pub(crate) heard: Heard,
    /// The timer has run out, and the other members of the sync group are waited for.
    pub(crate) is_willing: bool,
    /// With a preempt delay: until when lower priorities are accepted.
    pub(crate) patient_until: Option<Time>,
}

/// What a backup knows of the master.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Heard {
    /// Nothing yet.
    Nobody,
    /// It is accepted.
    Master(IpAddr, Priority),
    /// It sent priority 0.
    Resigned(IpAddr),
    /// Its priority is lower, and it will be replaced.
    Lower(IpAddr, Priority),
}

impl Heard {
    /// An advert of lower priority was not accepted. It is why the timer will run out, unless the timer waits for
    /// somebody else.
    pub(crate) fn not_accepted(&mut self, from: IpAddr, priority: Priority) {
        match *self {
            Self::Master(master, _) if master != from => {}
            Self::Resigned(_) => {}
            Self::Master(..) | Self::Nobody | Self::Lower(..) => *self = Self::Lower(from, priority),
        }
    }

    /// What was lower may not be any more, and then the timer runs out because no such advert came since.
    pub(crate) fn our_priority_is(&mut self, ours: Priority) {
        if matches!(*self, Self::Lower(_, theirs) if theirs >= ours) {
            *self = Self::Nobody;
        }
    }
}

/// Holding the addresses.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Master {
    /// Adver_Timer.
    pub(crate) next_advert: Time,
    /// Announcements that are due later.
    pub(crate) bursts: Bursts,
}
