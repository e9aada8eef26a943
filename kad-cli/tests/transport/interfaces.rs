//! Interfaces that come and go, and descriptors that run out meanwhile.

use std::net::IpAddr;
use std::process::Command;
use std::time::Duration;

use kad_cli::clock;
use vrrp_proto::MacAddr;

use crate::support::{Daemon, Lab, can_run, v4};
use crate::{LIMIT, VIP, announced, instance};

const EVERY: &str = "version 3\n advert_int 0.25";

#[test]
fn sockets_that_cannot_be_opened_are_a_fault_and_tried_again() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &instance(150, EVERY));
    lab.wait_for_master(1, VIP, LIMIT);
    let process = lab.router(1).process.as_ref().unwrap().id();
    lab.router(1).node.remove_link("eth0").unwrap();
    lab.wait_for_line(1, "MASTER -> FAULT: interface down");
    limit_descriptors(process, 3);
    let mac = MacAddr([2, 0, 0, 0, 0, 1]);
    let (node, lan) = (&lab.routers[0].node, &lab.lan);
    lab.world.join(node, "eth0", mac, lan, &[(v4(1), 24)]).unwrap();
    lab.wait_for_line(1, "no socket for adverts on eth0");
    lab.watch(Duration::from_secs(2));
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("FAULT -> ")),
        "{}",
        lab.story()
    );
    limit_descriptors(process, 1024);
    lab.wait_for_line(1, "FAULT -> BACKUP");
    lab.wait_for_master(1, VIP, LIMIT);
}

/// What is open stays open.
fn limit_descriptors(process: u32, limit: u32) {
    let outcome = Command::new("prlimit")
        .args(["--pid", &process.to_string(), &format!("--nofile={limit}:1024")])
        .status();
    assert!(outcome.unwrap().success());
}

#[test]
fn addresses_on_an_interface_that_is_made_anew_are_all_announced_and_nobody_is_blamed() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let lan = lab.second_lan();
    let elsewhere: Vec<IpAddr> = (100..103).map(|last| IpAddr::from([10, 1, 0, last])).collect();
    let list: String = elsewhere
        .iter()
        .map(|address| format!("\n {address}/24 dev eth1"))
        .collect();
    let config = instance(
        150,
        &format!("{EVERY}\n garp_master_delay 0\n garp_master_repeat 1"),
    );
    lab.start(
        1,
        &config.replace("10.0.0.100/24", &format!("10.0.0.100/24{list}")),
    );
    lab.wait_for_master(1, VIP, LIMIT);
    let node = &lab.routers[0].node;
    node.remove_link("eth1").unwrap();
    lab.wait_for_line(1, "is gone with its interface eth1");
    let begun = clock::now();
    let mac = MacAddr([2, 0, 0, 1, 0, 1]);
    let (node, own) = (&lab.routers[0].node, IpAddr::from([10, 1, 0, 1]));
    lab.world.join(node, "eth1", mac, &lan, &[(own, 24)]).unwrap();
    lab.wait_for_line(1, "was gone with its interface, which is there again; put back");
    lab.wait_until("all are announced", |lab| {
        let seen = announced(lab, 1, begun);
        elsewhere
            .iter()
            .all(|address| seen.iter().any(|(_, announced)| announced == address))
    });
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("another program")),
        "{}",
        lab.story()
    );
    for address in elsewhere {
        lab.wait_for_holder(1, address);
    }
}
