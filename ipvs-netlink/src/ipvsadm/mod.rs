//! A table as text: what `ipvsadm -S -n` prints and `ipvsadm -R` reads, one line for each service and each destination.
//!
//! ```text
//! -A -t 10.0.0.1:80 -s wrr -p 360
//! -a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 3
//! -a -t 10.0.0.1:80 -r 10.0.1.2:80 -i -w 1 --tun-type ipip
//! ```
//!
//! [`write()`] and [`parse`] are inverse to each other, and take ipvsadm 1.31 as their measure. They differ from it where it
//! would lose something, or where a person is better served:
//!
//! - Thresholds are written (`-x 100 -y 80`), at the end of the line: `ipvsadm -S` leaves them out, `ipvsadm -R` reads them.
//!   So is the third flag of the schedulers `sh` and `mh`.
//! - Marks from 2^31 on are written as they are. `ipvsadm -S` writes them as negative numbers, which `ipvsadm -R` refuses;
//!   [`parse`] reads both.
//! - Services that the kernel takes and `ipvsadm -R` does not are read: port 0 without persistence, and one-packet scheduling
//!   that is not of UDP.
//! - Addresses and ports are numbers, and IPv4 addresses have four parts: names are not looked up.
//! - Lines that begin with `#` are comments.
//! - Lines that change or delete something (`-E`, `-D`, `-C` and others) are refused: the text is a table, not a history.
//!
//! What ipvsadm has no words for is written in words that are not read, so that it does not become something else unseen:
//! protocols other than TCP, UDP and SCTP as ipvsadm does it (`--xxx-service`), [`Forward::Bypass`](crate::Forward::Bypass) as
//! `--bypass`, and what is not known here by number or as `--unknown`.

mod error;
mod options;
mod parse;
mod server;
mod specs;
#[cfg(test)]
mod tests;
mod write;

pub use error::{ParseError, ParseReason};
pub use parse::parse;
pub use write::write;
