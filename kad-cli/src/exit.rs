//! Exit statuses, the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Well.
    Fine,
    /// The configuration is wrong, or what was to be shown did not happen.
    Failed,
    /// It could not be done here: no privilege, no such file, no socket. Also what a wrong command line gives.
    CannotRun,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Fine => Self::SUCCESS,
            Status::Failed => Self::from(1),
            Status::CannotRun => Self::from(2),
        }
    }
}
