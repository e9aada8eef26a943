//! Everything that the types can say is set, read back equal, and is what Debian's ipvsadm says of it.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs_guest::Test;
use ipvs_netlink::{
    Checksum, Client, Destination, Family, Forward, Granularity, Persistence, PersistenceEngine, Pool,
    Protocol, Reason, Scheduler, SchedulerFlags, Scope, Service, ServiceId, Table, Thresholds, Tunnel,
    Weight,
};

use crate::lab::{self, endpoint};

pub(crate) const TESTS: &[Test] = &[
    (
        "said::all_schedulers_of_this_kernel",
        all_schedulers_of_this_kernel,
    ),
    ("said::service_without_a_scheduler", service_without_a_scheduler),
    (
        "said::scheduler_in_the_place_of_another",
        scheduler_in_the_place_of_another,
    ),
    ("said::what_services_are_found_by", what_services_are_found_by),
    (
        "said::marks_from_two_to_the_31st_on",
        marks_from_two_to_the_31st_on,
    ),
    ("said::persistence", persistence),
    ("said::persistence_engine", persistence_engine),
    (
        "said::scheduler_flags_and_one_packet",
        scheduler_flags_and_one_packet,
    ),
    ("said::ways_of_forwarding", ways_of_forwarding),
    (
        "said::what_ipvsadm_has_no_words_for",
        what_ipvsadm_has_no_words_for,
    ),
    (
        "said::destinations_of_another_family",
        destinations_of_another_family,
    ),
    ("said::weights_and_thresholds", weights_and_thresholds),
];

/// Makes the kernel's table this one, and expects that both the client and ipvsadm read it back.
fn is_said(client: &mut Client, table: &Table) {
    is_kept(client, table);
    assert_eq!(lab::saved(), lab::as_saved(table));
}

/// Makes the kernel's table this one, and expects that the client reads it back: ipvsadm has no words for it.
fn is_kept(client: &mut Client, table: &Table) {
    for (command, result) in client.reconcile(table, &Scope::All).unwrap() {
        assert_eq!(result, Ok(()), "{command}");
    }
    assert_eq!(&client.table().unwrap(), table);
    assert_eq!(client.passed_over(), []);
    assert_eq!(client.reconcile(table, &Scope::All).unwrap(), []);
}

/// The services one after the other in the place of each other, and then all that can be beside each other.
fn each_and_all(services: impl IntoIterator<Item = Service>) {
    lab::enter(|client| {
        let mut all = Table::new();
        for service in services {
            is_said(client, &Table::from_iter([Pool::new(service.clone())]));
            all.insert(service);
        }
        is_said(client, &all);
    });
}

/// The destinations, all in one service, and then each in the place of the one before.
fn as_destinations(service: &Service, destinations: &[Destination]) {
    lab::enter(|client| {
        let mut pool = Pool::new(service.clone());
        pool.extend(destinations.iter().copied());
        is_said(client, &Table::from_iter([pool]));
        let id = destinations.first().expect("there are some").id;
        for destination in destinations
            .iter()
            .filter(|other| other.id.family() == id.family())
        {
            let mut pool = Pool::new(service.clone());
            pool.insert(Destination { id, ..*destination });
            is_said(client, &Table::from_iter([pool]));
        }
    });
}

fn web() -> ServiceId {
    ServiceId::tcp(endpoint("10.0.0.1:80"))
}

fn web6() -> ServiceId {
    ServiceId::tcp(endpoint("[fd00::1]:80"))
}

fn server(number: u8, forward: Forward) -> Destination {
    let port = if forward == Forward::Masquerade { 8080 } else { 80 };
    Destination::new(SocketAddr::from(([10, 0, 1, number], port)), forward)
}

fn server6(number: u16, forward: Forward) -> Destination {
    Destination::new(
        SocketAddr::from(([0xfd00, 1, 0, 0, 0, 0, 0, number], 80)),
        forward,
    )
}

/// Debian's kernel for user-mode Linux is built without these.
const LACKING: [Scheduler; 1] = [Scheduler::TWOS];

