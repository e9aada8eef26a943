//! What the kernel's sync daemons tell each other.

use std::fs;

use ipvs_guest::{Node, Test};
use ipvs_netlink::{Client, Daemon, Scheduler, Service, ServiceId, SyncRole};

use crate::farm::{Farm, VIRTUAL, join, sysctl, wait_until};

pub(crate) const TESTS: &[Test] = &[(
    "sync::connections_of_a_master_reach_a_backup",
    connections_of_a_master_reach_a_backup,
)];

/// A second director learns which server each client's connection is with.
fn connections_of_a_master_reach_a_backup() {
    let mut farm = Farm::direct();
    let second = Node::new();
    join(&second, "lan", "eth0", "192.0.2.3/24");
    let mut backup = second.run(|| Client::connect().unwrap());
    backup
        .start_daemon(&Daemon::new(SyncRole::Backup, "eth0", 1).unwrap())
        .unwrap();
    farm.ipvs
        .start_daemon(&Daemon::new(SyncRole::Master, "eth0", 1).unwrap())
        .unwrap();
    // From the first packet on, not from the third.
    sysctl(&farm.director, "ipv4/vs/sync_threshold", "1 2");

    farm.serve_numbers(PORT);
    let web = ServiceId::tcp((VIRTUAL, PORT));
    for ipvs in [&mut farm.ipvs, &mut backup] {
        ipvs.add_service(&Service::new(web, Scheduler::RR)).unwrap();
    }
    for server in 0..2 {
        let destination = farm.destination(server, PORT);
        farm.ipvs.add_destination(&web, &destination).unwrap();
        backup.add_destination(&web, &destination).unwrap();
    }
    assert_eq!(farm.reached(PORT, 6), [3, 3]);

    let known = destinations_of_connections(&farm.director);
    assert_eq!(known.len(), 6, "{known:?}");
    wait_until("the backup knows the master's connections", || {
        destinations_of_connections(&second) == known
    });
}

/// The client's port and the server's address of each, in hexadecimal, as /proc/net/ip_vs_conn has them.
fn destinations_of_connections(node: &Node) -> Vec<(String, String)> {
    let text = node.run(|| fs::read_to_string("/proc/thread-self/net/ip_vs_conn").unwrap());
    let columns = text
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut found: Vec<_> = columns
        .map(|columns| (columns[2].to_owned(), columns[5].to_owned()))
        .collect();
    found.sort();
    found
}

const PORT: u16 = 8080;
