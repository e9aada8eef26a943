//! Any octets, read as whatever the kernel says of its load balancer: no panic, and what is read is written and read alike.
#![no_main]

use ipvs_netlink::packet::controller::ControllerMessage;
use ipvs_netlink::packet::{DestinationAttribute, IpvsAttribute, IpvsMessage, ServiceAttribute};
use ipvs_netlink::{Command, Daemon, DestinationEntry, Family, Info, ServiceEntry, ServiceId, Timeouts};
use libfuzzer_sys::fuzz_target;
use netlink_packet_core::{Emitable, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

fuzz_target!(|octets: &[u8]| {
    let Ok(header) = GenlHeader::parse(octets) else {
        return;
    };
    let Some(attributes) = octets.get(4..) else {
        return;
    };
    controller(attributes, header);
    let Ok(message) = IpvsMessage::parse_with_param(attributes, header) else {
        return;
    };
    let again = IpvsMessage::parse_with_param(&emitted(&message), header);
    assert_eq!(again.ok().as_ref(), Some(&message));
    types(&message);
});

fn controller(attributes: &[u8], header: GenlHeader) {
    let Ok(message) = ControllerMessage::parse_with_param(attributes, header) else {
        return;
    };
    let _ = message.family_id_of("IPVS");
    let again = ControllerMessage::parse_with_param(&emitted(&message), header);
    assert_eq!(again.ok(), Some(message));
}

/// What a type makes of a message, it makes of its own message, too.
fn types(message: &IpvsMessage) {
    if let Ok(entry) = ServiceEntry::try_from(message) {
        let _ = (
            Command::SetService(entry.service.clone()).to_string(),
            format!("{entry:?}"),
        );
        let own = with_statistics(&Command::AddService(entry.service.clone()).message(), message);
        assert_eq!(ServiceEntry::try_from(&own), Ok(entry));
    }
    for family in [Family::Ipv4, Family::Ipv6] {
        if let Ok(entry) = DestinationEntry::from_message(message, family) {
            let id = ServiceId::tcp(([10, 0, 0, 1], 80));
            let command = Command::AddDestination(id, entry.destination);
            let _ = (command.to_string(), format!("{entry:?}"));
            let own = with_statistics(&command.message(), message);
            assert_eq!(DestinationEntry::from_message(&own, family), Ok(entry));
        }
    }
    if let Ok(daemon) = Daemon::try_from(message) {
        let own = Command::StartDaemon(daemon.clone()).message();
        assert_eq!(Daemon::try_from(&own), Ok(daemon));
    }
    if let Ok(timeouts) = Timeouts::try_from(message) {
        let own = Command::SetTimeouts(timeouts).message();
        assert_eq!(Timeouts::try_from(&own), Ok(timeouts));
    }
    let _ = Info::try_from(message).map(|info| info.version.to_string());
}

/// The kernel counts, we do not: all that is counted comes from its message.
fn with_statistics(own: &IpvsMessage, kernel: &IpvsMessage) -> IpvsMessage {
    let services = kernel
        .attributes
        .iter()
        .rev()
        .find_map(|attribute| match attribute {
            IpvsAttribute::Service(attributes) => Some(attributes.as_slice()),
            _ => None,
        });
    let counted = services.unwrap_or_default().iter().filter(|attribute| {
        matches!(
            attribute,
            ServiceAttribute::Statistics(_) | ServiceAttribute::Statistics64(_)
        )
    });
    let destinations = kernel
        .attributes
        .iter()
        .rev()
        .find_map(|attribute| match attribute {
            IpvsAttribute::Destination(attributes) => Some(attributes.as_slice()),
            _ => None,
        });
    let counted_there = destinations.unwrap_or_default().iter().filter(|attribute| {
        matches!(
            attribute,
            DestinationAttribute::Statistics(_)
                | DestinationAttribute::Statistics64(_)
                | DestinationAttribute::ActiveConnections(_)
                | DestinationAttribute::InactiveConnections(_)
                | DestinationAttribute::PersistentConnections(_)
        )
    });
    let mut own = own.clone();
    for attribute in &mut own.attributes {
        match attribute {
            IpvsAttribute::Service(attributes) => attributes.extend(counted.clone().cloned()),
            IpvsAttribute::Destination(attributes) => attributes.extend(counted_there.clone().cloned()),
            _ => {}
        }
    }
    own
}

fn emitted(message: &impl Emitable) -> Vec<u8> {
    let mut octets = vec![0xa5; message.buffer_len()];
    message.emit(&mut octets);
    octets
}
