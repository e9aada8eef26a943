//! Exchanges and batches take whatever comes.

#![allow(clippy::unwrap_used, reason = "a test ends there")]

use std::net::SocketAddr;
use std::task::Poll;

use ipvs_netlink::packet::{IpvsCommand, IpvsMessage};
use ipvs_netlink::{
    Batch, Command, Daemon, Destination, DestinationEntry, Error, Exchange, FamilyNumber, Forward, Info,
    Outcome, Scheduler, Service, ServiceEntry, ServiceId, Timeouts,
};
use netlink_packet_core::{NLM_F_DUMP_INTR, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR, NetlinkMessage};
use netlink_packet_generic::GenlMessage;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const FAMILY: FamilyNumber = FamilyNumber::new(0x1C);
const SEQUENCE: u32 = 7;

fn web() -> ServiceId {
    ServiceId::tcp(([10, 0, 0, 1], 80))
}

fn frame(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut octets = u32::try_from(16 + payload.len()).unwrap().to_ne_bytes().to_vec();
    octets.extend(kind.to_ne_bytes());
    octets.extend(flags.to_ne_bytes());
    octets.extend(sequence.to_ne_bytes());
    octets.extend([0; 4]);
    octets.extend(payload);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

/// A service as a kernel lists it, with a port to tell it by.
fn service(port: u16, sequence: u32, flags: u16) -> Vec<u8> {
    let id = ServiceId::tcp(([10, 0, 0, 1], port));
    let mut message = Command::AddService(Service::new(id, Scheduler::RR)).message();
    message.command = IpvsCommand::NewService;
    let mut payload = GenlMessage::from_payload(with_statistics(message));
    payload.set_resolved_family_id(FAMILY.get());
    let mut message = NetlinkMessage::from(payload);
    message.header.flags = flags;
    message.header.sequence_number = sequence;
    message.finalize();
    let mut octets = vec![0; message.buffer_len()];
    message.serialize(&mut octets);
    octets
}

fn with_statistics(mut message: IpvsMessage) -> IpvsMessage {
    use ipvs_netlink::packet::{Counter, IpvsAttribute, ServiceAttribute, StatisticsAttribute as Of};
    let zero = Counter::U64(0);
    let statistics = vec![
        Of::Connections(zero),
        Of::PacketsIn(zero),
        Of::PacketsOut(zero),
        Of::BytesIn(zero),
        Of::BytesOut(zero),
        Of::ConnectionRate(zero),
        Of::PacketRateIn(zero),
        Of::PacketRateOut(zero),
        Of::ByteRateIn(zero),
        Of::ByteRateOut(zero),
    ];
    if let Some(IpvsAttribute::Service(attributes)) = message.attributes.first_mut() {
        attributes.push(ServiceAttribute::Statistics64(statistics));
    }
    message
}

fn done(sequence: u32) -> Vec<u8> {
    frame(NLMSG_DONE, NLM_F_MULTIPART, sequence, &[0; 4])
}

fn ports(entries: &[ServiceEntry]) -> Vec<u16> {
    let port = |entry: &ServiceEntry| match entry.service.id() {
        ServiceId::Endpoint { port, .. } => port,
        ServiceId::Fwmark { .. } => 0,
    };
    entries.iter().map(port).collect()
}

/// A message of a list, and whether it belongs to the exchange.
#[derive(Debug, Clone)]
enum Piece {
    Own(u16),
    Interrupted(u16),
    Foreign(u16),
    ForeignEnd,
    Strange,
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        6 => any::<u16>().prop_map(Piece::Own),
        1 => any::<u16>().prop_map(Piece::Interrupted),
        2 => any::<u16>().prop_map(Piece::Foreign),
        1 => Just(Piece::ForeignEnd),
        1 => Just(Piece::Strange),
    ]
}

impl Piece {
    fn octets(&self) -> Vec<u8> {
        match *self {
            Self::Own(port) => service(port, SEQUENCE, NLM_F_MULTIPART),
            Self::Interrupted(port) => service(port, SEQUENCE, NLM_F_MULTIPART | NLM_F_DUMP_INTR),
            Self::Foreign(port) => service(port, SEQUENCE + 1, NLM_F_MULTIPART | NLM_F_DUMP_INTR),
            Self::ForeignEnd => done(SEQUENCE - 1),
            Self::Strange => frame(FAMILY.get(), NLM_F_MULTIPART, SEQUENCE, &[1, 1, 0, 0, 3]),
        }
    }
}

fn commands(count: u8) -> Vec<Command> {
    let server = |number| SocketAddr::from(([10, 0, 1, number], 80));
    let destination = |number| Destination::new(server(number), Forward::Masquerade);
    (0..count)
        .map(|number| Command::AddDestination(web(), destination(number)))
        .collect()
}

fn answer(sequence: u32, errno: i32) -> Vec<u8> {
    let payload = [&(-errno).to_ne_bytes()[..], &[0; 16]].concat();
    frame(NLMSG_ERROR, 0x100, sequence, &payload)
}

