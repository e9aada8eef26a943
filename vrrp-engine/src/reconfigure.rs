//! Another configuration for a router that runs.

use vrrp_proto::Version;

use crate::router::{Outputs, Router};
use crate::state::{Heard, State};
use crate::tracking::Tracked;
use crate::{Engine, InvalidConfig, RouterConfig, RouterId, Time, TrackerId, TrackerStatus};

impl Engine {
    /// Gives a router another configuration. It keeps its state, its timers as far as the new intervals allow, what it
    /// knows of the master and what it has counted; nothing is sent or announced for it. It stays the router of its
    /// interface, family, identifier and kind of delivery: with others of these it is another one.
    pub fn reconfigure(
        &mut self,
        now: Time,
        router: RouterId,
        config: RouterConfig,
    ) -> Result<(), InvalidConfig> {
        config.check()?;
        let Some(known) = self.routers.get(&router) else {
            return Ok(());
        };
        if known.config.key() != config.key() {
            return Err(InvalidConfig::OtherRouter);
        }
        if known.config != config {
            let statuses = self.statuses.clone();
            let status = |id| statuses.get(&id).copied().unwrap_or_default();
            self.with(router, |router, out| router.reconfigure(now, config, status, out));
            self.settle(now, router);
        }
        self.check_invariants();
        Ok(())
    }
}

impl Router {
    fn reconfigure(
        &mut self,
        now: Time,
        config: RouterConfig,
        status: impl Fn(TrackerId) -> TrackerStatus,
        out: &mut Outputs<'_>,
    ) {
        let old = std::mem::replace(&mut self.config, config);
        self.packets.forget();
        self.guard.follow(&self.config);
        self.tracked = Tracked::new(&self.config, status);
        self.reprioritize(out);
        self.reschedule(now, &old);
    }

    fn reschedule(&mut self, now: Time, old: &RouterConfig) {
        let interval = self.config.interval;
        match &mut self.state {
            State::Initialize | State::Fault(_) => {}
            State::Backup(backup) => {
                // Version 3 goes by the interval of the master that is there.
                let is_learned =
                    self.config.version == Version::V3 && matches!(backup.heard, Heard::Master(..));
                if !is_learned && backup.interval == old.interval {
                    backup.interval = interval;
                }
                let timers = (old.interval, old.down_timer_adverts, old.version);
                if timers != (interval, self.config.down_timer_adverts, self.config.version) {
                    let (since, learned, heard) = (backup.since, backup.interval, backup.heard);
                    let wait = match heard {
                        Heard::Resigned(_) => self.skew(learned),
                        Heard::Nobody | Heard::Master(..) | Heard::Lower(..) => self.master_down(learned),
                    };
                    let due = (since + wait).max(now);
                    if let State::Backup(backup) = &mut self.state {
                        backup.master_down = due;
                    }
                }
            }
            State::Master(master) => {
                master.next_advert = master.next_advert.min(now + interval.as_duration());
                master
                    .bursts
                    .reschedule(&old.announcements, &self.config.announcements, now);
            }
        }
    }
}
