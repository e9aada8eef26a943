//! A machine in a namespace of its own, on which both programs read the cases.

use std::net::IpAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use kad_cli::lab::{Node, World};
use vrrp_proto::MacAddr;

use crate::cases::Case;
use crate::kad::{self, Finding};
use crate::keepalived::{self, Answer};
use crate::support::{KAD, v6};

pub(crate) struct Bench {
    machine: Node,
    _world: World,
}

/// A case and what both programs say of it.
#[derive(Debug)]
pub(crate) struct Trial {
    pub case: Case,
    pub keepalived: Answer,
    pub kad: Vec<Finding>,
}

impl Bench {
    /// A machine with eth0 (10.0.0.1/24, fe80::1) and eth1 (10.0.1.1/24, fe80::2).
    pub(crate) fn new() -> Self {
        let mut world = World::new(Path::new(KAD)).unwrap();
        let lan = world.lan().unwrap();
        let machine = world.node("machine").unwrap();
        for (number, name) in [(0, "eth0"), (1, "eth1")] {
            let mac = MacAddr([2, 0, 0, 0, 0, number]);
            let addresses = [(IpAddr::from([10, 0, number, 1]), 24), (v6(number + 1), 64)];
            world.join(&machine, name, mac, &lan, &addresses).unwrap();
        }
        Self {
            machine,
            _world: world,
        }
    }

    /// Every case, read by both; in the order of the cases.
    pub(crate) fn run(&self, cases: &[Case]) -> Vec<Trial> {
        let cases = cases.to_vec();
        self.machine.run(move || {
            let queue = Mutex::new(cases.into_iter().enumerate());
            let trials = Mutex::new(Vec::new());
            // A thread is in the namespace of the thread that started it.
            thread::scope(|scope| {
                for _ in 0..thread::available_parallelism().map_or(2, NonZero::get) {
                    scope.spawn(|| {
                        while let Some((number, case)) = next(&queue) {
                            let trial = trial(case);
                            trials.lock().unwrap().push((number, trial));
                        }
                    });
                }
            });
            let mut trials = trials.into_inner().unwrap();
            trials.sort_by_key(|(number, _)| *number);
            trials.into_iter().map(|(_, trial)| trial).collect()
        })
    }
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap().next()
}

fn trial(case: Case) -> Trial {
    let dir = tempfile::tempdir().unwrap();
    let file = write(&case, dir.path());
    Trial {
        keepalived: keepalived::ask(&file),
        kad: kad::ask(&file),
        case,
    }
}

fn write(case: &Case, dir: &Path) -> PathBuf {
    for (path, text) in &case.also {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let file = dir.join(MAIN);
    std::fs::write(&file, &case.text).unwrap();
    file
}

/// The name of a case's configuration.
pub(crate) const MAIN: &str = "keepalived.conf";

/// What both programs take for the machine's `-i`.
pub(crate) const CONFIG_ID: &str = "main";
