//! Counters, and setting them to zero.

use std::net::UdpSocket;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use ipvs_guest::{Test, output};
use ipvs_netlink::{Client, Destination, Forward, Scheduler, Service, ServiceId, Statistics};

use ipvs_netlink::packet::{Counter, IpvsAttribute, IpvsMessage, ServiceAttribute, StatisticsAttribute};
use ipvs_netlink::{Exchange, ServiceEntry};
use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_generic::GenlMessage;
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};

use crate::lab::{self, endpoint};

pub(crate) const TESTS: &[Test] = &[
    (
        "statistics::counters_of_64_bits_are_what_is_read",
        counters_of_64_bits_are_what_is_read,
    ),
    (
        "statistics::connections_packets_and_octets_are_counted",
        connections_packets_and_octets_are_counted,
    ),
    (
        "statistics::counters_of_a_service_are_set_to_zero",
        counters_of_a_service_are_set_to_zero,
    ),
    (
        "statistics::all_counters_are_set_to_zero",
        all_counters_are_set_to_zero,
    ),
    ("statistics::version", version),
];

/// What a service and its only destination count.
fn counted(client: &mut Client, id: &ServiceId) -> (Statistics, Statistics) {
    let service = client.service(id).unwrap().expect("it was added");
    let [destination] = client
        .destinations(id)
        .unwrap()
        .try_into()
        .expect("only one was added");
    (service.statistics, destination.statistics)
}

/// Sends datagrams of 100 octets to a service on this machine that goes to this machine.
fn with_traffic(test: impl FnOnce(&mut Client, &ServiceId)) {
    lab::enter(|client| {
        output("ip address add 10.0.0.1/32 dev lo");
        let id = ServiceId::udp(endpoint("10.0.0.1:53"));
        client.add_service(&Service::new(id, Scheduler::RR)).unwrap();
        let server = UdpSocket::bind("127.0.0.1:5353").unwrap();
        let destination = Destination::new(server.local_addr().unwrap(), Forward::Masquerade);
        client.add_destination(&id, &destination).unwrap();
        let socket = UdpSocket::bind("10.0.0.1:0").unwrap();
        for _ in 0..7 {
            socket.send_to(&[0; 100], "10.0.0.1:53").unwrap();
        }
        wait_until_counted(client, &id);
        test(client, &id);
    });
}

/// The kernel brings the counters up to date every two seconds.
fn wait_until_counted(client: &mut Client, id: &ServiceId) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while counted(client, id).0.packets_in < 7 {
        assert!(Instant::now() < deadline, "nothing is counted");
        thread::sleep(Duration::from_millis(50));
    }
}

fn connections_packets_and_octets_are_counted() {
    with_traffic(|client, id| {
        let (service, destination) = counted(client, id);
        let expected = Statistics {
            connections: 1,
            packets_in: 7,
            bytes_in: 7 * (20 + 8 + 100),
            rates: service.rates,
            ..Statistics::default()
        };
        assert_eq!(service, expected);
        assert_eq!(
            Statistics {
                rates: service.rates,
                ..destination
            },
            expected
        );
        let entries = client.destinations(id).unwrap();
        assert_eq!(
            (entries[0].active, entries[0].inactive, entries[0].persistent),
            (0, 1, 0)
        );
    });
}

/// The attributes of the only service, as the kernel sends them.
fn raw_service() -> Vec<ServiceAttribute> {
    let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
    socket.bind_auto().unwrap();
    let ask = |request: &[u8]| {
        socket.send_to(request, &SocketAddr::new(0, 0), 0).unwrap();
        socket.recv_from_full().unwrap().0
    };
    let mut resolve = Exchange::resolve(1);
    let Poll::Ready(Ok(reply)) = resolve.receive(&ask(resolve.request())) else {
        panic!("no answer")
    };
    let list = ask(Exchange::<ServiceEntry>::services(reply.entries[0], 2).request());
    let message = NetlinkMessage::<GenlMessage<IpvsMessage>>::deserialize(&list).unwrap();
    let NetlinkPayload::InnerMessage(message) = message.payload else {
        panic!("{message:?}")
    };
    match message.payload.attributes.into_iter().next() {
        Some(IpvsAttribute::Service(attributes)) => attributes,
        other => panic!("{other:?}"),
    }
}

fn counters_of_64_bits_are_what_is_read() {
    with_traffic(|client, id| {
        let attributes = raw_service();
        let wide = attributes.iter().find_map(|attribute| match attribute {
            ServiceAttribute::Statistics64(statistics) => Some(statistics),
            _ => None,
        });
        let wide = wide.expect("Linux has had them since 4.1");
        let expected = Counter::U64(counted(client, id).0.bytes_in);
        assert!(wide.contains(&StatisticsAttribute::BytesIn(expected)), "{wide:?}");
    });
}

fn counters_of_a_service_are_set_to_zero() {
    with_traffic(|client, id| {
        client.zero(Some(id)).unwrap();
        let (service, destination) = counted(client, id);
        assert_eq!((service.packets_in, destination.packets_in), (0, 0));
    });
}

fn all_counters_are_set_to_zero() {
    with_traffic(|client, id| {
        client.zero(None).unwrap();
        let (service, destination) = counted(client, id);
        assert_eq!((service.connections, destination.bytes_in), (0, 0));
    });
}

fn version() {
    lab::enter(|client| {
        let info = client.info().unwrap();
        assert_eq!(info.version.to_string(), "1.2.1");
        assert!(info.connection_table_size.is_power_of_two());
        let listed = output("ipvsadm -L -n");
        assert!(
            listed.contains(&format!("version 1.2.1 (size={})", info.connection_table_size)),
            "{listed}"
        );
    });
}
