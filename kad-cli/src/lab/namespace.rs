//! A network namespace: a thread that is in it, and does there what it is given.

use std::fmt;
use std::fs;
use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid, gettid};

use super::Error;
use crate::capability;

/// A network namespace. Dropping it ends it, once everything in it is gone.
pub(super) struct Namespace {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    task: u32,
}

type Job = Box<dyn FnOnce() + Send>;

impl Namespace {
    pub(super) fn new(name: &str) -> Result<Self, Error> {
        let (jobs, todo) = channel::<Job>();
        let (ready, answer) = channel();
        let body = move || {
            let entered = unshare(CloneFlags::CLONE_NEWNET).map(|()| gettid());
            let usable = entered.is_ok();
            if ready.send(entered).is_ok() && usable {
                todo.into_iter().for_each(|job| job());
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(body);
        let thread = thread.map_err(|source| Error::Socket {
            what: "starting a thread",
            source,
        })?;
        let task = answer
            .recv()
            .expect("the thread answers before it does anything else");
        let task = task.map_err(|errno| Error::NoNamespaces(errno.into()))?;
        let task = u32::try_from(task.as_raw()).expect("the kernel numbers tasks from 1");
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            task,
        })
    }

    /// The thread's id, by which the kernel finds the namespace.
    pub(super) fn task(&self) -> u32 {
        self.task
    }

    /// Does something in the namespace, and waits for what comes of it.
    pub(super) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, outcome) = channel();
        let job = Box::new(move || drop(done.send(job())));
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(job));
        assert!(
            matches!(sent, Some(Ok(()))),
            "the thread lives as long as its namespace"
        );
        outcome
            .recv()
            .expect("a job that panics ends the test or the demo anyway")
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Namespace")
            .field("task", &self.task)
            .finish_non_exhaustive()
    }
}

/// Makes sure that this process may make network namespaces: it is root, or becomes it in a user namespace of its own.
pub(super) fn allow_namespaces() -> Result<(), Error> {
    if capability::has(NEEDED) {
        return Ok(());
    }
    // In a container, root may need that as well.
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| Error::NoNamespaces(errno.into()))?;
    let map = |file: &str, text: String| fs::write(format!("/proc/self/{file}"), text);
    let mapped: io::Result<()> = map("setgroups", "deny".to_owned())
        .and_then(|()| map("uid_map", format!("0 {user} 1")))
        .and_then(|()| map("gid_map", format!("0 {group} 1")));
    mapped.map_err(Error::UserNamespace)
}

/// To make network namespaces, and to work in them.
const NEEDED: u64 = capability::NET_ADMIN | capability::NET_RAW | capability::SYS_ADMIN;
