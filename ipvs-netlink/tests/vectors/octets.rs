use std::path::Path;

use ipvs_netlink::packet::{IpvsCommand, IpvsMessage};
use netlink_packet_core::{Emitable, NLA_F_NESTED, ParseableParametrized};
use netlink_packet_generic::{GenlHeader, GenlMessage};

/// Of a file: two hexadecimal digits each, until a `#`.
pub(super) fn read(folder: &str, name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(folder)
        .join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digits = text.lines().filter_map(|line| line.split('#').next());
    digits
        .flat_map(str::split_whitespace)
        .map(|digits| u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{name}: {digits}")))
        .collect()
}

/// The names of all files of a folder.
pub(super) fn names(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(folder);
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    names.sort_unstable();
    names
}

pub(super) fn parse(octets: &[u8]) -> IpvsMessage {
    let header = GenlHeader::parse(octets).unwrap();
    let message = IpvsMessage::parse_with_param(&octets[4..], header).unwrap();
    assert!(!matches!(message.command, IpvsCommand::Other(_)), "{message:?}");
    message
}

pub(super) fn emit(message: IpvsMessage) -> Vec<u8> {
    let message = GenlMessage::from_payload(message);
    let mut octets = vec![0xaa; message.buffer_len()];
    message.emit(&mut octets);
    octets
}

/// The kernel leaves the flag of nested attributes out. In these vectors an attribute's number is below 128, so that its
/// second octet is 0 or the flag's.
pub(super) fn without_nested_flags(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    clear(&mut octets[4..]);
    octets
}

fn clear(mut attributes: &mut [u8]) {
    while !attributes.is_empty() {
        let length = usize::from(u16::from_ne_bytes([attributes[0], attributes[1]]));
        let (attribute, rest) = attributes.split_at_mut(length.next_multiple_of(4));
        let kind = u16::from_ne_bytes([attribute[2], attribute[3]]);
        if kind & NLA_F_NESTED != 0 {
            attribute[2..4].copy_from_slice(&(kind & !NLA_F_NESTED).to_ne_bytes());
            clear(&mut attribute[4..length]);
        }
        attributes = rest;
    }
}
