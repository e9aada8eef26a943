//! What many instances cost a master and its backup.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kad_cli::lab::Node;

use crate::bed::{Bed, Instance, PATIENCE, Router, Seen, Side};
use crate::numbers::{count, table, verdict};
use crate::procfs::Cost;

pub(crate) fn run() {
    for load in &LOADS {
        measure(load);
    }
}

struct Load {
    instances: u8,
    lines: &'static str,
    interval: f64,
    window: Duration,
}

const LOADS: [Load; 2] = [
    Load {
        instances: 255,
        lines: "version 3\n advert_int 0.1",
        interval: 100.0,
        window: Duration::from_secs(20),
    },
    Load {
        instances: 64,
        lines: "version 3\n advert_int 0.01",
        interval: 10.0,
        window: Duration::from_secs(10),
    },
];

/// A router, and what it did in the window.
struct Measured {
    name: String,
    cost: Cost,
    cpu: f64,
    /// Milliseconds from an advert to the next of the same instance.
    interval: Option<f64>,
    /// Adverts that were seen of it.
    adverts: usize,
}

fn measure(load: &Load) {
    let mut bed = Bed::new();
    let mut routers = Vec::new();
    for side in Side::BOTH {
        let lan = bed.lan();
        for (number, priority) in [(1, 150), (2, 100)] {
            let mut router = bed.router(side, number, &lan);
            bed.start(&mut router, &config(load, priority), &[]);
            routers.push(router);
        }
    }
    eprintln!("load, {} instances: settling", load.instances);
    for master in [0, 2] {
        let everywhere = |seen: &Seen| vrids(seen, &routers[master]) == usize::from(load.instances);
        assert!(bed.watch_until(PATIENCE, everywhere), "not master of all");
    }
    let mut measured = Vec::new();
    for attempt in 1..=ATTEMPTS {
        bed.watch(SETTLE);
        bed.forget_adverts();
        eprintln!(
            "load, {} instances: both at once, {:?}",
            load.instances, load.window
        );
        measured = window(&mut bed, &routers, load);
        if measured
            .iter()
            .skip(1)
            .step_by(2)
            .all(|backup| backup.adverts == 0)
        {
            break;
        }
        eprintln!("a backup missed its master; that was attempt {attempt} of {ATTEMPTS}");
    }
    report(load, &measured);
}

fn window(bed: &mut Bed, routers: &[Router], load: &Load) -> Vec<Measured> {
    let cost = |router: &Router| Cost::of(router.process.as_ref().unwrap());
    let before: Vec<_> = routers
        .iter()
        .map(|router| (cost(router), Sent::now(&router.node)))
        .collect();
    bed.watch(load.window);
    let after = routers
        .iter()
        .map(|router| (cost(router), Sent::now(&router.node)));
    let pairs = routers.iter().zip(before).zip(after);
    pairs
        .map(|((router, (cost_before, sent_before)), (cost, sent))| {
            let per_instance = (sent.packets - sent_before.packets) / f64::from(load.instances);
            let span = (sent.at - sent_before.at).as_secs_f64() * 1000.0;
            Measured {
                name: router.side.name().to_owned(),
                cost,
                cpu: (cost.cpu - cost_before.cpu) * 10_000.0 / span,
                interval: (per_instance > 1.0).then(|| span / per_instance),
                adverts: bed.seen.of(router).len(),
            }
        })
        .collect()
}

fn report(load: &Load, measured: &[Measured]) {
    let roles = ["master", "backup", "master", "backup"];
    let rows: Vec<_> = measured
        .iter()
        .zip(roles)
        .map(|(router, role)| row(router, role))
        .collect();
    let title = format!("{} instances at {} ms", load.instances, load.interval);
    let head = [
        "",
        "CPU s in 10 s",
        "mean interval, ms",
        "processes",
        "resident (sum), MiB",
        "resident (proportional), MiB",
    ];
    table(&title, head, &rows);
    for (role, name) in [(0, "master"), (1, "backup")] {
        let (kad, keepalived) = (&measured[role], &measured[role + 2]);
        let memory = kad.cost.resident <= keepalived.cost.resident
            && kad.cost.proportional <= keepalived.cost.proportional;
        println!(
            "Goal for the {name}, no more than keepalived: CPU {}, resident memory {}.\n",
            verdict(kad.cpu <= keepalived.cpu),
            verdict(memory)
        );
    }
}

fn row(router: &Measured, role: &str) -> [String; 6] {
    let interval = match (router.interval, router.adverts) {
        (_, 0) => "silent".to_owned(),
        (Some(interval), _) if role == "master" => format!("{interval:.3}"),
        (_, adverts) => format!("(took over: {adverts} adverts)"),
    };
    [
        format!("{} {role}", router.name),
        format!("{:.2}", router.cpu),
        interval,
        router.cost.processes.to_string(),
        format!("{:.1}", router.cost.resident),
        format!("{:.1}", router.cost.proportional),
    ]
}

fn config(load: &Load, priority: u8) -> String {
    let instance = |vrid| Instance {
        interface: 0,
        vrid,
        priority,
        lines: load.lines,
    };
    (1..=load.instances).map(|vrid| instance(vrid).text()).collect()
}

/// Of how many instances a router sends adverts.
fn vrids(seen: &Seen, router: &Router) -> usize {
    let vrids: BTreeSet<u8> = seen.of(router).iter().map(|advert| advert.vrid).collect();
    vrids.len()
}

/// The kernel's count of what left by eth0: a capture misses packets of such bursts.
struct Sent {
    at: Instant,
    packets: f64,
}

impl Sent {
    fn now(node: &Node) -> Self {
        node.run(|| {
            let table = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap();
            let line = table
                .lines()
                .find_map(|line| line.trim().strip_prefix("eth0:"))
                .unwrap();
            let packets = line.split_whitespace().nth(TRANSMITTED).unwrap().parse().unwrap();
            Self {
                at: Instant::now(),
                packets: count(packets),
            }
        })
    }
}

/// The column of packets sent, after eight of what was received and the bytes sent.
const TRANSMITTED: usize = 9;
/// What else runs on the machine can hold up any program for longer than a backup waits. Such a window is no measure.
const ATTEMPTS: u32 = 3;
const SETTLE: Duration = Duration::from_secs(5);
