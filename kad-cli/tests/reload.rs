//! SIGHUP: another configuration for a daemon that runs. What stays is not touched, and a file with an error changes
//! nothing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

use kad_cli::clock;
use kad_cli::lab::What;
use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run, v4};
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

const LIMIT: Duration = Duration::from_secs(20);

/// Instances by virtual router id: name, priority and the last octets of their addresses.
fn config(instances: &[(u8, &str, u8, &[u8])]) -> String {
    let mut text = String::new();
    for (vrid, name, priority, addresses) in instances {
        let _ = write!(
            text,
            "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.5\n \
             priority {priority}\n garp_master_delay 0\n virtual_ipaddress {{\n"
        );
        for last in *addresses {
            let _ = writeln!(text, " 10.0.0.{last}/24");
        }
        text += " }\n}\n";
    }
    text
}

/// A router that is master of 51 with the addresses .100 and .101.
fn master() -> Option<Lab> {
    if !can_run(&[]) {
        return None;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &config(&[(51, "VI_1", 100, &[100, 101])]));
    lab.wait_for_master(1, v4(100), LIMIT);
    lab.wait_for_holder(1, v4(101));
    lab.watch(Duration::from_millis(300));
    Some(lab)
}

/// Of which addresses the neighbours were told since then.
fn announced(lab: &Lab, since: Time) -> Vec<IpAddr> {
    let told = lab.seen.iter().filter(|event| event.at >= since);
    let mut told: Vec<IpAddr> = told
        .filter_map(|event| match &event.what {
            What::Announcement { address, .. } => Some(*address),
            _ => None,
        })
        .collect();
    told.dedup();
    told
}

/// No advert since then was late by more than a loaded machine can be.
fn assert_steady(lab: &Lab, since: Time) {
    let adverts = lab.adverts(1, since);
    assert!(adverts.iter().all(|(_, priority)| *priority != Priority::RELEASE));
    for pair in adverts.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        assert!(
            gap < Duration::from_millis(1300),
            "a gap of {gap:?}\n{}",
            lab.story()
        );
    }
}

#[test]
fn file_with_an_error_changes_nothing() {
    let Some(mut lab) = master() else { return };
    let since = clock::now();
    lab.reload(
        1,
        "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 300\n}\n",
    );
    lab.wait_for_line(1, "virtual_router_id");
    lab.wait_for_line(1, "2 errors; nothing was changed");
    lab.watch(Duration::from_secs(2));
    assert_eq!(lab.holders(v4(100)), [1]);
    assert_steady(&lab, since);
    // One that is not there at all changes nothing either, and a good one is taken after that.
    lab.reload(1, &config(&[(51, "VI_1", 100, &[100])]));
    lab.wait_until("101 is gone", |lab| lab.holders(v4(101)).is_empty());
    assert_eq!(lab.holders(v4(100)), [1]);
}

#[test]
fn addresses_come_and_go_and_those_that_stay_are_not_touched() {
    let Some(mut lab) = master() else { return };
    let pinger = lab.client.ping(v4(101), Duration::from_millis(20)).unwrap();
    lab.watch(Duration::from_millis(500));
    let since = clock::now();
    lab.reload(1, &config(&[(51, "VI_1", 120, &[101, 102])]));
    lab.wait_for_line(1, "reload: 0 instances added, 1 changed, 0 removed, 0 as before");
    lab.wait_for_holder(1, v4(102));
    lab.wait_until("100 is gone", |lab| lab.holders(v4(100)).is_empty());
    lab.watch(Duration::from_secs(2));
    drop(pinger);
    assert_eq!(announced(&lab, since), [v4(102)], "only what is new is announced");
    assert_steady(&lab, since);
    let removed = |line: &&str| line.contains("removed from");
    let removed: Vec<_> = lab
        .lines(1)
        .into_iter()
        .filter(removed)
        .map(str::to_owned)
        .collect();
    assert!(
        removed.len() == 1 && removed[0].contains("10.0.0.100/24"),
        "{removed:?}"
    );
    let lost = |event: &&kad_cli::lab::Event| matches!(&event.what, What::Ping(ping) if ping.answered.is_none() && event.at >= since);
    assert_eq!(lab.seen.iter().filter(lost).count(), 0, "{}", lab.story());
    assert!(
        lab.adverts(1, since)
            .iter()
            .any(|(_, priority)| priority.get() == 120)
    );
}

