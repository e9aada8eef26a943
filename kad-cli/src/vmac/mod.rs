//! The interfaces that virtual routers have for themselves: made, looked after, and removed at the end.
//!
//! Such an interface is marked as kad's by what is written on it (`ip link` shows it as its alias), so that one that is
//! left over from a crash is known again. One that somebody else made is used if it is what is wanted, and stays at the
//! end; if it is something else it is left alone, and its instance is in FAULT.

mod decide;
mod environment;
mod keeper;
mod settings;

pub use keeper::{Keeper, Presence};
