//! The daemon's sockets on real links.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

mod failures;
mod frames;
mod lan;
mod packets;
#[path = "../support/skip.rs"]
mod skip;
mod wire;
