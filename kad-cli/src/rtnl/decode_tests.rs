use super::*;
use crate::rtnl::frame::{Body, frames};

/// RTM_NEWADDR as a 6.18 kernel sends it: 2001:db8::1/64 on interface 3, still checked for duplicates.
#[rustfmt::skip]
const NEW_IPV6: [u8; 72] = [
    0x48, 0, 0, 0, // length
    0x14, 0, // RTM_NEWADDR
    0, 0, // flags
    0, 0, 0, 0, // sequence: not an answer
    0, 0, 0, 0, // port: the kernel's
    0x0a, 0x40, 0xc0, 0, // AF_INET6, /64, IFA_F_PERMANENT and IFA_F_TENTATIVE, RT_SCOPE_UNIVERSE
    3, 0, 0, 0, // interface
    0x14, 0, 1, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, // IFA_ADDRESS
    0x14, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // IFA_CACHEINFO
    0x31, 0xe5, 0x0a, 0, 0x31, 0xe5, 0x0a, 0,
    0x08, 0, 8, 0, 0xc0, 0, 0, 0, // IFA_FLAGS
];

/// The same kernel's answer to `ip addr add 10.99.0.2/24 dev a0`.
#[rustfmt::skip]
const NEW_IPV4: [u8; 76] = [
    0x4c, 0, 0, 0, 0x14, 0, 0, 0, 0x60, 0x89, 0x05, 0x6b, 0x62, 0x6b, 0, 0,
    0x02, 0x18, 0x80, 0, // AF_INET, /24, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE
    3, 0, 0, 0, // interface
    8, 0, 1, 0, 10, 99, 0, 2, // IFA_ADDRESS
    8, 0, 2, 0, 10, 99, 0, 2, // IFA_LOCAL
    7, 0, 3, 0, b'a', b'0', 0, 0, // IFA_LABEL
    8, 0, 8, 0, 0x80, 0, 0, 0, // IFA_FLAGS
    0x14, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // IFA_CACHEINFO
    0x31, 0xe5, 0x0a, 0, 0x31, 0xe5, 0x0a, 0,
];

const AF_BRIDGE: u8 = 7;
const ETHER: u16 = 1;
const LOOPBACK: u16 = 772;
const UP: u32 = 0x1;
const RUNNING: u32 = 0x40;
const NOARP: u32 = 0x80;

fn events(datagram: &[u8]) -> Result<Vec<Event>, Malformed> {
    let mut events = Vec::new();
    for frame in frames(datagram) {
        if let Body::Message(message) = frame?.body {
            events.extend(event(&message)?);
        }
    }
    Ok(events)
}

fn only(datagram: &[u8]) -> Event {
    let mut events = events(datagram).unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn message(kind: u16, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(16 + payload.len()).unwrap();
    [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10], payload].concat()
}

/// A message of interface 5.
fn link_message(kind: u16, family: u8, link_type: u16, flags: u32, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = vec![family, 0];
    payload.extend(link_type.to_ne_bytes());
    payload.extend(5_u32.to_ne_bytes());
    payload.extend(flags.to_ne_bytes());
    payload.extend([0; 4]);
    payload.extend(attributes.concat());
    message(kind, &payload)
}

fn eth5() -> [Vec<u8>; 3] {
    [
        attribute(IFLA_IFNAME, b"eth5\0"),
        attribute(IFLA_MTU, &1500_u32.to_ne_bytes()),
        attribute(IFLA_ADDRESS, &[2, 0, 0, 0, 0, 5]),
    ]
}

#[test]
fn addresses_of_a_real_kernel() {
    let expected = InterfaceAddress {
        index: 3,
        address: "2001:db8::1".parse().unwrap(),
        prefix_len: 64,
        secondary: false,
        tentative: true,
        scope: Scope::GLOBAL,
        label: None,
        protocol: None,
    };
    assert_eq!(only(&NEW_IPV6), Event::Address(expected));
    let expected = InterfaceAddress {
        index: 3,
        address: "10.99.0.2".parse().unwrap(),
        prefix_len: 24,
        secondary: false,
        tentative: false,
        scope: Scope::GLOBAL,
        label: Some("a0".to_owned()),
        protocol: None,
    };
    assert_eq!(only(&NEW_IPV4), Event::Address(expected));
}

#[test]
fn several_messages_in_a_datagram_keep_their_order() {
    let datagram = [&NEW_IPV4[..], &NEW_IPV6, &NEW_IPV4].concat();
    let families: Vec<bool> = events(&datagram)
        .unwrap()
        .iter()
        .map(|event| matches!(event, Event::Address(entry) if entry.address.is_ipv4()))
        .collect();
    assert_eq!(families, [true, false, true]);
}

#[test]
fn own_address_is_told_not_the_peers() {
    let mut payload = vec![2, 32, 0x80, 253, 3, 0, 0, 0];
    payload.extend(attribute(IFA_ADDRESS, &[10, 0, 0, 9]));
    payload.extend(attribute(IFA_LOCAL, &[10, 0, 0, 1]));
    payload.extend(attribute(IFA_PROTO, &[18]));
    let Event::AddressGone(entry) = only(&message(RTM_DELADDR, &payload)) else {
        panic!()
    };
    assert_eq!(entry.address, IpAddr::from([10, 0, 0, 1]));
    assert_eq!((entry.scope, entry.protocol), (Scope::LINK, Some(18)));
}

