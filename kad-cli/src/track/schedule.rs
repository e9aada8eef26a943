//! When a script runs, and what its results amount to; pure.

use std::time::Duration;

use vrrp_engine::{Time, TrackerStatus};

use super::setup::ScheduleSetup;

/// The schedule of one script.
///
/// [`Schedule::handle_timeout`] says when to start a run, [`Schedule::handle_result`] takes its outcome. While a run goes
/// on the next ones are skipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Schedule {
    setup: ScheduleSetup,
    status: TrackerStatus,
    /// Results in a row that speak against `status`.
    against: u32,
    due: Time,
    running: bool,
}

impl Schedule {
    /// A script whose first run is at `first`.
    pub(super) fn new(setup: ScheduleSetup, first: Time) -> Self {
        Self {
            setup,
            status: if setup.init_fail {
                TrackerStatus::Down
            } else {
                TrackerStatus::Unknown
            },
            against: 0,
            due: first,
            running: false,
        }
    }

    /// What is known of it.
    pub(super) fn status(&self) -> TrackerStatus {
        self.status
    }

    /// When something is due next.
    pub(super) fn poll_timeout(&self) -> Time {
        self.due
    }

    /// Whether a run is to be started now. Intervals are measured from start to start; after a stall the missed runs are
    /// not made up for.
    pub(super) fn handle_timeout(&mut self, now: Time) -> bool {
        if now < self.due {
            return false;
        }
        self.due += self.setup.interval.max(SHORTEST);
        if self.due <= now {
            self.due = now + self.setup.interval.max(SHORTEST);
        }
        !std::mem::replace(&mut self.running, true)
    }

    /// A run has ended. Answers with the status if it changed. As long as nothing is known one result is enough, whatever
    /// it is.
    pub(super) fn handle_result(&mut self, success: bool) -> Option<TrackerStatus> {
        self.running = false;
        let (speaks_for, needed) = if success {
            (TrackerStatus::Up, self.setup.rise)
        } else {
            (TrackerStatus::Down, self.setup.fall)
        };
        if self.status == speaks_for {
            self.against = 0;
            return None;
        }
        self.against = self.against.saturating_add(1);
        if self.status != TrackerStatus::Unknown && self.against < needed {
            return None;
        }
        self.against = 0;
        self.status = speaks_for;
        Some(speaks_for)
    }
}

/// When the script in this `place` of `count` runs first. The runs keep their distance from then on, so that many scripts
/// of one interval are not all started in the same moment.
pub(super) fn first_run(begin: Time, place: usize, count: usize) -> Time {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let step = STEP.min(WITHIN / count);
    begin + step * u32::try_from(place).unwrap_or(u32::MAX)
}

const STEP: Duration = Duration::from_millis(5);
/// Instances wait for the first results.
const WITHIN: Duration = Duration::from_secs(1);
/// An interval of nothing would never let go.
const SHORTEST: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;
    use TrackerStatus::{Down, Up};

    fn setup(rise: u32, fall: u32, init_fail: bool) -> ScheduleSetup {
        ScheduleSetup {
            interval: Duration::from_millis(1500),
            rise,
            fall,
            init_fail,
        }
    }

    fn after(schedule: &mut Schedule, results: &[bool]) -> Vec<Option<TrackerStatus>> {
        results
            .iter()
            .map(|result| schedule.handle_result(*result))
            .collect()
    }

    #[test]
    fn the_first_result_is_enough_whatever_it_is() {
        let mut good = Schedule::new(setup(3, 3, false), Time::ZERO);
        assert_eq!(good.status(), TrackerStatus::Unknown);
        assert_eq!(after(&mut good, &[true]), [Some(Up)]);
        let mut bad = Schedule::new(setup(3, 3, false), Time::ZERO);
        assert_eq!(after(&mut bad, &[false]), [Some(Down)]);
    }

    #[test]
    fn init_fail_waits_for_rise_successes() {
        let mut schedule = Schedule::new(setup(3, 1, true), Time::ZERO);
        assert_eq!(schedule.status(), Down);
        assert_eq!(
            after(&mut schedule, &[true, true, false, true, true, true]),
            [None, None, None, None, None, Some(Up)]
        );
    }

    #[test]
    fn only_results_in_a_row_count() {
        let mut schedule = Schedule::new(setup(2, 3, false), Time::ZERO);
        assert_eq!(after(&mut schedule, &[true]), [Some(Up)]);
        assert_eq!(
            after(&mut schedule, &[false, false, true, false, false, false]),
            [None, None, None, None, None, Some(Down)]
        );
        assert_eq!(
            after(&mut schedule, &[true, false, true, true]),
            [None, None, None, Some(Up)]
        );
    }

    #[test]
    fn runs_keep_their_interval_and_are_skipped_while_one_goes_on() {
        let at = Time::from_millis;
        let mut schedule = Schedule::new(setup(1, 1, false), at(100));
        assert!(!schedule.handle_timeout(at(99)));
        assert!(schedule.handle_timeout(at(103)));
        assert_eq!(schedule.poll_timeout(), at(1600));
        assert!(!schedule.handle_timeout(at(1600)), "the first one still runs");
        schedule.handle_result(true);
        assert_eq!(schedule.poll_timeout(), at(3100));
        assert!(schedule.handle_timeout(at(3100)));
        schedule.handle_result(true);
        assert!(schedule.handle_timeout(at(60_000)));
        assert_eq!(
            schedule.poll_timeout(),
            at(61_500),
            "missed runs are not made up for"
        );
    }

    #[test]
    fn many_scripts_start_one_after_the_other_and_all_within_a_second() {
        let starts: Vec<Time> = (0..200).map(|place| first_run(Time::ZERO, place, 200)).collect();
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        let most = (0..4000).map(|place| first_run(Time::ZERO, place, 4000)).max();
        assert!(most < Some(Time::from_millis(1000)));
        assert_eq!(first_run(Time::ZERO, 0, 1), Time::ZERO);
    }
}
