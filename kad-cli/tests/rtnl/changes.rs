//! One change at a time.

use std::net::{IpAddr, Ipv4Addr};

use kad_cli::rtnl::{AddressSpec, Commands, Error, Request, Scope, snapshot};

use super::{index, machine, numbered};

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
