//! What is watched beside the interface, and what it does to the priority: keepalived's `track_*`.

use vrrp_proto::Priority;

use crate::RouterConfig;

/// Something that is watched by the caller, numbered by the caller. Several routers may have the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TrackerId(pub u32);

/// A tracker of one router.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tracker {
    /// What is watched.
    pub id: TrackerId,
    /// What it does.
    pub weight: Weight,
}

/// What a tracker does to the priority.
///
/// A positive weight is added while the thing is well, a negative one while it is not. With 0 the router is in FAULT
/// while it is not. A tracker that has a value counts as that many times its weight; with 0, any value but 0 is a fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Weight {
    /// -254 to 254 make sense; more than a priority can hold is cut off.
    pub value: i32,
    /// The other way: what would be added is taken away, and with 0 well and not well are exchanged.
    pub reverse: bool,
}

/// What is known of a tracker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum TrackerStatus {
    /// Nothing yet. A router that would be in FAULT if it were not well does not start; one that runs goes on.
    #[default]
    Unknown,
    /// It is well.
    Up,
    /// It is not.
    Down,
    /// It is a number.
    Value(i32),
}

/// What a tracker amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    Adds(i32),
    Fault,
    Unknown,
}

impl Tracker {
    fn effect(self, status: TrackerStatus) -> Effect {
        let Weight {
            value: weight,
            reverse,
        } = self.weight;
        match (status, weight) {
            (TrackerStatus::Unknown, 0) => Effect::Unknown,
            (TrackerStatus::Unknown, _) => Effect::Adds(0),
            (TrackerStatus::Up | TrackerStatus::Down, _) => {
                let well = status == TrackerStatus::Up;
                match (well, weight) {
                    (_, 0) if well == reverse => Effect::Fault,
                    (true, 1..) | (false, ..0) if reverse => Effect::Adds(weight.saturating_neg()),
                    (true, 1..) | (false, ..0) => Effect::Adds(weight),
                    (false, _) | (true, _) => Effect::Adds(0),
                }
            }
            (TrackerStatus::Value(value), 0) => {
                if (value != 0) == reverse {
                    Effect::Adds(0)
                } else {
                    Effect::Fault
                }
            }
            (TrackerStatus::Value(value), _) => {
                let signed = if reverse { weight.saturating_neg() } else { weight };
                match value.saturating_mul(signed) {
                    ..=LOWEST_OF_A_VALUE => Effect::Fault,
                    product => Effect::Adds(product.min(HIGHEST_OF_A_VALUE)),
                }
            }
        }
    }
}

/// The trackers of one router and what is known of each.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Tracked(Vec<(Tracker, TrackerStatus)>);

impl Tracked {
    pub(crate) fn new(config: &RouterConfig, status: impl Fn(TrackerId) -> TrackerStatus) -> Self {
        let known = |tracker: &Tracker| (*tracker, status(tracker.id));
        Self(config.trackers.iter().map(known).collect())
    }

    /// Whether the router has the tracker, in which case it now knows.
    pub(crate) fn learn(&mut self, id: TrackerId, status: TrackerStatus) -> bool {
        let mut found = false;
        for (_, known) in self.0.iter_mut().filter(|(tracker, _)| tracker.id == id) {
            *known = status;
            found = true;
        }
        found
    }

    /// The first that is a fault.
    pub(crate) fn fault(&self) -> Option<TrackerId> {
        self.first(Effect::Fault)
    }

    /// The first without which the router cannot start.
    pub(crate) fn unknown(&self) -> Option<TrackerId> {
        self.first(Effect::Unknown)
    }

    fn first(&self, effect: Effect) -> Option<TrackerId> {
        let found = self
            .0
            .iter()
            .find(|(tracker, status)| tracker.effect(*status) == effect);
        found.map(|(tracker, _)| tracker.id)
    }

