//! The states, each with the timers that run in it.

use std::net::IpAddr;

use vrrp_proto::{AdvertInterval, Priority};

use crate::{StateKind, Time};

/// RFC 9568 section 6.4, and FAULT.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum State {
    Initialize,
    Fault,
    Backup(Backup),
    Master(Master),
}

impl State {
    pub(crate) fn kind(&self) -> StateKind {
        match self {
            Self::Initialize => StateKind::Initialize,
            Self::Fault => StateKind::Fault,
            Self::Backup(_) => StateKind::Backup,
            Self::Master(_) => StateKind::Master,
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Initialize | Self::Fault => None,
            Self::Backup(backup) => Some(backup.master_down),
            Self::Master(master) => {
                let bursts = [master.second_burst, master.refresh, master.conflict_burst];
                bursts.into_iter().flatten().chain([master.next_advert]).min()
            }
        }
    }

    /// Calls `shift` on every point in time.
    pub(crate) fn shift(&mut self, mut shift: impl FnMut(&mut Time)) {
        match self {
            Self::Initialize | Self::Fault => {}
            Self::Backup(backup) => {
                shift(&mut backup.master_down);
                shift(&mut backup.since);
                backup.patient_until.iter_mut().for_each(&mut shift);
            }
            Self::Master(master) => {
                shift(&mut master.next_advert);
                let bursts = [
                    &mut master.second_burst,
                    &mut master.refresh,
                    &mut master.conflict_burst,
                ];
                bursts.into_iter().flatten().for_each(&mut shift);
            }
        }
    }
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
    /// With a preempt delay: until when lower priorities are accepted.
    pub(crate) patient_until: Option<Time>,
}

/// What a backup knows of the master.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Heard {
    /// Nothing yet.
    Nobody,
    /// It is accepted.
    Master(IpAddr),
    /// It sent priority 0.
    Resigned(IpAddr),
    /// Its priority is lower, and it will be replaced.
    Lower(IpAddr, Priority),
}

/// Holding the addresses.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Master {
    /// Adver_Timer.
    pub(crate) next_advert: Time,
    /// The second burst of announcements.
    pub(crate) second_burst: Option<Time>,
    /// The next refresh.
    pub(crate) refresh: Option<Time>,
    /// The second burst after an advert of lower priority.
    pub(crate) conflict_burst: Option<Time>,
}
