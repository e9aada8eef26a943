//! The state Backup (RFC 9568 section 6.4.2).

use vrrp_proto::Priority;

use crate::acceptance::Advert;
use crate::damper::PAUSE;
use crate::router::{Outputs, Router};
use crate::state::{Backup, Heard, State};
use crate::{Discard, Notice, Output, Preempt, Reason, Time};

impl Router {
    pub(super) fn backup_hears(
        &mut self,
        now: Time,
        advert: Advert,
        out: &mut Outputs<'_>,
    ) -> Result<(), Discard> {
        let (ours, preempt) = (self.priority, self.preempt());
        let State::Backup(backup) = &mut self.state else {
            return Err(Discard::NotListening);
        };
        if advert.priority == Priority::RELEASE {
            backup.heard = Heard::Resigned(advert.from);
            backup.since = now;
            let interval = backup.interval;
            self.set_master_down(now + self.skew(interval));
            return Ok(());
        }
        if !backup.accepts(now, advert.priority, ours, preempt) {
            backup.heard.not_accepted(advert.from, advert.priority);
            return Err(Discard::LowerPriority(advert.priority));
        }
        self.follow(now, advert, out);
        Ok(())
    }

    /// Takes the sender for the master, and waits a whole Master_Down_Interval from now.
    pub(super) fn follow(&mut self, now: Time, advert: Advert, out: &mut Outputs<'_>) {
        let State::Backup(backup) = &mut self.state else {
            return;
        };
        backup.heard = Heard::Master(advert.from, advert.priority);
        backup.since = now;
        backup.is_willing = false;
        // In version 2 another interval has been discarded.
        if backup.interval != advert.interval {
            backup.interval = advert.interval;
            if advert.interval != self.config.interval && self.dampers.interval.pass(now, PAUSE) {
                let notice = Notice::IntervalAdopted {
                    from: advert.from,
                    theirs: advert.interval,
                };
                out.push(Output::Notice(notice));
            }
        }
        let interval = backup.interval;
        self.set_master_down(now + self.master_down(interval));
    }

    fn set_master_down(&mut self, at: Time) {
        if let State::Backup(backup) = &mut self.state {
            backup.master_down = at;
        }
    }

    /// The owner of the addresses always preempts.
    fn preempt(&self) -> Preempt {
        if self.config.priority.is_owner() {
            Preempt::Immediately
        } else {
            self.config.preempt
        }
    }

    /// Why Master_Down_Timer ran out.
    pub(super) fn takeover_reason(&self, now: Time, backup: &Backup) -> Reason {
        let skew = self.skew(backup.interval);
        let master = match backup.heard {
            Heard::Resigned(master) => return Reason::MasterResigned { master, skew },
            Heard::Lower(master, theirs) => {
                return Reason::Preempted {
                    master,
                    theirs,
                    ours: self.priority,
                };
            }
            Heard::Master(master, _) => Some(master),
            Heard::Nobody => None,
        };
        Reason::MasterSilent {
            master,
            silent_for: now - backup.since,
            adverts: self.config.down_timer_adverts.get(),
            interval: backup.interval,
            skew,
        }
    }
}

impl Backup {
    /// Preempt_Mode, with keepalived's delay: it runs from the first advert of lower priority, until one that is not
    /// lower clears it.
    fn accepts(&mut self, now: Time, theirs: Priority, ours: Priority, preempt: Preempt) -> bool {
        if theirs >= ours {
            self.patient_until = None;
            return true;
        }
        match preempt {
            Preempt::Immediately => false,
            Preempt::Never => true,
            Preempt::After(delay) => now < *self.patient_until.get_or_insert(now + delay),
        }
    }
}
