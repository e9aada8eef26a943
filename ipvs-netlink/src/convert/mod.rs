//! From types to messages, which always works, and from messages to types, which a strange kernel can make fail.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod address;
mod command;
mod daemon;
mod destination;
mod error;
mod query;
mod service;
mod settings;
mod statistics;

pub(crate) use destination::destination_in;
pub use error::DecodeError;
pub use query::Query;
pub(crate) use service::service_in;

use crate::packet::{IpvsCommand, IpvsMessage};

/// The value of the last attribute that is such a one, which is the one that the kernel would take, too.
macro_rules! last {
    ($attributes:expr, $variant:path) => {
        $attributes.iter().rev().find_map(|attribute| match attribute {
            $variant(value) => Some(value),
            _ => None,
        })
    };
}
use last;

/// The same, of an attribute that has to be there.
macro_rules! needed {
    ($attributes:expr, $variant:path, $name:literal) => {
        crate::convert::last!($attributes, $variant).ok_or(DecodeError::Missing($name))
    };
}
use needed;

fn expect_command(message: &IpvsMessage, expected: IpvsCommand) -> Result<(), DecodeError> {
    if message.command == expected {
        Ok(())
    } else {
        Err(DecodeError::Command {
            found: message.command,
            expected,
        })
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::panic, clippy::unwrap_used)]
mod tests;
