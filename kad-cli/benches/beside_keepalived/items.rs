//! What a mastership of very many addresses and routes costs: how long it takes, and whether adverts wait for it.

use std::fmt::Write;
use std::time::{Duration, Instant};

use kad_cli::lab::Node;
use nix::sys::signal::Signal;

use crate::bed::{Bed, PATIENCE, Router, Side};
use crate::numbers::{Sample, millis, table, verdict};
use crate::procfs::Cost;

/// By turns, each alone: a router becomes master with a thousand addresses and a thousand routes, and is told to stop.
pub(crate) fn run() {
    let mut came: [Vec<Came>; 2] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for side in Side::in_turn(round) {
            eprintln!(
                "items, round {} of {ROUNDS}: {}",
                round + 1,
                Side::BOTH[side].name()
            );
            came[side].push(measure(Side::BOTH[side]));
        }
    }
    let rows: Vec<_> = Side::BOTH
        .iter()
        .zip(&came)
        .map(|(side, came)| row(*side, came))
        .collect();
    let head = [
        "",
        "n",
        "all there, ms",
        "all gone after SIGTERM, ms",
        "longest between two adverts, ms",
        "CPU ms",
    ];
    table("1,000 addresses and 1,000 routes at 100 ms", head, &rows);
    let median = |came: &[Came], of: fn(&Came) -> f64| Sample::new(came.iter().map(of).collect()).median();
    println!(
        "Goal: no advert comes more than 20 ms late {}, and all is there no later than with keepalived {}.\n",
        verdict(came[0].iter().all(|came| came.gap <= INTERVAL + 20.0)),
        verdict(median(&came[0], |came| came.there) <= median(&came[1], |came| came.there))
    );
}

/// Milliseconds.
struct Came {
    /// From the first advert to the last of the addresses and routes.
    there: f64,
    /// From SIGTERM to the last of them gone.
    gone: f64,
    gap: f64,
    cpu: f64,
}

fn measure(side: Side) -> Came {
    let mut bed = Bed::new();
    let lan = bed.lan();
    let mut router = bed.router(side, 1, &lan);
    bed.start(&mut router, &config(), &[]);
    assert!(
        bed.watch_until(PATIENCE, |seen| !seen.of(&router).is_empty()),
        "no advert"
    );
    let begun = Instant::now();
    let there = until(&mut bed, &router, begun, |items| items == 2 * ITEMS);
    bed.watch(Duration::from_secs(2));
    let adverts: Vec<_> = bed.seen.of(&router).iter().map(|advert| advert.at).collect();
    let gap = adverts
        .windows(2)
        .map(|pair| millis(pair[1] - pair[0]))
        .fold(0.0, f64::max);
    let cpu = Cost::of(router.process.as_ref().unwrap()).cpu * 1000.0;
    router.process.as_ref().unwrap().signal(Signal::SIGTERM);
    let told = Instant::now();
    let gone = until(&mut bed, &router, told, |items| items == 0);
    Came {
        there,
        gone,
        gap,
        cpu,
    }
}

fn until(bed: &mut Bed, router: &Router, begun: Instant, is_so: impl Fn(usize) -> bool) -> f64 {
    while !is_so(items(&router.node)) {
        assert!(begun.elapsed() < PATIENCE, "it does not come to an end");
        bed.watch(Duration::from_millis(5));
    }
    millis(begun.elapsed())
}

/// How many of the addresses and routes there are. The kernel lists each address of the machine in its local table, and
/// each route in the main one.
fn items(node: &Node) -> usize {
    let addresses = node.addresses().unwrap();
    let is_ours = |address: &std::net::IpAddr| address.to_string().starts_with("10.20.");
    let addresses = addresses.iter().filter(|entry| is_ours(&entry.address)).count();
    // Little-endian: 10.30.x.y.
    let routes = node.run(|| std::fs::read_to_string("/proc/thread-self/net/route").unwrap_or_default());
    addresses
        + routes
            .lines()
            .filter(|line| line.split('\t').nth(1).is_some_and(|to| to.ends_with("1E0A")))
            .count()
}

fn row(side: Side, came: &[Came]) -> [String; 6] {
    let sample = |of: fn(&Came) -> f64| Sample::new(came.iter().map(of).collect());
    [
        side.name().to_owned(),
        came.len().to_string(),
        format!("{:.0}", sample(|came| came.there).median()),
        format!("{:.0}", sample(|came| came.gone).median()),
        format!("{:.0}", sample(|came| came.gap).most()),
        format!("{:.0}", sample(|came| came.cpu).median()),
    ]
}

fn config() -> String {
    let (mut addresses, mut routes) = (String::new(), String::new());
    for number in 0..ITEMS {
        let (high, low) = (number / 250, number % 250 + 1);
        let _ = writeln!(addresses, " 10.20.{high}.{low}/32");
        let _ = writeln!(routes, " 10.30.{high}.{low}/32 via 10.0.0.99 dev eth0");
    }
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 1\n version 3\n advert_int {}\n priority 150\n \
         garp_master_delay 0\n garp_master_repeat 1\n virtual_ipaddress {{\n 10.0.0.100/24\n }}\n \
         virtual_ipaddress_excluded {{\n{addresses} }}\n virtual_routes {{\n{routes} }}\n}}\n",
        INTERVAL / 1000.0
    )
}

const ITEMS: usize = 1000;
const INTERVAL: f64 = 100.0;
const ROUNDS: usize = 5;
