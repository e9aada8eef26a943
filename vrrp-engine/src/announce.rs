//! When the neighbours are told where the addresses are: keepalived's `garp_*`.

use std::time::Duration;

use crate::router::{Outputs, Router};
use crate::state::State;
use crate::timers::next_on_grid;
use crate::{Announcements, Output, Time};

/// What a master still has to announce.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Bursts {
    /// The second burst after becoming master.
    second: Option<Time>,
    /// The next refresh.
    refresh: Option<Time>,
    /// The second burst after an advert of lower priority.
    conflict: Option<Time>,
    /// For addresses that were put back one soon after the other.
    pub(crate) restored: Option<Time>,
}

impl Bursts {
    /// Of a router that becomes master now; the first burst is not among them.
    fn begin(schedule: &Announcements, now: Time) -> Self {
        Self {
            second: later(now, schedule.delay),
            refresh: later(now, schedule.refresh).map(|refresh| refresh + schedule.delay),
            conflict: None,
            restored: None,
        }
    }

    /// When the next is due.
    pub(crate) fn deadline(&self) -> Option<Time> {
        [self.second, self.refresh, self.conflict, self.restored]
            .into_iter()
            .flatten()
            .min()
    }

    /// Calls `shift` on every point in time.
    pub(crate) fn shift(&mut self, shift: impl FnMut(&mut Time)) {
        let Self {
            second,
            refresh,
            conflict,
            restored,
        } = self;
        [second, refresh, conflict, restored]
            .into_iter()
            .flatten()
            .for_each(shift);
    }

    /// Another schedule: a refresh that was not asked for yet begins now.
    pub(crate) fn reschedule(&mut self, old: &Announcements, new: &Announcements, now: Time) {
        if old.refresh != new.refresh {
            self.refresh = later(now, new.refresh);
        }
    }

    /// Frames for each address that are due, one number for each burst.
    fn take_due(&mut self, schedule: &Announcements, now: Time) -> [Option<u8>; 4] {
        let is_due = |due: &mut Time| *due <= now;
        let second = self.second.take_if(is_due).map(|_| schedule.repeat.max(1));
        let restored = self.restored.take_if(is_due).map(|_| schedule.repeat.max(1));
        let conflict = self
            .conflict
            .take_if(is_due)
            .map(|_| schedule.lower_priority_repeat);
        let refresh = self.refresh.as_mut().filter(|due| **due <= now).map(|due| {
            *due = next_on_grid(*due, schedule.refresh, now);
            schedule.refresh_repeat.max(1)
        });
        [second, conflict, refresh, restored]
    }
}

impl Router {
    /// The burst of a new master, and what follows it.
    pub(super) fn announce_mastership(&self, now: Time, out: &mut Outputs<'_>) -> Bursts {
        let schedule = &self.config.announcements;
        out.push(all_addresses(schedule.repeat.max(1)));
        Bursts::begin(schedule, now)
    }

    /// The bursts after an advert of lower priority, whose sender has told the neighbours something else.
    pub(super) fn announce_conflict(&mut self, now: Time, out: &mut Outputs<'_>) {
        let schedule = self.config.announcements;
        let master = matches!(self.state, State::Master(_));
        if schedule.lower_priority_repeat == 0 || !master {
            return;
        }
        out.push(all_addresses(schedule.lower_priority_repeat));
        if let State::Master(master) = &mut self.state {
            master.bursts.conflict = later(now, schedule.lower_priority_delay);
        }
    }

    pub(super) fn due_announcements(&mut self, now: Time, out: &mut Outputs<'_>) {
        if let State::Master(master) = &mut self.state {
            let due = master.bursts.take_due(&self.config.announcements, now);
            due.into_iter()
                .flatten()
                .for_each(|repeat| out.push(all_addresses(repeat)));
        }
    }
}

fn all_addresses(repeat: u8) -> Output {
    Output::Announce {
        address: None,
        repeat,
    }
}

fn later(now: Time, delay: Duration) -> Option<Time> {
    (!delay.is_zero()).then(|| now + delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Announcements = Announcements {
        repeat: 5,
        delay: Duration::from_secs(5),
        refresh: Duration::from_secs(60),
        refresh_repeat: 0,
        lower_priority_repeat: 2,
        lower_priority_delay: Duration::from_secs(3),
    };

    #[test]
    fn first_refresh_comes_a_period_after_the_second_burst() {
        let at = |secs: u64| Time::from_millis(secs * 1000);
        let mut bursts = Bursts::begin(&SCHEDULE, at(100));
        assert_eq!(bursts.deadline(), Some(at(105)));
        assert_eq!(bursts.take_due(&SCHEDULE, at(104)), [None; 4]);
        assert_eq!(bursts.take_due(&SCHEDULE, at(105)), [Some(5), None, None, None]);
        assert_eq!(bursts.deadline(), Some(at(165)));
        // A refresh of nothing would be none.
        assert_eq!(bursts.take_due(&SCHEDULE, at(165)), [None, None, Some(1), None]);
        assert_eq!(bursts.deadline(), Some(at(225)));
    }

    #[test]
    fn without_delay_and_refresh_nothing_follows() {
        let schedule = Announcements {
            delay: Duration::ZERO,
            refresh: Duration::ZERO,
            ..SCHEDULE
        };
        assert_eq!(Bursts::begin(&schedule, Time::ZERO), Bursts::default());
    }
}
