//! Connections and datagrams of a client, and where they get to.

use ipvs_guest::Test;
use ipvs_netlink::{Rates, Scheduler, Service, ServiceId, Statistics, Weight};

use crate::farm::{Farm, VIRTUAL, wait_until};

pub(crate) const TESTS: &[Test] = &[
    ("traffic::weights_decide_where_masqueraded_connections_go", || {
        weights_decide(Farm::masqueraded());
    }),
    ("traffic::weights_decide_where_routed_connections_go", || {
        weights_decide(Farm::direct());
    }),
    (
        "traffic::masqueraded_datagrams_are_counted_both_ways",
        masqueraded_datagrams_are_counted_both_ways,
    ),
    (
        "traffic::routed_datagrams_are_counted_on_their_way_in",
        routed_datagrams_are_counted_on_their_way_in,
    ),
];

/// A change of weight is one message, and counts from the next connection on.
fn weights_decide(mut farm: Farm) {
    farm.serve_numbers(PORT);
    let web = ServiceId::tcp((VIRTUAL, PORT));
    let [first, second] = [0, 1].map(|server| farm.destination(server, PORT));
    farm.ipvs.add_service(&Service::new(web, Scheduler::WRR)).unwrap();
    farm.ipvs
        .add_destination(&web, &first.with_weight(Weight::new(3).unwrap()))
        .unwrap();
    farm.ipvs
        .add_destination(&web, &second.with_weight(Weight::ONE))
        .unwrap();
    assert_eq!(farm.reached(PORT, 40), [30, 10]);

    farm.ipvs
        .set_destination(&web, &first.with_weight(Weight::ONE))
        .unwrap();
    assert_eq!(farm.reached(PORT, 40), [20, 20]);

    farm.ipvs
        .set_destination(&web, &first.with_weight(Weight::ZERO))
        .unwrap();
    assert_eq!(farm.reached(PORT, 10), [0, 10]);

    wait_until("each server has the connections that reached it", || {
        connections(&mut farm, &web) == (90, vec![50, 40])
    });
}

/// Of the service, and of its destinations.
fn connections(farm: &mut Farm, id: &ServiceId) -> (u64, Vec<u64>) {
    let service = farm.ipvs.service(id).unwrap().unwrap();
    let mut destinations = farm.ipvs.destinations(id).unwrap();
    destinations.sort_by_key(|entry| entry.destination.id);
    let of_destinations = destinations
        .iter()
        .map(|entry| entry.statistics.connections)
        .collect();
    (service.statistics.connections, of_destinations)
}

fn masqueraded_datagrams_are_counted_both_ways() {
    let out = (SENT, SENT * (HEADERS + LENGTH / 2));
    datagrams_are_counted(Farm::masqueraded(), out);
}

/// Answers do not come back by the director.
fn routed_datagrams_are_counted_on_their_way_in() {
    datagrams_are_counted(Farm::direct(), (0, 0));
}

fn datagrams_are_counted(mut farm: Farm, (packets_out, bytes_out): (u64, u64)) {
    farm.serve_halves(PORT);
    let echo = ServiceId::udp((VIRTUAL, PORT));
    farm.ipvs.add_service(&Service::new(echo, Scheduler::RR)).unwrap();
    for server in 0..2 {
        let destination = farm.destination(server, PORT);
        farm.ipvs.add_destination(&echo, &destination).unwrap();
    }
    farm.send(PORT, SOCKETS, SENT / SOCKETS, LENGTH);

    let of_service = Statistics {
        connections: SOCKETS,
        packets_in: SENT,
        packets_out,
        bytes_in: SENT * (HEADERS + LENGTH),
        bytes_out,
        rates: Rates::default(),
    };
    wait_until("the service has what was sent", || {
        let service = farm.ipvs.service(&echo).unwrap().unwrap();
        without_rates(service.statistics) == of_service
    });
    let of_each = halved(of_service);
    wait_until("each destination has half of it", || {
        let destinations = farm.ipvs.destinations(&echo).unwrap();
        destinations.len() == 2
            && destinations
                .iter()
                .all(|entry| without_rates(entry.statistics) == of_each)
    });

    farm.ipvs.zero(Some(&echo)).unwrap();
    let service = farm.ipvs.service(&echo).unwrap().unwrap();
    assert_eq!(without_rates(service.statistics), Statistics::default());
}

fn without_rates(statistics: Statistics) -> Statistics {
    Statistics {
        rates: Rates::default(),
        ..statistics
    }
}

fn halved(whole: Statistics) -> Statistics {
    Statistics {
        connections: whole.connections / 2,
        packets_in: whole.packets_in / 2,
        packets_out: whole.packets_out / 2,
        bytes_in: whole.bytes_in / 2,
        bytes_out: whole.bytes_out / 2,
        rates: whole.rates,
    }
}

const PORT: u16 = 8080;

const SOCKETS: u64 = 10;
/// By all sockets.
const SENT: u64 = 50;
/// Of a datagram, in octets; an answer is half as long.
const LENGTH: u64 = 100;
/// Of IPv4 and UDP.
const HEADERS: u64 = 20 + 8;