    /// What the trackers leave of a configured priority. The owner's never changes.
    pub(crate) fn effective(&self, configured: Priority) -> Priority {
        if configured.is_owner() {
            return configured;
        }
        let adds = self
            .0
            .iter()
            .map(|(tracker, status)| match tracker.effect(*status) {
                Effect::Adds(adds) => adds,
                Effect::Fault | Effect::Unknown => 0,
            });
        let total = adds.fold(i32::from(configured.get()), i32::saturating_add);
        let clamped = total.clamp(LOWEST, HIGHEST_OF_A_BACKUP.into());
        Priority::new(u8::try_from(clamped).expect("clamped to what a backup may have"))
    }
}

/// Only the owner of the addresses has more (RFC 9568 section 5.2.4).
pub(crate) const HIGHEST_OF_A_BACKUP: u8 = 254;
/// 0 says that the master gives up.
const LOWEST: i32 = 1;
const LOWEST_OF_A_VALUE: i32 = -254;
const HIGHEST_OF_A_VALUE: i32 = 254;

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(weight: i32, reverse: bool, status: TrackerStatus) -> Effect {
        let weight = Weight {
            value: weight,
            reverse,
        };
        let tracker = Tracker {
            id: TrackerId(1),
            weight,
        };
        tracker.effect(status)
    }

    #[test]
    fn sign_of_the_weight_says_when_it_counts() {
        use TrackerStatus::{Down, Unknown, Up};
        let rows = [
            (20, Up, 20, -20),
            (20, Down, 0, 0),
            (-20, Up, 0, 0),
            (-20, Down, -20, 20),
            (20, Unknown, 0, 0),
            (-20, Unknown, 0, 0),
        ];
        for (weight, status, plain, reversed) in rows {
            assert_eq!(
                effect(weight, false, status),
                Effect::Adds(plain),
                "{weight} {status:?}"
            );
            assert_eq!(
                effect(weight, true, status),
                Effect::Adds(reversed),
                "{weight} reverse {status:?}"
            );
        }
    }

    #[test]
    fn without_weight_not_well_is_a_fault() {
        use TrackerStatus::{Down, Unknown, Up, Value};
        assert_eq!(
            [Up, Down, Unknown].map(|status| effect(0, false, status)),
            [Effect::Adds(0), Effect::Fault, Effect::Unknown]
        );
        assert_eq!(
            [Up, Down].map(|status| effect(0, true, status)),
            [Effect::Fault, Effect::Adds(0)]
        );
        assert_eq!(
            [0, 1, -1].map(|value| effect(0, false, Value(value))),
            [Effect::Adds(0), Effect::Fault, Effect::Fault]
        );
    }

    #[test]
    fn values_are_multiplied_and_cut_off() {
        let value = |weight, value| effect(weight, false, TrackerStatus::Value(value));
        assert_eq!(value(2, 10), Effect::Adds(20));
        assert_eq!(value(2, -10), Effect::Adds(-20));
        assert_eq!(value(1, -253), Effect::Adds(-253));
        assert_eq!(value(1, -254), Effect::Fault);
        assert_eq!(value(254, i32::MAX), Effect::Adds(254));
        assert_eq!(value(254, i32::MIN), Effect::Fault);
        assert_eq!(effect(2, true, TrackerStatus::Value(10)), Effect::Adds(-20));
    }

    #[test]
    fn priorities_stay_those_of_a_backup() {
        let with = |weights: &[i32]| {
            let up = |value: &i32| {
                let weight = Weight {
                    value: value.abs(),
                    reverse: *value < 0,
                };
                (
                    Tracker {
                        id: TrackerId(0),
                        weight,
                    },
                    TrackerStatus::Up,
                )
            };
            Tracked(weights.iter().map(up).collect())
        };
        let effective = |weights: &[i32], base| with(weights).effective(Priority::new(base)).get();
        assert_eq!(effective(&[20, -5], 100), 115);
        assert_eq!(effective(&[200, 200], 100), 254);
        assert_eq!(effective(&[-200, -200], 100), 1);
        assert_eq!(effective(&[-200], 255), 255);
        assert_eq!(effective(&[], 7), 7);
    }
}
