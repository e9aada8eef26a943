//! Many commands at once.

use std::net::SocketAddr;

use ipvs_guest::Test;
use ipvs_netlink::{
    Client, Command, Destination, Forward, Pool, Reason, Scheduler, Scope, Service, ServiceId, Table, Weight,
};

use crate::lab::{self, endpoint};

pub(crate) const TESTS: &[Test] = &[
    (
        "batch::refusals_in_the_middle_do_not_keep_from_the_rest",
        refusals_in_the_middle_do_not_keep_from_the_rest,
    ),
    (
        "batch::all_refused_fit_into_the_receive_buffer",
        all_refused_fit_into_the_receive_buffer,
    ),
    ("batch::commands_are_done_in_order", commands_are_done_in_order),
    (
        "batch::one_change_among_ten_thousand_destinations_is_one_command",
        one_change_among_ten_thousand_destinations_is_one_command,
    ),
    ("batch::a_thousand_services", a_thousand_services),
];

fn web() -> ServiceId {
    ServiceId::tcp(endpoint("10.0.0.1:80"))
}

fn server(number: u16) -> Destination {
    let [high, low] = number.to_be_bytes();
    Destination::new(SocketAddr::from(([10, 1, high, low], 80)), Forward::DirectRoute)
}

fn with_service(test: impl FnOnce(&mut Client)) {
    lab::enter(|client| {
        client.add_service(&Service::new(web(), Scheduler::RR)).unwrap();
        test(client);
    });
}

fn refusals_in_the_middle_do_not_keep_from_the_rest() {
    with_service(|client| {
        // Each third is one that is there already, and each seventh is one that cannot be.
        let (mut commands, mut expected) = (Vec::new(), Vec::new());
        for number in 1..=1000 {
            let (destination, reason) = match number {
                n if n % 7 == 0 => (Destination::new(endpoint("224.0.0.1:80"), Forward::Masquerade), {
                    Some(Reason::NotUnicast([224, 0, 0, 1].into()))
                }),
                n if n % 3 == 0 => (server(1), Some(Reason::DestinationExists(web(), server(1).id))),
                n => (server(n), None),
            };
            commands.push(Command::AddDestination(web(), destination));
            expected.push(reason);
        }
        let results = client.batch(&commands).unwrap();
        let reasons: Vec<_> = results
            .into_iter()
            .map(|result| result.err().map(|refusal| refusal.reason))
            .collect();
        assert_eq!(reasons, expected);
        let added = expected.iter().filter(|reason| reason.is_none()).count();
        assert_eq!(client.destinations(&web()).unwrap().len(), added);
    });
}

fn all_refused_fit_into_the_receive_buffer() {
    lab::enter(|client| {
        let commands: Vec<_> = (1..=5000)
            .map(|number| Command::AddDestination(web(), server(number)))
            .collect();
        let results = client.batch(&commands).unwrap();
        assert_eq!(results.len(), commands.len());
        let expected = Err(Reason::NoService(web()));
        assert!(
            results
                .into_iter()
                .all(|result| result.map_err(|refusal| refusal.reason) == expected)
        );
        // The client is as good as before.
        assert_eq!(client.services().unwrap(), []);
    });
}

fn commands_are_done_in_order() {
    lab::enter(|client| {
        let service = Service::new(web(), Scheduler::RR);
        let commands = [
            Command::AddDestination(web(), server(1)),
            Command::AddService(service.clone()),
            Command::AddDestination(web(), server(1)),
            Command::SetDestination(web(), server(1).with_weight(Weight::from(5))),
            Command::AddDestination(web(), server(2)),
            Command::DeleteDestination(web(), server(2).id),
            Command::DeleteDestination(web(), server(2).id),
            Command::SetService(Service::new(web(), Scheduler::WRR)),
        ];
        let results = client.batch(&commands).unwrap();
        let refused: Vec<_> = (0..)
            .zip(&results)
            .filter(|(_, result)| result.is_err())
            .map(|(place, _)| place)
            .collect();
        assert_eq!(refused, [0, 6]);
        let mut pool = Pool::new(Service::new(web(), Scheduler::WRR));
        pool.insert(server(1).with_weight(Weight::from(5)));
        assert_eq!(client.table().unwrap(), Table::from_iter([pool]));
        assert_eq!(client.batch(&[]).unwrap(), []);
    });
}

fn one_change_among_ten_thousand_destinations_is_one_command() {
    lab::enter(|client| {
        let mut pool = Pool::new(Service::new(web(), Scheduler::RR));
        pool.extend((1..=10_000).map(server));
        let mut wanted = Table::from_iter([pool]);
        let done = client.reconcile(&wanted, &Scope::All).unwrap();
        assert_eq!(done.len(), 10_001);
        assert!(done.iter().all(|(_, result)| result.is_ok()));
        assert_eq!(client.table().unwrap(), wanted);

        let changed = server(5_000).with_weight(Weight::from(9));
        wanted.get_mut(&web()).expect("inserted").insert(changed);
        let done = client.reconcile(&wanted, &Scope::All).unwrap();
        assert_eq!(done, [(Command::SetDestination(web(), changed), Ok(()))]);
        assert_eq!(client.table().unwrap(), wanted);
    });
}

fn a_thousand_services() {
    lab::enter(|client| {
        let pools = (1..=1000).map(|port| {
            let mut pool = Pool::new(Service::new(
                ServiceId::tcp(SocketAddr::from(([10, 0, 0, 1], port))),
                Scheduler::RR,
            ));
            pool.insert(server(port));
            pool
        });
        let wanted: Table = pools.collect();
        client.reconcile(&wanted, &Scope::All).unwrap();
        assert_eq!(client.table().unwrap(), wanted);
        client.flush().unwrap();
        assert!(client.table().unwrap().is_empty());
    });
}
