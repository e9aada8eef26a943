//! Who is in a network namespace.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The name of the network namespace that the caller's thread is in.
pub(super) fn own_namespace() -> io::Result<PathBuf> {
    fs::read_link("/proc/thread-self/ns/net")
}

/// Ends every process in the namespace but the caller's: what programs have left behind, however distant.
pub(super) fn end(namespace: &Path) {
    // Who is being killed may have had a child meanwhile.
    for _ in 0..ROUNDS {
        let found = processes_in(namespace);
        if found.is_empty() {
            return;
        }
        for process in found {
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
        }
    }
}

/// A process that has died, and only waits to be reaped, is in no namespace any more.
fn processes_in(namespace: &Path) -> Vec<i32> {
    let own = i32::try_from(std::process::id()).ok();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| Some(*id) != own)
        .filter(|id| fs::read_link(format!("/proc/{id}/ns/net")).is_ok_and(|name| name == namespace))
        .collect()
}

const ROUNDS: u32 = 10;
