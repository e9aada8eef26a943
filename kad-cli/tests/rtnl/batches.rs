//! Many changes, whose answers nobody waits for.

use std::time::{Duration, Instant};

use kad_cli::rtnl::{AddressSpec, Commands, Refusal, Reply, Request, snapshot};
use mio::{Events, Interest, Poll, Token};

use super::{index, machine, numbered};

/// Reads answers until there are as many as asked for.
fn answers(commands: &mut Commands, count: usize) -> Vec<Reply> {
    let (mut replies, end) = (Vec::new(), Instant::now() + Duration::from_secs(10));
    while replies.len() < count {
        assert!(Instant::now() < end, "{} of {count} answers", replies.len());
        commands.read_replies(&mut replies).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    replies
}

#[test]
fn thousand_addresses_go_out_in_one_batch_and_are_answered_in_order() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        let a0 = index("a0");
        let specs: Vec<_> = (1..=1000)
            .map(|number| AddressSpec::new(a0, numbered(number), 32))
            .collect();
        let ids = commands
            .submit(specs.iter().cloned().map(Request::AddAddress))
            .unwrap();
        // The kernel acts within the send: nothing has been read yet, and they are all there.
        let there = snapshot().unwrap();
        assert_eq!(
            there
                .addresses
                .iter()
                .filter(|entry| entry.index == a0 && entry.address.is_ipv4())
                .count(),
            1000
        );
        let replies = answers(&mut commands, 1000);
        assert!(replies.iter().map(|(id, _)| *id).eq(ids));
        assert!(replies.iter().all(|(_, outcome)| outcome.is_ok()));
        commands
            .submit(specs.into_iter().map(Request::RemoveAddress))
            .unwrap();
        assert!(
            answers(&mut commands, 1000)
                .iter()
                .all(|(_, outcome)| outcome.is_ok())
        );
    });
}

#[test]
fn answers_of_a_batch_are_not_taken_by_who_waits_for_another() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let (a0, mut commands) = (index("a0"), Commands::open().unwrap());
        let add = |number| Request::AddAddress(AddressSpec::new(a0, numbered(number), 32));
        let ids = commands.submit((1..=10).map(add)).unwrap();
        commands.execute(add(11)).unwrap();
        let later = commands.submit([add(1)]).unwrap();
        let replies = answers(&mut commands, 11);
        assert!(replies.iter().map(|(id, _)| id).eq(ids.iter().chain(&later)));
        let refused: Vec<_> = replies
            .iter()
            .filter_map(|(id, outcome)| outcome.is_err().then_some(id))
            .collect();
        assert_eq!(refused, later.iter().collect::<Vec<_>>());
    });
}

#[test]
fn batch_of_any_length_is_answered_in_full_and_wakes_its_sender() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let (a0, mut commands) = (index("a0"), Commands::open().unwrap());
        let (mut poll, mut ready) = (Poll::new().unwrap(), Events::with_capacity(4));
        poll.registry()
            .register(&mut commands, Token(7), Interest::READABLE)
            .unwrap();
        let mut replies = Vec::new();
        for count in [1_usize, 63, 64, 65, 1000] {
            let specs = (1..)
                .take(count)
                .map(|number| AddressSpec::new(a0, numbered(number), 32));
            let specs: Vec<_> = specs.collect();
            for request in [Request::AddAddress, Request::RemoveAddress] {
                let ids = commands.submit(specs.iter().cloned().map(request)).unwrap();
                poll.poll(&mut ready, Some(Duration::from_secs(10))).unwrap();
                assert!(!ready.is_empty(), "nobody is woken for the answers to {count}");
                replies.clear();
                commands.read_replies(&mut replies).unwrap();
                assert!(replies.iter().all(|(_, outcome)| outcome.is_ok()));
                assert!(
                    replies.iter().map(|(id, _)| *id).eq(ids),
                    "{} of {count}",
                    replies.len()
                );
            }
        }
    });
}

#[test]
fn more_answers_than_the_socket_holds_are_all_told() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        let same = AddressSpec::new(index("a0"), numbered(1), 32);
        let ids = commands
            .submit(std::iter::repeat_n(Request::AddAddress(same), 30_000))
            .unwrap();
        let replies = answers(&mut commands, 30_000);
        assert!(replies.iter().map(|(id, _)| *id).eq(ids));
        let (first, rest) = replies.split_first().unwrap();
        assert!(first.1.is_ok());
        assert!(
            rest.iter()
                .all(|(_, outcome)| outcome.as_ref().is_err_and(Refusal::is_exists))
        );
    });
}
