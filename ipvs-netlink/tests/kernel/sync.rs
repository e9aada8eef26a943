//! The kernel's sync daemons: what they are told, what is read back, and what they do.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU8, NonZeroU16};

use ipvs_guest::{Node, Test, output};
use ipvs_netlink::{Client, Daemon, MulticastGroup, Scheduler, Service, ServiceId, SyncRole};

use crate::farm::{Farm, VIRTUAL, join, sysctl, wait_until};

pub(crate) const TESTS: &[Test] = &[
    ("sync::daemons_are_read_back_as_they_were_started", daemons_are_read_back_as_they_were_started),
    ("sync::connections_of_a_master_reach_a_backup", connections_of_a_master_reach_a_backup),
];

fn daemons_are_read_back_as_they_were_started() {
    output("ip link add eth0 type dummy");
    output("ip link set eth0 up multicast on");
    output("ip address add 192.0.2.1/24 dev eth0");
    let mut ipvs = Client::connect().unwrap();
    assert_eq!(ipvs.daemons().unwrap(), []);

    let mut master = Daemon::new(SyncRole::Master, "eth0", 7).unwrap();
    master.max_length = NonZeroU16::new(1000);
    master.group = Some(MulticastGroup::new(IpAddr::V4(Ipv4Addr::new(239, 1, 2, 3))).unwrap());
    master.port = NonZeroU16::new(9000);
    master.ttl = NonZeroU8::new(3);
    let backup = Daemon { sync_id: 8, ..Daemon::new(SyncRole::Backup, "eth0", 0).unwrap() };
    ipvs.start_daemon(&master).unwrap();
    ipvs.start_daemon(&backup).unwrap();

    let daemons = ipvs.daemons().unwrap();
    assert_eq!(daemons.len(), 2, "{daemons:?}");
    assert!(daemons.contains(&master), "{daemons:?}");
    let read = daemons.iter().find(|daemon| daemon.role() == SyncRole::Backup).unwrap();
    assert_eq!((read.interface(), read.sync_id), ("eth0", 8));
    assert_eq!(
        output("ipvsadm -L --daemon"),
        "master sync daemon (mcast=eth0, syncid=7, maxlen=1000, group=239.1.2.3, port=9000, ttl=3)\n\
         backup sync daemon (mcast=eth0, syncid=8)\n"
    );

    ipvs.stop_daemon(SyncRole::Master).unwrap();
    let roles: Vec<_> = ipvs.daemons().unwrap().iter().map(Daemon::role).collect();
    assert_eq!(roles, [SyncRole::Backup]);
    ipvs.stop_daemon(SyncRole::Backup).unwrap();
    assert_eq!(ipvs.daemons().unwrap(), []);
}

/// A second director learns which server each client's connection is with.
fn connections_of_a_master_reach_a_backup() {
    let mut farm = Farm::direct();
    let second = Node::new();
    join(&second, "lan", "eth0", "192.0.2.3/24");
    let mut backup = second.run(|| Client::connect().unwrap());
    backup.start_daemon(&Daemon::new(SyncRole::Backup, "eth0", 1).unwrap()).unwrap();
    farm.ipvs.start_daemon(&Daemon::new(SyncRole::Master, "eth0", 1).unwrap()).unwrap();
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
    let columns = text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut found: Vec<_> = columns.map(|columns| (columns[2].to_owned(), columns[5].to_owned())).collect();
    found.sort();
    found
}

const PORT: u16 = 8080;
