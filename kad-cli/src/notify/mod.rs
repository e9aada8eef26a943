//! Telling the world what happened: what there is to tell, and the channels that carry it.

mod event;
mod fifo;
mod lines;
mod pipes;
mod queue;
mod scripts;

#[cfg(test)]
mod pipes_tests;

pub use event::{Event, Kind, Object};
pub use fifo::{FifoError, FifoSettings};
pub use pipes::{PipeSettings, Pipes};
pub use scripts::{Notifier, Scripts};
