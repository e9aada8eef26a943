//! What is to be watched, as the plan says it.

use std::path::PathBuf;
use std::time::Duration;

use vrrp_engine::{InterfaceId, TrackerId, TrackerStatus};

use crate::script::Policy;

/// One thing that instances track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackerSetup {
    /// Its number, which it keeps when the configuration is read again.
    pub id: TrackerId,
    /// Its name in the file; an interface's is its own.
    pub name: String,
    /// What it is.
    pub kind: TrackerKind,
}

/// What is watched.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TrackerKind {
    /// `vrrp_script`.
    Script(ScriptSetup),
    /// `track_file`.
    File(FileSetup),
    /// `vrrp_track_process`.
    Process(ProcessSetup),
    /// `track_interface`: well while the interface is up.
    Interface(InterfaceId),
    /// `track_group`: well while its static addresses, routes and rules are there. Who puts them there tells.
    Statics,
}

/// What things of one name are told apart by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `vrrp_script`.
    Script,
    /// `track_file`.
    File,
    /// `vrrp_track_process`.
    Process,
    /// `track_interface`.
    Interface,
    /// `track_group`.
    Statics,
}

impl TrackerKind {
    /// Without what is said about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Script(_) => Kind::Script,
            Self::File(_) => Kind::File,
            Self::Process(_) => Kind::Process,
            Self::Interface(_) => Kind::Interface,
            Self::Statics => Kind::Statics,
        }
    }

    /// What is known of it where all is well.
    pub fn when_well(&self) -> TrackerStatus {
        match self {
            Self::File(_) => TrackerStatus::Value(0),
            Self::Script(_) | Self::Process(_) | Self::Interface(_) | Self::Statics => TrackerStatus::Up,
        }
    }
}

/// A `vrrp_script`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptSetup {
    /// The program and its arguments.
    pub command: kaconf::Command,
    /// `user`.
    pub user: Option<kaconf::ScriptUser>,
    /// What holds for all scripts.
    pub policy: Policy,
    /// How it is run.
    pub schedule: ScheduleSetup,
    /// `timeout`: how long it may take.
    pub timeout: Duration,
}

/// When a script runs and what its results mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScheduleSetup {
    /// `interval`: from the start of one run to the start of the next.
    pub interval: Duration,
    /// `rise`: successes in a row that make it well.
    pub rise: u32,
    /// `fall`: failures in a row that make it not well.
    pub fall: u32,
    /// `init_fail`: not well until `rise` successes.
    pub init_fail: bool,
}

/// A `track_file`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSetup {
    /// The file with the number.
    pub path: PathBuf,
    /// `init_file`.
    pub init: Option<kaconf::InitFile>,
}

/// A `vrrp_track_process`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessSetup {
    /// Which processes count.
    pub pattern: Pattern,
    /// How many are enough, and for how long.
    pub quorum: QuorumSetup,
}

/// Which processes count.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Pattern {
    /// The process' name (`comm` in proc(5)) is this, at most 15 bytes.
    Name(Vec<u8>),
    /// The whole command line: its first word is the program as it was started.
    Command {
        /// The program.
        program: Vec<u8>,
        /// Its arguments.
        arguments: Vec<Vec<u8>>,
        /// How they are compared.
        matching: kaconf::ParamMatch,
    },
}

/// How many processes are enough, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuorumSetup {
    /// `quorum`: so many at least.
    pub at_least: usize,
    /// `quorum_max`: so many at most.
    pub at_most: Option<usize>,
    /// `fork_delay`: how long the number must be right.
    pub fork_delay: Duration,
    /// `terminate_delay`: how long it must be wrong.
    pub terminate_delay: Duration,
}

/// A line of `interface_up_down_delays`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkDelays {
    /// The interface.
    pub interface: InterfaceId,
    /// How long it must be down to count as down.
    pub down: Duration,
    /// How long it must be up to count as up.
    pub up: Duration,
}