/// Gives all exchanges all datagrams.
fn feed(datagrams: &[Vec<u8>]) {
    let id = web();
    let mut family = Exchange::<FamilyNumber>::resolve(SEQUENCE);
    let mut services = Exchange::<ServiceEntry>::services(FAMILY, SEQUENCE);
    let mut service = Exchange::service(FAMILY, SEQUENCE, &id);
    let mut destinations = Exchange::<DestinationEntry>::destinations(FAMILY, SEQUENCE, &id);
    let mut daemons = Exchange::<Daemon>::daemons(FAMILY, SEQUENCE);
    let mut timeouts = Exchange::<Timeouts>::timeouts(FAMILY, SEQUENCE);
    let mut info = Exchange::<Info>::info(FAMILY, SEQUENCE);
    let commands = commands(3);
    let mut batch = Batch::new(FAMILY, SEQUENCE, &commands, 10).unwrap();
    for datagram in datagrams {
        let _ = family.receive(datagram);
        let _ = services.receive(datagram);
        let _ = service.receive(datagram);
        let _ = destinations.receive(datagram);
        let _ = daemons.receive(datagram);
        let _ = timeouts.receive(datagram);
        let _ = info.receive(datagram);
        let _ = batch.receive(datagram);
    }
}

proptest! {
    #[test]
    fn octets_of_chance_do_no_harm(datagrams in vec(vec(any::<u8>(), 0..200), 0..4)) {
        feed(&datagrams);
    }

    #[test]
    fn messages_of_chance_do_no_harm(
        messages in vec((select(vec![1, 2, 3, 4, 16, 0x1C]), any::<u16>(), 5..9_u32, vec(any::<u8>(), 0..60)), 0..8),
        command in 0..18_u8,
    ) {
        let payload = |tail: &[u8]| [&[command, 1, 0, 0], tail].concat();
        let datagram = messages.iter().flat_map(|(kind, flags, sequence, tail)| {
            frame(*kind, *flags, *sequence, &payload(tail))
        });
        feed(&[datagram.collect()]);
    }

    #[test]
    fn cut_or_changed_anywhere_it_does_no_harm(
        pieces in vec(piece(), 1..6),
        cut in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 0..4),
    ) {
        let mut octets: Vec<u8> = pieces.iter().flat_map(Piece::octets).collect();
        octets.extend(done(SEQUENCE));
        for (place, value) in changes {
            let place = place.index(octets.len());
            octets[place] = value;
        }
        octets.truncate(cut.index(octets.len() + 1));
        feed(&[octets]);
    }

    /// Whatever is in between and however the messages are dealt out to datagrams: what belongs to it comes out, in order.
    #[test]
    fn list_is_what_belongs_to_it(
        pieces in vec(piece(), 0..20),
        per_datagram in 1..5_usize,
    ) {
        let mut messages: Vec<_> = pieces.iter().map(Piece::octets).collect();
        messages.push(done(SEQUENCE));
        let datagrams: Vec<_> = messages.chunks(per_datagram).map(<[_]>::concat).collect();
        let mut exchange = Exchange::<ServiceEntry>::services(FAMILY, SEQUENCE);
        let (last, before) = datagrams.split_last().unwrap();
        for datagram in before {
            prop_assert!(exchange.receive(datagram).is_pending());
        }
        let Poll::Ready(result) = exchange.receive(last) else { panic!("it has an end") };
        if pieces.iter().any(|piece| matches!(piece, Piece::Interrupted(_))) {
            let is_interrupted = matches!(result, Err(Error::Interrupted { .. }));
            prop_assert!(is_interrupted);
            return Ok(());
        }
        let expected: Vec<_> = pieces.iter().filter_map(|piece| match piece {
            Piece::Own(port) => Some(*port),
            _ => None,
        }).collect();
        let strange = pieces.iter().filter(|piece| matches!(piece, Piece::Strange)).count();
        let reply = result.unwrap();
        prop_assert_eq!(ports(&reply.entries), expected);
        prop_assert_eq!(reply.passed_over.len(), strange);
    }

    /// Refusals may come twice and out of order; each is where its command is.
    #[test]
    fn refusals_are_where_their_commands_are(
        count in 1..50_u8,
        refused in vec(any::<Index>(), 0..30),
        first in any::<u32>(),
    ) {
        let commands = commands(count);
        let mut batch = Batch::new(FAMILY, first, &commands, 100).unwrap();
        let mut expected = vec![true; commands.len()];
        for place in &refused {
            let place = place.index(commands.len());
            expected[place] = false;
            let sequence = first.wrapping_add(u32::try_from(place).unwrap());
            prop_assert!(batch.receive(&answer(sequence, 17)).is_pending());
        }
        let last = batch.next_sequence().wrapping_sub(1);
        let Poll::Ready(Ok(results)) = batch.receive(&answer(last, 0)) else { panic!("that was the last") };
        prop_assert_eq!(results.iter().map(Outcome::is_ok).collect::<Vec<_>>(), expected);
    }
}
