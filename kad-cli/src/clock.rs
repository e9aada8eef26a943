//! The one clock of the daemon.

use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};
use vrrp_engine::Time;

/// Now, in the engine's terms: `CLOCK_MONOTONIC`, so that a deadline can be given to the kernel as it is, and times of
/// several processes can be compared.
pub fn now() -> Time {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("the monotonic clock is always there");
    Time::ZERO + Duration::from(now)
}

/// How long the machine has been up, with the time that it slept: what `/proc/uptime` says.
pub fn uptime() -> Duration {
    let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("every kernel since 2.6.39 has it");
    Duration::from(uptime)
}

/// The time of day, as the time since the Unix epoch. It may jump.
pub fn time_of_day() -> Duration {
    let now = clock_gettime(ClockId::CLOCK_REALTIME).expect("the clock is always there");
    Duration::from(now)
}

/// `time` as the kernel's timers take it.
pub fn to_timespec(time: Time) -> TimeSpec {
    TimeSpec::from_duration(Duration::from_nanos(time.as_nanos()))
}
