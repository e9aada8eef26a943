//! Exchanges over entries that are one octet behind generic netlink's header.

use super::*;
use crate::{Reason, Refusal};
use netlink_packet_core::{
    NLM_F_CAPPED, NLM_F_DUMP_INTR, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR, NLMSG_OVERRUN,
};

const SEQUENCE: u32 = 7;
const FAMILY: u16 = 0x1C;

pub(super) fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut octets = u32::try_from(16 + payload.len()).unwrap().to_ne_bytes().to_vec();
    octets.extend(kind.to_ne_bytes());
    octets.extend(flags.to_ne_bytes());
    octets.extend(sequence.to_ne_bytes());
    octets.extend([0; 4]);
    octets.extend(payload);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

pub(super) fn answer(sequence: u32, errno: i32) -> Vec<u8> {
    let mut payload = (-errno).to_ne_bytes().to_vec();
    payload.extend([0; 16]);
    message(NLMSG_ERROR, NLM_F_CAPPED, sequence, &payload)
}

fn entry(value: u8) -> Vec<u8> {
    message(FAMILY, NLM_F_MULTIPART, SEQUENCE, &[1, 1, 0, 0, value])
}

fn done() -> Vec<u8> {
    message(NLMSG_DONE, NLM_F_MULTIPART, SEQUENCE, &[0; 4])
}

fn exchange(shape: Shape) -> Exchange<u8> {
    let decode = |octets: &[u8], _| match octets {
        [1, 1, 0, 0, value] => Ok(*value),
        _ => Err(strange()),
    };
    let service = Some(ServiceId::tcp(([10, 0, 0, 1], 80)));
    let question = Question {
        shape,
        service,
        decode,
        refused: |failure, service| Refusal::of_read(service, failure).into(),
    };
    Exchange::new(Vec::new(), SEQUENCE, question)
}

fn strange() -> Undecodable {
    Undecodable {
        entry: "an entry".to_owned(),
        reason: "it is strange".to_owned(),
    }
}

/// What comes of datagrams, and how many of them it takes.
fn run(mut exchange: Exchange<u8>, datagrams: &[Vec<u8>]) -> Option<(usize, Result<Reply<u8>, String>)> {
    (1..)
        .zip(datagrams)
        .find_map(|(count, datagram)| match exchange.receive(datagram) {
            Poll::Pending => None,
            Poll::Ready(result) => Some((count, result.map_err(|error| error.to_string()))),
        })
}

fn list(datagrams: &[Vec<u8>]) -> Option<(usize, Result<Reply<u8>, String>)> {
    run(exchange(Shape::List), datagrams)
}

fn one(datagram: Vec<u8>) -> Result<Reply<u8>, String> {
    let (count, result) = run(exchange(Shape::One), &[datagram]).unwrap();
    assert_eq!(count, 1);
    result
}

fn entries(entries: &[u8]) -> Result<Reply<u8>, String> {
    Ok(Reply {
        entries: entries.to_vec(),
        passed_over: Vec::new(),
    })
}

#[test]
fn list_comes_in_many_datagrams_of_many_messages() {
    let datagrams = [[entry(1), entry(2)].concat(), entry(3), Vec::new(), done()];
    assert_eq!(list(&datagrams), Some((4, entries(&[1, 2, 3]))));
    assert_eq!(list(&datagrams[..3]), None);
    assert_eq!(
        list(&[[entry(4), done(), entry(5)].concat()]),
        Some((1, entries(&[4])))
    );
}

#[test]
fn list_without_entries_and_without_a_number_at_its_end() {
    let bare = message(NLMSG_DONE, NLM_F_MULTIPART, SEQUENCE, &[]);
    assert_eq!(list(&[bare]), Some((1, entries(&[]))));
}

