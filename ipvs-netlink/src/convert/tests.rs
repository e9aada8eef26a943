use std::time::Duration;

use netlink_packet_core::DefaultNla;

use crate::packet::{
    Counter, DaemonAttribute, DestinationAttribute, InfoAttribute, IpvsAttribute, IpvsCommand, IpvsMessage,
    ServiceAttribute, ServiceFlags, StatisticsAttribute,
};
use crate::*;

fn id() -> ServiceId {
    ServiceId::tcp(([10, 0, 0, 1], 80))
}

fn counters(counter: impl Fn(u8) -> Counter) -> Vec<StatisticsAttribute> {
    vec![
        StatisticsAttribute::Connections(counter(1)),
        StatisticsAttribute::PacketsIn(counter(2)),
        StatisticsAttribute::PacketsOut(counter(3)),
        StatisticsAttribute::BytesIn(counter(4)),
        StatisticsAttribute::BytesOut(counter(5)),
        StatisticsAttribute::ConnectionRate(counter(6)),
        StatisticsAttribute::PacketRateIn(counter(7)),
        StatisticsAttribute::PacketRateOut(counter(8)),
        StatisticsAttribute::ByteRateIn(counter(9)),
        StatisticsAttribute::ByteRateOut(counter(10)),
    ]
}

fn narrow(number: u8) -> Counter {
    Counter::U32(number.into())
}

fn wide(number: u8) -> Counter {
    Counter::U64(u64::from(number) << 32)
}

/// What a kernel answers with about a service that was added with these attributes.
fn service_answer(change: impl FnOnce(&mut Vec<ServiceAttribute>)) -> IpvsMessage {
    let message = Command::AddService(Service::new(id(), Scheduler::RR)).message();
    let [IpvsAttribute::Service(attributes)] = message.attributes.as_slice() else {
        panic!("{message:?}")
    };
    let mut attributes = attributes.clone();
    attributes.push(ServiceAttribute::Statistics(counters(narrow)));
    change(&mut attributes);
    IpvsMessage {
        command: IpvsCommand::NewService,
        attributes: vec![IpvsAttribute::Service(attributes)],
    }
}

fn destination_answer(
    forward: Forward,
    change: impl FnOnce(&mut Vec<DestinationAttribute>),
) -> Result<DestinationEntry, DecodeError> {
    let destination = Destination::new(std::net::SocketAddr::from(([10, 0, 1, 1], 8080)), forward);
    let message = Command::AddDestination(id(), destination).message();
    let [_, IpvsAttribute::Destination(attributes)] = message.attributes.as_slice() else {
        panic!("{message:?}")
    };
    let mut attributes = attributes.clone();
    attributes.extend([
        DestinationAttribute::ActiveConnections(1),
        DestinationAttribute::InactiveConnections(2),
        DestinationAttribute::PersistentConnections(3),
        DestinationAttribute::Statistics(counters(narrow)),
    ]);
    change(&mut attributes);
    let message = IpvsMessage {
        command: IpvsCommand::NewDest,
        attributes: vec![IpvsAttribute::Destination(attributes)],
    };
    DestinationEntry::from_message(&message, Family::Ipv4)
}

fn flags(flags: u32) -> ServiceAttribute {
    ServiceAttribute::Flags(ServiceFlags {
        flags,
        mask: u32::MAX,
    })
}

#[test]
fn counters_of_64_bits_are_preferred_and_those_of_32_are_enough() {
    let entry = ServiceEntry::try_from(&service_answer(|_| {})).unwrap();
    assert_eq!(entry.statistics.connections, 1);
    assert_eq!(entry.statistics.rates.bytes_out, 10);

    let both = service_answer(|attributes| {
        attributes.insert(0, ServiceAttribute::Statistics64(counters(wide)));
    });
    let expected = Statistics {
        connections: 1 << 32,
        packets_in: 2 << 32,
        packets_out: 3 << 32,
        bytes_in: 4 << 32,
        bytes_out: 5 << 32,
        rates: Rates {
            connections: 6 << 32,
            packets_in: 7 << 32,
            packets_out: 8 << 32,
            bytes_in: 9 << 32,
            bytes_out: 10 << 32,
        },
    };
    assert_eq!(ServiceEntry::try_from(&both).unwrap().statistics, expected);
}

#[test]
fn a_service_that_another_program_made_persistent_for_no_time_is_read() {
    let answer = service_answer(|attributes| attributes.push(flags(0x03)));
    let service = ServiceEntry::try_from(&answer).unwrap().service;
    let persistence = service.persistence().unwrap();
    assert_eq!(persistence.timeout(), Duration::ZERO);
    assert!(persistence.granularity().is_single());
}

