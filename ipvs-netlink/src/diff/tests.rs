use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Scope, diff};
use crate::{
    Checksum, Command, Destination, Family, Forward, Persistence, PersistenceEngine, Pool, Scheduler,
    SchedulerFlags, Service, ServiceId, Table, Thresholds, Tunnel, Weight,
};

fn tcp(port: u16) -> ServiceId {
    ServiceId::tcp(SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), port)))
}

fn service(port: u16) -> Service {
    Service::new(tcp(port), Scheduler::WRR)
}

fn server(last: u8) -> Destination {
    Destination::new(
        SocketAddr::from((Ipv4Addr::new(10, 0, 1, last), 80)),
        Forward::Masquerade,
    )
}

fn pool(service: Service, destinations: impl IntoIterator<Item = Destination>) -> Pool {
    let mut pool = Pool::new(service);
    pool.extend(destinations);
    pool
}

fn table(pools: impl IntoIterator<Item = Pool>) -> Table {
    pools.into_iter().collect()
}

#[test]
fn a_service_is_added_before_its_destinations() {
    let wanted = table([pool(service(80), [server(1), server(2)])]);
    assert_eq!(
        diff(&wanted, &Table::new(), &Scope::Wanted),
        [
            Command::AddService(service(80)),
            Command::AddDestination(tcp(80), server(1)),
            Command::AddDestination(tcp(80), server(2)),
        ]
    );
}

#[test]
fn what_is_equal_needs_nothing() {
    let wanted = table([pool(service(80), [server(1)]), pool(service(81), [])]);
    for scope in [Scope::Wanted, Scope::Own(BTreeSet::from([tcp(80)])), Scope::All] {
        assert_eq!(diff(&wanted, &wanted, &scope), []);
    }
}

#[test]
fn everything_about_a_service_but_its_identity_is_set() {
    let hour = Persistence::new(Family::Ipv4, Duration::from_hours(1)).unwrap();
    for changed in [
        Service::new(tcp(80), Scheduler::MH),
        service(80).with_scheduler_flags(SchedulerFlags::MH_PORT),
        service(80).with_one_packet(true),
        service(80).with_persistence(Some(hour)).unwrap(),
        service(80).with_persistence_engine(Some(PersistenceEngine::SIP)),
    ] {
        let wanted = table([pool(changed.clone(), [server(1)])]);
        let kernel = table([pool(service(80), [server(1)])]);
        let expected = [Command::SetService(changed)];
        assert_eq!(diff(&wanted, &kernel, &Scope::Wanted), expected);
    }
}

#[test]
fn everything_about_a_destination_but_its_identity_is_set() {
    let gre = |checksum| Forward::Tunnel(Tunnel::Gre { checksum });
    let tunnelled = |checksum| Destination {
        forward: gre(checksum),
        ..server(1)
    };
    for changed in [
        server(1).with_weight(Weight::ZERO),
        server(1).with_thresholds(Thresholds::new(10, 5).unwrap()),
        Destination {
            forward: Forward::DirectRoute,
            ..server(1)
        },
        tunnelled(Checksum::Full),
    ] {
        let wanted = table([pool(service(80), [changed, server(2)])]);
        for found in [server(1), tunnelled(Checksum::None)] {
            let kernel = table([pool(service(80), [found, server(2)])]);
            let expected = [Command::SetDestination(tcp(80), changed)];
            assert_eq!(diff(&wanted, &kernel, &Scope::Wanted), expected);
        }
    }
}

#[test]
fn new_and_changed_destinations_come_before_those_that_go() {
    let kernel = table([pool(service(80), [server(1), server(2)])]);
    let wanted = table([pool(service(80), [server(2).with_weight(5.into()), server(3)])]);
    assert_eq!(
        diff(&wanted, &kernel, &Scope::Wanted),
        [
            Command::SetDestination(tcp(80), server(2).with_weight(5.into())),
            Command::AddDestination(tcp(80), server(3)),
            Command::DeleteDestination(tcp(80), server(1).id),
        ]
    );
}

#[test]
fn another_port_is_another_destination() {
    let mut moved = server(1);
    moved.id.port = 8080;
    let kernel = table([pool(service(80), [server(1)])]);
    let wanted = table([pool(service(80), [moved])]);
    assert_eq!(
        diff(&wanted, &kernel, &Scope::Wanted),
        [
            Command::AddDestination(tcp(80), moved),
            Command::DeleteDestination(tcp(80), server(1).id),
        ]
    );
}

#[test]
fn the_scope_says_which_services_go_and_they_go_last() {
    let kernel = table([1, 2, 9].map(|port| pool(service(port), [server(1), server(2)])));
    let wanted = table([pool(service(5), []), pool(service(9), [])]);
    let kept = [
        Command::AddService(service(5)),
        Command::DeleteDestination(tcp(9), server(1).id),
        Command::DeleteDestination(tcp(9), server(2).id),
    ];
    let with = |deleted: &[u16]| -> Vec<Command> {
        let deleted = deleted.iter().map(|port| Command::DeleteService(tcp(*port)));
        kept.iter().cloned().chain(deleted).collect()
    };
    assert_eq!(diff(&wanted, &kernel, &Scope::Wanted), with(&[]));
    let own = BTreeSet::from([tcp(2), tcp(3), tcp(9)]);
    assert_eq!(diff(&wanted, &kernel, &Scope::Own(own)), with(&[2]));
    assert_eq!(diff(&wanted, &kernel, &Scope::All), with(&[1, 2]));
}

#[test]
fn marks_of_both_families_are_two_services() {
    let mark = std::num::NonZeroU32::new(7).unwrap();
    let service = |id| Service::new(id, Scheduler::RR);
    let kernel = table([pool(service(ServiceId::fwmark(mark)), [])]);
    let wanted = table([pool(service(ServiceId::fwmark6(mark)), [])]);
    assert_eq!(
        diff(&wanted, &kernel, &Scope::All),
        [
            Command::AddService(service(ServiceId::fwmark6(mark))),
            Command::DeleteService(ServiceId::fwmark(mark)),
        ]
    );
}
