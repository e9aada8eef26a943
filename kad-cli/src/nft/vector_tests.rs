//! Our messages against those of the `nft` program, byte by byte. The files say what was given to it.

use vrrp_proto::Family;

use super::element::{Element, InterfaceKey};
use super::message::Batch;
use super::setup::Setup;
use super::table::Table;

/// The messages of a file: their kind in words, and their bytes.
fn vector(text: &str) -> Vec<(&str, Vec<u8>)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (kind, hex) = line.split_once(' ').unwrap();
            let digits = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
            (kind, (0..hex.len()).step_by(2).map(digits).collect())
        })
        .collect()
}

fn messages(mut datagram: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while !datagram.is_empty() {
        let len = u32::from_ne_bytes(*datagram.first_chunk().unwrap()) as usize;
        messages.push(datagram[..len].to_vec());
        datagram = &datagram[len.next_multiple_of(4)..];
    }
    messages
}

/// Sets have an attribute more with nft: notes of how it is going to show their elements.
fn check(batch: Batch, text: &str) {
    let ours = messages(&batch.finish());
    let theirs = vector(text);
    assert_eq!(ours.len(), theirs.len());
    for (ours, (kind, mut theirs)) in ours.into_iter().zip(theirs) {
        if kind == "NEWSET" {
            theirs.truncate(ours.len());
            theirs[..4].copy_from_slice(&ours[..4]);
        }
        assert_eq!(hex(&ours), hex(&theirs), "{kind}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn table(family: Family) -> Table {
    Table {
        family,
        name: "keepalived".to_owned(),
    }
}

fn made(family: Family, setup: &Setup) -> Batch {
    let mut batch = Batch::new();
    table(family).make(setup, false, &mut batch);
    batch
}

fn v6(last: u16) -> std::net::Ipv6Addr {
    [0x2001, 0xdb8, 0, 0, 0, 0, 0, last].into()
}

fn link_local(interface: InterfaceKey) -> Element {
    Element::address("fe80::64".parse().unwrap(), interface)
}

#[test]
fn ipv4_table_with_counters() {
    let setup = Setup {
        counters: true,
        ..Setup::default()
    };
    check(made(Family::Ipv4, &setup), include_str!("vectors/ip.txt"));
}

#[test]
fn ipv6_tables() {
    check(
        made(Family::Ipv6, &Setup::default()),
        include_str!("vectors/ip6.txt"),
    );
    let setup = Setup {
        by_index: true,
        ..Setup::default()
    };
    check(made(Family::Ipv6, &setup), include_str!("vectors/ip6_index.txt"));
}

#[test]
fn elements_go_to_the_sets_of_their_family() {
    let elements = [
        Element::V4([10, 0, 0, 100].into()),
        Element::V6(v6(0x64)),
        link_local(InterfaceKey::Name("eth0".to_owned())),
        Element::V4([10, 0, 0, 101].into()),
        Element::Quiet(Family::Ipv4, "vrrp.7".to_owned()),
    ];
    let mut batch = Batch::new();
    table(Family::Ipv4).add(&elements, &mut batch);
    check(batch, include_str!("vectors/ip_elements.txt"));
    let mut batch = Batch::new();
    table(Family::Ipv6).add(&elements, &mut batch);
    check(batch, include_str!("vectors/ip6_elements.txt"));
}

#[test]
fn interfaces_by_index() {
    let mut batch = Batch::new();
    table(Family::Ipv6).add(&[link_local(InterfaceKey::Index(1))], &mut batch);
    check(batch, include_str!("vectors/ip6_index_elements.txt"));
}

#[test]
fn removals() {
    let mut batch = Batch::new();
    let table = table(Family::Ipv4);
    table.delete(&[Element::V4([10, 0, 0, 101].into())], &mut batch);
    table.remove(&mut batch);
    check(batch, include_str!("vectors/ip_delete.txt"));
}

#[test]
fn long_lists_are_several_messages() {
    let elements: Vec<Element> = (0..5000)
        .map(|number| link_local_number(number, InterfaceKey::Name("eth0".to_owned())))
        .collect();
    let mut batch = Batch::new();
    table(Family::Ipv6).add(&elements, &mut batch);
    let messages = messages(&batch.finish());
    assert_eq!(messages.len(), 2 + 5);
    let keys: usize = messages
        .iter()
        .map(|message| message.windows(4).filter(|four| four == b"eth0").count())
        .sum();
    assert_eq!(keys, 5000);
}

fn link_local_number(number: u16, interface: InterfaceKey) -> Element {
    Element::LinkLocal([0xfe80, 0, 0, 0, 0, 0, 0, number].into(), interface)
}

#[test]
fn names_that_no_interface_has_are_cut() {
    let element = Element::Quiet(Family::Ipv4, "a-name-that-is-too-long".to_owned());
    assert_eq!(element.key(), b"a-name-that-is-\0");
}
