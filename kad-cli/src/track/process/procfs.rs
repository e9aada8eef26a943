//! Processes as proc(5) shows them.

use std::fs::{self, File, ReadDir};
use std::io::{self, Read};

use super::pattern::Process;

/// A process, or `None` if there is no such process any more. Reading a command line may wait for a process whose memory
/// is being changed, so it is left out where nobody asks.
pub(super) fn process(pid: u32, with_command_line: bool) -> Option<Process> {
    let mut name = read_some(&format!("/proc/{pid}/comm"), NAME_LIMIT).ok()?;
    if name.last() == Some(&b'\n') {
        name.pop();
    }
    let command_line = if with_command_line {
        read_some(&format!("/proc/{pid}/cmdline"), COMMAND_LIMIT).ok()?
    } else {
        Vec::new()
    };
    Some(Process { name, command_line })
}

fn read_some(path: &str, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A walk through all processes, a few at a time.
#[derive(Debug)]
pub(super) struct Walk {
    entries: ReadDir,
}

impl Walk {
    pub(super) fn begin() -> io::Result<Self> {
        Ok(Self {
            entries: fs::read_dir("/proc")?,
        })
    }
}

impl Iterator for Walk {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut entries = self.entries.by_ref().flatten();
        entries.find_map(|entry| entry.file_name().to_str()?.parse().ok())
    }
}

/// 15 bytes and the line's end, and more for kernel threads.
const NAME_LIMIT: u64 = 256;
/// Whoever compares more than this would have to write it into a configuration.
const COMMAND_LIMIT: u64 = 64 << 10;
