//! Sync daemons and timeouts.

use std::num::{NonZeroU8, NonZeroU16};
use std::time::Duration;

use ipvs_guest::{Test, output};
use ipvs_netlink::{Client, Command, Daemon, MulticastGroup, SyncRole, Timeouts};

use crate::lab;

pub(crate) const TESTS: &[Test] = &[
    (
        "daemons::each_setting_of_a_sync_daemon",
        each_setting_of_a_sync_daemon,
    ),
    (
        "daemons::backup_takes_messages_of_1024_octets_in_any_case",
        backup_takes_messages_of_1024_octets_in_any_case,
    ),
    (
        "daemons::many_starts_and_stops_at_once",
        many_starts_and_stops_at_once,
    ),
    (
        "daemons::both_roles_beside_each_other",
        both_roles_beside_each_other,
    ),
    (
        "daemons::sync_daemon_of_ipvsadm_is_read",
        sync_daemon_of_ipvsadm_is_read,
    ),
    (
        "daemons::timeouts_are_set_one_by_one_and_together",
        timeouts_are_set_one_by_one_and_together,
    ),
];

/// An interface whose MTU is Ethernet's, and whose IPv6 address can be used.
fn enter(test: impl FnOnce(&mut Client)) {
    lab::enter(|client| {
        output("ip link add sync0 type dummy");
        output("ip link set sync0 up");
        output("ip address add 10.9.0.1/24 dev sync0");
        output("ip address add fe80::1/64 dev sync0 nodad");
        test(client);
    });
}

fn daemon(role: SyncRole) -> Daemon {
    Daemon::new(role, "sync0", 51).unwrap()
}

fn changed(daemon: &Daemon, change: impl FnOnce(&mut Daemon)) -> Daemon {
    let mut daemon = daemon.clone();
    change(&mut daemon);
    daemon
}

/// The same, with all that the kernel says of it.
fn complete(daemon: &Daemon) -> Daemon {
    changed(daemon, |daemon| {
        let group = daemon.group.unwrap_or(MulticastGroup::DEFAULT);
        // Ethernet's MTU without the headers of IP and UDP.
        let max_length = if group.address().is_ipv4() { 1472 } else { 1452 };
        daemon.max_length = daemon.max_length.or(NonZeroU16::new(max_length));
        daemon.group = Some(group);
        daemon.port = daemon.port.or(NonZeroU16::new(Daemon::DEFAULT_PORT));
        daemon.ttl = daemon.ttl.or(NonZeroU8::new(1));
    })
}

/// As ipvsadm lists it.
fn listed(daemon: &Daemon) -> String {
    let Daemon {
        max_length: Some(max_length),
        group: Some(group),
        port: Some(port),
        ttl: Some(ttl),
        ..
    } = daemon
    else {
        panic!("{daemon:?}")
    };
    let (role, interface, id, group) = (daemon.role(), daemon.interface(), daemon.sync_id, group.address());
    format!(
        "{role} sync daemon (mcast={interface}, syncid={id}, maxlen={max_length}, group={group}, port={port}, ttl={ttl})"
    )
}

fn starts_and_stops(client: &mut Client, daemon: &Daemon) {
    client.start_daemon(daemon).unwrap();
    let expected = complete(daemon);
    assert_eq!(
        client.daemons().unwrap().as_slice(),
        std::slice::from_ref(&expected)
    );
    let text = output("ipvsadm -L --daemon -n");
    assert_eq!(text.trim(), listed(&expected));
    client.stop_daemon(daemon.role()).unwrap();
    assert_eq!(client.daemons().unwrap(), []);
}

fn each_setting_of_a_sync_daemon() {
    let changes: [fn(&mut Daemon); 8] = [
        |_| {},
        |daemon| daemon.sync_id = 0,
        |daemon| daemon.sync_id = 255,
        |daemon| daemon.max_length = NonZeroU16::new(1300),
        |daemon| daemon.group = group("239.1.2.3"),
        |daemon| daemon.group = group("ff05::51"),
        |daemon| daemon.port = NonZeroU16::new(65535),
        |daemon| daemon.ttl = NonZeroU8::new(255),
    ];
    enter(|client| {
        for role in [SyncRole::Master, SyncRole::Backup] {
            let mut all = daemon(role);
            for change in changes {
                starts_and_stops(client, &changed(&daemon(role), change));
                change(&mut all);
                starts_and_stops(client, &all);
            }
        }
    });
}

