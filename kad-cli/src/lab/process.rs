//! Programs that run on a machine.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

use super::{Error, Event, What};
use crate::clock;

/// A program to run.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// The program at `path`, or of that name on PATH.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            arguments: Vec::new(),
        }
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }
}

/// A program that runs, or has run.
#[derive(Clone, Debug)]
pub struct Process {
    id: u32,
    /// Whether it still may be signalled: its id is nobody else's until it has been waited for.
    running: Arc<Mutex<bool>>,
}

impl Process {
    pub(super) fn start(
        node: String,
        program: &Program,
        helper: &Path,
        events: Sender<Event>,
    ) -> Result<Self, Error> {
        let mut command = Command::new(helper);
        command.arg("__exec").arg(std::process::id().to_string());
        command.arg(&program.path).args(&program.arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| Error::Spawn {
            program: program.path.display().to_string(),
            source,
        })?;
        let process = Self {
            id: child.id(),
            running: Arc::new(Mutex::new(true)),
        };
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for pipe in outputs.into_iter().flatten() {
            let (node, events, id) = (node.clone(), events.clone(), process.id);
            thread::spawn(move || forward(&node, id, pipe, &events));
        }
        let watched = process.clone();
        thread::spawn(move || watched.watch(child, node, &events));
        Ok(process)
    }

    fn watch(&self, mut child: Child, node: String, events: &Sender<Event>) {
        // Waiting without reaping, so that the id stays ours until nobody can signal it any more.
        let pid = Pid::from_raw(i32::try_from(self.id).unwrap_or_default());
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        while waitid(Id::Pid(pid), flags) == Err(Errno::EINTR) {}
        let at = clock::now();
        *self.running.lock().expect("nobody panics with the lock held") = false;
        if let Ok(status) = child.wait() {
            let _ = events.send(Event {
                at,
                what: What::Exit {
                    node,
                    process: self.id,
                    status,
                },
            });
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it has not ended yet.
    pub fn is_running(&self) -> bool {
        *self.running.lock().expect("nobody panics with the lock held")
    }

    /// Sends it a signal; nothing if it has ended.
    pub fn signal(&self, signal: Signal) {
        let running = self.running.lock().expect("nobody panics with the lock held");
        if *running && let Ok(pid) = i32::try_from(self.id) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    /// Ends it at once.
    pub fn kill(&self) {
        self.signal(Signal::SIGKILL);
    }

    /// Ends it and its children at once, as a power cut would.
    pub fn kill_all(&self) {
        let running = self.running.lock().expect("nobody panics with the lock held");
        if *running {
            for id in children(self.id).into_iter().chain(i32::try_from(self.id)) {
                let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
            }
        }
    }
}

/// The processes whose parent is `process`; they cannot be anyone else's while it runs.
fn children(process: u32) -> Vec<i32> {
    let list =
        std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

fn forward(node: &str, process: u32, pipe: impl Read, events: &Sender<Event>) {
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line).into_owned();
        let what = What::Line {
            node: node.to_owned(),
            process,
            text,
        };
        if events
            .send(Event {
                at: clock::now(),
                what,
            })
            .is_err()
        {
            return;
        }
    }
}