fn all_schedulers_of_this_kernel() {
    lab::enter(|client| {
        let mut lacking = Vec::new();
        for scheduler in Scheduler::KNOWN {
            let service = Service::new(web(), scheduler.clone());
            if lab::reason(client.add_service(&service)) == Some(Reason::NoScheduler(scheduler.clone())) {
                lacking.push(scheduler);
                continue;
            }
            is_said(client, &Table::from_iter([Pool::new(service)]));
            client.delete_service(&web()).unwrap();
        }
        let _ = writeln!(std::io::stderr(), "not in this kernel: {lacking:?}");
        assert!(
            lacking.iter().all(|scheduler| LACKING.contains(scheduler)),
            "{lacking:?}"
        );
    });
}

/// Linux has taken `none` for none since 4.3: all connections are refused.
fn service_without_a_scheduler() {
    each_and_all([Service::new(web(), Scheduler::new("none").unwrap())]);
}

fn scheduler_in_the_place_of_another() {
    let known = Scheduler::KNOWN.into_iter();
    let there = known.filter(|scheduler| !LACKING.contains(scheduler));
    each_and_all(there.map(|scheduler| Service::new(web(), scheduler)));
}

fn what_services_are_found_by() {
    let mark = |mark| NonZeroU32::new(mark).expect("not 0");
    let ids = [
        web(),
        web6(),
        ServiceId::tcp(endpoint("10.0.0.1:0")),
        ServiceId::tcp(endpoint("10.0.0.1:65535")),
        ServiceId::udp(endpoint("10.0.0.1:53")),
        ServiceId::udp(endpoint("[fd00::1]:53")),
        ServiceId::sctp(endpoint("10.0.0.1:36412")),
        ServiceId::sctp(endpoint("[fd00::1]:36412")),
        ServiceId::fwmark(mark(1)),
        ServiceId::fwmark6(mark(1)),
        ServiceId::fwmark6(mark(0x7FFF_FFFF)),
    ];
    each_and_all(ids.map(|id| Service::new(id, Scheduler::WLC)));
}

fn marks_from_two_to_the_31st_on() {
    lab::enter(|client| {
        let id = ServiceId::fwmark(NonZeroU32::MAX);
        client.add_service(&Service::new(id, Scheduler::WLC)).unwrap();
        assert_eq!(client.services().unwrap()[0].service.id(), id);
        // ipvsadm takes it for a signed number.
        assert_eq!(lab::saved(), ["-A -f -1 -s wlc"]);
    });
}

fn persistence() {
    let timeouts = [1, 360, 31 * 24 * 60 * 60].map(Duration::from_secs);
    let masks =
        [[255; 4], [255, 255, 255, 0], [255, 0, 255, 0], [0; 4]].map(|mask| Granularity::mask(mask.into()));
    let lengths = [128, 127, 64, 1].map(|length| Granularity::prefix_length(length).unwrap());
    let mut services = Vec::new();
    for timeout in timeouts {
        for granularity in masks.into_iter().chain(lengths) {
            let family = granularity.family();
            let id = if family == Family::Ipv4 { web() } else { web6() };
            let persistence = Persistence::new(family, timeout).unwrap();
            let persistence = persistence.with_granularity(granularity).unwrap();
            let service = Service::new(id, Scheduler::RR);
            services.push(service.with_persistence(Some(persistence)).unwrap());
            services.push(Service::new(id, Scheduler::RR));
        }
    }
    each_and_all(services);
}

fn persistence_engine() {
    let service = Service::new(ServiceId::udp(endpoint("10.0.0.1:5060")), Scheduler::RR);
    let persistence = Persistence::new(Family::Ipv4, Duration::from_secs(60)).unwrap();
    let persistent = service.clone().with_persistence(Some(persistence)).unwrap();
    let with_engine = persistent
        .clone()
        .with_persistence_engine(Some(PersistenceEngine::SIP));
    let packets = with_engine.clone().with_one_packet(true);
    each_and_all([
        service,
        persistent.clone(),
        with_engine.clone(),
        packets,
        persistent,
        with_engine,
    ]);
}

