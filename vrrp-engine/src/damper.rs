//! Things that are done at most once in a while, whatever happens.

use std::time::Duration;

use crate::Time;

/// Lets something pass, and then nothing for a while.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Damper {
    closed_until: Time,
}

impl Damper {
    /// Whether it may be done now; if so, not again for `pause`.
    pub(crate) fn pass(&mut self, now: Time, pause: Duration) -> bool {
        let open = now >= self.closed_until;
        if open {
            self.closed_until = now + pause;
        }
        open
    }

    pub(crate) fn shift(&mut self, shift: impl FnOnce(&mut Time)) {
        shift(&mut self.closed_until);
    }
}

/// What an operator reads, and what a burst of frames costs the network, is worth one a second.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_once_in_a_pause() {
        let mut damper = Damper::default();
        let at = Time::from_millis;
        assert!(damper.pass(at(0), PAUSE));
        assert!(!damper.pass(at(999), PAUSE));
        assert!(damper.pass(at(1000), PAUSE));
        assert!(!damper.pass(at(1999), PAUSE));
    }
}