#[test]
fn what_a_service_that_is_not_persistent_has_for_a_granularity_is_not_looked_at() {
    let answer = service_answer(|attributes| {
        attributes.push(ServiceAttribute::Netmask(0));
        attributes.push(ServiceAttribute::Timeout(300));
    });
    let service = ServiceEntry::try_from(&answer).unwrap().service;
    assert_eq!(service, Service::new(id(), Scheduler::RR));
}

#[test]
fn the_kernels_own_flags_are_not_the_schedulers() {
    let answer = service_answer(|attributes| attributes.push(flags(0xffff_ff02 | 0x10)));
    let service = ServiceEntry::try_from(&answer).unwrap().service;
    let expected = SchedulerFlags::FLAG_2;
    assert_eq!(service.scheduler_flags(), expected);
}

#[test]
fn a_mark_of_0_is_none() {
    let answer = service_answer(|attributes| attributes.push(ServiceAttribute::Fwmark(0)));
    assert_eq!(ServiceEntry::try_from(&answer).unwrap().service.id(), id());
}

#[test]
fn a_prefix_length_that_there_is_not() {
    for length in [0, 129, 256 + 64, u32::MAX] {
        let answer = service_answer(|attributes| {
            attributes.extend([
                ServiceAttribute::AddressFamily(10),
                ServiceAttribute::Netmask(length),
                flags(0x01),
            ]);
        });
        assert_eq!(
            ServiceEntry::try_from(&answer),
            Err(DecodeError::PrefixLength(length))
        );
    }
}

#[test]
fn each_attribute_of_a_service_that_has_to_be_there_is_missed() {
    let whole = service_answer(|_| {});
    let [IpvsAttribute::Service(attributes)] = whole.attributes.as_slice() else {
        panic!()
    };
    for place in 0..attributes.len() {
        let answer = service_answer(|attributes| {
            attributes.remove(place);
        });
        let entry = ServiceEntry::try_from(&answer);
        let unneeded = matches!(
            attributes.get(place),
            Some(ServiceAttribute::Timeout(_) | ServiceAttribute::Netmask(_))
        );
        assert_eq!(entry.is_ok(), unneeded, "{place}: {entry:?}");
        assert!(unneeded || matches!(entry, Err(DecodeError::Missing(_))));
    }
}

#[test]
fn an_attribute_of_another_size_is_a_missing_one() {
    let answer = service_answer(|attributes| {
        attributes.retain(|attribute| !matches!(attribute, ServiceAttribute::Port(_)));
        attributes.push(ServiceAttribute::Other(DefaultNla::new(4, vec![0, 0, 0, 80])));
    });
    assert_eq!(
        ServiceEntry::try_from(&answer),
        Err(DecodeError::Missing("service's port"))
    );
}

#[test]
fn an_answer_to_something_else() {
    let message = IpvsMessage {
        command: IpvsCommand::Other(99),
        attributes: Vec::new(),
    };
    let expected = |expected| DecodeError::Command {
        found: IpvsCommand::Other(99),
        expected,
    };
    assert_eq!(
        ServiceEntry::try_from(&message),
        Err(expected(IpvsCommand::NewService))
    );
    assert_eq!(
        DestinationEntry::from_message(&message, Family::Ipv4),
        Err(expected(IpvsCommand::NewDest))
    );
    assert_eq!(Daemon::try_from(&message), Err(expected(IpvsCommand::NewDaemon)));
    assert_eq!(
        Timeouts::try_from(&message),
        Err(expected(IpvsCommand::SetConfig))
    );
    assert_eq!(Info::try_from(&message), Err(expected(IpvsCommand::SetInfo)));
}

#[test]
fn a_destination_without_a_family_is_of_the_services() {
    let entry = destination_answer(Forward::Masquerade, |attributes| {
        attributes.retain(|attribute| !matches!(attribute, DestinationAttribute::AddressFamily(_)));
    })
    .unwrap();
    assert_eq!(entry.destination.id.to_string(), "10.0.1.1:8080");
    assert_eq!((entry.active, entry.inactive, entry.persistent), (1, 2, 3));

    let found = destination_answer(Forward::Masquerade, |attributes| {
        attributes.push(DestinationAttribute::AddressFamily(7));
    });
    assert_eq!(found, Err(DecodeError::AddressFamily(7)));
}

