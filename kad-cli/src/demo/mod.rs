//! `kad demo`: a failover for everyone to see, on this machine, with real routers in network namespaces of their own.
//!
//! With `--json` each line is an object with `t` (seconds since the start), `event` and what belongs to it: `started`,
//! `state` (`router`, `instance`, `state`, `reason`), `announced` (`router`, `address`, `mac`, `frames`), `died`,
//! `returned`, `ended`, `silence` (`lost`, `ms`), `note`; the last one is `summary` (`checks` with `what`, `expected`,
//! `seen` and `ok`; `pings_sent`, `pings_lost`, `adverts` by router, `fine`).

mod facts;
mod forecast;
mod json;
mod recorder;
mod story;
mod svg;
mod text;
mod topology;

use std::fs;
use std::path::{Path, PathBuf};

use kaconf::{FsLoader, Options};
use thiserror::Error;

use crate::cli::{DemoArgs, Peer};
use crate::exit::Status;
use crate::lab;
use crate::plan::Plan;
use story::Story;

/// Runs the demo. What there is to see goes to `show`, line by line, and complaints to `complain`.
pub fn run(
    args: &DemoArgs,
    colour: bool,
    show: &mut dyn FnMut(&str),
    complain: &mut dyn FnMut(&str),
) -> Status {
    match prepare(args, complain).and_then(|cast| play(args, colour, &cast, show)) {
        Ok(true) => Status::Fine,
        Ok(false) => Status::Failed,
        Err(DemoError::Configuration) => Status::Failed,
        Err(error) => {
            complain(&format!("kad demo: {error}"));
            if error.is_about_files() {
                Status::Failed
            } else {
                Status::CannotRun
            }
        }
    }
}

/// One router: its configuration, and what it is run by.
struct Role {
    config: PathBuf,
    plan: Plan,
    daemon: Peer,
}

struct Cast {
    roles: Vec<Role>,
    /// Holds the shipped files and the pid files.
    dir: tempfile::TempDir,
}

fn prepare(args: &DemoArgs, complain: &mut dyn FnMut(&str)) -> Result<Cast, DemoError> {
    let dir = tempfile::tempdir().map_err(DemoError::Directory)?;
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
    Ok(Cast { roles, dir })
}

fn shipped(dir: &Path) -> Result<Vec<PathBuf>, DemoError> {
    let files = [
        ("r1.conf", include_str!("a.conf")),
        ("r2.conf", include_str!("b.conf")),
    ];
    files
        .into_iter()
        .map(|(name, text)| {
            let path = dir.join(name);
            fs::write(&path, text).map_err(DemoError::Directory)?;
            Ok(path)
        })
        .collect()
}

fn plan(file: &Path, complain: &mut dyn FnMut(&str)) -> Result<Plan, DemoError> {
    let parsed = kaconf::parse(&FsLoader, file, &Options::default());
    for diagnostic in &parsed.diagnostics {
        complain(&kaconf::one_line(diagnostic, &parsed.sources));
    }
    if parsed.has_errors() {
        return Err(DemoError::Configuration);
    }
    let plan = Plan::from_config(&parsed.config).map_err(|errors| {
        errors
            .iter()
            .for_each(|error| complain(&format!("{}: {error}", file.display())));
        DemoError::Configuration
    })?;
    Ok(plan)
}

fn play(args: &DemoArgs, colour: bool, cast: &Cast, show: &mut dyn FnMut(&str)) -> Result<bool, DemoError> {
    let mut story = Story::stage(cast)?;
    let mut teller: Box<dyn facts::Teller> = if args.json {
        Box::new(json::Json)
    } else {
        Box::new(text::Text { colour })
    };
    let outcome = story.play(&mut *teller, show)?;
    if let Some(path) = &args.svg {
        let picture = svg::draw(&outcome);
        fs::write(path, picture).map_err(|source| DemoError::Svg {
            path: path.clone(),
            source,
        })?;
    }
    Ok(outcome.is_fine())
}

impl DemoError {
    /// The files make these routers master at once.
    fn masters(routers: &[usize]) -> Self {
        let names: Vec<String> = routers.iter().map(|router| format!("r{}", router + 1)).collect();
        if names.is_empty() {
            Self::NoMaster
        } else {
            Self::TwoMasters(names.join(" and "))
        }
    }

    /// What the files are to blame for, rather than this machine.
    fn is_about_files(&self) -> bool {
        matches!(self, Self::NoAddress | Self::NoMaster | Self::TwoMasters(_))
    }
}

/// Why there is nothing to see.
#[derive(Debug, Error)]
enum DemoError {
    #[error(transparent)]
    Lab(#[from] lab::Error),
    #[error("a temporary directory: {0}")]
    Directory(#[source] std::io::Error),
    #[error("{}: {source}", path.display())]
    Svg { path: PathBuf, source: std::io::Error },
    #[error("a failover takes two routers: give at least two configuration files, or none")]
    TooFewFiles,
    #[error("this program's own file cannot be found: {0}")]
    OwnFile(#[source] std::io::Error),
    #[error("keepalived was not found on PATH or in /usr/sbin (Debian: the package keepalived)")]
    NoKeepalived,
    #[error("the first file has no vrrp_instance with an address: there is nothing to show")]
    NoAddress,
    #[error("as these files are, there would be no master at all")]
    NoMaster,
    #[error(
        "as these files are, {0} would be master at once: do virtual_router_id, version, advert_int, authentication \
         and the kind of delivery agree?"
    )]
    TwoMasters(String),
    /// Everything has been said.
    #[error("the configuration")]
    Configuration,
}
