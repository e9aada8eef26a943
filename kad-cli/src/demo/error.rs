//! Why there is nothing to see.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vrrp_engine::InvalidConfig;

use crate::exit::Status;
use crate::lab;
use crate::simulate::Conflict;

#[derive(Debug, Error)]
pub(super) enum DemoError {
    #[error(transparent)]
    Lab(#[from] lab::Error),
    #[error("a temporary directory: {0}")]
    Directory(#[source] io::Error),
    #[error("catching signals: {0}")]
    Signals(#[source] io::Error),
    #[error("{}: {source}", path.display())]
    Picture { path: PathBuf, source: io::Error },
    #[error("a failover takes two routers: give two configuration files or more, or none")]
    TooFewFiles,
    #[error("there is no keepalived on the PATH or in /usr/sbin; Debian has it in the package keepalived")]
    NoKeepalived,
    #[error("{}: {errors}", path.display())]
    Configuration { path: PathBuf, errors: String },
    #[error("{}: vrrp_instance {instance}: {source}", path.display())]
    Instance {
        path: PathBuf,
        instance: String,
        source: InvalidConfig,
    },
    #[error("{}: no vrrp_instance with an address; there is nothing to show", .0.display())]
    NoAddress(PathBuf),
    #[error("{instance} is in {router}'s file only, so nobody can take over: no other file has {what}")]
    Alone {
        instance: String,
        router: String,
        what: String,
    },
    #[error(transparent)]
    Conflict(#[from] Conflict),
    #[error("interrupted")]
    Interrupted,
}

impl DemoError {
    /// What the files are to blame for counts as a failure; the rest is about this machine or the command line.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Configuration { .. }
            | Self::Instance { .. }
            | Self::NoAddress(_)
            | Self::Alone { .. }
            | Self::Conflict(_)
            | Self::Interrupted => Status::Failed,
            Self::Lab(_)
            | Self::Directory(_)
            | Self::Signals(_)
            | Self::Picture { .. }
            | Self::TooFewFiles
            | Self::NoKeepalived => Status::CannotRun,
        }
    }
}
