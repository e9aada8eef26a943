//! The intervals that the RFCs derive from interval and priority.

use std::time::Duration;

use vrrp_proto::{AdvertInterval, Priority, Version};

use crate::Time;

/// Skew_Time. Version 2: (256 - priority) / 256 seconds (RFC 3768 section 6.1). Version 3: the same share of the
/// master's interval (RFC 9568 section 6.1).
pub(crate) fn skew(version: Version, priority: Priority, master_interval: AdvertInterval) -> Duration {
    let whole = match version {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => master_interval.as_duration(),
    };
    whole * (PARTS - u32::from(priority.get())) / PARTS
}

/// Master_Down_Interval: as many intervals as may be missed, and Skew_Time.
pub(crate) fn master_down(adverts: u8, master_interval: AdvertInterval, skew: Duration) -> Duration {
    master_interval.as_duration() * u32::from(adverts) + skew
}

/// The first point after `now` that is a whole number of periods after `due`. What was missed meanwhile is not made
/// up for.
pub(crate) fn next_on_grid(due: Time, period: Duration, now: Time) -> Time {
    let next = due + period;
    if next > now {
        return next;
    }
    let period_nanos = period.as_nanos().max(1);
    let missed = (now - due).as_nanos() / period_nanos + 1;
    let ahead = u64::try_from(missed * period_nanos).unwrap_or(u64::MAX);
    due + Duration::from_nanos(ahead)
}

const PARTS: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_of_version_2_does_not_depend_on_the_interval() {
        let skew = |interval| {
            skew(
                Version::V2,
                Priority::new(100),
                AdvertInterval::from_secs(interval).unwrap(),
            )
        };
        assert_eq!(skew(1), Duration::from_nanos(609_375_000));
        assert_eq!(skew(9), skew(1));
    }

    #[test]
    fn skew_of_version_3_is_a_share_of_the_interval() {
        let interval = AdvertInterval::from_centis(10).unwrap();
        let skew = skew(Version::V3, Priority::new(100), interval);
        assert_eq!(skew, Duration::from_nanos(60_937_500));
        assert_eq!(master_down(3, interval, skew), Duration::from_nanos(360_937_500));
    }

    #[test]
    fn higher_priority_waits_less() {
        let at = |priority| skew(Version::V3, Priority::new(priority), AdvertInterval::DEFAULT);
        assert!(at(254) < at(100) && at(255) < at(254) && at(1) < Duration::from_secs(1));
    }

    #[test]
    fn grid_skips_what_was_missed() {
        let (due, period) = (Time::from_millis(1000), Duration::from_millis(100));
        let next = |now| next_on_grid(due, period, Time::from_millis(now));
        assert_eq!(next(1000), Time::from_millis(1100));
        assert_eq!(next(1099), Time::from_millis(1100));
        assert_eq!(next(1100), Time::from_millis(1200));
        assert_eq!(next(5050), Time::from_millis(5100));
    }
}
