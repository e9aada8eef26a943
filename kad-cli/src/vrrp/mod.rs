//! The VRRP half of the daemon: an event loop around the engine, a process of its own if need be.

mod announce;
mod channels;
mod daemon;
mod extra;
mod firewall;
mod holdings;
mod input;
mod interfaces;
mod items;
mod kernel;
mod output;
mod pacer;
mod reload;
mod report;
mod sockets;
mod startup;
mod tell;
mod track;
mod virtuals;

pub use daemon::{Daemon, RunError};
pub use reload::Configure;
