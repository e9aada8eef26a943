//! Whatever a message or a type says, it says the same after a way over the wire; and no octets make anything panic.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod properties {
    mod draw;
    mod octets;
    mod packets;
    mod types;
}
