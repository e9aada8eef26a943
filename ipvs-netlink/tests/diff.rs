//! Differences of tables, applied to a model of the kernel.

mod model;

use std::net::SocketAddr;

use ipvs_netlink::{
    Command, Daemon, Destination, DestinationId, Forward, Scheduler, Scope, Service, ServiceId, SyncRole,
    Table, Tunnel,
};
use model::{Draw, Kernel, Refusal, holds};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_table_becomes_any_other(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut draw = Draw::new(&octets);
        // The scope first: the tables may use the octets up.
        let (scope, wanted, start) = (draw.scope(), draw.table(), draw.table());
        holds(&wanted, &start, &scope);
    }

    #[test]
    fn a_table_becomes_one_that_is_much_like_it(
        octets in prop::collection::vec(any::<u8>(), 0..400),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        scope in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let start = Draw::new(&octets).table();
        let mut other = octets.clone();
        for (place, octet) in flips.iter().filter(|_| !octets.is_empty()) {
            *place.get_mut(&mut other) = *octet;
        }
        let wanted = Draw::new(&other).table();
        holds(&wanted, &start, &Draw::new(&scope).scope());
    }
}

fn endpoint(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

fn service() -> Service {
    Service::new(ServiceId::tcp(endpoint("10.0.0.1:80")), Scheduler::RR)
}

fn server() -> Destination {
    Destination::new(endpoint("10.0.1.1:80"), Forward::DirectRoute)
}

fn kernel() -> Kernel {
    let mut table = Table::new();
    table.insert(service()).insert(server());
    Kernel::with(table)
}

#[test]
fn the_model_refuses_what_is_there_or_is_not() {
    let other = ServiceId::tcp(endpoint("10.0.0.1:81"));
    let gone = Destination::new(endpoint("10.0.1.2:80"), Forward::DirectRoute);
    let id = service().id();
    for (command, refusal) in [
        (Command::AddService(service()), Refusal::Exists),
        (
            Command::SetService(Service::new(other, Scheduler::RR)),
            Refusal::NoService,
        ),
        (Command::DeleteService(other), Refusal::NoService),
        (Command::AddDestination(id, server()), Refusal::Exists),
        (Command::AddDestination(other, server()), Refusal::NoService),
        (Command::SetDestination(id, gone), Refusal::NoDestination),
        (Command::SetDestination(other, gone), Refusal::NoService),
        (Command::DeleteDestination(id, gone.id), Refusal::NoDestination),
        (Command::DeleteDestination(other, gone.id), Refusal::NoService),
    ] {
        let mut kernel = kernel();
        assert_eq!(kernel.apply(&command), Err(refusal), "{command}");
        assert_eq!(
            kernel.table(),
            self::kernel().table(),
            "{command} changed something"
        );
    }
}

#[test]
fn the_model_takes_another_family_only_through_a_tunnel_and_without_a_sync_daemon() {
    let tunnel = Destination::new(endpoint("[fd00::1]:80"), Forward::Tunnel(Tunnel::Ipip));
    let masquerade = Destination {
        forward: Forward::Masquerade,
        ..tunnel
    };
    let id = service().id();
    let mut kernel = kernel();
    let refused = Err(Refusal::Family);
    assert_eq!(kernel.apply(&Command::AddDestination(id, masquerade)), refused);
    assert_eq!(kernel.apply(&Command::AddDestination(id, tunnel)), Ok(()));
    assert_eq!(kernel.apply(&Command::SetDestination(id, masquerade)), refused);
    let daemon = Daemon::new(SyncRole::Master, "eth0", 1).expect("a name");
    assert_eq!(kernel.apply(&Command::StartDaemon(daemon)), Ok(()));
    assert_eq!(kernel.apply(&Command::SetDestination(id, tunnel)), refused);
    assert_eq!(kernel.apply(&Command::DeleteDestination(id, tunnel.id)), Ok(()));
    assert!(service().suits(&tunnel) && !service().suits(&masquerade));
}

#[test]
fn a_wanted_destination_that_the_kernel_never_takes_is_not_left_out() {
    let misfit = Destination::new(endpoint("[fd00::1]:80"), Forward::Masquerade);
    let mut wanted = kernel().table().clone();
    wanted.insert(service()).insert(misfit);
    let commands = ipvs_netlink::diff(&wanted, kernel().table(), &Scope::Wanted);
    assert_eq!(commands, [Command::AddDestination(service().id(), misfit)]);
    assert_eq!(kernel().apply(&commands[0]), Err(Refusal::Family));
}

#[test]
fn a_destination_is_one_machine() {
    for address in model::NEVER {
        let destination = Destination::new(SocketAddr::new(address, 80), Forward::Tunnel(Tunnel::Ipip));
        assert!(!service().suits(&destination), "{address}");
        let added = Command::AddDestination(service().id(), destination);
        assert_eq!(kernel().apply(&added), Err(Refusal::Address));
    }
    for text in ["0.1.2.3:1", "240.0.0.1:1", "255.255.255.254:1", "127.0.0.1:1"] {
        assert!(DestinationId::from(endpoint(text)).is_unicast(), "{text}");
    }
    for text in [
        "[::1]:1",
        "[::2]:1",
        "[::1.2.3.4]:1",
        "[fec0::1]:1",
        "[fe80::1]:1",
    ] {
        assert!(DestinationId::from(endpoint(text)).is_unicast(), "{text}");
    }
}
