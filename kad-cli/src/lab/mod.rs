//! Worlds of network namespaces for the demo, the tests and the benchmarks: machines that are joined by bridges, a
//! capture of what is said on them, and a client that pings.
//!
//! A [`World`] is made over netlink, without the `ip` program, and never touches the host's network. Each namespace
//! lives as long as a thread that is in it; whatever becomes of the process, nothing stays behind. Root is not needed
//! where unprivileged user namespaces are allowed and the process has a single thread when it makes its first world.

mod capture;
mod error;
mod event;
mod exec;
mod inhabitants;
mod namespace;
mod node;
mod ping;
mod process;
mod world;

pub use error::Error;
pub use event::{Event, Ping, What};
pub use exec::exec;
pub use node::Node;
pub use ping::Pinger;
pub use process::{Process, Program};
pub use world::{Lan, World};
