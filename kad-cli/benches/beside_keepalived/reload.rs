//! What reloads cost a running pair.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use crate::bed::{Bed, Instance, PATIENCE, Router, Side};
use crate::numbers::{count, millis, table, verdict};
use crate::procfs::Cost;

/// A master and its backup of each program, both at once, and the masters are told to read another file again and
/// again: every second one has twenty addresses more, which move from instance to instance.
pub(crate) fn run() {
    let mut bed = Bed::new();
    let mut masters = Vec::new();
    let mut backups = Vec::new();
    for side in Side::BOTH {
        let lan = bed.lan();
        for (number, priority, list) in [(1, 150, &mut masters), (2, 100, &mut backups)] {
            let mut router = bed.router(side, number, &lan);
            bed.start(&mut router, &config(priority, None), &[]);
            list.push(router);
        }
    }
    eprintln!("reload, {INSTANCES} instances: settling");
    for master in &masters {
        let all = bed.watch_until(PATIENCE, |seen| {
            seen.of(master).len() > usize::from(INSTANCES) * 3
        });
        assert!(all, "not master of all");
    }
    bed.watch(SETTLE);
    bed.forget_adverts();
    bed.seen.announcements.clear();
    let before: Vec<Cost> = masters.iter().map(cost).collect();
    eprintln!("reload, {INSTANCES} instances: {RELOADS} times, both at once");
    for number in 0..RELOADS {
        for master in &masters {
            bed.reload(master, &config(150, Some(number)));
        }
        bed.watch(PAUSE);
    }
    let rows: Vec<Measured> = masters
        .iter()
        .zip(&backups)
        .zip(before)
        .map(|((master, backup), before)| Measured::new(&bed, master, backup, before))
        .collect();
    report(&rows);
}

struct Measured {
    name: &'static str,
    /// CPU milliseconds for a reload, with the adverts until the next.
    cpu: f64,
    /// Mebibytes more than before.
    grown: f64,
    /// The longest time between two adverts of an instance, ms.
    longest: f64,
    announcements: f64,
    takeovers: usize,
}

impl Measured {
    fn new(bed: &Bed, master: &Router, backup: &Router, before: Cost) -> Self {
        let after = cost(master);
        let mut last = HashMap::new();
        let mut longest = Duration::ZERO;
        for advert in bed.seen.of(master) {
            if let Some(earlier) = last.insert(advert.vrid, advert.at) {
                longest = longest.max(advert.at - earlier);
            }
        }
        let announcements = bed.seen.announcements.get(master.node.name()).copied();
        Self {
            name: master.side.name(),
            cpu: (after.cpu - before.cpu) * 1000.0 / count(RELOADS),
            grown: after.resident - before.resident,
            longest: millis(longest),
            announcements: count(announcements.unwrap_or_default()) / count(RELOADS),
            takeovers: bed.seen.of(backup).len(),
        }
    }
}

fn cost(router: &Router) -> Cost {
    Cost::of(router.process.as_ref().unwrap())
}

fn report(measured: &[Measured]) {
    let rows: Vec<_> = measured
        .iter()
        .map(|it| {
            [
                it.name.to_owned(),
                format!("{:.1}", it.cpu),
                format!("{:+.1}", it.grown),
                format!("{:.0}", it.longest),
                format!("{:.1}", it.announcements),
                it.takeovers.to_string(),
            ]
        })
        .collect();
    let title = format!("{RELOADS} reloads of {INSTANCES} instances at 100 ms");
    let head = [
        "",
        "CPU ms for each",
        "memory grown by, MiB",
        "longest between two adverts, ms",
        "announcements for each",
        "adverts of the backup",
    ];
    table(&title, head, &rows);
    let [kad, keepalived] = measured else { return };
    println!(
        "Goal: only what is new is announced {}, nobody takes over {}, and no advert comes later than keepalived's \
         latest {}.\n",
        verdict(kad.announcements <= MOST_ANNOUNCEMENTS),
        verdict(kad.takeovers == 0),
        verdict(kad.longest <= keepalived.longest)
    );
}

/// The file before all reloads, or that of one of them.
fn config(priority: u8, number: Option<usize>) -> String {
    let mut text = String::new();
    for vrid in 1..=INSTANCES {
        let instance = Instance {
            interface: 0,
            vrid,
            priority,
            lines: "version 3\n advert_int 0.1\n garp_master_delay 0",
        };
        text += &instance.text();
        let moving = number.filter(|number| number.is_multiple_of(2) && vrid <= MOVING);
        if let Some(number) = moving {
            let end = text.rfind(" }\n}").expect("an instance ends so");
            let mut address = String::new();
            let _ = writeln!(address, " 10.2.0.{}/32", (usize::from(vrid) + number) % 200);
            text.insert_str(end, &address);
        }
    }
    text
}

const INSTANCES: u8 = 255;
const MOVING: u8 = 20;
const RELOADS: usize = 100;
/// Twenty addresses, five times each, in every second reload.
const MOST_ANNOUNCEMENTS: f64 = 50.0;
/// From one reload to the next.
const PAUSE: Duration = Duration::from_millis(500);
const SETTLE: Duration = Duration::from_secs(3);
