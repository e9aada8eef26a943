//! Adverts between peers.

use std::time::Duration;

use kad_cli::clock;
use nix::sys::signal::Signal;

use crate::forge::Forged;
use crate::support::{Daemon, Lab, can_run, global_v6, v4};
use crate::{LIMIT, VIP, announced, instance, travelled};

/// How the two versions are asked for, with an interval.
const VERSIONS: [&str; 2] = ["version 2\n advert_int 1", "version 3\n advert_int 0.25"];

fn peered(number: usize, priority: u8, lines: &str, bounds: &str) -> String {
    let peer = 3 - number;
    let lines =
        format!("{lines}\n unicast_src_ip 10.0.0.{number}\n unicast_peer {{\n 10.0.0.{peer} {bounds}\n }}");
    instance(priority, &lines)
}

/// `unicast_ttl` is what leaves, `min_ttl` and `max_ttl` what may arrive: each in both directions.
fn time_to_live(sender: Daemon, receiver: Daemon, version: &str) {
    if !can_run(&[sender, receiver]) {
        return;
    }
    let mut lab = Lab::new(&[sender, receiver]);
    let sends = |ttl| peered(1, 150, &format!("{version}\n unicast_ttl {ttl}"), "");
    lab.start(2, &peered(2, 100, version, "min_ttl 60 max_ttl 70"));
    lab.start(1, &sends(64));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, VIP);
    let settled = clock::now();
    lab.watch(Duration::from_secs(6));
    assert_eq!(
        lab.adverts(2, settled),
        [],
        "64 is within the bounds\n{}",
        lab.story()
    );

    for ttl in [59, 71] {
        lab.signal(1, Signal::SIGTERM);
        lab.wait_for_master(2, VIP, LIMIT);
        lab.start(1, &sends(ttl));
        lab.wait_for_master(1, VIP, LIMIT);
        let both = clock::now();
        lab.watch(Duration::from_secs(5));
        if receiver == Daemon::Keepalived {
            // What it does not accept puts its own adverts off.
            lab.wait_for_line(2, &format!("TTL/HL {ttl} not in range 60 - 70"));
            continue;
        }
        lab.wait_for_line(2, &format!("time to live {ttl} is not 60 to 70"));
        assert!(
            lab.adverts(2, both).len() > 3,
            "{ttl} is not heard, so both are master\n{}",
            lab.story()
        );
    }
}

#[test]
fn time_to_live_of_keepalived_is_checked_in_version_2() {
    time_to_live(Daemon::Keepalived, Daemon::Kad, VERSIONS[0]);
}

#[test]
fn time_to_live_of_keepalived_is_checked_in_version_3() {
    time_to_live(Daemon::Keepalived, Daemon::Kad, VERSIONS[1]);
}

#[test]
fn keepalived_sees_the_time_to_live_that_is_configured() {
    time_to_live(Daemon::Kad, Daemon::Keepalived, VERSIONS[1]);
}

/// With and without `check_unicast_src`, an advert of a better priority from a machine that is no peer.
fn forged_sender(global: &str, lines: &str) -> bool {
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let config = peered(1, 150, &format!("version 3\n advert_int 0.25\n {lines}"), "");
    lab.start(1, &format!("global_defs {{\n {global}\n}}\n{config}"));
    lab.wait_for_master(1, VIP, LIMIT);
    let forged = Forged {
        from: v4(99),
        to: v4(1),
        priority: 200,
        centis: 25,
    };
    forged.send(&lab.client);
    if global.is_empty() && lines.is_empty() {
        lab.wait_for_line(1, "10.0.0.99 has priority 200");
    } else {
        lab.wait_for_line(1, "the sender is not among the unicast peers");
    }
    lab.lines(1).iter().any(|line| line.contains("MASTER -> BACKUP"))
}

#[test]
fn forged_sender_is_believed_unless_it_is_checked() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    assert!(forged_sender("", ""));
    assert!(!forged_sender("", "check_unicast_src"));
    assert!(!forged_sender("vrrp_check_unicast_src", ""));
}

#[test]
fn without_a_peer_it_is_a_fault_where_that_is_wanted() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let only_us = "unicast_src_ip 10.0.0.1\n unicast_peer {\n 10.0.0.1\n }\n unicast_fault_no_peer";
    lab.start(
        1,
        &instance(150, &format!("version 3\n advert_int 0.25\n {only_us}")),
    );
    lab.wait_for_line(1, "VI_1: INIT -> FAULT: no unicast peer");
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(1, vrrp_engine::Time::ZERO), []);
    assert_eq!(lab.holders(VIP), [0; 0]);
}

