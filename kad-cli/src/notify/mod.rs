//! Telling the world what happened: what there is to tell, and the channels that carry it.

mod event;

pub use event::{Event, Kind, Object};
