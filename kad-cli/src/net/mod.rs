//! The packets of the VRRP half: adverts in and out by raw sockets, announcements out by a packet socket.
//!
//! The sockets are the kernel's view of one interface each (the [`Announcer`]: of all of them); who sends what, and
//! when, is decided elsewhere. Nothing here waits: a message that cannot leave at once is dropped and counted.

mod announcer;
mod batch;
mod error;
mod open;
mod outbox;
mod protocol;
mod receiver;
mod route;
mod transmitter;

pub use announcer::Announcer;
pub use batch::{Batch, Malformed, Received};
pub use error::OpenError;
pub use outbox::Flushed;
pub use protocol::Protocol;
pub use receiver::Receiver;
pub use route::{is_local, source_towards};
pub use transmitter::Transmitter;
