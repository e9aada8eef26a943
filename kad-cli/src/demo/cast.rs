//! The routers' files, read.

use std::fs;
use std::path::{Path, PathBuf};

use kaconf::{FsLoader, Options};

use super::error::DemoError;
use crate::cli::{DemoArgs, Peer};
use crate::plan::Plan;
use crate::run::host_name;

/// One router: its configuration, and what runs it.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) config: PathBuf,
    pub(super) plan: Plan,
    pub(super) daemon: Peer,
}

/// All routers.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) roles: Vec<Role>,
    /// Holds the shipped files and the pid files.
    pub(super) dir: tempfile::TempDir,
}

impl Cast {
    /// Reads the files; everything that is wrong with them goes to `complain`.
    pub(super) fn read(args: &DemoArgs, complain: &mut dyn FnMut(&str)) -> Result<Self, DemoError> {
        let dir = tempfile::Builder::new()
            .prefix("kad-demo-")
            .tempdir()
            .map_err(DemoError::Directory)?;
        let files = if args.files.is_empty() {
            shipped(dir.path())?
        } else {
            args.files.clone()
        };
        if files.len() < 2 {
            return Err(DemoError::TooFewFiles);
        }
        let mut roles = Vec::new();
        for (place, config) in files.into_iter().enumerate() {
            let plan = plan(&config, complain)?;
            let daemon = if place == 1 { args.peer } else { Peer::Kad };
            roles.push(Role { config, plan, daemon });
        }
        Ok(Self { roles, dir })
    }

    /// A router's file.
    pub(super) fn path(&self, router: usize) -> PathBuf {
        let role = self.roles.get(router);
        role.map(|role| role.config.clone()).unwrap_or_default()
    }

    pub(super) fn plans(&self) -> Vec<&Plan> {
        self.roles.iter().map(|role| &role.plan).collect()
    }
}

fn shipped(dir: &Path) -> Result<Vec<PathBuf>, DemoError> {
    SHIPPED
        .iter()
        .map(|(name, text)| {
            let path = dir.join(name);
            fs::write(&path, text).map_err(DemoError::Directory)?;
            Ok(path)
        })
        .collect()
}

fn plan(file: &Path, complain: &mut dyn FnMut(&str)) -> Result<Plan, DemoError> {
    let options = Options {
        config_id: host_name(),
        ..Options::default()
    };
    let parsed = kaconf::parse(&FsLoader, file, &options);
    for diagnostic in &parsed.diagnostics {
        complain(&kaconf::one_line(diagnostic, &parsed.sources));
    }
    let failed = |errors: String| DemoError::Configuration {
        path: file.to_owned(),
        errors,
    };
    if parsed.has_errors() {
        return Err(failed("has errors".to_owned()));
    }
    Plan::from_config(&parsed.config).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        failed(errors.join("; "))
    })
}

/// A pair as it is in many a machine room.
pub(super) const SHIPPED: [(&str, &str); 2] = [
    ("r1.conf", include_str!("r1.conf")),
    ("r2.conf", include_str!("r2.conf")),
];
