//! The transition tables of RFC 3768 and RFC 9568 section 6.4, row by row, and what keepalived adds to them: faults,
//! tracking, delayed preemption, announcements.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod support;

#[path = "transitions/acceptance.rs"]
mod acceptance;
#[path = "transitions/announcements.rs"]
mod announcements;
#[path = "transitions/backup.rs"]
mod backup;
#[path = "transitions/conduct.rs"]
mod conduct;
#[path = "transitions/fault.rs"]
mod fault;
#[path = "transitions/groups.rs"]
mod groups;
#[path = "transitions/initialize.rs"]
mod initialize;
#[path = "transitions/many.rs"]
mod many;
#[path = "transitions/master.rs"]
mod master;
#[path = "transitions/preempt.rs"]
mod preempt;
#[path = "transitions/priority.rs"]
mod priority;
#[path = "transitions/protection.rs"]
mod protection;
#[path = "transitions/reconfigure.rs"]
mod reconfigure;
#[path = "transitions/timing.rs"]
mod timing;
#[path = "transitions/tracking.rs"]
mod tracking;
#[path = "transitions/unicast.rs"]
mod unicast;
