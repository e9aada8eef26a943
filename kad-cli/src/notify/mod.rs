//! Telling the world what happened: what there is to tell, and the channels that carry it.

mod event;
mod queue;
mod scripts;

pub use event::{Event, Kind, Object};
pub use scripts::{Notifier, Scripts};
