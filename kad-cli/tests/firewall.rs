//! What reaches a virtual address that is not to be accepted: nothing but what finds it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::{IpAddr, SocketAddr, SocketAddrV6, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kad_cli::lab::{Program, What};
use nix::sys::signal::Signal;
use support::{Daemon, KAD, Lab, SETTLE, can_run, global_v6, skip, v6};

/// What a client gets from an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Reach {
    ping: bool,
    connects: bool,
    /// ARP, or neighbour discovery.
    found: bool,
}

const ALL: Reach = Reach {
    ping: true,
    connects: true,
    found: true,
};
const FOUND: Reach = Reach {
    ping: false,
    connects: false,
    found: true,
};

/// An instance of a second's quarter.
fn instance(vrid: u8, lines: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance V{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.25\n {lines}\n \
         virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

fn v4(last: u8) -> IpAddr {
    [10, 0, 0, last].into()
}

fn has_nft() -> bool {
    let is_there = Path::new("/usr/sbin/nft").exists();
    if !is_there {
        skip("Debian's package nftables is not installed");
    }
    is_there
}

/// Runs `nft` on a router.
fn nft(lab: &Lab, number: usize, script: &'static str) -> String {
    lab.router(number).node.run(move || {
        let output = Command::new("/usr/sbin/nft").arg(script).output().unwrap();
        let said = if output.status.success() {
            output.stdout
        } else {
            output.stderr
        };
        String::from_utf8(said).unwrap()
    })
}

/// Something to connect to, whatever the address.
fn listen(lab: &Lab, number: usize) -> TcpListener {
    lab.router(number)
        .node
        .run(|| TcpListener::bind("[::]:80").unwrap())
}

fn socket_address(address: IpAddr) -> SocketAddr {
    match address {
        // The client's only interface but the loopback one.
        IpAddr::V6(address) if address.is_unicast_link_local() => SocketAddrV6::new(address, 80, 0, 2).into(),
        address => (address, 80).into(),
    }
}

/// One look: a second of pings, and one connection.
fn look(lab: &mut Lab, address: IpAddr) -> Reach {
    let begun = kad_cli::clock::now();
    let pings = lab.client.ping(address, Duration::from_millis(50)).unwrap();
    lab.watch(Duration::from_secs(1));
    drop(pings);
    let ping = lab.seen.iter().any(|event| {
        matches!(&event.what, What::Ping(ping)
            if ping.sent >= begun && ping.answered.is_some())
    });
    let connects = lab
        .client
        .run(move || TcpStream::connect_timeout(&socket_address(address), Duration::from_secs(1)).is_ok());
    let found = lab.client.neighbor(address).unwrap().is_some();
    Reach {
        ping,
        connects,
        found,
    }
}

/// What is let in may take a while on a busy machine; what is not, is not at once.
fn reaches(lab: &mut Lab, address: IpAddr, expected: Reach, what: &str) {
    let end = Instant::now() + SETTLE;
    loop {
        let found = look(lab, address);
        if found == expected {
            return;
        }
        let may_change = expected == ALL || !found.found;
        assert!(
            may_change && Instant::now() < end,
            "{what}: {address}: {found:?}, not {expected:?}\n{}",
            lab.story()
        );
    }
}

#[test]
fn no_accept_drops_what_is_for_the_address_and_only_that() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    let config = instance(1, "accept", "10.0.0.100/24") + &instance(2, "no_accept", "10.0.0.101/24");
    lab.start(1, &config);
    lab.wait_for_holder(1, v4(100));
    lab.wait_for_holder(1, v4(101));
    reaches(&mut lab, v4(101), FOUND, "no_accept");
    reaches(&mut lab, v4(100), ALL, "accept");
    reaches(&mut lab, v4(1), ALL, "the machine's own address");
    assert!(nft(&lab, 1, "list table ip keepalived").contains("elements = { 10.0.0.101 }"));
    let refused = nft(&lab, 1, "delete table ip keepalived");
    assert!(refused.contains("not permitted"), "it is ours alone: {refused}");
    lab.signal(1, Signal::SIGTERM);
    lab.wait_until("the table is gone", |lab| nft(lab, 1, "list tables").is_empty());
}

#[test]
fn ipv6_addresses_are_found_but_not_reached() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    for global in ["", "global_defs {\n nftables_ifindex\n nftables_counters\n}\n"] {
        let mut lab = Lab::new(&[Daemon::Kad]);
        let _listener = listen(&lab, 1);
        let closed = instance(1, "no_accept", "fe80::64/64\n 2001:db8::64/64");
        let open = instance(2, "", "fe80::65/64\n 2001:db8::65/64");
        lab.start(1, &format!("{global}{closed}{open}"));
        lab.wait_for_holder(1, global_v6(0x64));
        lab.wait_for_holder(1, global_v6(0x65));
        for address in [v6(0x64), global_v6(0x64)] {
            reaches(&mut lab, address, FOUND, "no_accept");
        }
        for address in [v6(0x65), global_v6(0x65), v6(1)] {
            reaches(&mut lab, address, ALL, "accept");
        }
    }
}

