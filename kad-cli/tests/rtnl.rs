//! rtnetlink against the real kernel, in namespaces of the lab.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use kad_cli::lab::{Node, World};
use kad_cli::rtnl::{
    AddressSpec, Commands, Error, Event, LinkChange, Monitor, Refusal, Request, RequestId, Scope, Snapshot,
    VethSpec, snapshot,
};
use mio::{Events, Interest, Poll, Token};
use support::{KAD, can_run};

/// A machine with a pair of interfaces, a0 and a1, both up.
fn machine() -> Option<(World, Node)> {
    if !can_run(&[]) {
        return None;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let node = world.node("machine").unwrap();
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        commands
            .execute(Request::AddVeth(VethSpec::new("a0", "a1")))
            .unwrap();
        for name in ["a0", "a1"] {
            let mut change = LinkChange::new(index(name));
            change.up = Some(true);
            commands.execute(Request::ChangeLink(change)).unwrap();
        }
    });
    Some((world, node))
}

fn index(name: &str) -> u32 {
    snapshot()
        .unwrap()
        .links
        .iter()
        .find(|link| link.name == name)
        .unwrap()
        .index
}

fn numbered(number: u32) -> IpAddr {
    Ipv4Addr::from(0x0a63_0000 + number).into()
}

/// Reads answers until there are as many as asked for.
fn answers(commands: &mut Commands, count: usize) -> Vec<(RequestId, Result<(), Refusal>)> {
    let (mut replies, end) = (Vec::new(), Instant::now() + Duration::from_secs(10));
    while replies.len() < count {
        assert!(Instant::now() < end, "{} of {count} answers", replies.len());
        commands.read_replies(&mut replies).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    replies
}

/// Reads events until one is picked.
fn wait_for<T>(monitor: &mut Monitor, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let mut events = Vec::new();
        monitor.read(&mut events).unwrap();
        if let Some(found) = events.iter().find_map(&mut pick) {
            return found;
        }
        assert!(Instant::now() < end, "no such event");
        std::thread::sleep(Duration::from_millis(1));
    }
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
fn refusals_have_a_kind_and_words() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        let spec = AddressSpec::new(index("a0"), numbered(1), 24);
        let mut refused = |request| match commands.execute(request) {
            Err(Error::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        };
        let missing = refused(Request::RemoveAddress(spec.clone()));
        assert!(missing.is_missing() && !missing.is_exists(), "{missing}");
        Commands::open()
            .unwrap()
            .execute(Request::AddAddress(spec.clone()))
            .unwrap();
        let exists = refused(Request::AddAddress(spec));
        assert!(exists.is_exists(), "{exists}");
        assert!(exists.to_string().starts_with("File exists (17)"), "{exists}");
        let nowhere = refused(Request::AddAddress(AddressSpec::new(99, numbered(1), 24)));
        assert!(nowhere.is_missing(), "{nowhere}");
    });
}

#[test]
fn everything_that_is_set_is_read_back() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        // Of another network: the kernel wants one scope in each.
        let other = numbered(0x1_0001);
        let a0 = index("a0");
        let mut spec = AddressSpec::new(a0, numbered(1), 24);
        spec.broadcast = Some(Ipv4Addr::new(10, 99, 0, 255));
        spec.scope = Scope::LINK.0;
        spec.label = Some("a0:vip".to_owned());
        let mut commands = Commands::open().unwrap();
        commands.execute(Request::AddAddress(spec)).unwrap();
        commands
            .execute(Request::AddAddress(AddressSpec::new(a0, other, 24)))
            .unwrap();
        let v6 = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
        commands
            .execute(Request::AddAddress(AddressSpec::new(a0, v6, 64)))
            .unwrap();
        let there = snapshot().unwrap();
        let find = |address| {
            there
                .addresses
                .iter()
                .find(|entry| entry.address == address)
                .unwrap()
                .clone()
        };
        let first = find(numbered(1));
        assert_eq!(
            (first.index, first.prefix_len, first.scope),
            (a0, 24, Scope::LINK)
        );
        assert_eq!(
            (first.label.as_deref(), first.protocol, first.secondary),
            (Some("a0:vip"), Some(18), false)
        );
        assert_eq!(find(other).label.as_deref(), Some("a0"));
        let sixth = find(v6);
        assert!(!sixth.tentative, "it can be used at once");
        let links: Vec<_> = there
            .links
            .iter()
            .filter(|link| link.name.starts_with('a'))
            .collect();
        assert!(links.iter().all(|link| link.up
            && link.admin_up
            && link.arp
            && !link.loopback
            && link.mac.is_some()));
        assert!(there.links.iter().any(|link| link.loopback && link.name == "lo"));
    });
}