#[test]
fn link_is_up_only_with_a_carrier() {
    let link = |flags| match only(&link_message(RTM_NEWLINK, 0, ETHER, flags, &eth5())) {
        Event::Link(link) => link,
        other => panic!("{other:?}"),
    };
    let up = link(UP | RUNNING);
    assert_eq!((up.index, up.name.as_str(), up.mtu), (5, "eth5", 1500));
    assert_eq!(up.mac, Some(MacAddr([2, 0, 0, 0, 0, 5])));
    assert!(up.up && up.admin_up && up.arp && !up.loopback);
    assert!(!link(UP).up && link(UP).admin_up);
    assert!(!link(RUNNING).up && !link(RUNNING).admin_up);
    assert!(!link(NOARP).arp);
}

#[test]
fn only_ethernet_has_a_mac() {
    let bytes = link_message(RTM_NEWLINK, 0, LOOPBACK, UP, &eth5());
    assert!(matches!(only(&bytes), Event::Link(Link { mac: None, .. })));
    let odd = [
        attribute(IFLA_IFNAME, b"ib0\0"),
        attribute(IFLA_ADDRESS, &[0; 20]),
    ];
    let bytes = link_message(RTM_NEWLINK, 0, ETHER, UP, &odd);
    assert!(matches!(only(&bytes), Event::Link(Link { mac: None, .. })));
}

#[test]
fn port_that_leaves_a_bridge_is_not_gone() {
    let bytes = link_message(RTM_DELLINK, AF_BRIDGE, ETHER, UP, &eth5());
    assert_eq!(events(&bytes).unwrap(), []);
    let bytes = link_message(RTM_DELLINK, 0, ETHER, UP, &eth5());
    assert_eq!(
        only(&bytes),
        Event::LinkGone {
            index: 5,
            name: "eth5".to_owned()
        }
    );
}

#[test]
fn news_of_the_air_say_nothing_of_the_interface() {
    let mut attributes = eth5().to_vec();
    attributes.push(attribute(IFLA_WIRELESS, &[0; 8]));
    assert_eq!(
        events(&link_message(RTM_NEWLINK, 0, ETHER, UP, &attributes)).unwrap(),
        []
    );
}

/// A kernel from the future must not hide an interface: most structures have grown at some time.
#[test]
fn attributes_that_nobody_asked_for_are_not_looked_into() {
    let mut attributes = eth5().to_vec();
    for kind in (0..200).filter(|kind| ![IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_WIRELESS].contains(kind)) {
        attributes.push(attribute(kind, &[0xff; 3]));
    }
    assert!(matches!(
        only(&link_message(RTM_NEWLINK, 0, ETHER, UP, &attributes)),
        Event::Link(_)
    ));
}

#[test]
fn what_is_wanted_and_cannot_be_read_is_said() {
    let no_name = link_message(RTM_NEWLINK, 0, ETHER, UP, &eth5()[1..]);
    assert_eq!(
        events(&no_name).unwrap_err().to_string(),
        "attribute 3 is not there"
    );
    let mut short_mtu = eth5();
    short_mtu[1] = attribute(IFLA_MTU, &[1]);
    assert!(events(&link_message(RTM_NEWLINK, 0, ETHER, UP, &short_mtu)).is_err());
    let mut other_family = NEW_IPV6;
    other_family[16] = 2;
    assert!(events(&other_family).is_err());
}

#[test]
fn name_in_another_encoding_is_a_name() {
    let attributes = [attribute(IFLA_IFNAME, b"eth\xe9\0")];
    let Event::Link(link) = only(&link_message(RTM_NEWLINK, 0, ETHER, UP, &attributes)) else {
        panic!()
    };
    assert_eq!(link.name, "eth\u{fffd}");
}

#[test]
fn no_bytes_make_it_panic() {
    let link = link_message(RTM_NEWLINK, 0, ETHER, UP, &eth5());
    let mut neighbor_payload = vec![2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 1];
    neighbor_payload.extend(attribute(NDA_DST, &[10, 0, 0, 1]));
    neighbor_payload.extend(attribute(NDA_LLADDR, &[2, 0, 0, 0, 0, 1]));
    let samples = [
        NEW_IPV6.to_vec(),
        NEW_IPV4.to_vec(),
        link,
        message(RTM_NEWNEIGH, &neighbor_payload),
    ];
    for sample in &samples {
        for len in 0..=sample.len() {
            look_at(&sample[..len]);
            // The header tells the truth about the length, so that the rest is what is cut.
            let mut cut = sample[..len].to_vec();
            if let Some(field) = cut.first_chunk_mut() {
                *field = u32::try_from(len).unwrap().to_ne_bytes();
            }
            look_at(&cut);
        }
        for place in 0..sample.len() {
            for value in [0, 1, 2, 3, 4, 5, 7, 16, 28, 0x7f, 0x80, 0xff] {
                let mut wrong = sample.clone();
                wrong[place] = value;
                look_at(&wrong);
            }
        }
    }
}

fn look_at(datagram: &[u8]) {
    let _ = events(datagram);
    for frame in frames(datagram).map_while(Result::ok) {
        if let Body::Message(message) = frame.body {
            let _ = neighbor(&message);
        }
    }
}

#[test]
fn neighbor_that_has_not_answered_has_no_mac() {
    let mut payload = vec![2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 1];
    payload.extend(attribute(NDA_DST, &[10, 0, 0, 1]));
    let bytes = message(RTM_NEWNEIGH, &payload);
    let frame = frames(&bytes).next().unwrap().unwrap();
    let Body::Message(message) = frame.body else {
        panic!()
    };
    let expected = Neighbor {
        index: 3,
        address: IpAddr::from([10, 0, 0, 1]),
        mac: None,
    };
    assert_eq!(neighbor(&message).unwrap(), Some(expected));
}
