//! What Debian's ipvsadm 1.31 and the IPVS of a Linux 6.1 say to each other, from `strace` of ipvsadm: read as what it means,
//! and written as ipvsadm writes it.
//!
//! The vectors stand in tests/vectors: one file a message, from the header of generic netlink on, as a little-endian machine
//! has it.
#![cfg(target_endian = "little")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod vectors {
    mod octets;
    mod replies;
    mod requests;
}
