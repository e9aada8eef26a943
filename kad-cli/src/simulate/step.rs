//! What is done to the routers.

use std::time::Duration;

/// Something that is done to the routers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// All are started.
    Start,
    /// The master's machine dies.
    Kill(usize),
    /// It is switched on again.
    Return(usize),
    /// The master is told to stop.
    Resign(usize),
    /// All that still run are told to stop.
    End,
}

impl Step {
    /// For machines.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Kill(_) => "kill",
            Self::Return(_) => "return",
            Self::Resign(_) => "resign",
            Self::End => "end",
        }
    }

    /// The router it is about.
    pub(crate) fn router(self) -> Option<usize> {
        match self {
            Self::Kill(router) | Self::Return(router) | Self::Resign(router) => Some(router),
            Self::Start | Self::End => None,
        }
    }
}

/// A takeover of the first virtual router, as the timers make it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Takeover {
    /// From what the step to the new master's first advert.
    pub(crate) wait: Duration,
    /// The new master's reason.
    pub(crate) reason: String,
}
