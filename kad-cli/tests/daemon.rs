//! `kad run` on a machine where things go wrong: for each a clear line, and the sensible thing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::{Program, What};
use kad_cli::rtnl;
use nix::sys::signal::Signal;
use support::{Daemon, KAD, Lab, SETTLE, can_run, v4, v6};
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const LIMIT: Duration = Duration::from_secs(15);

fn config(priority: u8, extra: &str) -> String {
    with_addresses(priority, extra, "10.0.0.100/24")
}

fn with_addresses(priority: u8, extra: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.25\n \
         priority {priority}\n {extra}\n virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

fn one_router() -> Option<Lab> {
    can_run(&[]).then(|| Lab::new(&[Daemon::Kad]))
}

#[test]
fn file_with_an_error_touches_nothing() {
    let Some(mut lab) = one_router() else { return };
    // An address that a start would have cleared away.
    lab.router(1).node.add_address("eth0", VIP, 24).unwrap();
    lab.start(1, &config(100, "garp_master_delay soon"));
    lab.watch_until(
        "it exits",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.code() == Some(1)),
    );
    lab.watch(Duration::from_millis(500));
    assert!(
        lab.lines(1).iter().any(|line| line.contains("garp_master_delay")),
        "{}",
        lab.story()
    );
    assert_eq!(lab.adverts(1, Time::ZERO), []);
    assert_eq!(lab.holders(VIP), [1]);
}

#[test]
fn missing_interface_is_waited_for() {
    let Some(mut lab) = one_router() else { return };
    let text = config(100, "").replace("eth0", "wan0");
    lab.start(1, &text);
    lab.wait_for_line(1, "there is no interface wan0 yet");
    lab.wait_for_line(1, "INIT -> FAULT: interface down");
    let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
    lab.world
        .join(&node, "wan0", MacAddr([2, 0, 0, 0, 1, 1]), &lan, &[])
        .unwrap();
    node.add_address("wan0", IpAddr::from([10, 0, 0, 7]), 24).unwrap();
    lab.wait_for_line(1, "FAULT -> BACKUP");
    lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn address_that_is_there_at_the_start_is_removed_until_the_router_is_master() {
    let Some(mut lab) = one_router() else { return };
    lab.router(1).node.add_address("eth0", VIP, 24).unwrap();
    lab.start(1, &config(100, ""));
    lab.wait_for_line(
        1,
        "10.0.0.100/24 is on eth0 already; removed until this router is master",
    );
    lab.wait_for_line(1, "10.0.0.100/24 removed from eth0");
    lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn owner_is_master_at_once_and_keeps_its_address() {
    let Some(mut lab) = one_router() else { return };
    lab.start(1, &with_addresses(255, "state MASTER", "10.0.0.1/24"));
    lab.wait_for_line(1, "INIT -> MASTER: started as the owner");
    lab.wait_for_master(1, v4(1), LIMIT);
    lab.signal(1, Signal::SIGTERM);
    lab.watch_until(
        "it exits",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.success()),
    );
    assert_eq!(lab.holders(v4(1)), [1], "{}", lab.story());
}

#[test]
fn interface_deleted_under_it_is_a_fault_until_it_is_back() {
    let Some(mut lab) = one_router() else { return };
    lab.start(1, &config(100, ""));
    lab.wait_for_master(1, VIP, LIMIT);
    let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
    node.remove_link("eth0").unwrap();
    lab.wait_for_line(1, "MASTER -> FAULT: interface down");
    lab.world
        .join(&node, "eth0", MacAddr([2, 0, 0, 0, 1, 1]), &lan, &[(v4(1), 24)])
        .unwrap();
    lab.wait_for_line(1, "FAULT -> BACKUP");
    lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn address_on_another_interface_is_put_back_when_that_is_made_anew() {
    let Some(mut lab) = one_router() else { return };
    let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
    let (mac, other) = (MacAddr([2, 0, 0, 0, 1, 9]), v4(101));
    lab.world.join(&node, "eth1", mac, &lan, &[]).unwrap();
    let addresses = "10.0.0.100/24\n 10.0.0.101/24 dev eth1";
    lab.start(1, &with_addresses(100, "", addresses));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_holder(1, other);
    node.remove_link("eth1").unwrap();
    lab.wait_until("it is gone", |lab| lab.holders(other).is_empty());
    lab.watch(Duration::from_millis(300));
    lab.world.join(&node, "eth1", mac, &lan, &[]).unwrap();
    lab.wait_for_holder(1, other);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("MASTER ->")),
        "{}",
        lab.story()
    );
}

