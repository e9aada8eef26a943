//! Tests and benchmarks of IPVS, where the kernel has it.
//!
//! Most kernels do not, so a program that needs IPVS is run again, as it is, in one that does: `ci/ipvs-kernel` starts
//! Debian's user-mode-linux over the files of this machine. Where the machine's own kernel has IPVS and the program is
//! root, it stays.
//!
//! A test program (`harness = false`) is a list of functions; what it is called with, what it prints and how it exits is
//! as with the standard harness:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     ipvs_guest::run(&[("nothing_is_there_at_first", nothing_is_there_at_first)])
//! }
//!
//! fn nothing_is_there_at_first() {
//!     assert_eq!(ipvs_guest::output("ipvsadm -Sn"), "");
//! }
//! ```
//!
//! Each test is in a network namespace of its own, whose IPVS is its own as well.

mod command;
mod namespace;
mod place;
mod tests;

pub use command::output;
pub use namespace::{Node, in_namespace};
pub use place::{NoKernel, Place, enter, is_here};
pub use tests::{Test, run};