#[test]
fn what_belongs_to_another_exchange_is_passed_over() {
    let others = [
        message(FAMILY, NLM_F_DUMP_INTR, SEQUENCE + 1, &[1, 1, 0, 0, 9]),
        message(NLMSG_DONE, 0, SEQUENCE - 1, &[0; 4]),
        message(NLMSG_OVERRUN, 0, 0, &[]),
        answer(SEQUENCE + 1, 1),
    ];
    let datagrams = [entry(1), others.concat(), entry(2), done()];
    assert_eq!(list(&datagrams), Some((4, entries(&[1, 2]))));
}

#[test]
fn list_that_changed_meanwhile_is_interrupted_at_its_end() {
    let interrupted = message(FAMILY, NLM_F_DUMP_INTR, SEQUENCE, &[1, 1, 0, 0, 1]);
    let text = Error::Interrupted { tries: 1 }.to_string();
    assert_eq!(
        list(&[interrupted.clone(), entry(2), done()]),
        Some((3, Err(text.clone())))
    );
    let at_end = message(NLMSG_DONE, NLM_F_DUMP_INTR, SEQUENCE, &[0; 4]);
    assert_eq!(list(&[entry(1), at_end]), Some((2, Err(text))));
    assert_eq!(one(interrupted), entries(&[1]));
}

#[test]
fn refusals_end_it() {
    let text = "there is no service TCP 10.0.0.1:80".to_owned();
    assert_eq!(
        list(&[entry(1), answer(SEQUENCE, 3)]),
        Some((2, Err(text.clone())))
    );
    let at_end = message(NLMSG_DONE, 0, SEQUENCE, &(-3_i32).to_ne_bytes());
    assert_eq!(list(&[at_end]), Some((1, Err(text.clone()))));
    assert_eq!(one(answer(SEQUENCE, 3)), Err(text));
    let result = exchange(Shape::List).receive(&answer(SEQUENCE, 1));
    let Poll::Ready(Err(Error::Refused(refusal))) = result else {
        panic!("{result:?}")
    };
    assert_eq!((refusal.reason, refusal.errno), (Reason::NotPermitted, 1));
}

#[test]
fn one_answer_is_the_first_message() {
    assert_eq!(one([entry(1), entry(2)].concat()), entries(&[1]));
}

#[test]
fn no_answer_is_not_one() {
    let text = "the kernel answered, and not what was asked".to_owned();
    assert_eq!(one(answer(SEQUENCE, 0)), Err(text.clone()));
    assert_eq!(one(done()), Err(text));
    assert_eq!(list(&[answer(SEQUENCE, 0), done()]), Some((2, entries(&[]))));
}

#[test]
fn strange_entry_does_not_hide_the_others() {
    let strange_one = message(FAMILY, 0, SEQUENCE, &[1]);
    let expected = Reply {
        entries: vec![1, 2],
        passed_over: vec![strange()],
    };
    let datagram = [entry(1), strange_one.clone(), entry(2), done()].concat();
    assert_eq!(list(&[datagram]), Some((1, Ok(expected))));
    let text = "the kernel's answer makes no sense: an entry: it is strange".to_owned();
    assert_eq!(one(strange_one), Err(text));
}

#[test]
fn lost_messages_are_said() {
    let overrun = message(NLMSG_OVERRUN, 0, SEQUENCE, &[]);
    assert_eq!(list(&[overrun]), Some((1, Err(Error::Overrun.to_string()))));
}

#[test]
fn what_is_no_netlink_is_said() {
    let mut cut = [entry(1), entry(2)].concat();
    cut.truncate(30);
    let (_, result) = list(&[cut]).unwrap();
    let text = result.unwrap_err();
    assert!(
        text.starts_with("the kernel's answer is no netlink message: "),
        "{text}"
    );
}

#[test]
fn list_without_an_end_takes_no_more_memory() {
    let mut exchange = exchange(Shape::List);
    exchange.limit = 3;
    let strange_one = message(FAMILY, 0, SEQUENCE, &[1]);
    let datagrams = [entry(1), strange_one, entry(2), entry(3)];
    let text = "more than 3 entries from the kernel in one list".to_owned();
    assert_eq!(run(exchange, &datagrams), Some((4, Err(text))));
}
