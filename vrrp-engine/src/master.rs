//! The state Master (RFC 9568 section 6.4.3, where it is called Active).

use std::net::IpAddr;
use std::time::Duration;

use vrrp_proto::Priority;

use crate::acceptance::Advert;
use crate::damper::PAUSE;
use crate::router::{Outputs, Router};
use crate::state::State;
use crate::{Discard, Notice, Output, Reason, Time};

impl Router {
    pub(super) fn master_hears(
        &mut self,
        now: Time,
        advert: Advert,
        out: &mut Outputs<'_>,
    ) -> Result<(), Discard> {
        let Some(source) = self.source else {
            return Err(Discard::NotListening);
        };
        let (theirs, ours) = (advert.priority, self.priority);
        if theirs == Priority::RELEASE {
            self.reassure(now, out);
        } else if theirs > ours {
            self.yield_to(
                now,
                advert,
                Reason::HigherPriority {
                    master: advert.from,
                    theirs,
                    ours,
                },
                out,
            );
        } else if theirs == ours && advert.from > source {
            self.yield_to(
                now,
                advert,
                Reason::HigherAddress {
                    master: advert.from,
                    ours: source,
                },
                out,
            );
        } else if theirs == ours && advert.from == source {
            if self.dampers.own_address.pass(now, PAUSE) {
                out.push(Output::Notice(Notice::SameAddressAndPriority { address: source }));
            }
            return Err(Discard::OwnAddress);
        } else {
            self.assert_mastership(now, advert, out);
        }
        Ok(())
    }

    /// Another router gave up: everyone learns at once that we are here.
    fn reassure(&mut self, now: Time, out: &mut Outputs<'_>) {
        let interval = self.config.interval.as_duration();
        if self.dampers.answer.pass(now, interval) {
            self.advertise(out);
            if let State::Master(master) = &mut self.state {
                master.next_advert = now + interval;
            }
        }
    }

    fn yield_to(&mut self, now: Time, advert: Advert, reason: Reason, out: &mut Outputs<'_>) {
        self.release(out);
        self.enter_backup(now, reason, out);
        self.follow(now, advert, out);
    }

    /// A master of lower priority gets an advert at once (RFC 9568 section 6.4.3), and the neighbours are told where
    /// the addresses are. Both are damped, so that no two routers can keep each other busy; the regular adverts go
    /// on as they were.
    fn assert_mastership(&mut self, now: Time, advert: Advert, out: &mut Outputs<'_>) {
        let interval = self.config.interval.as_duration();
        if self.dampers.answer.pass(now, interval) {
            self.advertise(out);
        }
        if !self.dampers.conflict.pass(now, interval.max(PAUSE)) {
            return;
        }
        let schedule = self.config.announcements;
        if schedule.lower_priority_repeat > 0 {
            out.push(Output::Announce {
                address: None,
                repeat: schedule.lower_priority_repeat,
            });
            if let (State::Master(master), false) = (&mut self.state, schedule.lower_priority_delay.is_zero())
            {
                master.conflict_burst = Some(now + schedule.lower_priority_delay);
            }
        }
        let notice = Notice::LowerPriorityMaster {
            from: advert.from,
            theirs: advert.priority,
        };
        out.push(Output::Notice(notice));
    }

    pub(super) fn master_timeout(&mut self, now: Time, out: &mut Outputs<'_>) {
        let interval = self.config.interval.as_duration();
        let State::Master(master) = &mut self.state else {
            return;
        };
        if master.next_advert <= now {
            let late = now - master.next_advert;
            master.next_advert = next_on_grid(master.next_advert, interval, now);
            if late >= interval && self.dampers.stalled.pass(now, PAUSE) {
                out.push(Output::Notice(Notice::Stalled { late }));
            }
            self.advertise(out);
        }
        self.due_announcements(now, out);
    }

    fn due_announcements(&mut self, now: Time, out: &mut Outputs<'_>) {
        let schedule = self.config.announcements;
        let State::Master(master) = &mut self.state else {
            return;
        };
        let mut announce = |repeat| {
            out.push(Output::Announce {
                address: None,
                repeat,
            });
        };
        if master.second_burst.take_if(|due| *due <= now).is_some() {
            announce(schedule.repeat.max(1));
        }
        if master.conflict_burst.take_if(|due| *due <= now).is_some() {
            announce(schedule.lower_priority_repeat);
        }
        if let Some(due) = &mut master.refresh
            && *due <= now
        {
            *due = next_on_grid(*due, schedule.refresh, now);
            announce(schedule.refresh_repeat.max(1));
        }
    }

    /// Somebody removed an address of ours.
    pub(crate) fn handle_address_lost(&mut self, now: Time, address: IpAddr, out: &mut Outputs<'_>) {
        let ours = self
            .config
            .addresses
            .as_addresses()
            .iter()
            .any(|known| known == address);
        if !ours || !matches!(self.state, State::Master(_)) {
            return;
        }
        out.push(Output::RestoreAddress(address));
        if self.dampers.restored.pass(now, PAUSE) {
            let repeat = self.config.announcements.repeat.max(1);
            out.push(Output::Announce {
                address: Some(address),
                repeat,
            });
            out.push(Output::Notice(Notice::AddressRestored { address }));
        }
    }
}

/// The first point after `now` that is a whole number of periods after `due`. What was missed meanwhile is not made
/// up for.
fn next_on_grid(due: Time, period: Duration, now: Time) -> Time {
    let next = due + period;
    if next > now {
        return next;
    }
    let period_nanos = period.as_nanos().max(1);
    let missed = (now - due).as_nanos() / period_nanos + 1;
    let ahead = u64::try_from(missed * period_nanos).unwrap_or(u64::MAX);
    due + Duration::from_nanos(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_skips_what_was_missed() {
        let (due, period) = (Time::from_millis(1000), Duration::from_millis(100));
        let next = |now| next_on_grid(due, period, Time::from_millis(now));
        assert_eq!(next(1000), Time::from_millis(1100));
        assert_eq!(next(1099), Time::from_millis(1100));
        assert_eq!(next(1100), Time::from_millis(1200));
        assert_eq!(next(5050), Time::from_millis(5100));
    }
}
