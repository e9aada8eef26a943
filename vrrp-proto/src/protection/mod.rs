//! Adverts that prove who sent them: the IP authentication header of version 2, and keepalived's signature behind
//! version 3's message.

mod header;
mod key;
mod signature;
mod stamp;

pub use header::{AhError, AhPacket, AhTtl};
pub use key::{AhKey, HmacKey, InvalidKey};
pub use signature::{HmacTrailer, TrailerError};
pub use stamp::Stamp;
