//! Gratuitous ARPs: how fast, how many, and where.

use std::time::Duration;

use kad_cli::clock;
use vrrp_engine::Time;

use crate::support::{Daemon, Lab, can_run};
use crate::{LIMIT, VIP, announced, instance};

const QUIET: &str = "version 3\n advert_int 0.25\n garp_master_delay 0";

/// Five addresses, announced twice each.
fn five(lines: &str, more: &str) -> String {
    let addresses: String = (101..=104).map(|last| format!("10.0.0.{last}/24\n ")).collect();
    let list = format!("10.0.0.100/24\n {addresses}{more}");
    instance(150, &format!("{QUIET}\n garp_master_repeat 2\n {lines}"))
        .replace("10.0.0.100/24\n", &format!("{list}\n"))
}

/// Waits for that many announcements; answers with when they came.
fn wait_for_announcements(lab: &mut Lab, count: usize) -> Vec<Time> {
    lab.wait_until("announcements", |lab| {
        announced(lab, 1, Time::ZERO).len() >= count
    });
    lab.watch(Duration::from_secs(1));
    let seen = announced(lab, 1, Time::ZERO);
    assert_eq!(seen.len(), count, "{}", lab.story());
    seen.into_iter().map(|(at, _)| at).collect()
}

/// A frame that was late makes the next seem early; half the pause is slack enough.
fn is_paced(times: &[Time], pause: Duration) -> bool {
    times.windows(2).all(|pair| pair[1] - pair[0] >= pause / 2)
        && times[times.len() - 1] - times[0] >= pause * u32::try_from(times.len() - 2).unwrap()
}

#[test]
fn announcements_keep_their_distance() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let pause = Duration::from_millis(200);
    let mut lab = Lab::new(&[Daemon::Kad]);
    let global = "global_defs {\n vrrp_garp_interval 0.2\n}\n";
    lab.start(1, &format!("{global}{}", five("", "")));
    lab.wait_for_master(1, VIP, LIMIT);
    let times = wait_for_announcements(&mut lab, 10);
    assert!(is_paced(&times, pause), "{}", lab.story());
    // No advert is late for it.
    let adverts = lab.adverts(1, times[0]);
    assert!(adverts.len() >= 6, "{}", lab.story());
    // What is not asked for is not done.
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &five("", ""));
    lab.wait_for_master(1, VIP, LIMIT);
    let times = wait_for_announcements(&mut lab, 10);
    assert!(!is_paced(&times, pause), "{}", lab.story());
}

#[test]
fn interfaces_of_a_group_keep_their_distance_together() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.second_lan();
    let group = "garp_group {\n garp_interval 0.2\n interfaces {\n eth0\n eth1\n }\n}\n";
    let elsewhere = "10.1.0.100/24 dev eth1\n 10.1.0.101/24 dev eth1";
    lab.start(1, &format!("{group}{}", five("", elsewhere)));
    lab.wait_for_master(1, VIP, LIMIT);
    let times = wait_for_announcements(&mut lab, 14);
    assert!(is_paced(&times, Duration::from_millis(200)), "{}", lab.story());
}

#[test]
fn fewest_announcements_are_one_for_each_address() {
    let daemons = [Daemon::Kad, Daemon::Keepalived];
    for daemon in daemons {
        if !can_run(&[daemon]) {
            continue;
        }
        let mut lab = Lab::new(&[daemon]);
        let config = instance(150, "version 3\n advert_int 0.25");
        lab.start(1, &format!("global_defs {{\n vrrp_min_garp\n}}\n{config}"));
        lab.wait_for_master(1, VIP, LIMIT);
        // Longer than the default of the second burst's delay.
        lab.watch(Duration::from_secs(7));
        assert_eq!(
            announced(&lab, 1, Time::ZERO).len(),
            1,
            "{daemon:?}\n{}",
            lab.story()
        );
    }
}

#[test]
fn other_interfaces_hear_of_their_addresses_again_and_again() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.second_lan();
    let elsewhere = "10.1.0.100/24 dev eth1\n 10.1.0.101/24 dev eth1";
    lab.start(1, &five("garp_extra_if all 1", elsewhere));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_until("the first burst", |lab| announced(lab, 1, Time::ZERO).len() >= 14);
    let begun = clock::now();
    lab.wait_until("three repetitions", |lab| announced(lab, 1, begun).len() >= 3);
    let seen = announced(&lab, 1, begun);
    let first = std::net::IpAddr::from([10, 1, 0, 100]);
    assert!(
        seen.iter().all(|(_, address)| *address == first),
        "one frame for each of the other interfaces: {seen:?}"
    );
    let apart = seen[2].0 - seen[1].0;
    assert!(apart > Duration::from_millis(500), "{apart:?}");
}