#[test]
fn strict_mode_drops_and_a_reload_changes_its_mind() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    let config = |lines| {
        format!(
            "global_defs {{\n vrrp_strict\n}}\n{}",
            instance(1, lines, "10.0.0.100/24")
        )
    };
    lab.start(1, &config(""));
    lab.wait_for_holder(1, v4(100));
    reaches(&mut lab, v4(100), FOUND, "strict");
    lab.reload(1, &config("accept"));
    lab.wait_for_line(1, "1 changed");
    reaches(&mut lab, v4(100), ALL, "strict, and accept");
    lab.reload(1, &instance(1, "no_accept", "10.0.0.100/24\n 10.0.0.102/24"));
    lab.wait_for_holder(1, v4(102));
    reaches(&mut lab, v4(100), FOUND, "no_accept by a reload");
    reaches(&mut lab, v4(102), FOUND, "a new address");
}

#[test]
fn whoever_is_master_drops() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let _listeners = [listen(&lab, 1), listen(&lab, 2)];
    lab.start(1, &instance(1, "no_accept\n priority 150", "10.0.0.100/24"));
    lab.wait_for_holder(1, v4(100));
    lab.start(2, &instance(1, "no_accept\n priority 100", "10.0.0.100/24"));
    lab.wait_for_line(2, "BACKUP");
    reaches(&mut lab, v4(100), FOUND, "the first is master");
    assert!(!nft(&lab, 2, "list table ip keepalived").contains("10.0.0.100"));
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_holder(2, v4(100));
    reaches(&mut lab, v4(100), FOUND, "the second is master");
    lab.restart(1);
    lab.wait_for_holder(1, v4(100));
    reaches(&mut lab, v4(100), FOUND, "the first is master again");
    lab.wait_until("a backup's set is empty", |lab| {
        !nft(lab, 2, "list table ip keepalived").contains("10.0.0.100")
    });
    // What was killed leaves the address behind, but no table.
    lab.signal(1, Signal::SIGKILL);
    lab.wait_until("the table went with its process", |lab| {
        nft(lab, 1, "list tables").is_empty()
    });
}

#[test]
fn table_of_another_program_is_left_alone_until_it_goes() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    nft(&lab, 1, "add table ip keepalived; add chain ip keepalived theirs");
    let config = instance(1, "no_accept", "10.0.0.100/24");
    lab.start(1, &config);
    lab.wait_for_line(1, "that kad has not made");
    lab.wait_for_holder(1, v4(100));
    reaches(&mut lab, v4(100), ALL, "there is no filter");
    assert!(nft(&lab, 1, "list table ip keepalived").contains("theirs"));
    let said = lab
        .lines(1)
        .iter()
        .filter(|line| line.contains("no_accept has no effect, packets"))
        .count();
    assert_eq!(said, 1, "said once\n{}", lab.story());
    nft(&lab, 1, "delete table ip keepalived");
    lab.reload(1, &(config + &instance(2, "", "10.0.0.103/24")));
    lab.wait_for_line(1, "dropped again");
    reaches(&mut lab, v4(100), FOUND, "there is a filter now");
}

