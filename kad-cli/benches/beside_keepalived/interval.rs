//! How far apart the adverts of one instance at 10 ms are.

use std::time::Duration;

use crate::bed::{Bed, Instance, PATIENCE, Router, Side};
use crate::numbers::{Sample, millis_between, table, verdict};

pub(crate) fn run() {
    let mut bed = Bed::new();
    let routers = Side::BOTH.map(|side| {
        let lan = bed.lan();
        let mut router = bed.router(side, 1, &lan);
        let instance = Instance {
            interface: 0,
            vrid: 51,
            priority: 200,
            lines: "version 3\n advert_int 0.01",
        };
        bed.start(&mut router, &instance.text(), &[]);
        router
    });
    let masters = |seen: &crate::bed::Seen| routers.iter().all(|router| seen.of(router).len() > 50);
    assert!(bed.watch_until(PATIENCE, masters), "not everyone is master");
    bed.forget_adverts();
    eprintln!("interval: both at once, {WINDOW:?}");
    bed.watch(WINDOW);
    let rows = routers.each_ref().map(|router| row(&bed, router));
    let head = [
        "",
        "adverts",
        "mean",
        "median",
        "99 of 100",
        "least",
        "most",
        "mean off by",
        "goal: 0.5 %",
    ];
    table("One instance at 10 ms: interval between adverts, ms", head, &rows);
}

fn row(bed: &Bed, router: &Router) -> [String; 9] {
    let adverts = bed.seen.of(router);
    let gaps = adverts
        .windows(2)
        .map(|pair| millis_between(pair[0].at, pair[1].at));
    let gaps = Sample::new(gaps.collect());
    let off = (gaps.mean() - INTERVAL) / INTERVAL * 100.0;
    let number = |value: f64| format!("{value:.3}");
    [
        router.side.name().to_owned(),
        adverts.len().to_string(),
        format!("{:.4}", gaps.mean()),
        number(gaps.median()),
        number(gaps.all_but_one_in(100)),
        number(gaps.least()),
        number(gaps.most()),
        format!("{off:+.2} %"),
        verdict(off.abs() <= 0.5),
    ]
}

const INTERVAL: f64 = 10.0;
const WINDOW: Duration = Duration::from_secs(12);
