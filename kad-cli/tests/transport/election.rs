//! keepalived's choices of conduct, as they show on the wire.

use std::time::Duration;

use kad_cli::clock;
use nix::sys::signal::Signal;
use vrrp_proto::Priority;

use crate::forge::Forged;
use crate::support::{Daemon, Lab, can_run, v4};
use crate::{LIMIT, VIP, instance, travelled};

/// How many adverts a master still sends after the first of a better one.
fn last_words(daemon: Daemon, lines: &str) -> usize {
    let mut lab = Lab::new(&[daemon, Daemon::Kad]);
    let speaking = "version 3\n advert_int 1";
    lab.start(1, &instance(100, &format!("{speaking}\n {lines}")));
    lab.wait_for_master(1, VIP, LIMIT);
    let begun = clock::now();
    lab.start(2, &instance(150, speaking));
    lab.wait_for_master(2, VIP, LIMIT);
    lab.wait_for_holder(2, VIP);
    lab.watch(Duration::from_secs(3));
    let (first, _) = lab.adverts(2, begun)[0];
    lab.adverts(1, first).len()
}

#[test]
fn one_more_advert_before_yielding_as_keepalived_sends_it() {
    for daemon in [Daemon::Kad, Daemon::Keepalived] {
        if can_run(&[daemon]) {
            assert_eq!(last_words(daemon, ""), 0, "{daemon:?}");
            assert_eq!(last_words(daemon, "higher_prio_send_advert"), 1, "{daemon:?}");
        }
    }
}

/// How many adverts a master sends in the second after one of a lower priority; its own come every three seconds.
fn answers(daemon: Daemon, lines: &str) -> usize {
    let mut lab = Lab::new(&[daemon]);
    lab.start(1, &instance(150, &format!("version 3\n advert_int 3\n {lines}")));
    lab.wait_for_master(1, VIP, LIMIT);
    // Just after a regular one.
    lab.watch_until("a regular advert", LIMIT, |event| {
        matches!(&event.what, kad_cli::lab::What::Advert { priority, .. } if *priority == Priority::new(150))
    });
    let begun = clock::now();
    let forged = Forged {
        from: v4(99),
        to: [224, 0, 0, 18].into(),
        priority: 50,
        centis: 300,
    };
    forged.send(&lab.client);
    lab.watch(Duration::from_millis(1500));
    let frames = crate::announced(&lab, 1, begun).len();
    assert!(frames > 0, "the neighbours are told in any case\n{}", lab.story());
    lab.adverts(1, begun).len()
}

#[test]
fn lower_priority_is_answered_or_not_as_keepalived_does() {
    for daemon in [Daemon::Kad, Daemon::Keepalived] {
        if can_run(&[daemon]) {
            assert_eq!(answers(daemon, ""), 1, "{daemon:?}");
            assert_eq!(answers(daemon, "lower_prio_no_advert"), 0, "{daemon:?}");
        }
    }
}

/// Both speak to the group that is configured, in either way of saying it.
fn group(daemons: [Daemon; 2], global: &str, lines: &str) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    for (number, priority) in [(1, 150), (2, 100)] {
        let config = instance(priority, &format!("version 3\n advert_int 0.25\n {lines}"));
        lab.start(number, &format!("global_defs {{\n {global}\n}}\n{config}"));
    }
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, VIP);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    assert_eq!(
        travelled(&lab, 1, settled)[0].1,
        std::net::IpAddr::from([224, 0, 0, 199])
    );
}

#[test]
fn group_of_all_instances() {
    group(
        [Daemon::Kad, Daemon::Keepalived],
        "vrrp_mcast_group4 224.0.0.199",
        "",
    );
    group(
        [Daemon::Keepalived, Daemon::Kad],
        "vrrp_mcast_group4 224.0.0.199",
        "",
    );
}

#[test]
fn group_of_one_instance() {
    group([Daemon::Kad, Daemon::Kad], "", "mcast_dst_ip 224.0.0.199");
}

/// keepalived sends from an address that it has not, and so does kad.
#[test]
fn source_that_the_machine_has_not() {
    let daemons = [Daemon::Kad, Daemon::Keepalived];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    for number in [1, 2] {
        let priority = if number == 1 { 150 } else { 100 };
        let lines = format!(
            "version 3\n advert_int 0.25\n mcast_src_ip 10.0.0.{}",
            70 + number
        );
        lab.start(number, &instance(priority, &lines));
    }
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, VIP);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    assert_eq!(travelled(&lab, 1, settled)[0].0, v4(71));
}

