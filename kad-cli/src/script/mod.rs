//! Running other people's programs: as whom, for how long, and what became of them.
//!
//! Nothing here waits for a program, and starting one costs the same however much memory this process has: a helper
//! (`kad __script`) is started without a copy of it, gives up its rights and becomes the program.

mod chatter;
mod child;
mod credentials;
mod helper;
mod policy;
mod runner;

pub use credentials::{Credentials, UserError};
pub use helper::become_script;
pub use policy::{Policy, Prepared, Refusal};
pub use runner::{Finished, Job, JobId, Outcome, Runner};
