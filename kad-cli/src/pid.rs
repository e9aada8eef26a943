//! Pid files, held by a lock so that a second daemon notices the first.

use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use thiserror::Error;

/// A pid file of this process; removed when dropped.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    _lock: Flock<File>,
}

impl PidFile {
    /// Creates `path`, or takes over one whose process is gone.
    pub fn create(path: &Path) -> Result<Self, PidFileError> {
        let failed = |source| PidFileError::Io {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let mut lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(mut file, errno)| {
            if errno == Errno::EWOULDBLOCK {
                PidFileError::Running {
                    path: path.to_owned(),
                    pid: read_pid(&mut file),
                }
            } else {
                failed(errno.into())
            }
        })?;
        lock.set_len(0).map_err(failed)?;
        writeln!(lock, "{}", std::process::id()).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Err(error) = remove_file(&self.path) {
            tracing::warn!("{}: pid file not removed: {error}", self.path.display());
        }
    }
}

/// Why there is no pid file.
#[derive(Debug, Error)]
pub enum PidFileError {
    /// Another daemon holds it.
    #[error("{}: held by a running daemon (pid {pid})", path.display())]
    Running {
        /// The file.
        path: PathBuf,
        /// What stands in it.
        pid: String,
    },
    /// It cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn read_pid(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(PID_MAX_LEN).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

const PID_MAX_LEN: u64 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_holder_is_told_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kad.pid");
        let first = PidFile::create(&path).unwrap();
        match PidFile::create(&path) {
            Err(PidFileError::Running { pid, .. }) => assert_eq!(pid, std::process::id().to_string()),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn stale_file_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kad.pid");
        std::fs::write(&path, "123456789012345\n").unwrap();
        let _held = PidFile::create(&path).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!("{}\n", std::process::id())
        );
    }
}