#[test]
fn tunnels_with_and_without_a_name() {
    let other = |kind, port, flags| Tunnel::Other(UnknownTunnel { kind, port, flags });
    let port = 6080.try_into().unwrap();
    let checksum = Checksum::Full;
    let expected = [
        ((0, 0, 0), Tunnel::Ipip),
        ((0, 6080, 0), other(0, 6080, 0)),
        ((0, 0, 1), other(0, 0, 1)),
        ((1, 6080, 1), Tunnel::Gue { port, checksum }),
        ((1, 0, 1), other(1, 0, 1)),
        ((1, 6080, 3), other(1, 6080, 3)),
        ((2, 0, 1), Tunnel::Gre { checksum }),
        ((2, 1, 1), other(2, 1, 1)),
        ((3, 1, 0), other(3, 1, 0)),
    ];
    for ((kind, port, flags), tunnel) in expected {
        let tunnel_attributes = [
            DestinationAttribute::TunnelType(kind),
            DestinationAttribute::TunnelPort(port),
            DestinationAttribute::TunnelFlags(flags),
        ];
        let entry = destination_answer(Forward::Tunnel(Tunnel::Ipip), |attributes| {
            attributes.extend(tunnel_attributes.clone());
        });
        let forward = Forward::Tunnel(tunnel);
        assert_eq!(entry.unwrap().destination.forward, forward);

        let again = destination_answer(forward, |_| {});
        assert_eq!(again.unwrap().destination.forward, forward);

        let direct = destination_answer(Forward::DirectRoute, |attributes| {
            attributes.extend(tunnel_attributes);
        });
        assert_eq!(direct.unwrap().destination.forward, Forward::DirectRoute);
    }
}

#[test]
fn a_way_of_forwarding_without_a_name_is_kept() {
    let forward = Forward::Other(UnknownForward(6));
    let entry = destination_answer(forward, |_| {}).unwrap();
    assert_eq!(entry.destination.forward, forward);
}

#[test]
fn weights_and_thresholds_that_the_kernel_would_refuse() {
    let heavy = destination_answer(Forward::Masquerade, |attributes| {
        attributes.push(DestinationAttribute::Weight(0x8000_0000));
    });
    assert_eq!(heavy, Err(Weight::new(0x8000_0000).unwrap_err().into()));

    let crossed = destination_answer(Forward::Masquerade, |attributes| {
        attributes.push(DestinationAttribute::LowerThreshold(1));
    });
    assert_eq!(crossed, Err(Thresholds::new(0, 1).unwrap_err().into()));
}

fn daemon(attributes: Vec<DaemonAttribute>) -> Result<Daemon, DecodeError> {
    let message = IpvsMessage {
        command: IpvsCommand::NewDaemon,
        attributes: vec![IpvsAttribute::Daemon(attributes)],
    };
    Daemon::try_from(&message)
}

#[test]
fn a_sync_daemon_of_an_old_kernel() {
    let basic = |state, id| {
        vec![
            DaemonAttribute::State(state),
            DaemonAttribute::Interface("eth0".to_owned()),
            DaemonAttribute::SyncId(id),
        ]
    };
    let expected = Daemon::new(SyncRole::Backup, "eth0", 7).unwrap();
    assert_eq!(daemon(basic(2, 7)), Ok(expected));
    assert_eq!(daemon(basic(0, 7)), Err(DecodeError::SyncState(0)));
    assert_eq!(daemon(basic(1, 256)), Err(DecodeError::SyncId(256)));

    let group = [basic(1, 7), vec![DaemonAttribute::Group([10, 0, 0, 1])]].concat();
    assert!(matches!(
        daemon(group),
        Err(DecodeError::Daemon(InvalidDaemon::Group(_)))
    ));
}

#[test]
fn timeouts_are_whole_seconds_and_none_is_left_out() {
    let timeouts = Timeouts {
        tcp: Some(Duration::from_millis(1)),
        tcp_fin: None,
        udp: Some(Duration::MAX),
    };
    let expected = [IpvsAttribute::TimeoutTcp(1), IpvsAttribute::TimeoutUdp(u32::MAX)];
    let message = Command::SetTimeouts(timeouts).message();
    assert_eq!(message.attributes, expected);
    let read = Timeouts::try_from(&message).unwrap();
    assert_eq!(read.tcp, Some(Duration::from_secs(1)));
    assert_eq!(read.tcp_fin, None);
}

#[test]
fn the_version_is_three_numbers() {
    let message = IpvsMessage {
        command: IpvsCommand::SetInfo,
        attributes: vec![
            IpvsAttribute::Info(InfoAttribute::Version(0xff01_0203)),
            IpvsAttribute::Info(InfoAttribute::ConnectionTableSize(4096)),
        ],
    };
    let info = Info::try_from(&message).unwrap();
    assert_eq!(info.version.to_string(), "1.2.3");
    assert_eq!(info.connection_table_size, 4096);
}

#[test]
fn lists_are_asked_for_as_lists() {
    let list = [Query::Services, Query::Destinations(id()), Query::Daemons];
    let one = [Query::Service(id()), Query::Timeouts, Query::Info];
    assert!(list.iter().all(Query::is_list));
    assert!(!one.iter().any(Query::is_list));
    let whose = Query::Destinations(id()).message().attributes;
    assert_eq!(
        whose,
        Command::DeleteService(id()).message().attributes,
        "a service is known by what it is found by, and nothing else is sent"
    );
}
