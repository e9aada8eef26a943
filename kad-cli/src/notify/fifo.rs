//! One pipe with a name, that events are written to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::PathBuf;
use std::time::Duration;

use nix::libc;
use nix::sys::stat::Mode;
use nix::unistd::{geteuid, mkfifo};
use thiserror::Error;
use vrrp_engine::Time;

use super::Event;
use super::lines::Lines;

/// A FIFO to write to.
///
/// Only its write end is held: so it is known whether there is a reader, and what a reader left unread is there for the
/// next one. Lines wait here until somebody reads, in a bounded queue; nothing is ever waited for.
#[derive(Debug)]
pub(super) struct Fifo {
    settings: FifoSettings,
    file: File,
    identity: (u64, u64),
    /// Whether it was not there before.
    made: bool,
    lines: Lines,
    /// How much of the first line is written.
    written: usize,
    retry: Option<Time>,
    wait: Duration,
    lost: usize,
}

/// Which pipe, and whose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FifoSettings {
    /// Its path.
    pub path: PathBuf,
    /// User and group that it is given to if it is made; `None` leaves it with this process's.
    pub owner: Option<(u32, u32)>,
    /// Its mode if it is made.
    pub mode: u32,
}

/// Why a pipe cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FifoError {
    /// It cannot be made or opened.
    #[error("{path} cannot be {what}: {source}")]
    System {
        /// Which.
        path: PathBuf,
        /// Made, opened.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Something else is there.
    #[error("{path} is there already, and is not a FIFO; it was left alone")]
    NotAFifo {
        /// Which.
        path: PathBuf,
    },
    /// Whoever owns it decides who reads and who writes.
    #[error(
        "{path} is there already, and belongs to user {owner}, who is neither this process's nor the file's; it was left alone"
    )]
    NotOurs {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
}

impl Fifo {
    /// Makes the pipe, or takes it as it is if it is there.
    pub(super) fn open(settings: FifoSettings) -> Result<Self, FifoError> {
        let made = make(&settings)?;
        let opened = open_pipe(&settings, made);
        if made && opened.is_err() {
            let _ = fs::remove_file(&settings.path);
        }
        let (file, identity) = opened?;
        Ok(Self {
            settings,
            file,
            identity,
            made,
            lines: Lines::new(QUEUE),
            written: 0,
            retry: None,
            wait: FIRST_WAIT,
            lost: 0,
        })
    }

    pub(super) fn settings(&self) -> &FifoSettings {
        &self.settings
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Writes a line as soon as somebody reads.
    pub(super) fn tell(&mut self, now: Time, event: &Event) {
        let lost = self.lines.push(event);
        if lost > 0 {
            self.lost += lost;
            tracing::warn!(
                "nobody reads {} fast enough: of the lines that wait only the newest states are kept ({} lines lost so far)",
                self.settings.path.display(),
                self.lost
            );
        }
        self.flush(now);
    }

    /// Writes what can be written.
    pub(super) fn flush(&mut self, now: Time) {
        self.retry = None;
        while let Some(line) = self.lines.front() {
            match self.file.write(line.get(self.written..).unwrap_or_default()) {
                Ok(count) => {
                    self.written += count;
                    self.wait = FIRST_WAIT;
                    if self.written >= line.len() {
                        self.written = 0;
                        self.lines.pop();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The pipe is full; there is an event when it is not.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // Nobody reads, and nothing tells when somebody does.
                Err(_) => {
                    self.retry = Some(now + self.wait);
                    self.wait = (self.wait * 2).min(LONGEST_WAIT);
                    return;
                }
            }
        }
    }

    /// When [`flush`](Self::flush) is worth a try.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.retry
    }

    /// Whether lines wait for somebody who reads.
    pub(super) fn is_held_up_by_reader(&self) -> bool {
        !self.lines.is_empty() && self.retry.is_none()
    }
}

impl Drop for Fifo {
    /// What was made is removed, unless something else is there now.
    fn drop(&mut self) {
        let path = &self.settings.path;
        let is_it = |found: &fs::Metadata| (found.dev(), found.ino()) == self.identity;
        if self.made
            && fs::symlink_metadata(path).is_ok_and(|found| is_it(&found))
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!("{} cannot be removed: {error}", path.display());
        }
    }
}

/// Whether it was made just now. What is there must be a FIFO, and not a link to one, that nobody else put there.
fn make(settings: &FifoSettings) -> Result<bool, FifoError> {
    let path = &settings.path;
    let system = |source| FifoError::System {
        path: path.clone(),
        what: "made",
        source,
    };
    match mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(()) => return Ok(true),
        Err(nix::errno::Errno::EEXIST) => {}
        Err(error) => return Err(system(error.into())),
    }
    let found = fs::symlink_metadata(path).map_err(system)?;
    if !found.file_type().is_fifo() {
        return Err(FifoError::NotAFifo { path: path.clone() });
    }
    let owner = found.uid();
    let is_ours = owner == geteuid().as_raw() || settings.owner.is_some_and(|(user, _)| user == owner);
    if !is_ours {
        return Err(FifoError::NotOurs {
            path: path.clone(),
            owner,
        });
    }
    Ok(false)
}

/// The write end. It can only be opened while there is a reader, so that we are one for a moment.
fn open_pipe(settings: &FifoSettings, made: bool) -> Result<(File, (u64, u64)), FifoError> {
    let path = &settings.path;
    let system = |source| FifoError::System {
        path: path.clone(),
        what: "opened",
        source,
    };
    let open = |options: &mut OpenOptions| {
        let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW;
        options.custom_flags(flags).open(path).map_err(system)
    };
    let reader = open(OpenOptions::new().read(true))?;
    let writer = open(OpenOptions::new().write(true))?;
    let (found, other) = (
        reader.metadata().map_err(system)?,
        writer.metadata().map_err(system)?,
    );
    let identity = (found.dev(), found.ino());
    if !found.file_type().is_fifo() || identity != (other.dev(), other.ino()) {
        return Err(FifoError::NotAFifo { path: path.clone() });
    }
    if made {
        if let Some((user, group)) = settings.owner {
            fchown(&writer, Some(user), Some(group)).map_err(system)?;
        }
        let mode = fs::Permissions::from_mode(settings.mode);
        writer.set_permissions(mode).map_err(system)?;
    }
    Ok((writer, identity))
}

/// Lines that wait at most, beside the 64 KiB that the kernel's pipe holds.
const QUEUE: usize = 10_000;
/// The first wait for a reader; each one is twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
