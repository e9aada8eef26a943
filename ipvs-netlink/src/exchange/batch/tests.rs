use super::super::tests::{answer, message};
use super::*;
use crate::{Destination, Forward, Reason, ServiceId};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NLMSG_DONE, NLMSG_NOOP, NLMSG_OVERRUN, NetlinkBuffer};

const FAMILY: FamilyNumber = FamilyNumber::new(0x1C);
const FIRST: u32 = 7;

fn web() -> ServiceId {
    ServiceId::tcp(([10, 0, 0, 1], 80))
}

fn commands(count: u8) -> Vec<Command> {
    let servers = (0..count).map(|number| {
        Destination::new(
            std::net::SocketAddr::from(([10, 0, 1, number], 80)),
            Forward::DirectRoute,
        )
    });
    servers
        .map(|server| Command::AddDestination(web(), server))
        .collect()
}

/// The types, sequence numbers and flags of a request.
fn headers(request: &[u8]) -> Vec<(u16, u32, u16)> {
    let mut rest = request;
    let mut headers = Vec::new();
    while !rest.is_empty() {
        let buffer = NetlinkBuffer::new_checked(rest).unwrap();
        headers.push((buffer.message_type(), buffer.sequence_number(), buffer.flags()));
        rest = &rest[usize::try_from(buffer.length()).unwrap().next_multiple_of(4)..];
    }
    headers
}

fn ready(batch: &mut Batch<'_>, datagram: &[u8]) -> Option<Vec<Result<(), Reason>>> {
    let Poll::Ready(results) = batch.receive(datagram) else {
        return None;
    };
    let results = results.unwrap().into_iter();
    Some(
        results
            .map(|result| result.map_err(|refusal| refusal.reason))
            .collect(),
    )
}

#[test]
fn only_the_message_behind_the_last_command_asks_for_an_answer() {
    let commands = commands(2);
    let batch = Batch::new(FAMILY, FIRST, &commands, 100).unwrap();
    let command = |sequence| (FAMILY.get(), sequence, NLM_F_REQUEST);
    let last = (NLMSG_NOOP, 9, NLM_F_REQUEST | NLM_F_ACK);
    assert_eq!(headers(batch.request()), [command(7), command(8), last]);
    assert_eq!(batch.commands(), commands);
    assert_eq!(batch.next_sequence(), 10);
}

#[test]
fn no_more_commands_than_fit() {
    let many: Vec<_> = commands(250).into_iter().cycle().take(10_000).collect();
    assert!(Batch::new(FAMILY, FIRST, &[], 100).is_none());
    for (limit, expected) in [(0, 1), (1, 1), (100, 100)] {
        let batch = Batch::new(FAMILY, FIRST, &many, limit).unwrap();
        assert_eq!(batch.commands().len(), expected);
        assert_eq!(headers(batch.request()).len(), expected + 1);
    }
    let batch = Batch::new(FAMILY, FIRST, &many, usize::MAX).unwrap();
    let one = (batch.request().len() - 16) / batch.commands().len();
    assert!((OCTETS - one..=OCTETS + 16).contains(&batch.request().len()));
}

#[test]
fn refusals_come_in_between_and_the_last_answer_ends_it() {
    let commands = commands(4);
    let id = |place: usize| match &commands[place] {
        Command::AddDestination(_, destination) => destination.id,
        other => panic!("{other}"),
    };
    let exists = |place| Err(Reason::DestinationExists(web(), id(place)));
    let mut batch = Batch::new(FAMILY, FIRST, &commands, 100).unwrap();
    assert_eq!(ready(&mut batch, &answer(FIRST + 1, 17)), None);
    assert_eq!(ready(&mut batch, &answer(FIRST + 3, 17)), None);
    let expected = vec![Ok(()), exists(1), Ok(()), exists(3)];
    assert_eq!(ready(&mut batch, &answer(FIRST + 4, 0)), Some(expected));

    let mut batch = Batch::new(FAMILY, FIRST, &commands, 100).unwrap();
    let datagram = [answer(FIRST, 17), answer(FIRST + 4, 0)].concat();
    let expected = vec![exists(0), Ok(()), Ok(()), Ok(())];
    assert_eq!(ready(&mut batch, &datagram), Some(expected));
}

#[test]
fn what_belongs_to_another_exchange_is_passed_over() {
    let commands = commands(2);
    let mut batch = Batch::new(FAMILY, FIRST, &commands, 100).unwrap();
    let others = [
        answer(FIRST - 1, 17),
        answer(FIRST + 3, 0),
        message(NLMSG_DONE, 0, FIRST + 2, &[0; 4]),
        message(FAMILY.get(), 0, FIRST + 1, &[1, 1, 0, 0]),
        answer(FIRST, 0),
    ];
    assert_eq!(ready(&mut batch, &others.concat()), None);
    assert_eq!(
        ready(&mut batch, &answer(FIRST + 2, 0)),
        Some(vec![Ok(()), Ok(())])
    );
    // It is over.
    assert_eq!(ready(&mut batch, &answer(FIRST, 17)), None);
    assert_eq!(ready(&mut batch, &answer(FIRST + 2, 0)), Some(vec![]));
}

#[test]
fn sequence_numbers_begin_anew_at_their_end() {
    let commands = commands(2);
    let mut batch = Batch::new(FAMILY, u32::MAX, &commands, 100).unwrap();
    let sequences: Vec<_> = headers(batch.request())
        .into_iter()
        .map(|(_, sequence, _)| sequence)
        .collect();
    assert_eq!(sequences, [u32::MAX, 0, 1]);
    assert_eq!(batch.next_sequence(), 2);
    assert_eq!(ready(&mut batch, &answer(0, 3)), None);
    let expected = vec![Ok(()), Err(Reason::NoService(web()))];
    assert_eq!(ready(&mut batch, &answer(1, 0)), Some(expected));
}

#[test]
fn lost_answers_are_said() {
    let commands = commands(2);
    let mut batch = Batch::new(FAMILY, FIRST, &commands, 100).unwrap();
    let result = batch.receive(&message(NLMSG_OVERRUN, 0, FIRST, &[]));
    assert!(matches!(result, Poll::Ready(Err(Error::Overrun))));
}
