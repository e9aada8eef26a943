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
        self.try_pass(now, pause).is_ok()
    }

    /// The same; if it may not be done now, answers when it may.
    pub(crate) fn try_pass(&mut self, now: Time, pause: Duration) -> Result<(), Time> {
        if now < self.closed_until {
            return Err(self.closed_until);
        }
        self.closed_until = now + pause;
        Ok(())
    }
}

/// What one router does at most once in a while.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Dampers {
    /// Adverts that answer a master of lower priority.
    pub(crate) answer: Damper,
    /// Adverts that answer a priority of 0.
    pub(crate) reassurance: Damper,
    /// Announcements and notices of a master of lower priority.
    pub(crate) conflict: Damper,
    /// Announcements and notices of an address that was put back.
    pub(crate) restored: Damper,
    /// Notices of another address list.
    pub(crate) mismatch: Damper,
    /// Notices of our own address and priority.
    pub(crate) own_address: Damper,
    /// Notices of another interval.
    pub(crate) interval: Damper,
    /// Notices of a peer with old checksums.
    pub(crate) checksum: Damper,
    /// Notices of adverts that were late.
    pub(crate) stalled: Damper,
    /// Notices of a sync group that holds back.
    pub(crate) group: Damper,
}

impl Dampers {
    /// Calls `shift` on every point in time.
    pub(crate) fn shift(&mut self, mut shift: impl FnMut(&mut Time)) {
        let Self {
            answer,
            reassurance,
            conflict,
            restored,
            mismatch,
            own_address,
            interval,
            checksum,
            stalled,
            group,
        } = self;
        [
            answer,
            reassurance,
            conflict,
            restored,
            mismatch,
            own_address,
            interval,
            checksum,
            stalled,
            group,
        ]
        .into_iter()
        .for_each(|damper| shift(&mut damper.closed_until));
    }
}

/// What an operator reads, and what a burst of frames costs the network, is worth one a second.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// A sync group that nobody can be master of says so once a minute.
pub(crate) const GROUP_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_once_in_a_pause() {
        let mut damper = Damper::default();
        let at = Time::from_millis;
        assert!(damper.pass(at(0), PAUSE));
        assert_eq!(damper.try_pass(at(999), PAUSE), Err(at(1000)));
        assert!(damper.pass(at(1000), PAUSE));
        assert!(!damper.pass(at(1999), PAUSE));
    }
}
