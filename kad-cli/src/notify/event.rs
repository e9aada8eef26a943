//! What there is to tell.

use std::fmt;
use std::sync::Arc;

/// Something that happened to an instance or a group, for scripts, pipes and mail.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Event {
    /// What it happened to.
    pub object: Object,
    /// Its name in the file.
    pub name: Arc<str>,
    /// What happened.
    pub kind: Kind,
    /// The state before, as [`Kind`] names it (`INIT` at the start).
    pub previous: &'static str,
    /// The effective priority of an instance; 0 for a group.
    pub priority: u8,
    /// Why, in words.
    pub reason: Arc<str>,
    /// Counts the events of all objects, from 1.
    pub sequence: u64,
}

impl Event {
    /// Something that happened just now.
    pub fn new(object: Object, name: &str, kind: Kind) -> Self {
        Self {
            object,
            name: name.into(),
            kind,
            previous: "INIT",
            priority: 0,
            reason: "".into(),
            sequence: 0,
        }
    }
}

/// What something happened to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Object {
    /// A `vrrp_instance`.
    Instance,
    /// A `vrrp_sync_group`.
    Group,
}

/// keepalived's words for what happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// It is master.
    Master,
    /// It is a backup.
    Backup,
    /// Something it cannot do without is missing.
    Fault,
    /// kad is told to stop.
    Stop,
    /// A reload took it away, and the file asks for this word.
    Deleted,
    /// A master heard another of lower priority.
    MasterRxLowerPriority,
    /// A master's effective priority changed.
    MasterPriority,
    /// That of a backup.
    BackupPriority,
}

impl Object {
    /// keepalived's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instance => "INSTANCE",
            Self::Group => "GROUP",
        }
    }
}

impl Kind {
    /// keepalived's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Master => "MASTER",
            Self::Backup => "BACKUP",
            Self::Fault => "FAULT",
            Self::Stop => "STOP",
            Self::Deleted => "DELETED",
            Self::MasterRxLowerPriority => "MASTER_RX_LOWER_PRI",
            Self::MasterPriority => "MASTER_PRIORITY",
            Self::BackupPriority => "BACKUP_PRIORITY",
        }
    }

    /// Whether it says in which state the object now is, so that an earlier one of this kind is no longer true.
    pub const fn is_state(self) -> bool {
        matches!(
            self,
            Self::Master | Self::Backup | Self::Fault | Self::Stop | Self::Deleted
        )
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
