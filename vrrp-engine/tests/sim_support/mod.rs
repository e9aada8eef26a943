//! A virtual LAN of routers, each a real engine, on which everything that can go wrong does.

mod chaos;
mod judge;
mod machine;
mod manners;
mod network;
mod rng;
mod scenario;
mod watch;
mod world;

pub(crate) use world::{Report, World};