#[test]
fn link_and_source_address_are_needed_both() {
    let Some(mut lab) = one_router() else { return };
    lab.start(1, &config(100, ""));
    lab.wait_for_master(1, VIP, LIMIT);
    let node = lab.router(1).node.clone();
    node.remove_address("eth0", v4(1), 24).unwrap();
    lab.wait_for_line(1, "MASTER -> FAULT: no source address");
    lab.wait_until("the virtual address is gone", |lab| lab.holders(VIP).is_empty());
    node.set_link("eth0", false).unwrap();
    node.add_address("eth0", v4(1), 24).unwrap();
    lab.watch(Duration::from_millis(300));
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("FAULT -> BACKUP")),
        "one of two is not enough"
    );
    node.set_link("eth0", true).unwrap();
    lab.wait_for_line(1, "FAULT -> BACKUP: interface up");
    lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn address_removed_by_another_program_is_put_back_at_once() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    lab.start(1, &config(150, ""));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.start(2, &config(100, ""));
    lab.watch(Duration::from_millis(500));
    let begun = clock::now();
    let node = lab.router(1).node.clone();
    node.remove_address("eth0", VIP, 24).unwrap();
    lab.wait_for_line(1, "10.0.0.100 was removed by another program; put back");
    lab.wait_for_holder(1, VIP);
    // Again and again: each time it is there again, and the log stays short.
    for _ in 0..20 {
        let _ = node.remove_address("eth0", VIP, 24);
        lab.wait_for_holder(1, VIP);
    }
    lab.watch(Duration::from_millis(500));
    assert!(
        lab.adverts(1, begun)
            .iter()
            .all(|(_, priority)| *priority == Priority::new(150)),
        "{}",
        lab.story()
    );
    assert_eq!(lab.adverts(2, begun), [], "nobody else noticed");
    let said = lab
        .lines(1)
        .iter()
        .filter(|line| line.contains("another program"))
        .count();
    assert!(
        said <= 1 + usize::try_from((clock::now() - begun).as_secs()).unwrap(),
        "{said} lines\n{}",
        lab.story()
    );
}

/// What one instance gives up stays for the other that holds it.
#[test]
fn address_of_two_instances_stays_with_the_one_that_is_master() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let second = config(50, "").replace("VI_1", "VI_2").replace("_id 51", "_id 52");
    lab.start(1, &(config(150, "") + &second));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_line(1, "VI_2: BACKUP -> MASTER");
    // A better router for the second, with another address so that only the first is asked about.
    let better = with_addresses(200, "", "10.0.0.101/24")
        .replace("VI_1", "VI_2")
        .replace("_id 51", "_id 52");
    lab.start(2, &better);
    lab.wait_for_line(1, "VI_2: MASTER -> BACKUP");
    lab.watch(Duration::from_millis(500));
    assert_eq!(lab.holders(VIP), [1], "{}", lab.story());
}

#[test]
fn without_net_admin_it_does_not_take_what_it_cannot_have() {
    let Some(mut lab) = one_router() else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("k.conf");
    std::fs::write(&file, config(100, "")).unwrap();
    let program = Program::new("setpriv")
        .arg("--bounding-set=-net_admin")
        .arg("--inh-caps=-net_admin");
    lab.router(1)
        .node
        .spawn(&program.arg(KAD).arg("run").arg("-f").arg(&file))
        .unwrap();
    lab.watch_until(
        "it exits with 2",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.code() == Some(2)),
    );
    lab.wait_for_line(1, "changing addresses needs CAP_NET_ADMIN");
    assert_eq!(lab.adverts(1, Time::ZERO), []);
}

#[test]
fn told_to_stop_it_resigns_and_is_gone_in_well_under_a_second() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let Some(mut lab) = one_router() else { return };
        lab.start(1, &config(100, ""));
        lab.wait_for_master(1, VIP, LIMIT);
        let begun = Instant::now();
        lab.signal(1, signal);
        lab.watch_until(
            "it exits",
            LIMIT,
            |event| matches!(&event.what, What::Exit { status, .. } if status.success()),
        );
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        lab.watch(Duration::from_millis(50));
        let last = lab.adverts(1, Time::ZERO).pop().unwrap();
        assert_eq!(last.1, Priority::RELEASE);
        assert_eq!(lab.holders(VIP), [] as [usize; 0]);
    }
}