fn scheduler_flags_and_one_packet() {
    let flags = [
        SchedulerFlags::FLAG_1,
        SchedulerFlags::FLAG_2,
        SchedulerFlags::FLAG_3,
    ];
    let mut services = Vec::new();
    for (scheduler, all) in [(Scheduler::SH, 4), (Scheduler::MH, 4), (Scheduler::WRR, 8_u8)] {
        for bits in 0..all {
            let chosen = flags.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
            let chosen = chosen.fold(SchedulerFlags::NONE, |all, (_, flag)| all | *flag);
            let service = Service::new(ServiceId::udp(endpoint("10.0.0.1:53")), scheduler.clone());
            let service = service.with_scheduler_flags(chosen);
            services.push(service.clone());
            services.push(service.with_one_packet(true));
        }
    }
    each_and_all(services);
}

fn ways_of_forwarding() {
    let port = NonZeroU16::new(6080).expect("not 0");
    let checksums = [Checksum::None, Checksum::Full, Checksum::Remote];
    let gue = checksums.map(|checksum| Tunnel::Gue { port, checksum });
    let gre = [Checksum::None, Checksum::Full].map(|checksum| Tunnel::Gre { checksum });
    let tunnels = [Tunnel::Ipip]
        .into_iter()
        .chain(gue)
        .chain(gre)
        .map(Forward::Tunnel);
    let ways = [Forward::Masquerade, Forward::DirectRoute]
        .into_iter()
        .chain(tunnels);
    let ways: Vec<_> = (1..).zip(ways).collect();
    let servers: Vec<_> = ways.iter().map(|(number, way)| server(*number, *way)).collect();
    let servers6: Vec<_> = ways
        .iter()
        .map(|(number, way)| server6((*number).into(), *way))
        .collect();
    as_destinations(&Service::new(web(), Scheduler::RR), &servers);
    as_destinations(&Service::new(web6(), Scheduler::RR), &servers6);
    let mark = NonZeroU32::new(7).expect("not 0");
    as_destinations(&Service::new(ServiceId::fwmark(mark), Scheduler::RR), &servers);
    as_destinations(&Service::new(ServiceId::fwmark6(mark), Scheduler::RR), &servers6);
}

fn what_ipvsadm_has_no_words_for() {
    let pools = [Scheduler::SH, Scheduler::MH].map(|scheduler| {
        let flags = SchedulerFlags::FLAG_1 | SchedulerFlags::FLAG_3;
        Pool::new(Service::new(web(), scheduler).with_scheduler_flags(flags))
    });
    let other = ServiceId::Endpoint {
        protocol: Protocol::new(47),
        address: Ipv4Addr::new(10, 0, 0, 1).into(),
        port: 80,
    };
    let mut forwards = Pool::new(Service::new(other, Scheduler::RR));
    forwards.insert(server(1, Forward::LocalNode));
    forwards.insert(server(2, Forward::Bypass));
    lab::enter(|client| {
        for pool in pools.into_iter().chain([forwards]) {
            is_kept(client, &Table::from_iter([pool]));
        }
    });
}

fn destinations_of_another_family() {
    let tunnel = Forward::Tunnel(Tunnel::Ipip);
    let gre = Forward::Tunnel(Tunnel::Gre {
        checksum: Checksum::None,
    });
    let mark = NonZeroU32::new(7).expect("not 0");
    let v4 = [server(1, tunnel), server(2, gre)];
    let v6 = [server6(1, tunnel), server6(2, gre)];
    for id in [web(), ServiceId::fwmark(mark)] {
        as_destinations(&Service::new(id, Scheduler::RR), &[v6[0], v6[1], v4[0]]);
    }
    for id in [web6(), ServiceId::fwmark6(mark)] {
        as_destinations(&Service::new(id, Scheduler::RR), &[v4[0], v4[1], v6[0]]);
    }
}

fn weights_and_thresholds() {
    let weights = [Weight::ONE, Weight::ZERO, Weight::MAX, Weight::from(100)];
    let thresholds = [(0, 0), (100, 75), (100, 0), (100, 100), (u32::MAX, 1)];
    let mut servers = Vec::new();
    for weight in weights {
        for (upper, lower) in thresholds {
            let number = u8::try_from(servers.len() + 1).expect("few");
            let server = server(number, Forward::DirectRoute).with_weight(weight);
            servers.push(server.with_thresholds(Thresholds::new(upper, lower).unwrap()));
        }
    }
    as_destinations(&Service::new(web(), Scheduler::RR), &servers);
}
