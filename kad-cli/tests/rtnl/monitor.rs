//! Being told of changes.

use std::time::{Duration, Instant};

use kad_cli::rtnl::{AddressSpec, Commands, Event, LinkChange, Monitor, Request, Snapshot};
use mio::{Events, Interest, Poll, Token};

use super::{index, machine, numbered};

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
