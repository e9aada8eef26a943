//! The VRRP election as a pure state machine.
#![forbid(unsafe_code)]

mod acceptance;
mod backup;
mod config;
mod damper;
mod discard;
mod engine;
mod input;
mod master;
mod output;
mod packets;
mod router;
mod state;
mod time;
mod timers;

pub use config::{
    AddressList, Announcements, Delivery, Environment, InterfaceId, InvalidConfig, MixedFamilies, Preempt,
    RouterConfig, RouterId, Start,
};
pub use discard::{Counters, Discard, DiscardKind};
pub use engine::Engine;
pub use input::{Datagram, Input};
pub use output::{FaultReason, Notice, Output, Reason, StateKind, Transition, Transmit};
pub use time::Time;
