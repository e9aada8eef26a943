use std::net::SocketAddr;
use std::time::Duration;

use ipvs_netlink::packet::controller::ControllerMessage;
use ipvs_netlink::packet::{Counter, DestinationAttribute, FAMILY_NAME, IpvsAttribute, StatisticsAttribute};
use ipvs_netlink::*;
use netlink_packet_core::{Emitable, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

use super::octets::{emit, names, parse, read, without_nested_flags};

const FOLDER: &str = "replies";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn persistent(service: Service, seconds: u64, granularity: Granularity) -> Service {
    let persistence = Persistence::new(granularity.family(), Duration::from_secs(seconds)).unwrap();
    let persistence = persistence.with_granularity(granularity).unwrap();
    service.with_persistence(Some(persistence)).unwrap()
}

fn services() -> Vec<(&'static str, Service)> {
    let tcp = |endpoint, scheduler| Service::new(ServiceId::tcp(address(endpoint)), scheduler);
    let udp = |endpoint, scheduler| Service::new(ServiceId::udp(address(endpoint)), scheduler);
    let sip = udp("10.0.0.2:5060", Scheduler::WLC).with_persistence_engine(Some(PersistenceEngine::SIP));
    let mark = ServiceId::fwmark(7.try_into().unwrap());
    let mark6 = ServiceId::fwmark6(8.try_into().unwrap());
    vec![
        (
            "service-persistent",
            persistent(
                tcp("10.0.0.1:80", Scheduler::WLC),
                60,
                Granularity::single(Family::Ipv4),
            ),
        ),
        (
            "service-ipv6-sh",
            tcp("[fd00::1]:443", Scheduler::SH)
                .with_scheduler_flags(SchedulerFlags::SH_FALLBACK | SchedulerFlags::SH_PORT),
        ),
        ("service-ipv6", udp("[fd00::2]:53", Scheduler::RR)),
        (
            "service-one-packet",
            udp("10.0.0.2:53", Scheduler::RR).with_one_packet(true),
        ),
        (
            "service-sip",
            persistent(sip, 300, Granularity::mask([255, 255, 255, 0].into())),
        ),
        ("service-fwmark", Service::new(mark, Scheduler::RR)),
        (
            "service-fwmark-ipv6-persistent",
            persistent(
                Service::new(mark6, Scheduler::LC),
                360,
                Granularity::prefix_length(64).unwrap(),
            ),
        ),
    ]
}

#[test]
fn services_are_read() {
    for (name, service) in services() {
        let expected = ServiceEntry {
            service,
            statistics: Statistics::default(),
        };
        assert_eq!(
            ServiceEntry::try_from(&parse(&read(FOLDER, name))),
            Ok(expected),
            "{name}"
        );
    }
}

fn destinations() -> Vec<(&'static str, Destination)> {
    let ipip = Forward::Tunnel(Tunnel::Ipip);
    let gre = Forward::Tunnel(Tunnel::Gre {
        checksum: Checksum::None,
    });
    let gue = |port: u16, checksum| {
        Forward::Tunnel(Tunnel::Gue {
            port: port.try_into().unwrap(),
            checksum,
        })
    };
    let server = |endpoint, forward| Destination::new(address(endpoint), forward);
    vec![
        (
            "destination-nat",
            server("10.0.1.1:8080", Forward::Masquerade).with_weight(5.into()),
        ),
        ("destination-dr", server("10.0.1.2:80", Forward::DirectRoute)),
        ("destination-ipip", server("10.0.1.3:80", ipip)),
        (
            "destination-gue",
            server("10.0.1.4:80", gue(6080, Checksum::Full)).with_weight(Weight::ZERO),
        ),
        ("destination-gre", server("10.0.1.5:80", gre)),
        (
            "destination-gue-remote",
            server("10.0.1.6:80", gue(6081, Checksum::Remote)),
        ),
        ("destination-ipv6", server("[fd00:1::1]:443", Forward::Masquerade)),
        ("destination-other-family", server("[fd00:1::2]:80", ipip)),
        ("destination-fwmark", server("10.0.1.1:0", Forward::DirectRoute)),
    ]
}

#[test]
fn destinations_are_read() {
    for (name, destination) in destinations() {
        let expected = DestinationEntry {
            destination,
            active: 0,
            inactive: 0,
            persistent: 0,
            statistics: Statistics::default(),
        };
        let message = parse(&read(FOLDER, name));
        // The destination says its family itself, so that the service's does not matter.
        for service in [Family::Ipv4, Family::Ipv6] {
            let found = DestinationEntry::from_message(&message, service);
            assert_eq!(found.as_ref(), Ok(&expected), "{name}");
        }
    }
}

/// As `ipvsadm -Ln --stats` said at the same time: 5 connections, 5 and 5 packets, 170 and 310 octets.
fn traffic() -> Statistics {
    Statistics {
        connections: 5,
        packets_in: 5,
        packets_out: 5,
        bytes_in: 170,
        bytes_out: 310,
        rates: Rates {
            connections: 1,
            packets_in: 1,
            packets_out: 1,
            bytes_in: 21,
            bytes_out: 39,
        },
    }
}

#[test]
fn traffic_is_read() {
    let service = ServiceEntry::try_from(&parse(&read(FOLDER, "service-with-traffic"))).unwrap();
    assert_eq!(service.statistics, traffic());

    let message = parse(&read(FOLDER, "destination-with-traffic"));
    let destination = DestinationEntry::from_message(&message, Family::Ipv4).unwrap();
    assert_eq!(destination.statistics, traffic());
    assert_eq!((destination.active, destination.inactive), (0, 5));
    assert_eq!(
        destination.destination,
        Destination::new(address("10.9.0.1:9"), Forward::Masquerade)
            .with_weight(4.into())
            .with_thresholds(Thresholds::new(100, 50).unwrap())
    );
}

#[test]
fn both_forms_of_statistics_attribute_by_attribute() {
    let message = parse(&read(FOLDER, "destination-with-traffic"));
    let [IpvsAttribute::Destination(attributes)] = message.attributes.as_slice() else {
        panic!("{message:?}")
    };
    let [
        ..,
        DestinationAttribute::Statistics(narrow),
        DestinationAttribute::Statistics64(wide),
    ] = attributes.as_slice()
    else {
        panic!("{attributes:?}")
    };
    let expected = [
        StatisticsAttribute::Connections(Counter::U32(5)),
        StatisticsAttribute::PacketsIn(Counter::U32(5)),
        StatisticsAttribute::PacketsOut(Counter::U32(5)),
        StatisticsAttribute::Pad,
        StatisticsAttribute::BytesIn(Counter::U64(170)),
        StatisticsAttribute::Pad,
        StatisticsAttribute::BytesOut(Counter::U64(310)),
        StatisticsAttribute::ConnectionRate(Counter::U32(1)),
        StatisticsAttribute::PacketRateIn(Counter::U32(1)),
        StatisticsAttribute::PacketRateOut(Counter::U32(1)),
        StatisticsAttribute::ByteRateIn(Counter::U32(21)),
        StatisticsAttribute::ByteRateOut(Counter::U32(39)),
    ];
    assert_eq!(narrow, &expected);
    assert_eq!(
        wide.len(),
        19,
        "ten counters with nothing between each two of them"
    );
    assert!(wide.contains(&StatisticsAttribute::ByteRateOut(Counter::U64(39))));
}

fn daemons() -> Vec<(&'static str, Daemon)> {
    let daemon = |role, id, length: u16, group: &str, port: u16, ttl: u8| {
        let mut daemon = Daemon::new(role, "d0", id).unwrap();
        daemon.max_length = length.try_into().ok();
        daemon.group = Some(MulticastGroup::new(group.parse().unwrap()).unwrap());
        daemon.port = port.try_into().ok();
        daemon.ttl = ttl.try_into().ok();
        daemon
    };
    vec![
        (
            "daemon-master",
            daemon(SyncRole::Master, 5, 1400, "224.0.0.82", 8850, 3),
        ),
        (
            "daemon-backup-defaults",
            daemon(SyncRole::Backup, 0, 1472, "224.0.0.81", 8848, 1),
        ),
        (
            "daemon-ipv6",
            daemon(SyncRole::Backup, 0, 1452, "ff02::51", 8848, 1),
        ),
    ]
}

#[test]
fn sync_daemons_are_read() {
    for (name, daemon) in daemons() {
        assert_eq!(
            Daemon::try_from(&parse(&read(FOLDER, name))),
            Ok(daemon),
            "{name}"
        );
    }
}

#[test]
fn timeouts_and_the_version_are_read() {
    let timeouts = Timeouts {
        tcp: Some(Duration::from_secs(900)),
        tcp_fin: Some(Duration::from_secs(120)),
        udp: Some(Duration::from_secs(300)),
    };
    assert_eq!(
        Timeouts::try_from(&parse(&read(FOLDER, "timeouts"))),
        Ok(timeouts)
    );

    let info = Info::try_from(&parse(&read(FOLDER, "info"))).unwrap();
    assert_eq!(info.version.to_string(), "1.2.1");
    assert_eq!(info.connection_table_size, 4096);
}

#[test]
fn the_number_of_the_family_is_read_from_among_its_policies() {
    let octets = read(FOLDER, "family");
    let header = GenlHeader::parse(&octets).unwrap();
    let message = ControllerMessage::parse_with_param(&octets[4..], header).unwrap();
    assert_eq!(message.family_id_of(FAMILY_NAME), Some(28));
    let mut again = vec![0xaa; message.buffer_len()];
    message.emit(&mut again);
    assert_eq!(again, &octets[4..]);
}

#[test]
fn what_is_read_is_written_alike() {
    for name in names(FOLDER).iter().filter(|name| *name != "family") {
        let octets = read(FOLDER, name);
        assert_eq!(without_nested_flags(&emit(parse(&octets))), octets, "{name}");
    }
}

#[test]
fn all_that_was_captured_is_here() {
    let mut here: Vec<&str> = services().into_iter().map(|(name, _)| name).collect();
    here.extend(destinations().into_iter().map(|(name, _)| name));
    here.extend(daemons().into_iter().map(|(name, _)| name));
    here.extend([
        "service-with-traffic",
        "destination-with-traffic",
        "timeouts",
        "info",
        "family",
    ]);
    here.sort_unstable();
    assert_eq!(here, names(FOLDER));
}
