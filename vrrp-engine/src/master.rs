//! The state Master (RFC 9568 section 6.4.3, where it is called Active).

use std::net::IpAddr;
use std::time::Duration;

use vrrp_proto::Priority;

use crate::acceptance::Advert;
use crate::damper::PAUSE;
use crate::router::{Outputs, Router};
use crate::state::State;
use crate::timers::next_on_grid;
use crate::{Discard, Notice, Output, Reason, Taker, Time};

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

    /// Another router gave up: everyone learns that we are here, before the first of them waits no longer. So that
    /// nobody can make us send without end, a second answer may come a little later, but never too late.
    fn reassure(&mut self, now: Time, out: &mut Outputs<'_>) {
        let pause = self.shortest_skew() / 2;
        let answer = self.dampers.reassurance.try_pass(now, pause);
        if answer.is_ok() {
            self.advertise(out);
        }
        if let State::Master(master) = &mut self.state {
            master.next_advert = match answer {
                Ok(()) => now + self.config.interval.as_duration(),
                Err(soon) => master.next_advert.min(soon),
            };
        }
    }

    fn yield_to(&mut self, now: Time, advert: Advert, reason: Reason, out: &mut Outputs<'_>) {
        if self.config.conduct.advertise_before_yielding {
            self.advertise(out);
        }
        self.release(out);
        self.enter_backup(now, reason, out);
        self.follow(now, advert, out);
    }

    /// A master of lower priority gets an advert at once (RFC 9568 section 6.4.3), and the neighbours are told where
    /// the addresses are. Both are damped, so that no two routers can keep each other busy; the regular adverts go
    /// on as they were.
    fn assert_mastership(&mut self, now: Time, advert: Advert, out: &mut Outputs<'_>) {
        let interval = self.config.interval.as_duration();
        self.guard.outrun();
        if self.config.conduct.answer_lower_priority && self.dampers.answer.pass(now, interval) {
            self.advertise(out);
        }
        if !self.dampers.conflict.pass(now, interval.max(PAUSE)) {
            return;
        }
        self.announce_conflict(now, out);
        self.in_conflict = true;
        let notice = Notice::LowerPriorityMaster {
            from: advert.from,
            theirs: advert.priority,
        };
        out.push(Output::Notice(notice));
    }

    /// A master that stood still for so long that a peer must have taken over is a backup, before it says another word.
    /// Answers whether it is that.
    pub(crate) fn give_up_after_stall(&mut self, now: Time, out: &mut Outputs<'_>) -> bool {
        let (Some(patience), State::Master(master)) = (self.patience_with_itself(), &self.state) else {
            return false;
        };
        let late = now - master.next_advert;
        if now < master.next_advert || late < patience {
            return false;
        }
        self.release(out);
        self.enter_backup(now, Reason::Stalled { late }, out);
        true
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

    /// How late an advert may be before somebody else is master.
    fn patience_with_itself(&self) -> Option<Duration> {
        let adverts = self.config.conduct.yield_after_stall?;
        // The first advert that was missed was due one interval after the last.
        let others = u32::from(adverts.get()).saturating_sub(1);
        Some(self.config.interval.as_duration() * others + self.shortest_skew())
    }

    /// An address of ours is gone. The first is announced at once, and what follows soon after it together.
    pub(crate) fn handle_address_lost(
        &mut self,
        now: Time,
        address: IpAddr,
        by: Taker,
        out: &mut Outputs<'_>,
    ) {
        let ours = self
            .config
            .addresses
            .as_addresses()
            .iter()
            .any(|known| known == address);
        let State::Master(master) = &mut self.state else {
            return;
        };
        if !ours {
            return;
        }
        out.push(Output::RestoreAddress(address));
        match self.dampers.restored.try_pass(now, PAUSE) {
            Ok(()) => {
                let repeat = self.config.announcements.repeat.max(1);
                out.push(Output::Announce {
                    address: Some(address),
                    repeat,
                });
                out.push(Output::Notice(Notice::AddressRestored { address, by }));
            }
            Err(soon) => master.bursts.restored = Some(soon),
        }
    }
}
