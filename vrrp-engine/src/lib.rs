#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod acceptance;
mod announce;
mod backup;
mod check;
mod config;
mod damper;
mod discard;
mod engine;
mod fault;
mod input;
mod invariants;
mod master;
mod output;
mod packets;
mod router;
mod state;
mod time;
mod timers;
mod words;

pub use config::{
    AddressList, Announcements, Delivery, Environment, InterfaceId, InvalidConfig, MixedFamilies, Preempt,
    RouterConfig, RouterId, Start,
};
pub use discard::{Counters, Discard, DiscardKind};
pub use engine::Engine;
pub use input::{Datagram, Input};
pub use output::{FaultReason, Notice, Output, Reason, StateKind, Transition, Transmit};
pub use state::KnownMaster;
pub use time::Time;
