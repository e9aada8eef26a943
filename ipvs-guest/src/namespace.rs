use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, gettid};

use crate::output;

/// A network namespace with a loopback interface that is up: one machine of a test's network. It lasts as long as this
/// value, or as what [`Node::run`] left running in it.
#[derive(Debug)]
pub struct Node {
    jobs: mpsc::Sender<Job>,
    thread: Pid,
}

impl Node {
    /// # Panics
    /// If a namespace cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, is_ready) = mpsc::channel();
        thread::spawn(move || {
            enter_new();
            if ready.send(gettid()).is_ok() {
                queue.iter().for_each(|job| job());
            }
        });
        let thread = is_ready.recv().expect("a namespace is made");
        Self { jobs, thread }
    }

    /// Runs a function in the namespace and waits for it. Threads and programs that it starts are there as well.
    ///
    /// # Panics
    /// If the function does.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = mpsc::channel();
        let job = move || {
            let _ = done.send(catch_unwind(AssertUnwindSafe(job)));
        };
        self.jobs
            .send(Box::new(job))
            .expect("the thread lasts as long as this value");
        let result = result.recv().expect("the job sends what came of it");
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// [`output`] in the namespace.
    pub fn output(&self, line: &str) -> String {
        let line = line.to_owned();
        self.run(move || output(&line))
    }

    /// What `ip link set netns` calls the namespace, for a process that is in none of its own.
    #[must_use]
    pub fn id(&self) -> Pid {
        self.thread
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs a function on a thread in a network namespace of its own.
///
/// # Panics
/// If a namespace cannot be made, or the function panics.
pub fn in_namespace<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::spawn(|| {
        enter_new();
        job()
    });
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

type Job = Box<dyn FnOnce() + Send>;

fn enter_new() {
    unshare(CloneFlags::CLONE_NEWNET).expect("root may make a network namespace");
    output("ip link set lo up");
}
