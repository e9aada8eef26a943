//! kad as a library.

pub mod net;
mod sys;
