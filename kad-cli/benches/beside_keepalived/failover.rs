//! How long after the timers say so a backup's first advert comes, once its master is gone.

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use vrrp_engine::Time;
use vrrp_proto::Priority;

use crate::bed::{Bed, Instance, PATIENCE, Router, Seen, Side};
use crate::numbers::{Sample, millis, millis_between, table, verdict};

pub(crate) fn run() {
    let measured: Vec<_> = DIALECTS.iter().map(measure).collect();
    let mut rows = Vec::new();
    for (dialect, sides) in DIALECTS.iter().zip(&measured) {
        rows.push(row(dialect.name, "SIGKILL", sides, |side| &side.killed));
        rows.push(row(dialect.name, "SIGTERM", sides, |side| &side.stopped));
    }
    let head = [
        "timers",
        "master's end",
        "n",
        "kad, median",
        "kad, 9 of 10",
        "keepalived, median",
        "keepalived, 9 of 10",
        "kad / keepalived",
        "goal: at most 1.1",
    ];
    table("Failover, ms beyond what the timers say", head, &rows);
    let exits = |side: usize| {
        Sample::new(
            measured
                .iter()
                .flat_map(|sides| sides[side].exits.clone())
                .collect(),
        )
    };
    let rows = [("kad", exits(0)), ("keepalived", exits(1))].map(|(name, exits)| {
        let cells = [exits.median(), exits.least(), exits.most()].map(|value| format!("{value:.1}"));
        let [median, least, most] = cells;
        [name.to_owned(), exits.len().to_string(), median, least, most]
    });
    table(
        "From SIGTERM to the master's exit, ms",
        ["", "n", "median", "least", "most"],
        &rows,
    );
}

/// What two routers speak, and how often to measure it.
struct Dialect {
    name: &'static str,
    lines: &'static str,
    interval: Duration,
    skew: Duration,
    rounds: usize,
}

const DIALECTS: [Dialect; 3] = [
    Dialect {
        name: "v2, 1 s",
        lines: "version 2\n advert_int 1\n state BACKUP\n nopreempt",
        interval: Duration::from_secs(1),
        skew: Duration::from_micros(1_000_000 * 156 / 256),
        rounds: 8,
    },
    Dialect {
        name: "v3, 100 ms",
        lines: "version 3\n advert_int 0.1\n state BACKUP\n nopreempt",
        interval: Duration::from_millis(100),
        skew: Duration::from_micros(100_000 * 156 / 256),
        rounds: 13,
    },
    Dialect {
        name: "v3, 10 ms",
        lines: "version 3\n advert_int 0.01\n state BACKUP\n nopreempt",
        interval: Duration::from_millis(10),
        skew: Duration::from_micros(10_000 * 156 / 256),
        rounds: 16,
    },
];

/// Both routers of a pair; neither takes over from the other while that one lives, so they swap roles each time.
const PRIORITY: u8 = 100;

/// Milliseconds.
#[derive(Default)]
struct Measured {
    killed: Vec<f64>,
    stopped: Vec<f64>,
    exits: Vec<f64>,
}

/// Two routers.
struct Pair {
    routers: [Router; 2],
    /// Which one is master.
    master: usize,
}

impl Pair {
    fn new(bed: &mut Bed, sides: [Side; 2], number: u8) -> Self {
        let lan = bed.lan();
        let [first, second] = sides;
        Self {
            routers: [(first, 1), (second, 2)]
                .map(|(side, member)| bed.router(side, 2 * number + member, &lan)),
            master: 0,
        }
    }

    fn master(&self) -> &Router {
        &self.routers[self.master]
    }

    fn backup(&self) -> &Router {
        &self.routers[1 - self.master]
    }
}

/// Each program as the backup of itself and of the other: what a dying master does to the machine that both are on is
/// the same for both.
const PAIRS: [[Side; 2]; 4] = [
    [Side::Kad, Side::Kad],
    [Side::Keepalived, Side::Keepalived],
    [Side::Kad, Side::Keepalived],
    [Side::Keepalived, Side::Kad],
];

fn measure(dialect: &Dialect) -> [Measured; 2] {
    let mut bed = Bed::new();
    let mut pairs: Vec<_> = (0..)
        .zip(PAIRS)
        .map(|(number, sides)| Pair::new(&mut bed, sides, number))
        .collect();
    for router in pairs.iter_mut().flat_map(|pair| &mut pair.routers) {
        bed.start(router, &config(dialect), &[]);
    }
    let mut measured = <[Measured; 2]>::default();
    for round in 0..dialect.rounds {
        eprintln!("failover, {}: {} of {}", dialect.name, round + 1, dialect.rounds);
        // By turns, since the roles of a mixed pair change with each.
        for turn in [round, round + 1] {
            let signal = if turn.is_multiple_of(2) {
                Signal::SIGKILL
            } else {
                Signal::SIGTERM
            };
            settle(&mut bed, &mut pairs, dialect);
            // Neither program is always the first.
            pairs.reverse();
            for pair in &pairs {
                let exit = end(&mut bed, pair, dialect, signal);
                measured[pair.master().side as usize].exits.extend(exit);
            }
            for pair in &mut pairs {
                let side = &mut measured[pair.backup().side as usize];
                let sample = match signal {
                    Signal::SIGKILL => &mut side.killed,
                    _ => &mut side.stopped,
                };
                sample.extend(take_over(&mut bed, pair, dialect, signal));
            }
        }
    }
    measured
}