#[test]
fn remainder_of_ours_is_replaced() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    nft(
        &lab,
        1,
        "add table ip keepalived; add chain ip keepalived made_by_kad; \
         add chain ip keepalived old { type filter hook input priority -1; policy drop; }",
    );
    lab.start(1, &instance(1, "no_accept", "10.0.0.100/24"));
    lab.wait_for_holder(1, v4(100));
    reaches(&mut lab, v4(100), FOUND, "no_accept");
    reaches(&mut lab, v4(1), ALL, "what the remainder dropped");
    assert!(!nft(&lab, 1, "list table ip keepalived").contains("old"));
}

#[test]
fn two_daemons_have_two_tables_and_one_name_is_for_one() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    lab.start(1, &instance(1, "no_accept", "10.0.0.100/24"));
    lab.wait_for_holder(1, v4(100));
    let dir = tempfile::tempdir().unwrap();
    let start = |lab: &Lab, name: &str, config: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, config).unwrap();
        let program = Program::new(KAD).arg("run").arg("-f").arg(path);
        lab.router(1).node.spawn(&program).unwrap()
    };
    let same = start(&lab, "same", instance(2, "no_accept", "10.0.0.101/24"));
    lab.wait_for_line(1, "belongs to another program that runs");
    let other = "global_defs {\n nftables second\n nftables_priority 7\n}\n".to_owned();
    let second = start(&lab, "second", other + &instance(3, "no_accept", "10.0.0.102/24"));
    for address in [100, 101, 102] {
        lab.wait_for_holder(1, v4(address));
    }
    reaches(&mut lab, v4(100), FOUND, "the first's");
    reaches(&mut lab, v4(101), ALL, "that of the one without a table");
    reaches(&mut lab, v4(102), FOUND, "the second's");
    assert!(nft(&lab, 1, "list table ip second").contains("priority filter + 7"));
    same.signal(Signal::SIGTERM);
    second.signal(Signal::SIGTERM);
    lab.wait_until("the first's table is left", |lab| {
        nft(lab, 1, "list tables").trim() == "table ip keepalived"
    });
    reaches(&mut lab, v4(100), FOUND, "the first's");
}

#[test]
fn flushed_rules_of_others_leave_ours() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let _listener = listen(&lab, 1);
    lab.start(1, &instance(1, "no_accept", "10.0.0.100/24"));
    lab.wait_for_holder(1, v4(100));
    nft(&lab, 1, "flush ruleset");
    reaches(&mut lab, v4(100), FOUND, "after another's flush");
}

#[test]
fn virtual_mac_is_silent_until_its_router_is_master() {
    if !can_run(&[Daemon::Kad]) || !has_nft() {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(
        1,
        &instance(7, "use_vmac\n no_accept", "10.0.0.100/24").replace("advert_int 0.25", "advert_int 1"),
    );
    // nft shows no name, for it does not know how to read what the set has.
    let has_quiet = |lab: &Lab| nft(lab, 1, "list set ip keepalived quiet").contains("elements");
    lab.wait_until("a backup's interface is quiet", |lab| has_quiet(lab));
    lab.wait_for_holder(1, v4(100));
    lab.wait_until("a master's interface speaks", |lab| !has_quiet(lab));
}

/// The same file with both programs, and what a client gets.
#[test]
fn a_client_sees_no_difference_from_keepalived() {
    if !can_run(&[Daemon::Kad, Daemon::Keepalived]) {
        return;
    }
    let config = format!(
        "global_defs {{\n nftables\n}}\n{}{}{}",
        instance(1, "accept", "10.0.0.100/24"),
        instance(2, "no_accept", "10.0.0.101/24"),
        instance(3, "no_accept", "fe80::64/64\n 2001:db8::64/64")
    );
    let addresses = [v4(1), v4(100), v4(101), v6(0x64), global_v6(0x64)];
    let seen = [Daemon::Kad, Daemon::Keepalived].map(|daemon| {
        let mut lab = Lab::new(&[daemon]);
        let _listener = listen(&lab, 1);
        lab.start(1, &config);
        for address in addresses {
            lab.wait_for_holder(1, address);
        }
        for address in [v4(1), v4(100)] {
            reaches(&mut lab, address, ALL, "accepted");
        }
        addresses.map(|address| look(&mut lab, address))
    });
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], [ALL, ALL, FOUND, FOUND, FOUND]);
}