#[test]
fn second_daemon_with_the_same_pid_file_is_refused() {
    let Some(mut lab) = one_router() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (file, pid) = (dir.path().join("k.conf"), dir.path().join("kad.pid"));
    std::fs::write(&file, config(100, "")).unwrap();
    let program = Program::new(KAD)
        .arg("run")
        .arg("-f")
        .arg(&file)
        .arg("-p")
        .arg(&pid);
    let node = lab.router(1).node.clone();
    let first = node.spawn(&program).unwrap();
    lab.wait_for_line(1, "INIT -> BACKUP");
    assert_eq!(
        std::fs::read_to_string(&pid).unwrap().trim(),
        first.id().to_string()
    );
    node.spawn(&program).unwrap();
    lab.watch_until(
        "the second exits with 2",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.code() == Some(2)),
    );
    lab.wait_for_line(1, &format!("held by a running daemon (pid {})", first.id()));
    first.signal(Signal::SIGTERM);
    lab.watch_until(
        "the first exits",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.code() == Some(0)),
    );
    assert!(!pid.exists());
}

#[test]
fn log_that_nobody_reads_makes_no_advert_late() {
    let Some(mut lab) = one_router() else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("k.conf");
    // Each instance logs in detail; a pipe holds 64 KiB.
    let instances: String = (1..=200)
        .map(|vrid| {
            format!(
                "vrrp_instance I{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.1\n \
                 virtual_ipaddress {{\n 10.0.1.{vrid}/24\n }}\n}}\n"
            )
        })
        .collect();
    std::fs::write(&file, instances).unwrap();
    let mut child = lab.router(1).node.run(move || {
        let mut command = std::process::Command::new(KAD);
        command.arg("run").arg("-D").arg("-f").arg(file);
        command
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    });
    // Changes of state fill the pipe: the link goes and comes, many times, and nobody reads.
    let node = lab.router(1).node.clone();
    lab.watch(Duration::from_secs(1));
    for _ in 0..8 {
        node.set_link("eth0", false).unwrap();
        lab.watch(Duration::from_millis(30));
        node.set_link("eth0", true).unwrap();
        lab.watch(Duration::from_millis(600));
    }
    let begun = clock::now();
    lab.watch(Duration::from_secs(2));
    let adverts = lab.adverts(1, begun).len();
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap()),
        Signal::SIGKILL,
    )
    .unwrap();
    child.wait().unwrap();
    assert!(adverts >= 200 * 8, "{adverts} adverts of 200 instances in 2 s");
}

#[test]
fn two_machines_of_255_routers_agree_and_stay_agreed() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let text = |odd: u8, even: u8| -> String {
        (1..=255_u32)
            .map(|vrid| {
                let priority = if vrid % 2 == 1 { odd } else { even };
                format!(
                    "vrrp_instance I{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.5\n \
                     priority {priority}\n virtual_ipaddress {{\n 10.0.2.{vrid}/32\n }}\n}}\n"
                )
            })
            .collect()
    };
    lab.start(1, &text(150, 100));
    lab.start(2, &text(100, 150));
    lab.watch(Duration::from_secs(6));
    let begun = clock::now();
    lab.watch(Duration::from_secs(4));
    let (first, second) = (lab.adverts(1, begun).len(), lab.adverts(2, begun).len());
    // 128 and 127 routers, two adverts a second, for four seconds; and none but those.
    assert!(
        (850..=1150).contains(&first) && (850..=1150).contains(&second),
        "{first} and {second} adverts"
    );
    let has = |number: usize, vrid: u8| lab.holders(IpAddr::from([10, 0, 2, vrid])) == [number];
    for vrid in [1, 2, 127, 128, 254, 255] {
        assert!(has(if vrid % 2 == 1 { 1 } else { 2 }, vrid), "{vrid}");
    }
    let announced = lab
        .seen
        .iter()
        .filter(|event| event.at >= begun && matches!(event.what, What::Announcement { .. }));
    // The second bursts after five seconds, and nothing else.
    assert!(announced.count() <= 255 * 5, "announcements without end");
}

