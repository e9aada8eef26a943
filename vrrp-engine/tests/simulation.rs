//! Thousands of small worlds in which everything goes wrong that can, and then nothing any more.
//!
//! Each world is drawn from a seed: two to five machines, each with an engine of up to three virtual routers of either
//! version, family and kind of delivery, and a network that loses, delays, duplicates, reorders and damages packets
//! and falls into parts that need not hear each other in both directions. Machines crash, stand still, are shut down,
//! lose links and addresses, and change their priorities. At any time no router may hold addresses without being
//! master, send what it is not entitled to, or give a reason that is not true; once nothing goes wrong any more, the
//! machines must agree on the right master, and stay agreed.
//!
//! `KAD_SIM_SEED=n cargo test -p vrrp-engine --test simulation -- --nocapture` shows one world.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod sim_support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sim_support::{Report, World};
use vrrp_proto::AdvertInterval;

#[test]
fn a_healed_network_agrees_on_the_right_master() {
    if let Ok(seed) = std::env::var("KAD_SIM_SEED") {
        let seed = seed.parse().expect("KAD_SIM_SEED is a number");
        let report = World::new(seed, true).run();
        report.trace.iter().for_each(|line| println!("{line}"));
        report
            .outcome
            .unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        return;
    }
    let mut reasons = BTreeMap::<_, u64>::new();
    let mut discards = BTreeSet::new();
    for seed in 0..SEEDS {
        let report = World::new(seed, false).run();
        if let Err(wrong) = report.outcome {
            panic!(
                "seed {seed}: {wrong}\nto see it: \
                 KAD_SIM_SEED={seed} cargo test -p vrrp-engine --test simulation -- --nocapture"
            );
        }
        report
            .reasons
            .iter()
            .for_each(|(reason, count)| *reasons.entry(*reason).or_default() += count);
        discards.extend(report.discards);
    }
    // The worlds are worth something only if everything does happen in them.
    assert_eq!(reasons.len(), 10, "{reasons:?}");
    assert!(reasons.values().all(|count| *count > SEEDS / 10), "{reasons:?}");
    for kind in [
        "checksum",
        "truncated",
        "hop_limit",
        "lower_priority",
        "not_listening",
    ] {
        assert!(discards.contains(kind), "{kind} is missing in {discards:?}");
    }
}

#[test]
fn a_seed_gives_the_same_world_again() {
    for seed in 0..20 {
        let [first, again] = [0; 2].map(|_| World::new(seed, true).run());
        assert!(
            first.trace.len() > 10,
            "seed {seed} has no trace: {:?}",
            first.trace
        );
        assert_eq!(first, again, "seed {seed}");
        assert_ne!(first.trace, World::new(seed + 1000, true).run().trace);
    }
}

#[test]
fn a_crowd_that_starts_together_agrees_and_stays_agreed() {
    let second = AdvertInterval::DEFAULT;
    let tenth = AdvertInterval::from_centis(10).unwrap();
    let cases = [
        (second, false, Duration::ZERO),
        (second, true, Duration::ZERO),
        (tenth, false, Duration::ZERO),
        (tenth, true, Duration::ZERO),
        // Reading alone keeps a machine half busy.
        (tenth, false, Duration::from_micros(300)),
        (tenth, true, Duration::from_micros(200)),
    ];
    for (interval, tied, cost) in cases {
        let case = format!("{interval:?}, tied: {tied}, {cost:?} for a packet");
        // That nothing changes any more two intervals after the longest Master_Down_Interval, and what is sent from
        // then on, the world checks itself.
        let report: Report = World::crowd(interval, tied, cost).run();
        report.outcome.unwrap_or_else(|wrong| panic!("{case}: {wrong}"));
        // At most both are master for a moment, and one is told better.
        let elections = report.transitions - 2 * INSTANCES;
        assert!(
            (INSTANCES..=3 * INSTANCES).contains(&elections),
            "{case}: {elections} elections"
        );
        // Somewhat over 100 intervals, and an answer or two.
        let each = report.packets / INSTANCES;
        assert!(
            (100..=110).contains(&each),
            "{case}: {each} adverts for an instance"
        );
        // On becoming master, and again later; the same for an advert of lower priority.
        let bursts = report.announcements;
        assert!(
            (2 * INSTANCES..=6 * INSTANCES).contains(&bursts),
            "{case}: {bursts} bursts of announcements"
        );
    }
}

const SEEDS: u64 = 3000;
const INSTANCES: u64 = 255;
