//! The guide's sync group: an instance inside and one outside, on two routers, kad beside Debian's keepalived in both
//! roles. Whatever happens on one side moves both.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use kad_cli::clock;
use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run, v4};
use vrrp_engine::Time;
use vrrp_proto::Priority;

const INSIDE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const OUTSIDE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 0, 100));

/// Priorities inside and outside.
fn config(inside: u8, outside: u8, extra: &str) -> String {
    let instance = |name: &str, interface: &str, vrid: u8, priority: u8, address: &str| {
        format!(
            "vrrp_instance {name} {{\n interface {interface}\n virtual_router_id {vrid}\n version 3\n advert_int 0.5\n \
             priority {priority}\n virtual_ipaddress {{\n {address}/24\n }}\n}}\n"
        )
    };
    format!(
        "vrrp_sync_group VG_1 {{\n group {{\n inside_network\n outside_network\n }}\n {extra}\n}}\n{}{}",
        instance("inside_network", "eth0", 51, inside, "10.0.0.100"),
        instance("outside_network", "eth1", 52, outside, "10.1.0.100")
    )
}

fn two_lans(daemons: [Daemon; 2]) -> Option<Lab> {
    if !can_run(&daemons) {
        return None;
    }
    let mut lab = Lab::new(&daemons);
    lab.second_lan();
    Some(lab)
}

/// Waits until a router has both addresses, and the other neither.
fn wait_for_both(lab: &mut Lab, number: usize) {
    lab.wait_until(&format!("r{number} alone has both addresses"), |lab| {
        lab.holders(INSIDE) == [number] && lab.holders(OUTSIDE) == [number]
    });
}

fn resignations(lab: &Lab, number: usize, since: Time) -> usize {
    let adverts = lab.adverts(number, since);
    adverts
        .iter()
        .filter(|(_, priority)| *priority == Priority::RELEASE)
        .count()
}

fn story(daemons: [Daemon; 2]) {
    let Some(mut lab) = two_lans(daemons) else { return };
    lab.start(1, &config(150, 150, ""));
    lab.start(2, &config(100, 100, ""));
    wait_for_both(&mut lab, 1);
    lab.watch(Duration::from_secs(1));

    // The outside fails, and the inside goes along at once: the peers are told on the LAN that still works.
    let since = clock::now();
    lab.router(1).node.set_link("eth1", false).unwrap();
    lab.wait_until("r2 has both", |lab| {
        lab.holders(INSIDE) == [2] && lab.holders(OUTSIDE).contains(&2)
    });
    assert_eq!(resignations(&lab, 1, since), 1, "on the inside\n{}", lab.story());
    lab.watch(Duration::from_secs(3));
    wait_for_both(&mut lab, 2);

    // And both come back together.
    lab.router(1).node.set_link("eth1", true).unwrap();
    wait_for_both(&mut lab, 1);

    // The master dies without a word.
    lab.signal(1, Signal::SIGKILL);
    lab.router(1).node.set_link("eth0", false).unwrap();
    lab.router(1).node.set_link("eth1", false).unwrap();
    lab.wait_until("r2 has both", |lab| {
        lab.holders(INSIDE).contains(&2) && lab.holders(OUTSIDE).contains(&2)
    });
    lab.router(1).node.set_link("eth0", true).unwrap();
    lab.router(1).node.set_link("eth1", true).unwrap();
    lab.restart(1);
    wait_for_both(&mut lab, 1);

    // It is told to stop.
    let since = clock::now();
    lab.signal(1, Signal::SIGTERM);
    wait_for_both(&mut lab, 2);
    assert_eq!(resignations(&lab, 1, since), 2, "on both LANs\n{}", lab.story());
}

#[test]
fn kad_is_master_and_keepalived_backup() {
    story([Daemon::Kad, Daemon::Keepalived]);
}

#[test]
fn keepalived_is_master_and_kad_backup() {
    story([Daemon::Keepalived, Daemon::Kad]);
}

#[test]
fn kad_and_kad() {
    story([Daemon::Kad, Daemon::Kad]);
}

#[test]
fn two_faults_are_two() {
    let Some(mut lab) = two_lans([Daemon::Kad, Daemon::Kad]) else {
        return;
    };
    lab.start(1, &config(150, 150, ""));
    lab.start(2, &config(100, 100, ""));
    wait_for_both(&mut lab, 1);
    let node = lab.router(1).node.clone();
    node.set_link("eth0", false).unwrap();
    node.set_link("eth1", false).unwrap();
    lab.wait_for_line(1, "VG_1: MASTER -> FAULT");
    node.set_link("eth0", true).unwrap();
    lab.watch(Duration::from_secs(2));
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("FAULT -> BACKUP")),
        "{}",
        lab.story()
    );
    node.set_link("eth1", true).unwrap();
    lab.wait_for_line(1, "VG_1: FAULT -> BACKUP");
    wait_for_both(&mut lab, 1);
}

/// keepalived's semantics leave the running master alone for ever, and say nothing; kad says what is wrong.
#[test]
fn crossed_priorities_are_spoken_of() {
    for daemons in [[Daemon::Kad, Daemon::Kad], [Daemon::Keepalived, Daemon::Kad]] {
        let Some(mut lab) = two_lans(daemons) else { return };
        lab.start(1, &config(100, 150, ""));
        wait_for_both(&mut lab, 1);
        lab.start(2, &config(150, 100, ""));
        lab.wait_for_line(2, "outside_network of its sync group follows a better one");
        wait_for_both(&mut lab, 1);
    }
}

#[test]
fn a_group_of_one_is_like_none() {
    let Some(mut lab) = two_lans([Daemon::Kad, Daemon::Kad]) else {
        return;
    };
    let alone = config(100, 100, "").replace(" outside_network\n", "");
    lab.start(1, &alone);
    lab.wait_for_holder(1, INSIDE);
    lab.wait_for_holder(1, OUTSIDE);
    lab.router(1).node.set_link("eth1", false).unwrap();
    lab.wait_for_line(1, "outside_network: MASTER -> FAULT");
    lab.watch(Duration::from_secs(1));
    assert_eq!(lab.holders(INSIDE), [1]);
    assert!(lab.client.has_address(v4(99)).unwrap());
}