#[test]
fn neighbours_learn_of_the_new_master_twice() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    lab.start(1, &config(150, "garp_master_delay 1"));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.start(2, &config(100, "garp_master_delay 1"));
    let pings = lab.client.ping(VIP, Duration::from_millis(20)).unwrap();
    lab.wait_until("the client knows r1", |lab| {
        lab.client.neighbor(VIP).unwrap() == Some(MacAddr([2, 0, 0, 0, 0, 1]))
    });
    let begun = clock::now();
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, VIP, LIMIT);
    lab.wait_until("the client knows r2", |lab| {
        lab.client.neighbor(VIP).unwrap() == Some(MacAddr([2, 0, 0, 0, 0, 2]))
    });
    let frames = |lab: &Lab| {
        let of_r2 = |node: &str, address: &IpAddr| node == "r2" && *address == VIP;
        lab.seen
            .iter()
            .filter(|event| event.at >= begun)
            .filter(|event| matches!(&event.what, What::Announcement { node, address, .. } if of_r2(node, address)))
            .count()
    };
    lab.wait_until("the second burst", |lab| frames(lab) == 10);
    lab.watch(Duration::from_millis(500));
    assert_eq!(frames(&lab), 10, "5 at once, 5 after the delay, and no more");
    drop(pings);
}

#[test]
fn addresses_are_put_on_as_the_file_says() {
    let Some(mut lab) = one_router() else { return };
    let addresses = "10.0.0.100/24 brd + label eth0:vip\n 10.0.3.1/32 scope link\n 10.0.4.1/28 dev lo";
    lab.start(1, &with_addresses(100, "", addresses));
    lab.wait_for_master(1, VIP, LIMIT);
    let found = lab.router(1).node.run(rtnl::snapshot).unwrap();
    let find = |address: [u8; 4]| {
        found
            .addresses
            .iter()
            .find(|entry| entry.address == IpAddr::from(address))
            .unwrap()
            .clone()
    };
    let first = find([10, 0, 0, 100]);
    assert_eq!(
        (first.prefix_len, first.label.as_deref(), first.protocol),
        (24, Some("eth0:vip"), Some(18))
    );
    let second = find([10, 0, 3, 1]);
    assert_eq!((second.prefix_len, second.scope.0), (32, 253));
    let third = find([10, 0, 4, 1]);
    let lo = found.links.iter().find(|link| link.name == "lo").unwrap();
    assert_eq!((third.prefix_len, third.index), (28, lo.index));
}

#[test]
fn ipv6_addresses_are_announced_by_neighbour_advertisements() {
    let Some(mut lab) = one_router() else { return };
    lab.start(1, &with_addresses(100, "", "fe80::64/64\n 2001:db8::64/64"));
    let begun = clock::now();
    lab.wait_for_master(1, support::global_v6(0x64), LIMIT);
    for address in [v6(0x64), support::global_v6(0x64)] {
        lab.watch_until("it is announced", SETTLE, |_| true);
        lab.watch(Duration::from_millis(100));
        let announced = lab.seen.iter().any(|event| {
            event.at >= begun
                && matches!(&event.what, What::Announcement { address: found, mac, .. }
                    if *found == address && *mac == MacAddr([2, 0, 0, 0, 0, 1]))
        });
        assert!(announced, "{address}\n{}", lab.story());
    }
}

#[test]
fn events_that_were_lost_are_made_up_for() {
    let Some(mut lab) = one_router() else { return };
    lab.start(1, &config(100, ""));
    lab.wait_for_master(1, VIP, LIMIT);
    // While it stands still the kernel tells more than any socket holds, and somebody takes the address.
    lab.signal(1, Signal::SIGSTOP);
    lab.router(1).node.run(|| {
        let mut commands = rtnl::Commands::open().unwrap();
        let index = rtnl::snapshot()
            .unwrap()
            .links
            .iter()
            .find(|link| link.name == "lo")
            .unwrap()
            .index;
        let specs = (0..20_000_u32).map(|number| {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x7f10_0000 + number));
            rtnl::AddressSpec::new(index, address, 32)
        });
        let specs: Vec<_> = specs.collect();
        for chunk in specs.chunks(500) {
            commands
                .submit(chunk.iter().cloned().map(rtnl::Request::AddAddress))
                .unwrap();
            commands.read_replies(&mut Vec::new()).unwrap();
        }
    });
    lab.router(1).node.remove_address("eth0", VIP, 24).unwrap();
    lab.signal(1, Signal::SIGCONT);
    lab.wait_for_holder(1, VIP);
    lab.wait_for_line(1, "came too fast to be read");
    let begun = clock::now();
    lab.watch(Duration::from_millis(500));
    assert!(!lab.adverts(1, begun).is_empty(), "{}", lab.story());
}