fn config(dialect: &Dialect) -> String {
    let instance = Instance {
        interface: 0,
        vrid: 51,
        priority: PRIORITY,
        lines: dialect.lines,
    };
    instance.text()
}

/// Waits until each pair has one master and a backup that has heard it.
fn settle(bed: &mut Bed, pairs: &mut [Pair], dialect: &Dialect) {
    for pair in pairs.iter() {
        let both_ready = |seen: &Seen| pair.routers.iter().all(|router| seen.is_backup(router));
        assert!(
            bed.watch_until(PATIENCE, both_ready),
            "a router does not get ready"
        );
    }
    loop {
        bed.forget_adverts();
        bed.watch(dialect.interval * 5 / 2);
        if pairs.iter_mut().all(|pair| has_one_master(bed, pair)) {
            return;
        }
    }
}

fn has_one_master(bed: &Bed, pair: &mut Pair) -> bool {
    let adverts = [0, 1].map(|place| bed.seen.of(&pair.routers[place]).len());
    pair.master = usize::from(adverts[1] > 0);
    adverts.iter().filter(|adverts| **adverts > 0).count() == 1 && adverts[pair.master] >= 2
}

/// Ends the master a while after an advert, and lets a moment pass before the next pair's turn. After an orderly end:
/// how long it took.
fn end(bed: &mut Bed, pair: &Pair, dialect: &Dialect, signal: Signal) -> Option<f64> {
    let master = pair.master();
    let before = bed.seen.of(master).len();
    bed.watch_until(dialect.interval * 5, |seen| seen.of(master).len() > before);
    thread::sleep(dialect.interval / 4);
    let process = master.process.as_ref().unwrap();
    let at = kad_cli::clock::now();
    if signal == Signal::SIGKILL {
        process.kill_all();
        bed.watch(STAGGER);
        return None;
    }
    process.signal(signal);
    let (ended, content) = bed.wait_for_exit(process);
    assert!(content, "an orderly end");
    bed.watch(STAGGER);
    Some(millis(ended - at))
}

/// How much later than due the backup took over. Starts the former master again.
fn take_over(bed: &mut Bed, pair: &mut Pair, dialect: &Dialect, signal: Signal) -> Option<f64> {
    let taken = bed.watch_until(PATIENCE, |seen| !seen.of(pair.backup()).is_empty());
    assert!(taken, "nobody takes over");
    let first = bed.seen.of(pair.backup())[0].at;
    let (last, resigned) = last_words(bed, pair.master());
    let due = if resigned {
        last + dialect.skew
    } else {
        last + dialect.interval * 3 + dialect.skew
    };
    let old = &mut pair.routers[pair.master];
    if let Some(process) = &old.process {
        process.kill_all();
    }
    // Whoever was killed has left it behind.
    let _ = old.node.remove_address("eth0", [10, 1, 0, 51].into(), 32);
    bed.start(old, &config(dialect), &[]);
    // Otherwise the backup had lost its patience with a master that lived, on a machine that held that one up.
    let as_meant = first > last && resigned == (signal == Signal::SIGTERM);
    as_meant.then(|| millis_between(due, first))
}

/// A router's last advert, and whether it was its resignation.
fn last_words(bed: &Bed, router: &Router) -> (Time, bool) {
    let last = bed.seen.of(router).last().expect("it was the master");
    (last.at, last.priority == Priority::RELEASE)
}

fn row(
    dialect: &str,
    end: &str,
    sides: &[Measured; 2],
    pick: impl Fn(&Measured) -> &Vec<f64>,
) -> [String; 9] {
    let [kad, keepalived] = [0, 1].map(|side| Sample::new(pick(&sides[side]).clone()));
    let number = |value: f64| format!("{value:.3}");
    let ratio = kad.median() / keepalived.median();
    [
        dialect.to_owned(),
        end.to_owned(),
        format!("{} + {}", kad.len(), keepalived.len()),
        number(kad.median()),
        number(kad.all_but_one_in(10)),
        number(keepalived.median()),
        number(keepalived.all_but_one_in(10)),
        format!("{ratio:.2}"),
        verdict(ratio <= 1.1),
    ]
}

/// Longer than a takeover at 10 ms.
const STAGGER: Duration = Duration::from_millis(60);