#[test]
fn second_address_of_a_network_is_secondary() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let a0 = index("a0");
        let mut commands = Commands::open().unwrap();
        for number in [1, 2] {
            commands
                .execute(Request::AddAddress(AddressSpec::new(a0, numbered(number), 24)))
                .unwrap();
        }
        let there = snapshot().unwrap();
        let secondary = |number| {
            there
                .addresses
                .iter()
                .find(|entry| entry.address == numbered(number))
                .unwrap()
                .secondary
        };
        assert_eq!((secondary(1), secondary(2)), (false, true));
    });
}

#[test]
fn monitor_tells_of_addresses_and_links() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let (mut monitor, known) = Monitor::open().unwrap();
        assert!(known.links.iter().any(|link| link.name == "a0"));
        let (a0, mut commands) = (index("a0"), Commands::open().unwrap());
        let spec = AddressSpec::new(a0, numbered(1), 24);
        commands.execute(Request::AddAddress(spec.clone())).unwrap();
        wait_for(&mut monitor, |event| match event {
            Event::Address(entry) if entry.address == numbered(1) => Some(()),
            _ => None,
        });
        commands.execute(Request::RemoveAddress(spec)).unwrap();
        wait_for(&mut monitor, |event| match event {
            Event::AddressGone(entry) if entry.address == numbered(1) => Some(()),
            _ => None,
        });
        let mut change = LinkChange::new(index("a1"));
        change.up = Some(false);
        commands.execute(Request::ChangeLink(change)).unwrap();
        // The other end of the pair loses its carrier.
        wait_for(&mut monitor, |event| match event {
            Event::Link(link) if link.index == a0 && link.admin_up && !link.up => Some(()),
            _ => None,
        });
        commands.execute(Request::RemoveLink { index: a0 }).unwrap();
        wait_for(&mut monitor, |event| match event {
            Event::LinkGone { index, name } if *index == a0 && name == "a0" => Some(()),
            _ => None,
        });
    });
}

#[test]
fn overflow_is_made_up_for_by_a_whole_picture() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let (mut monitor, _) = Monitor::open().unwrap();
        let (a0, mut commands) = (index("a0"), Commands::open().unwrap());
        let specs: Vec<_> = (1..=20_000)
            .map(|number| AddressSpec::new(a0, numbered(number), 32))
            .collect();
        for chunk in specs.chunks(500) {
            commands
                .submit(chunk.iter().cloned().map(Request::AddAddress))
                .unwrap();
            commands.read_replies(&mut Vec::new()).unwrap();
        }
        let mut events = Vec::new();
        monitor.read(&mut events).unwrap();
        let [Event::Resync(Snapshot { addresses, .. })] = &events[..] else {
            panic!("{} events, and no fresh look", events.len());
        };
        assert_eq!(
            addresses
                .iter()
                .filter(|entry| entry.index == a0 && entry.address.is_ipv4())
                .count(),
            20_000
        );
        // And from here on it goes as before.
        commands
            .execute(Request::RemoveAddress(specs[0].clone()))
            .unwrap();
        wait_for(&mut monitor, |event| match event {
            Event::AddressGone(entry) if entry.address == numbered(1) => Some(()),
            _ => None,
        });
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
        // As long as the socket of a process without privileges could never hold all answers of.
        for count in [1_usize, 63, 64, 65, 6000] {
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
fn monitor_wakes_its_reader() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let (mut monitor, _) = Monitor::open().unwrap();
        let (mut poll, mut ready) = (Poll::new().unwrap(), Events::with_capacity(4));
        poll.registry()
            .register(&mut monitor, Token(7), Interest::READABLE)
            .unwrap();
        monitor.read(&mut Vec::new()).unwrap();
        let spec = AddressSpec::new(index("a0"), numbered(1), 32);
        Commands::open()
            .unwrap()
            .execute(Request::AddAddress(spec))
            .unwrap();
        poll.poll(&mut ready, Some(Duration::from_secs(10))).unwrap();
        let mut events = vec![Event::Resync(Snapshot::default())];
        monitor.read(&mut events).unwrap();
        // What the caller has not dealt with yet stays.
        assert_eq!(events[0], Event::Resync(Snapshot::default()));
        assert!(
            matches!(&events[1], Event::Address(entry) if entry.address == numbered(1)),
            "{events:?}"
        );
    });
}

#[test]
fn port_of_a_bridge_comes_and_goes_and_its_interface_stays() {
    let Some((_world, node)) = machine() else { return };
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        commands
            .execute(Request::AddBridge {
                name: "br0".to_owned(),
            })
            .unwrap();
        let (a0, bridge) = (index("a0"), index("br0"));
        let mut change = LinkChange::new(a0);
        change.bridge = Some(bridge);
        commands.execute(Request::ChangeLink(change)).unwrap();
        let (mut monitor, _) = Monitor::open().unwrap();
        commands.execute(Request::RemoveLink { index: bridge }).unwrap();
        wait_for(&mut monitor, |event| match event {
            Event::LinkGone { index, name } => {
                assert_eq!((*index, name.as_str()), (bridge, "br0"));
                Some(())
            }
            _ => None,
        });
        assert_eq!(index("a0"), a0);
    });
}
