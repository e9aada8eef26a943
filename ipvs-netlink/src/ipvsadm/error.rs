use thiserror::Error;

use crate::{DestinationId, InvalidThresholds, Scheduler, ServiceId};

/// A line is none of a table's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct ParseError {
    /// The first is 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: ParseReason,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseReason {
    /// It does not begin with the command.
    #[error("found `{0}` at the beginning, expected `-A` for a service or `-a` for a destination")]
    Command(String),
    /// It has a word that is no option of the command.
    #[error("found `{found}`, expected an option of `{command}`: {}", expected.join(", "))]
    Option {
        /// As it was written.
        found: String,
        /// `-A` or `-a`.
        command: &'static str,
        /// Those that there are.
        expected: Vec<&'static str>,
    },
    /// An option has a value that cannot be.
    #[error("found `{option} {found}`, expected {expected}")]
    Value {
        /// The option.
        option: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// An option has no value and needs one.
    #[error("found nothing after `{option}`, expected {expected}")]
    NoValue {
        /// The option.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// An option has a value and takes none.
    #[error("found a value after `{0}`, expected none")]
    NeedlessValue(&'static str),
    /// An option, or one that says otherwise, has come before.
    #[error("found `{found}` beside `{before}`, expected one of them")]
    Conflict {
        /// This one.
        found: &'static str,
        /// The one before.
        before: &'static str,
    },
    /// An option is not there and has to be.
    #[error("found no {what}, expected {expected}")]
    Missing {
        /// What it would say.
        what: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// An option is there that has a meaning only with another one.
    #[error("found `{found}`, expected it {expected}")]
    Alone {
        /// This one.
        found: &'static str,
        /// When it has a meaning.
        expected: &'static str,
    },
    /// A scheduler flag is another scheduler's.
    #[error(
        "found the flag `{flag}`, expected one of the scheduler {scheduler}, or flag-1, flag-2 or flag-3"
    )]
    Flag {
        /// The flag.
        flag: String,
        /// The service's.
        scheduler: Scheduler,
    },
    /// The thresholds are ones that the kernel refuses.
    #[error(transparent)]
    Thresholds(#[from] InvalidThresholds),
    /// The destination is of another family than the service, which the kernel takes only through a tunnel.
    #[error("{destination} is of another family than {service}, expected it behind a tunnel (`-i`)")]
    Family {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// The destination's address is a group's or another that the kernel refuses.
    #[error("found the destination {0}, expected the address of one machine")]
    NotUnicast(DestinationId),
    /// There is no such service yet.
    #[error("found a destination of {0}, expected the service (`-A`) before it")]
    NoService(ServiceId),
    /// The service has been there before.
    #[error("found {0} a second time, expected each service once")]
    ServiceTwice(ServiceId),
    /// The destination has been there before.
    #[error("found {destination} a second time, expected each destination of {service} once")]
    DestinationTwice {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
}
