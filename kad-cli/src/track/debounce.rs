//! Changes that must last for a while before they count; pure.

use std::time::Duration;

use vrrp_engine::Time;

/// Something that is up or down, and how long a change of it must last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Debounce {
    down: Duration,
    up: Duration,
    /// What counts; `None` before anything is known.
    counts: Option<bool>,
    /// When the opposite will count.
    change: Option<Time>,
}

impl Debounce {
    /// Nothing is known yet; what is first learnt counts at once.
    pub(super) fn new(down: Duration, up: Duration) -> Self {
        Self {
            down,
            up,
            counts: None,
            change: None,
        }
    }

    /// A change must last so long from now on; one that is under way keeps its time.
    pub(super) fn set_delays(&mut self, down: Duration, up: Duration) {
        (self.down, self.up) = (down, up);
    }

    /// What counts now.
    pub(super) fn counts(&self) -> Option<bool> {
        self.counts
    }

    /// It is up or down now. Whether that changes what counts.
    pub(super) fn learn(&mut self, now: Time, up: bool) -> bool {
        let delay = if up { self.up } else { self.down };
        match self.counts {
            Some(counts) if counts == up => self.change = None,
            Some(_) if !delay.is_zero() => {
                self.change.get_or_insert(now + delay);
            }
            _ => {
                self.counts = Some(up);
                self.change = None;
                return true;
            }
        }
        false
    }

    /// When a change will count.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.change
    }

    /// Whether time changes what counts.
    pub(super) fn handle_timeout(&mut self, now: Time) -> bool {
        if self.change.is_none_or(|change| now < change) {
            return false;
        }
        self.change = None;
        self.counts = self.counts.map(|up| !up);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Duration = Duration::from_millis(500);
    const UP: Duration = Duration::from_secs(2);

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn the_first_word_counts_at_once() {
        let mut debounce = Debounce::new(DOWN, UP);
        assert_eq!(debounce.counts(), None);
        assert!(debounce.learn(at(0), false));
        assert_eq!((debounce.counts(), debounce.poll_timeout()), (Some(false), None));
    }

    #[test]
    fn a_change_counts_when_it_has_lasted() {
        let mut debounce = Debounce::new(DOWN, UP);
        debounce.learn(at(0), true);
        assert!(!debounce.learn(at(100), false));
        assert!(!debounce.learn(at(300), false), "said again is not begun again");
        assert_eq!(debounce.poll_timeout(), Some(at(600)));
        assert!(!debounce.handle_timeout(at(599)));
        assert!(debounce.handle_timeout(at(600)));
        assert_eq!((debounce.counts(), debounce.poll_timeout()), (Some(false), None));
        assert!(!debounce.learn(at(700), true));
        assert_eq!(debounce.poll_timeout(), Some(at(2700)));
    }

    #[test]
    fn a_change_that_does_not_last_never_was() {
        let mut debounce = Debounce::new(DOWN, UP);
        debounce.learn(at(0), true);
        debounce.learn(at(100), false);
        assert!(!debounce.learn(at(599), true));
        assert!(!debounce.handle_timeout(at(10_000)));
        assert_eq!((debounce.counts(), debounce.poll_timeout()), (Some(true), None));
    }

    #[test]
    fn without_a_delay_it_counts_at_once() {
        let mut debounce = Debounce::new(DOWN, Duration::ZERO);
        debounce.learn(at(0), false);
        assert!(debounce.learn(at(1), true));
        assert!(!debounce.learn(at(2), false));
        assert_eq!(debounce.counts(), Some(true));
    }
}
