use super::Spanned;
use super::shared::common;

/// A program to run, without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// The program and its arguments; at least the program.
    pub argv: Vec<String>,
    /// Whom it runs as; `None` is `script_user`.
    pub user: Option<ScriptUser>,
}

impl Command {
    /// A program and its arguments, run as `script_user`.
    pub fn new(argv: Vec<String>) -> Self {
        Command { argv, user: None }
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }
}

/// Whom a script runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptUser {
    /// A name or a number.
    pub user: String,
    /// A name or a number; `None` is the user's own group.
    pub group: Option<String>,
}

impl ScriptUser {
    /// A user with its own group.
    pub fn new(user: String) -> Self {
        ScriptUser { user, group: None }
    }
}

/// A named pipe that events are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fifo {
    /// Its path.
    pub path: String,
    /// Whom it belongs to; `None` is `script_user`.
    pub user: Option<ScriptUser>,
}

impl Fifo {
    /// A pipe that belongs to `script_user`.
    pub fn new(path: String) -> Self {
        Fifo { path, user: None }
    }
}

/// What an instance or a group runs when something changes.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Notify {
    /// `notify_master`: on becoming master.
    pub master: Option<Spanned<Command>>,
    /// `notify_backup`: on becoming a backup.
    pub backup: Option<Spanned<Command>>,
    /// `notify_fault`: on a fault.
    pub fault: Option<Spanned<Command>>,
    /// `notify_stop`: at the end.
    pub stop: Option<Spanned<Command>>,
    /// `notify_deleted`: when a reload takes the instance away. Instances only.
    pub deleted: Option<Spanned<NotifyDeleted>>,
    /// `notify_master_rx_lower_pri`: when a master hears a lower priority. Instances only.
    pub master_rx_lower_pri: Option<Spanned<Command>>,
    /// `notify`: on each of these, with what happened as further arguments.
    pub any: Option<Spanned<Command>>,
}

common!(Notify);

/// `notify_deleted [COMMAND]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyDeleted {
    /// `notify` and the pipes say DELETED rather than FAULT.
    Event,
    /// A command of its own.
    Command(Command),
}