/// kad without `interface`, beside a keepalived that has one, as master and as backup. `source` is how kad's address is
/// found.
fn without_interface(source: &str) {
    let daemons = [Daemon::Kad, Daemon::Keepalived];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let nowhere = format!(
        "vrrp_instance VI_1 {{\n virtual_router_id 51\n version 3\n advert_int 0.25\n priority 150\n {source}\n \
         unicast_peer {{\n 10.0.0.2\n }}\n virtual_ipaddress {{\n 10.0.0.100/24 dev eth0\n }}\n}}\n"
    );
    lab.start(2, &peered(2, 100, VERSIONS[1], ""));
    lab.wait_for_master(2, VIP, LIMIT);
    lab.start(1, &nowhere);
    lab.wait_for_line(1, "INIT -> BACKUP");
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, VIP);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    assert_eq!(travelled(&lab, 1, settled)[0], (v4(1), v4(2)));
    // And as a backup it hears the other.
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, VIP, LIMIT);
    lab.start(1, &nowhere.replace("priority 150", "priority 50"));
    lab.wait_for_line(1, "INIT -> BACKUP");
    let begun = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(1, begun), [], "{}", lab.story());
    assert_eq!(lab.holders(VIP), [2]);
}

#[test]
fn unicast_needs_no_interface() {
    without_interface("unicast_src_ip 10.0.0.1");
}

#[test]
fn unicast_needs_neither_interface_nor_source() {
    without_interface("");
}

/// Unicast over IPv6 between global addresses.
fn ipv6(daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let vip = global_v6(0x64);
    let mut lab = Lab::new(&daemons);
    let config = |number: usize, priority: u8| {
        format!(
            "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.25\n priority {priority}\n \
             unicast_src_ip 2001:db8::{number}\n unicast_ttl 64\n unicast_peer {{\n 2001:db8::{} min_ttl 64 max_ttl 64\n }}\n \
             virtual_ipaddress {{\n 2001:db8::64/64\n }}\n}}\n",
            3 - number
        )
    };
    lab.start(1, &config(1, 150));
    lab.start(2, &config(2, 100));
    lab.wait_for_master(1, vip, LIMIT);
    lab.wait_for_holder(1, vip);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    assert_eq!(travelled(&lab, 1, settled)[0], (global_v6(1), global_v6(2)));
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, vip, LIMIT);
}

#[test]
fn ipv6_peers_as_master() {
    ipv6([Daemon::Kad, Daemon::Keepalived]);
}

#[test]
fn ipv6_peers_as_backup() {
    ipv6([Daemon::Keepalived, Daemon::Kad]);
}

/// An old keepalived, in either role, is understood, and understands.
fn old_checksums(daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let config = |lab: &Lab, number: usize, priority| {
        let old = lab.router(number).daemon == Daemon::Keepalived;
        let old = if old { "\n old_unicast_checksum" } else { "" };
        peered(number, priority, &format!("{}{old}", VERSIONS[1]), "")
    };
    for number in [1, 2] {
        let config = config(&lab, number, if number == 1 { 150 } else { 100 });
        lab.start(number, &config);
    }
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, VIP);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    if daemons[0] == Daemon::Keepalived {
        lab.wait_for_line(2, "10.0.0.1 makes checksums as keepalived before 1.3.7 did");
    }
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, VIP, LIMIT);
}

#[test]
fn old_checksums_of_a_master_are_understood() {
    old_checksums([Daemon::Keepalived, Daemon::Kad]);
}

#[test]
fn checksums_of_an_old_keepalived_can_be_refused() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Keepalived, Daemon::Kad]);
    lab.start(
        1,
        &peered(1, 150, &format!("{}\n old_unicast_checksum", VERSIONS[1]), ""),
    );
    lab.start(
        2,
        &peered(
            2,
            100,
            &format!("{}\n old_unicast_checksum never", VERSIONS[1]),
            "",
        ),
    );
    lab.wait_for_line(2, "the checksum is made as keepalived before 1.3.7 made it");
    lab.wait_for_master(2, VIP, LIMIT);
}

/// Peers that are back from a fault say where they are: a frame for their own address.
#[test]
fn peer_that_is_back_from_a_fault_announces_itself_as_keepalived_does() {
    for daemon in [Daemon::Kad, Daemon::Keepalived] {
        if !can_run(&[daemon]) {
            continue;
        }
        // The peer's machine answers ARP, though no router runs on it.
        let mut lab = Lab::new(&[daemon, Daemon::Kad]);
        lab.start(1, &peered(1, 100, VERSIONS[1], ""));
        lab.wait_for_master(1, VIP, LIMIT);
        let begun = clock::now();
        lab.routers[0].node.set_link("eth0", false).unwrap();
        lab.watch(Duration::from_secs(1));
        lab.routers[0].node.set_link("eth0", true).unwrap();
        lab.wait_until("its own address is announced", |lab| {
            announced(lab, 1, begun)
                .iter()
                .any(|(_, address)| *address == v4(1))
        });
    }
}
