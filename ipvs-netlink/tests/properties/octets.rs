use ipvs_netlink::packet::IpvsMessage;
use ipvs_netlink::packet::controller::ControllerMessage;
use ipvs_netlink::{Daemon, DestinationEntry, Family, Info, ServiceEntry, Timeouts};
use netlink_packet_core::{DecodeError, Emitable, ParseableParametrized};
use netlink_packet_generic::{GenlHeader, GenlMessage};
use proptest::collection::vec;
use proptest::prelude::*;

pub(super) fn emit(message: IpvsMessage) -> Vec<u8> {
    let message = GenlMessage::from_payload(message);
    let mut octets = vec![0xaa; message.buffer_len()];
    message.emit(&mut octets);
    octets
}

pub(super) fn parse(octets: &[u8]) -> Result<IpvsMessage, DecodeError> {
    let header = GenlHeader::parse(octets)?;
    IpvsMessage::parse_with_param(&octets[4..], header)
}

pub(super) fn over_the_wire(message: IpvsMessage) -> IpvsMessage {
    parse(&emit(message)).unwrap()
}

/// Attributes that are well formed more often than not, and nested as deep as anything goes.
fn attributes() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![8 => Just(None), 1 => any::<u16>().prop_map(Some)];
    let attribute = |value: BoxedStrategy<Vec<u8>>| {
        (0..18_u16, any::<bool>(), value, length.clone()).prop_map(|(kind, nested, value, lie)| {
            let length = lie.unwrap_or_else(|| u16::try_from(value.len() + 4).unwrap());
            let kind = kind | u16::from(nested) << 15;
            let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
            octets.extend(value);
            octets.resize(octets.len().next_multiple_of(4), 0);
            octets
        })
    };
    let row = |one: BoxedStrategy<Vec<u8>>| vec(one, 0..6).prop_map(|rows| rows.concat()).boxed();
    let leaf = attribute(vec(any::<u8>(), 0..20).boxed()).boxed();
    let nested = attribute(row(leaf.clone())).boxed();
    let both = prop_oneof![leaf.clone(), nested].boxed();
    row(prop_oneof![leaf, attribute(row(both))].boxed())
}

fn check(octets: &[u8]) {
    if let Ok(header) = GenlHeader::parse(octets) {
        let _ = ControllerMessage::parse_with_param(&octets[4..], header);
    }
    let Ok(message) = parse(octets) else { return };
    let _ = ServiceEntry::try_from(&message);
    let _ = DestinationEntry::from_message(&message, Family::Ipv4);
    let _ = Daemon::try_from(&message);
    let _ = Timeouts::try_from(&message);
    let _ = Info::try_from(&message);
    assert_eq!(over_the_wire(message.clone()), message);
}

proptest! {
    #[test]
    fn any_octets(octets in vec(any::<u8>(), 0..200)) {
        check(&octets);
    }

    #[test]
    fn octets_that_are_much_like_attributes(command in 0..20_u8, attributes in attributes()) {
        check(&[vec![command, 1, 0, 0], attributes].concat());
    }
}
