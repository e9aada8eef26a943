//! Real processes, followed in both ways.

use std::process::{Child, Command};
use std::thread;
use std::time::Instant;

use super::super::setup::{Pattern, QuorumSetup};
use super::*;

const ID: TrackerId = TrackerId(3);

/// A program whose name nobody else has, counted.
struct Bed {
    dir: tempfile::TempDir,
    processes: Processes,
    begun: Instant,
}

impl Bed {
    fn new(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy("/bin/sleep", dir.path().join(name)).unwrap();
        let setup = ProcessSetup {
            pattern: Pattern::Name(name.into()),
            quorum: QuorumSetup {
                at_least: 1,
                at_most: None,
                fork_delay: Duration::ZERO,
                terminate_delay: Duration::ZERO,
            },
        };
        let mut processes = Processes::new();
        let known = processes.follow(Time::ZERO, &[(ID, name, &setup)]);
        assert_eq!(known, [(ID, TrackerStatus::Unknown)]);
        Self {
            dir,
            processes,
            begun: Instant::now(),
        }
    }

    fn start(&self, name: &str) -> Child {
        Command::new(self.dir.path().join(name))
            .arg("60")
            .spawn()
            .unwrap()
    }

    fn wait_for(&mut self, status: TrackerStatus) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let now = Time::since(self.begun, Instant::now());
            let mut changed = self.processes.handle_ready(now);
            changed.extend(self.processes.handle_timeout(now));
            if changed.contains(&(ID, status)) {
                return;
            }
            assert!(Instant::now() < end, "never {status:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// A program that starts and one that is killed.
    fn follow(&mut self, name: &str) {
        self.wait_for(TrackerStatus::Down);
        let mut running = self.start(name);
        self.wait_for(TrackerStatus::Up);
        running.kill().unwrap();
        running.wait().unwrap();
        self.wait_for(TrackerStatus::Down);
    }
}

#[test]
fn the_kernel_tells_of_programs() {
    let mut bed = Bed::new("kad-told");
    if bed.processes.connector.is_none() {
        return crate::skip::skip("no process connector here");
    }
    bed.wait_for(TrackerStatus::Down);
    assert_eq!(
        bed.processes.next_walk, None,
        "nothing is looked at again and again"
    );
    let mut running = bed.start("kad-told");
    bed.wait_for(TrackerStatus::Up);
    running.kill().unwrap();
    running.wait().unwrap();
    bed.wait_for(TrackerStatus::Down);
}

#[test]
fn programs_are_found_by_looking_again_and_again() {
    let mut bed = Bed::new("kad-polled");
    bed.processes.connector = None;
    bed.follow("kad-polled");
}

#[test]
fn what_was_missed_is_found_by_looking_at_everything() {
    let mut bed = Bed::new("kad-missed");
    bed.wait_for(TrackerStatus::Down);
    let mut running = bed.start("kad-missed");
    // As after an overrun: what the kernel told is lost.
    bed.processes.connector = None;
    bed.processes.next_walk = Some(Time::ZERO);
    bed.wait_for(TrackerStatus::Up);
    running.kill().unwrap();
    running.wait().unwrap();
}
