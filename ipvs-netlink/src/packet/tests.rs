use netlink_packet_core::{DefaultNla, Emitable, NlaBuffer, Parseable, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

use super::controller::{ControllerAttribute, ControllerMessage, NEW_FAMILY};
use super::*;

fn parse(command: IpvsCommand, octets: &[u8]) -> IpvsMessage {
    try_parse(command, octets).unwrap()
}

fn try_parse(command: IpvsCommand, octets: &[u8]) -> Result<IpvsMessage, netlink_packet_core::DecodeError> {
    let header = GenlHeader {
        cmd: command.into(),
        version: FAMILY_VERSION,
    };
    IpvsMessage::parse_with_param(octets, header)
}

fn emit(message: &impl Emitable) -> Vec<u8> {
    let mut octets = vec![0xaa; message.buffer_len()];
    message.emit(&mut octets);
    octets
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len() + 4).unwrap();
    let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    octets.extend(value);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

#[test]
fn all_numbers_of_commands_are_kept() {
    for number in 0..=u8::MAX {
        let command = IpvsCommand::from(number);
        assert_eq!(u8::from(command), number);
        assert_eq!(
            matches!(command, IpvsCommand::Other(_)),
            !(1..=17).contains(&number)
        );
    }
}

#[test]
fn a_nested_attribute_is_read_with_its_flag_and_without_and_sent_with_it() {
    let inner = attribute(5, &7_u32.to_ne_bytes());
    let expected = [IpvsAttribute::Service(vec![ServiceAttribute::Fwmark(7)])];
    for kind in [1, 0x8001] {
        let message = parse(IpvsCommand::NewService, &attribute(kind, &inner));
        assert_eq!(message.attributes, expected);
        assert_eq!(emit(&message), attribute(0x8001, &inner));
    }
}

#[test]
fn in_an_answer_about_ipvs_itself_the_numbers_mean_something_else() {
    let octets = [
        attribute(1, &0x0001_0201_u32.to_ne_bytes()),
        attribute(2, &4096_u32.to_ne_bytes()),
    ]
    .concat();
    let message = parse(IpvsCommand::SetInfo, &octets);
    let expected = [
        IpvsAttribute::Info(InfoAttribute::Version(0x0001_0201)),
        IpvsAttribute::Info(InfoAttribute::ConnectionTableSize(4096)),
    ];
    assert_eq!(message.attributes, expected);
    assert_eq!(emit(&message), octets);
}

#[test]
fn what_a_newer_kernel_says_is_kept() {
    let octets = [
        attribute(77, b"new"),
        attribute(0x8001, &attribute(0x4063, b"newer")),
    ]
    .concat();
    let message = parse(IpvsCommand::Other(40), &octets);
    let expected = [
        IpvsAttribute::Other(DefaultNla::new(77, b"new".to_vec())),
        IpvsAttribute::Service(vec![ServiceAttribute::Other(DefaultNla::new(
            0x4063,
            b"newer".to_vec(),
        ))]),
    ];
    assert_eq!(message.attributes, expected);
    assert_eq!(emit(&message), octets);
}

#[test]
fn of_two_flags_that_exclude_each_other_one_is_kept() {
    for (flags, kept) in [(0x8000, 0x8000), (0x4000, 0x4000), (0xc000, 0x8000), (0, 0)] {
        let message = parse(IpvsCommand::NewService, &attribute(77 | flags, b"new"));
        let expected = [IpvsAttribute::Other(DefaultNla::new(77 | kept, b"new".to_vec()))];
        assert_eq!(message.attributes, expected);
        assert_eq!(emit(&message), attribute(77 | kept, b"new"));
    }
}

#[test]
fn an_attribute_of_another_size_is_kept_and_hurts_nothing_else() {
    let wide = 7_u64.to_ne_bytes();
    let inner = [attribute(5, &wide), attribute(1, &2_u16.to_ne_bytes())].concat();
    let message = parse(IpvsCommand::NewService, &attribute(0x8001, &inner));
    let expected = [IpvsAttribute::Service(vec![
        ServiceAttribute::Other(DefaultNla::new(5, wide.to_vec())),
        ServiceAttribute::AddressFamily(2),
    ])];
    assert_eq!(message.attributes, expected);
    assert_eq!(emit(&message), attribute(0x8001, &inner));
}

#[test]
fn a_name_has_one_nul_at_its_end() {
    let read = |value: &[u8]| {
        let octets = attribute(6, value);
        ServiceAttribute::parse(&NlaBuffer::new(octets.as_slice())).unwrap()
    };
    assert_eq!(read(b"wrr\0"), ServiceAttribute::SchedulerName("wrr".to_owned()));
    assert_eq!(read(b"\0"), ServiceAttribute::SchedulerName(String::new()));
    for odd in [&b"wrr"[..], b"w\0r\0", b"wrr\0\0", b"\xff\0", b""] {
        assert_eq!(
            read(odd),
            ServiceAttribute::Other(DefaultNla::new(6, odd.to_vec()))
        );
    }
}

#[test]
fn a_counter_keeps_the_size_that_it_has() {
    let octets = [
        attribute(1, &7_u32.to_ne_bytes()),
        attribute(4, &8_u64.to_ne_bytes()),
        attribute(11, &[]),
        attribute(2, &9_u64.to_ne_bytes()),
        attribute(3, &[1, 2, 3]),
    ]
    .concat();
    let parsed: Vec<StatisticsAttribute> = value::parse_all(&octets).unwrap();
    let expected = [
        StatisticsAttribute::Connections(Counter::U32(7)),
        StatisticsAttribute::BytesIn(Counter::U64(8)),
        StatisticsAttribute::Pad,
        StatisticsAttribute::PacketsIn(Counter::U64(9)),
        StatisticsAttribute::Other(DefaultNla::new(3, vec![1, 2, 3])),
    ];
    assert_eq!(parsed, expected);
    assert_eq!(emit(&parsed.as_slice()), octets);
}

#[test]
fn what_is_no_row_of_attributes_is_an_error() {
    for broken in [
        &[1][..],
        &[0, 0, 1, 0],
        &[3, 0, 1, 0],
        &[9, 0, 1, 0, 0, 0, 0, 0],
        &[12, 0, 1, 0, 200, 0, 1, 0, 0, 0, 0, 0],
    ] {
        for command in [IpvsCommand::NewService, IpvsCommand::NewDest] {
            assert!(try_parse(command, broken).is_err(), "{broken:?}");
        }
    }
    assert_eq!(parse(IpvsCommand::Flush, &[]).attributes, []);
}

/// The buffer type of the core crate panics on these if it is not asked before.
#[test]
fn a_buffer_that_nobody_checked_is_an_error() {
    for short in [&[][..], &[8, 0], &[2, 0, 1, 0], &[8, 0, 1, 0, 1]] {
        let buffer = NlaBuffer::new(short);
        assert!(ServiceAttribute::parse(&buffer).is_err());
        assert!(DestinationAttribute::parse(&buffer).is_err());
        assert!(DaemonAttribute::parse(&buffer).is_err());
        assert!(StatisticsAttribute::parse(&buffer).is_err());
        assert!(InfoAttribute::parse(&buffer).is_err());
        assert!(ControllerAttribute::parse(&buffer).is_err());
        assert!(IpvsAttribute::parse_with_param(&buffer, IpvsCommand::SetInfo).is_err());
        assert!(IpvsAttribute::parse_with_param(&buffer, IpvsCommand::NewDest).is_err());
    }
}

/// The last attribute within a nested one may come without padding. With it, these would be longer than 16 bits can say.
#[test]
fn a_nested_attribute_that_cannot_be_sent_again_stays_raw() {
    let room = usize::from(u16::MAX) - 4;
    for inner_length in [room, room - 1, room - 2, room - 3] {
        let mut inner = attribute(99, &vec![1; inner_length - 4]);
        inner.truncate(inner_length);
        let octets = attribute(0x8001, &inner);
        let message = parse(IpvsCommand::NewService, &octets);
        let is_raw = matches!(message.attributes.as_slice(), [IpvsAttribute::Other(_)]);
        assert_eq!(is_raw, inner_length.next_multiple_of(4) > room, "{inner_length}");
        assert_eq!(emit(&message).len(), octets.len());
    }
}

#[test]
fn a_family_is_asked_for_by_name_and_told_with_its_number() {
    let request = ControllerMessage::get_family(FAMILY_NAME);
    assert_eq!(emit(&request), attribute(2, b"IPVS\0"));

    let octets = [
        attribute(2, b"IPVS\0"),
        attribute(1, &29_u16.to_ne_bytes()),
        attribute(10, &[]),
    ]
    .concat();
    let header = GenlHeader {
        cmd: NEW_FAMILY,
        version: 2,
    };
    let reply = ControllerMessage::parse_with_param(&octets, header).unwrap();
    assert_eq!(reply.family_id_of(FAMILY_NAME), Some(29));
    assert_eq!(reply.family_id_of("ethtool"), None);
    assert_eq!(emit(&reply), octets);
}
