//! kad as a library: everything of the daemon that meets the machine, and the command line.

pub mod capability;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod exit;
mod keys;
pub mod lab;
pub mod log;
pub mod mail;
pub mod net;
pub mod nft;
pub mod notify;
pub mod pid;
pub mod plan;
pub mod rtnl;
pub mod run;
pub mod script;
mod simulate;
#[cfg(test)]
#[path = "../tests/support/skip.rs"]
mod skip;
mod sys;
pub mod sysctl;
pub mod track;
pub mod vmac;
pub mod vrrp;
