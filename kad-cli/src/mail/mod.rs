//! Mail about what happened: a small SMTP client that never holds anything else up.
//!
//! A [`Message`] becomes a [`Letter`], which waits in an [`Outbox`] until a [`Session`] has handed it over. All of these
//! are pure; [`Mailer`] adds the clock, the socket and the look-ups of names.

mod address;
mod alert;
mod call;
mod date;
mod encoding;
mod lookup;
mod mailer;
mod message;
mod outbox;
mod reply;
mod session;
mod settings;

#[cfg(test)]
mod session_tests;

pub use address::{Address, InvalidAddress};
pub use alert::alert;
pub use mailer::Mailer;
pub use message::{Letter, Message};
pub use outbox::{Note, Outbox};
pub use reply::{Reply, ReplyError};
pub use session::{Delay, Outcome, Refusal, Session, Step};
pub use settings::{Server, Settings};
