//! The election begins: at once, or when a delay is over (keepalived's `vrrp_startup_delay`, `vrrp_delay_after_boot`).

use std::time::Duration;

use vrrp_engine::{Input, Time};

use super::daemon::Daemon;
use super::report::Seconds;
use crate::clock;
use crate::plan::StartupDelay;

/// Whether the election runs, or when it begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Startup {
    Done,
    At(Time),
}

impl Startup {
    /// With these delays, for a program that starts now on a machine that has been up for so long.
    pub(super) fn new(now: Time, uptime: Duration, delay: StartupDelay) -> Self {
        let wait = delay.after_start.max(delay.after_boot.saturating_sub(uptime));
        if wait.is_zero() {
            Self::Done
        } else {
            Self::At(now + wait)
        }
    }

    pub(super) fn poll_timeout(self) -> Option<Time> {
        match self {
            Self::Done => None,
            Self::At(due) => Some(due),
        }
    }
}

impl Daemon {
    /// Begins, or says how long nothing will be done.
    pub(super) fn begin_election(&mut self, now: Time) {
        self.startup = Startup::new(now, clock::uptime(), self.plan.startup);
        match self.startup {
            Startup::Done => self.start_routers(now),
            Startup::At(due) => {
                let wait = Seconds(due - now);
                tracing::info!(
                    "nothing is done for {wait}, as the configuration wants it: adverts are ignored, and none are sent"
                );
            }
        }
    }

    /// Starts every router that does not run yet, unless the delay is not over.
    pub(super) fn start_routers(&mut self, now: Time) {
        if self.startup == Startup::Done {
            self.input(now, Input::Startup);
        }
    }

    /// The delay may be over.
    pub(super) fn handle_startup(&mut self, now: Time) {
        if self.startup.poll_timeout().is_some_and(|due| due <= now) {
            tracing::info!("the delay is over: the election begins");
            self.startup = Startup::Done;
            self.start_routers(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_of_both_delays_counts() {
        let at = |secs: u64| Time::from_millis(secs * 1000);
        let startup = |after_start, after_boot| {
            let delay = StartupDelay {
                after_start: Duration::from_secs(after_start),
                after_boot: Duration::from_secs(after_boot),
            };
            Startup::new(at(1000), Duration::from_secs(40), delay)
        };
        assert_eq!(startup(0, 0), Startup::Done);
        assert_eq!(startup(0, 40), Startup::Done);
        assert_eq!(startup(7, 0), Startup::At(at(1007)));
        assert_eq!(startup(7, 45), Startup::At(at(1007)));
        assert_eq!(startup(7, 50), Startup::At(at(1010)));
    }
}
