#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod acceptance;
mod announce;
mod backup;
mod check;
mod conduct;
mod config;
mod damper;
mod delivery;
mod discard;
mod engine;
mod fault;
mod group;
mod guard;
mod input;
mod invariants;
mod master;
mod output;
mod packets;
mod protection;
mod reconfigure;
mod router;
mod state;
mod time;
mod timers;
mod tracking;
mod words;

pub use conduct::Conduct;
pub use config::{
    AddressList, Announcements, Environment, GroupConfig, GroupId, InterfaceId, InvalidConfig, InvalidGroup,
    MixedFamilies, Preempt, RouterConfig, RouterId, Start,
};
pub use delivery::{Delivery, OldChecksum, Peer};
pub use discard::{Counters, Discard, DiscardKind};
pub use engine::Engine;
pub use input::{Datagram, Input, Taker};
pub use output::{FaultReason, Notice, Output, Reason, StateKind, Transition, Transmit};
pub use protection::{Freshness, InvalidProtection, Protection, Signing, SigningMode};
pub use state::KnownMaster;
pub use time::Time;
pub use tracking::{Tracker, TrackerId, TrackerStatus, Weight};
