//! Whether enough processes run, for long enough; pure.

use vrrp_engine::Time;

use super::super::debounce::Debounce;
use super::super::setup::QuorumSetup;

/// A count of processes, and whether it is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Quorum {
    setup: QuorumSetup,
    well: Debounce,
}

impl Quorum {
    pub(super) fn new(setup: QuorumSetup) -> Self {
        Self {
            setup,
            well: Debounce::new(setup.terminate_delay, setup.fork_delay),
        }
    }

    /// Whether it is well; `None` before the first count.
    pub(super) fn counts(&self) -> Option<bool> {
        self.well.counts()
    }

    /// So many run now. Whether that changes what counts.
    pub(super) fn learn(&mut self, now: Time, count: usize) -> bool {
        let not_too_many = self.setup.at_most.is_none_or(|most| count <= most);
        self.well.learn(now, count >= self.setup.at_least && not_too_many)
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.well.poll_timeout()
    }

    /// Whether time changes what counts.
    pub(super) fn handle_timeout(&mut self, now: Time) -> bool {
        self.well.handle_timeout(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn quorum(at_least: usize, at_most: Option<usize>) -> Quorum {
        Quorum::new(QuorumSetup {
            at_least,
            at_most,
            fork_delay: Duration::from_secs(1),
            terminate_delay: Duration::ZERO,
        })
    }

    #[test]
    fn neither_too_few_nor_too_many() {
        let well = |count| {
            let mut quorum = quorum(2, Some(3));
            quorum.learn(Time::ZERO, count);
            quorum.counts().unwrap()
        };
        assert_eq!([1, 2, 3, 4].map(well), [false, true, true, false]);
    }

    #[test]
    fn a_program_that_restarts_again_and_again_is_not_well() {
        let mut quorum = quorum(1, None);
        quorum.learn(Time::ZERO, 1);
        assert!(quorum.learn(Time::from_millis(10), 0));
        for round in 1..20 {
            assert!(!quorum.learn(Time::from_millis(round * 500), 1));
            assert!(!quorum.learn(Time::from_millis(round * 500 + 400), 0));
            assert!(!quorum.handle_timeout(Time::from_millis(round * 500 + 499)));
        }
        assert_eq!(quorum.counts(), Some(false));
    }
}
