//! Dates as mail writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `Tue, 24 Nov 2026 19:15:02 +0000`: RFC 5322 section 3.3, in UTC, which needs no table of time zones and is right
/// everywhere. A clock before 1970 counts as 1970.
pub(super) fn date(time: SystemTime) -> String {
    let since = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (days, second) = (since / DAY, since % DAY);
    let (year, month, day) = civil(days);
    // The first of January 1970 was a Thursday.
    let weekday = name(&WEEKDAYS, (days + 4) % 7);
    let month = name(&MONTHS, month);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000")
}

/// Year, month from 0 and day from 1 of a day since 1970-01-01, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let mut year = 1970 + days / 146_097 * 400;
    let mut left = days % 146_097;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let mut month = 0;
    for length in [
        31,
        if is_leap(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
    ] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn name(names: &[&'static str], place: u64) -> &'static str {
    let place = usize::try_from(place).ok();
    place
        .and_then(|place| names.get(place))
        .copied()
        .unwrap_or_default()
}

const DAY: u64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> String {
        date(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        // Each as `date -u -R -d @SECONDS` has it.
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(at(951_782_399), "Mon, 28 Feb 2000 23:59:59 +0000");
        assert_eq!(at(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000");
        assert_eq!(at(1_735_603_200), "Tue, 31 Dec 2024 00:00:00 +0000");
        assert_eq!(at(1_735_689_600), "Wed, 01 Jan 2025 00:00:00 +0000");
        assert_eq!(at(1_795_547_702), "Tue, 24 Nov 2026 19:15:02 +0000");
        assert_eq!(at(4_107_542_400), "Mon, 01 Mar 2100 00:00:00 +0000");
        assert_eq!(at(13_574_563_199), "Mon, 28 Feb 2400 23:59:59 +0000");
    }
}