/// IPv6 cannot: the kernel refuses to send.
#[test]
fn ipv6_source_that_the_machine_has_not_is_a_fault_until_it_has() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let lines = "version 3\n advert_int 0.25\n native_ipv6\n mcast_src_ip fe80::77";
    let config = instance(100, lines).replace("10.0.0.100/24", "fe80::64/64");
    lab.start(1, &config);
    lab.wait_for_line(1, "INIT -> FAULT: no source address");
    let source = "fe80::77".parse().unwrap();
    lab.router(1).node.add_address("eth0", source, 64).unwrap();
    lab.wait_for_line(1, "FAULT -> BACKUP: source address found");
    lab.wait_for_master(1, "fe80::64".parse().unwrap(), LIMIT);
    let seen = travelled(&lab, 1, vrrp_engine::Time::ZERO);
    assert_eq!(seen[0], (source, "ff02::12".parse().unwrap()));
}

/// The owner stays, whatever it hears.
#[test]
fn owner_can_be_told_to_heed_nobody() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let lines = "version 3\n advert_int 0.25\n state MASTER\n owner_ignore_adverts";
    lab.start(1, &instance(255, lines));
    lab.wait_for_master(1, VIP, LIMIT);
    let rival = Forged {
        from: v4(99),
        to: [224, 0, 0, 18].into(),
        priority: 255,
        centis: 25,
    };
    rival.send(&lab.client);
    lab.wait_for_line(1, "the owner of the addresses heeds no advert");
    assert!(!lab.lines(1).iter().any(|line| line.contains("MASTER -> BACKUP")));
}

/// A master that is stopped, loses its addresses' mastership meanwhile, and goes on. Who is master then?
fn after_a_stall(lines: &str) -> Vec<usize> {
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let speaking = "version 3\n advert_int 0.25";
    lab.start(1, &instance(150, &format!("{speaking}\n nopreempt\n {lines}")));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.start(2, &instance(100, speaking));
    lab.wait_for_line(2, "INIT -> BACKUP");
    lab.signal(1, Signal::SIGSTOP);
    lab.wait_for_master(2, VIP, LIMIT);
    lab.watch(Duration::from_secs(1));
    lab.signal(1, Signal::SIGCONT);
    lab.watch(Duration::from_secs(3));
    let settled = clock::now();
    lab.watch(Duration::from_secs(2));
    [1, 2]
        .into_iter()
        .filter(|number| !lab.adverts(*number, settled).is_empty())
        .collect()
}

#[test]
fn master_that_was_stopped_comes_back_as_backup_where_that_is_wanted() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    assert_eq!(after_a_stall(""), [1]);
    assert_eq!(after_a_stall("timer_expired_backup"), [2]);
}

/// IPv6 adverts, with the group that is configured, between link-local addresses.
#[test]
fn ipv6_group_of_all_instances() {
    let daemons = [Daemon::Kad, Daemon::Keepalived];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let vip = "fe80::64".parse().unwrap();
    for (number, priority) in [(1, 150), (2, 100)] {
        let config = instance(priority, "version 3\n advert_int 0.25\n native_ipv6");
        let config = config.replace("10.0.0.100/24", "fe80::64/64\n 2001:db8::64/64");
        lab.start(
            number,
            &format!("global_defs {{\n vrrp_mcast_group6 ff02::99\n}}\n{config}"),
        );
    }
    lab.wait_for_master(1, vip, LIMIT);
    lab.wait_for_holder(1, vip);
    let settled = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(lab.adverts(2, settled), [], "{}", lab.story());
    let (source, destination) = travelled(&lab, 1, settled)[0];
    assert_eq!(destination, "ff02::99".parse::<std::net::IpAddr>().unwrap());
    assert!(
        source != vip && source.to_string().starts_with("fe80::"),
        "{source}"
    );
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, vip, LIMIT);
}

/// Beside keepalived, whose router stands in for the one that has lost its address.
#[test]
fn source_that_is_tracked_is_a_fault_while_the_machine_has_it_not() {
    let daemons = [Daemon::Kad, Daemon::Keepalived];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let speaking = "version 3\n advert_int 0.25";
    let source = v4(71);
    lab.router(1).node.add_address("eth0", source, 24).unwrap();
    lab.start(
        1,
        &instance(
            150,
            &format!("{speaking}\n mcast_src_ip 10.0.0.71\n track_src_ip"),
        ),
    );
    lab.start(2, &instance(100, speaking));
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(travelled(&lab, 1, vrrp_engine::Time::ZERO)[0].0, source);
    lab.router(1).node.remove_address("eth0", source, 24).unwrap();
    lab.wait_for_line(1, "MASTER -> FAULT: no source address");
    lab.wait_for_master(2, VIP, LIMIT);
    lab.router(1).node.add_address("eth0", source, 24).unwrap();
    lab.wait_for_line(1, "FAULT -> BACKUP: source address found");
    lab.wait_for_master(1, VIP, LIMIT);
}