#[test]
fn an_address_goes_from_one_instance_to_another_in_one_step() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &config(&[(51, "A", 100, &[100, 101]), (52, "B", 100, &[110])]));
    lab.wait_for_master(1, v4(100), LIMIT);
    lab.wait_for_holder(1, v4(110));
    // The announcements of the masterships are over.
    lab.watch(Duration::from_millis(500));
    let since = clock::now();
    lab.reload(1, &config(&[(52, "B", 100, &[110, 101]), (51, "A", 100, &[100])]));
    lab.wait_for_line(1, "reload: 0 instances added, 2 changed");
    lab.watch(Duration::from_secs(2));
    assert_eq!(lab.holders(v4(101)), [1]);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("removed from")),
        "{}",
        lab.story()
    );
    // The same when the instance that had it is no more.
    lab.reload(1, &config(&[(52, "B", 100, &[110, 101, 100])]));
    lab.wait_for_line(1, "reload: 0 instances added, 1 changed, 1 removed");
    lab.watch(Duration::from_secs(1));
    assert_eq!(lab.holders(v4(100)), [1]);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("removed from")),
        "{}",
        lab.story()
    );
    assert_eq!(
        announced(&lab, since),
        [] as [IpAddr; 0],
        "nothing is at another place than before"
    );
}

#[test]
fn an_instance_that_is_removed_resigns_and_others_do_not_notice() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &config(&[(51, "A", 100, &[100]), (52, "B", 100, &[110])]));
    lab.wait_for_master(1, v4(100), LIMIT);
    lab.wait_for_holder(1, v4(110));
    // The announcements of the masterships are over.
    lab.watch(Duration::from_millis(500));
    let since = clock::now();
    lab.reload(1, &config(&[(51, "A", 100, &[100])]));
    lab.wait_for_line(1, "B: MASTER -> INIT: shut down");
    lab.wait_until("110 is gone", |lab| lab.holders(v4(110)).is_empty());
    lab.watch(Duration::from_secs(1));
    let resigned = lab
        .adverts(1, since)
        .iter()
        .filter(|(_, priority)| *priority == Priority::RELEASE)
        .count();
    assert_eq!(resigned, 1, "{}", lab.story());
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("A: MASTER")),
        "{}",
        lab.story()
    );
}

#[test]
fn an_instance_is_known_by_what_it_is_and_not_by_its_name() {
    let Some(mut lab) = master() else { return };
    let since = clock::now();
    lab.reload(1, &config(&[(51, "another_name", 100, &[100, 101])]));
    lab.wait_for_line(1, "reload: 0 instances added, 1 changed");
    lab.watch(Duration::from_secs(1));
    assert_steady(&lab, since);
    assert_eq!((lab.holders(v4(100)), announced(&lab, since)), (vec![1], vec![]));
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_line(1, "another_name: MASTER -> INIT: shut down");
}

#[test]
fn an_interface_that_was_not_named_before_is_used() {
    let Some(mut lab) = master() else { return };
    let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
    let mac = MacAddr([2, 0, 0, 0, 1, 7]);
    lab.world.join(&node, "eth1", mac, &lan, &[(v4(7), 24)]).unwrap();
    let second = config(&[(61, "VI_2", 100, &[120])]).replace("eth0", "eth1");
    lab.reload(1, &(config(&[(51, "VI_1", 100, &[100, 101])]) + &second));
    lab.wait_for_line(1, "reload: 1 instances added, 0 changed, 0 removed, 1 as before");
    lab.wait_for_line(1, "VI_2: BACKUP -> MASTER");
    lab.wait_for_holder(1, v4(120));
    // And one that does not exist yet is waited for.
    let third = config(&[(71, "VI_3", 100, &[130])]).replace("eth0", "eth2");
    lab.reload(1, &(config(&[(51, "VI_1", 100, &[100, 101])]) + &third));
    lab.wait_for_line(1, "VI_2: MASTER -> INIT: shut down");
    lab.wait_for_line(1, "VI_3: INIT -> FAULT: interface down");
    lab.world
        .join(&node, "eth2", MacAddr([2, 0, 0, 0, 1, 8]), &lan, &[(v4(8), 24)])
        .unwrap();
    lab.wait_for_line(1, "VI_3: BACKUP -> MASTER");
    lab.wait_for_holder(1, v4(130));
}

