//! How long it takes to be there, and to check a large file.

use std::fmt::Write;

use kad_cli::clock;
use vrrp_engine::Time;

use crate::bed::{Bed, Instance, PATIENCE, Router, Side};
use crate::numbers::{Sample, millis, table};

pub(crate) fn run() {
    let head = ["", "n", "kad, median", "keepalived, median", "kad / keepalived"];
    let rows = [first_adverts(), config_tests()];
    table("From the start of the program, ms", head, &rows);
}

/// Until the first advert of a router that owns its address.
fn first_adverts() -> [String; 5] {
    let owner = Instance {
        interface: 0,
        vrid: 51,
        priority: 255,
        lines: "version 3\n advert_int 0.1",
    };
    let config = owner.text();
    compare(
        "the owner's first advert",
        15,
        1,
        &config,
        &[],
        |bed, router, begun| {
            assert!(
                bed.watch_until(PATIENCE, |seen| !seen.of(router).is_empty()),
                "no advert"
            );
            let first = bed.seen.of(router)[0].at;
            let process = router.process.as_ref().unwrap();
            process.kill_all();
            bed.wait_for_exit(process);
            let _ = router.node.remove_address("eth0", [10, 1, 0, 51].into(), 32);
            bed.forget_adverts();
            millis(first - begun)
        },
    )
}

/// Until a file with as many instances as 16 interfaces have room for is found to be fine.
fn config_tests() -> [String; 5] {
    let mut config = String::new();
    for interface in 0..INTERFACES {
        for vrid in 1..=255 {
            let instance = Instance {
                interface,
                vrid,
                priority: 100,
                lines: "advert_int 1",
            };
            config.push_str(&instance.text());
        }
    }
    let what = format!("`-t` with {} instances", u32::from(INTERFACES) * 255);
    compare(&what, 5, INTERFACES, &config, &["-t"], |bed, router, begun| {
        let (ended, content) = bed.wait_for_exit(router.process.as_ref().unwrap());
        assert!(content, "the file is fine: {:?}", complaints(bed, router));
        millis(ended - begun)
    })
}

fn complaints(bed: &Bed, router: &Router) -> String {
    let lines = router
        .process
        .as_ref()
        .and_then(|process| bed.seen.lines.get(&process.id()));
    let mut text = String::new();
    for line in lines.into_iter().flatten().take(10) {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Starts both programs by turns, and measures until whatever `measure` waits for.
fn compare(
    what: &str,
    rounds: usize,
    interfaces: u8,
    config: &str,
    extra: &[&str],
    mut measure: impl FnMut(&mut Bed, &Router, Time) -> f64,
) -> [String; 5] {
    let mut bed = Bed::new();
    let mut routers = Side::BOTH.map(|side| {
        let lan = bed.lan();
        let router = bed.router(side, 1, &lan);
        (1..interfaces).for_each(|place| bed.interface(&router, place, 1, &lan));
        router
    });
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        eprintln!("start, {what}: {} of {rounds}", round + 1);
        for place in Side::in_turn(round) {
            let router = &mut routers[place];
            let begun = clock::now();
            bed.start(router, config, extra);
            took[place].push(measure(&mut bed, router, begun));
        }
    }
    let [kad, keepalived] = took.map(Sample::new);
    [
        what.to_owned(),
        format!("{rounds} each"),
        format!("{:.1}", kad.median()),
        format!("{:.1}", keepalived.median()),
        format!("{:.3}", kad.median() / keepalived.median()),
    ]
}

const INTERFACES: u8 = 16;
