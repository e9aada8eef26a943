//! Sync groups of several machines: a simulation of random troubles, and every interleaving of a small world.
//!
//! Each machine has a router on each of two LANs, an inside and an outside, and both are in one group. Whatever happens,
//! the members of a machine are in step after every single step, and none holds addresses that is not master; when all
//! is well again, one machine is master of both LANs. Where the priorities are crossed that cannot be promised: two
//! machines whose timers run out at the same instant take each other's mastership away, again and again.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "groups/machine.rs"]
mod machine;
#[path = "groups/model.rs"]
mod model;
#[path = "sim_support/rng.rs"]
mod rng;
#[path = "groups/simulation.rs"]
mod simulation;
