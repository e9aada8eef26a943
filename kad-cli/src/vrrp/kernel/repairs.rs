//! When what was lost is put back; pure.
//!
//! The first time at once. Who removes it again and again is a program that wants it gone: from then on it takes
//! longer each time, so that the two do not fight at full speed.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use vrrp_engine::Time;

use super::Why;
use crate::vrrp::holdings::Key;

#[derive(Debug, Default)]
pub(super) struct Repairs {
    items: HashMap<Key, Repair>,
    /// The times at which something is due.
    due: BTreeSet<Time>,
    look_again: Option<Time>,
    /// When routes were looked after the last time.
    looked: Option<Time>,
}

#[derive(Debug)]
struct Repair {
    /// When it was, or will be, put back.
    at: Time,
    /// It will be.
    pending: Option<Why>,
    /// How long it takes the next time.
    wait: Duration,
}

impl Repairs {
    /// Something went that is wanted.
    pub(super) fn lose(&mut self, now: Time, key: Key, why: Why) {
        let repair = self.items.entry(key).or_insert(Repair {
            at: now,
            pending: None,
            wait: Duration::ZERO,
        });
        if repair.pending.is_some() {
            return;
        }
        if now - repair.at > CALM {
            repair.wait = Duration::ZERO;
        }
        repair.at = now + repair.wait;
        repair.pending = Some(why);
        repair.wait = (repair.wait * 2).clamp(SHORTEST, LONGEST);
        self.due.insert(repair.at);
    }

    /// Nobody wants it any more.
    pub(super) fn forget(&mut self, key: &Key) {
        self.items.remove(key);
    }

    /// What is to be put back by now.
    pub(super) fn take_due(&mut self, now: Time) -> Vec<(Key, Why)> {
        if self.due.first().is_none_or(|first| *first > now) {
            return Vec::new();
        }
        self.due.retain(|at| *at > now);
        let due = self.items.iter_mut().filter(|(_, repair)| repair.at <= now);
        let mut due: Vec<_> = due
            .filter_map(|(key, repair)| Some((repair.at, key.clone(), repair.pending.take()?)))
            .collect();
        due.sort_by_key(|(at, ..)| *at);
        // What stayed for long has no history.
        self.items
            .retain(|_, repair| repair.pending.is_some() || repair.at + CALM > now);
        due.into_iter().map(|(_, key, why)| (key, why)).collect()
    }

    /// Routes, and what could not be had, are to be looked after when things have settled.
    pub(super) fn look_again(&mut self, now: Time) {
        self.look_again_in(now, SETTLE);
    }

    /// The same after a time of one's own.
    pub(super) fn look_again_in(&mut self, now: Time, wait: Duration) {
        let rested = self.looked.map_or(now, |looked| looked + REST);
        let at = (now + wait).max(rested);
        self.look_again = Some(self.look_again.map_or(at, |before| before.min(at)));
    }

    /// Whether that is due.
    pub(super) fn take_look_again(&mut self, now: Time) -> bool {
        let due = self.look_again.is_some_and(|at| at <= now);
        if due {
            self.look_again = None;
            self.looked = Some(now);
        }
        due
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.due.first().copied().into_iter().chain(self.look_again).min()
    }
}

/// The second time it takes this long.
const SHORTEST: Duration = Duration::from_millis(100);
/// It never takes longer: clients wait for the address.
const LONGEST: Duration = Duration::from_secs(1);
/// What stayed for so long is lost for the first time when it is lost.
const CALM: Duration = Duration::from_secs(10);
/// Addresses come one by one.
const SETTLE: Duration = Duration::from_millis(50);
/// Between two looks at all routes.
const REST: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use vrrp_engine::InterfaceId;

    use super::*;

    fn key(last: u8) -> Key {
        Key::Address(InterfaceId(0), [10, 0, 0, last].into(), 24)
    }

    #[test]
    fn who_removes_it_again_and_again_waits_longer() {
        let mut repairs = Repairs::default();
        let mut now = Time::from_millis(1000);
        let mut waits = Vec::new();
        for _ in 0..7 {
            repairs.lose(now, key(1), Why::Lost);
            let due = repairs.poll_timeout().unwrap();
            waits.push((due - now).as_millis());
            assert_eq!(repairs.take_due(due), [(key(1), Why::Lost)]);
            assert_eq!(repairs.poll_timeout(), None);
            now = due;
        }
        assert_eq!(waits, [0, 100, 200, 400, 800, 1000, 1000]);
        now = now + CALM + Duration::from_millis(1);
        repairs.lose(now, key(1), Why::Lost);
        assert_eq!(repairs.poll_timeout(), Some(now));
    }

    #[test]
    fn what_is_lost_twice_before_it_is_put_back_is_put_back_once() {
        let mut repairs = Repairs::default();
        let at = Time::from_millis;
        repairs.lose(at(0), key(1), Why::Lost);
        repairs.lose(at(0), key(1), Why::Restored);
        repairs.lose(at(0), key(2), Why::Lost);
        assert_eq!(repairs.take_due(at(0)).len(), 2);
        repairs.lose(at(1), key(1), Why::Lost);
        repairs.forget(&key(1));
        assert_eq!(repairs.take_due(at(1000)), []);
        assert_eq!(repairs.poll_timeout(), None);
    }

    #[test]
    fn routes_are_looked_after_once_a_second_at_most() {
        let mut repairs = Repairs::default();
        let at = Time::from_millis;
        for millis in 0..40 {
            repairs.look_again(at(millis));
        }
        assert_eq!(repairs.poll_timeout(), Some(at(50)));
        assert!(!repairs.take_look_again(at(49)));
        assert!(repairs.take_look_again(at(50)));
        repairs.look_again(at(60));
        assert_eq!(repairs.poll_timeout(), Some(at(1050)));
    }
}
