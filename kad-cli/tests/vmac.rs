//! Interfaces of virtual routers with the virtual MAC address, beside Debian's keepalived: what is on the wire, what a
//! client sees of a failover, and what is left on the machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

#[path = "vmac/lifecycle.rs"]
mod lifecycle;
#[path = "vmac/machine.rs"]
mod machine;
#[path = "vmac/refusals.rs"]
mod refusals;
mod support;
#[path = "vmac/wire.rs"]
mod wire;