fn group(text: &str) -> Option<MulticastGroup> {
    MulticastGroup::new(text.parse().unwrap()).ok()
}

fn backup_takes_messages_of_1024_octets_in_any_case() {
    enter(|client| {
        for (role, expected) in [(SyncRole::Master, 1000), (SyncRole::Backup, 1024)] {
            let small = changed(&daemon(role), |daemon| daemon.max_length = NonZeroU16::new(1000));
            client.start_daemon(&small).unwrap();
            let found = client.daemons().unwrap();
            assert_eq!(found[0].max_length, NonZeroU16::new(expected));
            client.stop_daemon(role).unwrap();
        }
    });
}

/// The kernel gives no answer when a daemon is stopped that has not yet come to run.
fn many_starts_and_stops_at_once() {
    enter(|client| {
        let start = Command::StartDaemon(daemon(SyncRole::Master));
        let stop = Command::StopDaemon(SyncRole::Master);
        let commands: Vec<_> = [start, stop].into_iter().cycle().take(20).collect();
        assert_eq!(client.batch(&commands).unwrap(), vec![Ok(()); 20]);
        for command in &commands {
            client.apply(command).unwrap();
        }
        assert_eq!(client.daemons().unwrap(), []);
    });
}

fn both_roles_beside_each_other() {
    enter(|client| {
        let master = daemon(SyncRole::Master);
        let backup = changed(&daemon(SyncRole::Backup), |daemon| {
            daemon.sync_id = 52;
            daemon.port = NonZeroU16::new(1234);
        });
        client.start_daemon(&master).unwrap();
        client.start_daemon(&backup).unwrap();
        assert_eq!(client.daemons().unwrap(), [complete(&master), complete(&backup)]);
        client.stop_daemon(SyncRole::Master).unwrap();
        assert_eq!(client.daemons().unwrap(), [complete(&backup)]);
    });
}

fn sync_daemon_of_ipvsadm_is_read() {
    enter(|client| {
        output(
            "ipvsadm --start-daemon backup --mcast-interface sync0 --syncid 9 \
             --mcast-group ff02::51 --mcast-port 9999 --mcast-ttl 3 --sync-maxlen 1400",
        );
        let expected = changed(&daemon(SyncRole::Backup), |daemon| {
            daemon.sync_id = 9;
            daemon.max_length = NonZeroU16::new(1400);
            daemon.group = Some(MulticastGroup::DEFAULT_IPV6);
            daemon.port = NonZeroU16::new(9999);
            daemon.ttl = NonZeroU8::new(3);
        });
        assert_eq!(client.daemons().unwrap(), [expected]);
    });
}

fn timeouts_are_set_one_by_one_and_together() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let read = |tcp, tcp_fin, udp| Timeouts {
        tcp: seconds(tcp),
        tcp_fin: seconds(tcp_fin),
        udp: seconds(udp),
    };
    lab::enter(|client| {
        assert_eq!(client.timeouts().unwrap(), read(900, 120, 300));
        let steps = [
            (
                Timeouts {
                    tcp: seconds(100),
                    ..Timeouts::default()
                },
                read(100, 120, 300),
            ),
            (
                Timeouts {
                    tcp_fin: seconds(50),
                    ..Timeouts::default()
                },
                read(100, 50, 300),
            ),
            (
                Timeouts {
                    udp: seconds(7),
                    ..Timeouts::default()
                },
                read(100, 50, 7),
            ),
            (Timeouts::default(), read(100, 50, 7)),
            (read(2_000_000, 1, 86_400), read(2_000_000, 1, 86_400)),
        ];
        for (set, expected) in steps {
            client.set_timeouts(&set).unwrap();
            assert_eq!(client.timeouts().unwrap(), expected);
        }
        assert!(output("ipvsadm -L --timeout").contains("2000000 1 86400"));
        output("ipvsadm --set 11 12 13");
        assert_eq!(client.timeouts().unwrap(), read(11, 12, 13));
    });
}