/// A master gets an address on an interface that the file did not name before, and one on an interface that comes later.
#[test]
fn a_master_gets_addresses_on_interfaces_that_are_new_to_it() {
    let Some(mut lab) = master() else { return };
    let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
    let mac = MacAddr([2, 0, 0, 0, 1, 7]);
    lab.world.join(&node, "eth1", mac, &lan, &[]).unwrap();
    let since = clock::now();
    let text = config(&[(51, "VI_1", 100, &[100, 101])]);
    let with = |more: &str| text.replace(" 10.0.0.101/24\n", &format!(" 10.0.0.101/24\n{more}"));
    lab.reload(1, &with(" 10.0.0.120/24 dev eth1\n"));
    lab.wait_for_holder(1, v4(120));
    lab.reload(1, &with(" 10.0.0.120/24 dev eth1\n 10.0.0.121/24 dev eth2\n"));
    lab.wait_for_line(1, "there is no interface eth2");
    lab.world
        .join(&node, "eth2", MacAddr([2, 0, 0, 0, 1, 8]), &lan, &[])
        .unwrap();
    lab.wait_for_holder(1, v4(121));
    lab.wait_until("both are announced", |lab| {
        [v4(120), v4(121)]
            .iter()
            .all(|address| announced(lab, since).contains(address))
    });
    assert_steady(&lab, since);
}

/// A member leaves its group and gets something to track that is not well. That is no longer the others' business.
#[test]
fn a_member_that_leaves_its_group_takes_nobody_along() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let instances = config(&[(51, "A", 100, &[100]), (52, "B", 100, &[110])]);
    let group = |members: &str| format!("vrrp_sync_group G {{\n group {{\n {members}\n }}\n}}\n");
    lab.start(1, &(group("A\n B") + &instances));
    lab.wait_for_holder(1, v4(100));
    lab.wait_for_holder(1, v4(110));
    lab.watch(Duration::from_millis(500));
    let tracking = instances.replace(
        "virtual_router_id 52",
        "virtual_router_id 52\n track_interface {\n eth9\n }",
    );
    lab.reload(1, &(group("A") + &tracking));
    lab.wait_for_line(1, "B: MASTER -> FAULT");
    lab.watch(Duration::from_secs(1));
    assert_eq!(lab.holders(v4(100)), [1]);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("A: MASTER")),
        "{}",
        lab.story()
    );
}

#[test]
fn the_same_file_again_changes_nothing() {
    let Some(mut lab) = master() else { return };
    let since = clock::now();
    let same = config(&[(51, "VI_1", 100, &[100, 101])]);
    lab.reload(1, &format!("# A comment.\n{same}"));
    lab.wait_for_line(1, "reload: nothing changed");
    // Many at once are as good as one.
    for _ in 0..20 {
        lab.signal(1, Signal::SIGHUP);
    }
    lab.watch(Duration::from_secs(2));
    assert_steady(&lab, since);
    assert_eq!(announced(&lab, since), [] as [IpAddr; 0]);
}

#[test]
fn sync_groups_come_change_and_go() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let instances = config(&[(51, "A", 100, &[100]), (52, "B", 100, &[110])]);
    lab.start(1, &instances);
    lab.wait_for_holder(1, v4(100));
    lab.wait_for_holder(1, v4(110));
    let since = clock::now();
    lab.reload(
        1,
        &format!("vrrp_sync_group G {{\n group {{\n A\n B\n }}\n}}\n{instances}"),
    );
    lab.wait_for_line(1, "reload: 0 instances added");
    // A third one joins, and is waited for by nobody.
    let third = config(&[(53, "C", 100, &[120])]);
    lab.reload(
        1,
        &format!("vrrp_sync_group G {{\n group {{\n A\n B\n C\n }}\n}}\n{instances}{third}"),
    );
    lab.wait_for_holder(1, v4(120));
    assert_steady(&lab, since);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("MASTER ->")),
        "{}",
        lab.story()
    );
    lab.router(1).node.set_link("eth0", false).unwrap();
    lab.wait_for_line(1, "G: MASTER -> FAULT");
    lab.router(1).node.set_link("eth0", true).unwrap();
    lab.wait_for_line(1, "G: BACKUP -> MASTER");
    lab.reload(1, &instances);
    lab.wait_for_line(1, "C: MASTER -> INIT: shut down");
    assert_eq!(lab.holders(v4(100)), [1]);
}
