use std::net::SocketAddr;
use std::task::Poll;

use super::super::tests::{answer, message};
use super::*;
use crate::packet::{DestinationAttribute, IpvsAttribute, ServiceAttribute};
use crate::{Destination, Forward, Reply, Scheduler, Service};
use netlink_packet_core::{Emitable, NLM_F_MULTIPART, NLMSG_DONE};

const FAMILY: FamilyNumber = FamilyNumber::new(0x1C);
const SEQUENCE: u32 = 7;

fn web() -> ServiceId {
    ServiceId::tcp(([10, 0, 0, 1], 80))
}

fn reply(command: u8, attributes: &[IpvsAttribute]) -> Vec<u8> {
    let mut octets = vec![0; attributes.buffer_len()];
    attributes.emit(&mut octets);
    let payload = [&[command, 1, 0, 0][..], &octets].concat();
    message(FAMILY.get(), NLM_F_MULTIPART, SEQUENCE, &payload)
}

fn list<T>(mut exchange: Exchange<T>, entry: &[u8]) -> Reply<T> {
    assert!(exchange.receive(entry).is_pending());
    let Poll::Ready(Ok(reply)) = exchange.receive(&message(NLMSG_DONE, 0, SEQUENCE, &[0; 4])) else {
        panic!("it has an end")
    };
    reply
}

#[test]
fn requests_are_what_the_kernel_expects() {
    // nlmsghdr: length, type, flags (request, dump), sequence, port; genlmsghdr: GET_SERVICE, version 1.
    let services = [20, 0, 0, 0, 0x1C, 0, 1, 3, 7, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0];
    let exchange = Exchange::<ServiceEntry>::services(FAMILY, SEQUENCE);
    assert_eq!(exchange.request(), services);
    // One answer: no dump. GET_INFO.
    let info = [20, 0, 0, 0, 0x1C, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 15, 1, 0, 0];
    assert_eq!(Exchange::<Info>::info(FAMILY, SEQUENCE).request(), info);
    // GETFAMILY of the controller, with the name and its NUL.
    let family = [
        32, 0, 0, 0, 16, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 9, 0, 2, 0, b'I', b'P', b'V', b'S', 0,
        0, 0, 0,
    ];
    assert_eq!(Exchange::resolve(SEQUENCE).request(), family);
    // NLMSG_NOOP: request, ACK.
    assert_eq!(
        to_be_answered(SEQUENCE),
        [16, 0, 0, 0, 1, 0, 5, 0, 7, 0, 0, 0, 0, 0, 0, 0]
    );
}

#[test]
fn number_of_the_family_is_found() {
    // NEWFAMILY: the name, the number.
    let payload = [
        1, 2, 0, 0, 9, 0, 2, 0, b'I', b'P', b'V', b'S', 0, 0, 0, 0, 6, 0, 1, 0, 0x1C, 0, 0, 0,
    ];
    let mut exchange = Exchange::resolve(SEQUENCE);
    let Poll::Ready(Ok(reply)) = exchange.receive(&message(16, 0, SEQUENCE, &payload)) else {
        panic!("no answer")
    };
    assert_eq!(reply.entries, [FAMILY]);
    let without = exchange.receive(&message(16, 0, SEQUENCE, &payload[..16]));
    let Poll::Ready(Err(error)) = without else {
        panic!("{without:?}")
    };
    let text =
        "the kernel's answer makes no sense: the controller's answer: it has no number for the name IPVS";
    assert_eq!(error.to_string(), text);
}

#[test]
fn no_ipvs_is_told_from_other_refusals() {
    let refused = |errno| match Exchange::resolve(SEQUENCE).receive(&answer(SEQUENCE, errno)) {
        Poll::Ready(Err(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused(2), Error::NoIpvs));
    assert!(matches!(refused(1), Error::Refused(_)));
}

#[test]
fn service_that_makes_no_sense_is_named() {
    let mut attributes = Command::AddService(Service::new(web(), Scheduler::RR))
        .message()
        .attributes;
    let exchange = || Exchange::<ServiceEntry>::services(FAMILY, SEQUENCE);
    let found = list(exchange(), &reply(1, &attributes)).passed_over;
    assert!(
        found[0].to_string().starts_with("the service TCP 10.0.0.1:80: "),
        "{found:?}"
    );
    if let Some(IpvsAttribute::Service(service)) = attributes.first_mut() {
        service.retain(|attribute| !matches!(attribute, ServiceAttribute::AddressFamily(_)));
    }
    let found = list(exchange(), &reply(1, &attributes)).passed_over;
    assert!(found[0].to_string().starts_with("a service: "), "{found:?}");
}

#[test]
fn destination_that_makes_no_sense_is_named() {
    let server = Destination::new(SocketAddr::from(([10, 0, 1, 1], 80)), Forward::Masquerade);
    let attributes = Command::AddDestination(web(), server).message().attributes;
    let mut destination = vec![attributes[1].clone()];
    let exchange = || Exchange::destinations(FAMILY, SEQUENCE, &web());
    let found = list(exchange(), &reply(5, &destination)).passed_over;
    let text = "the destination 10.0.1.1:80 of TCP 10.0.0.1:80: ";
    assert!(found[0].to_string().starts_with(text), "{found:?}");
    if let Some(IpvsAttribute::Destination(destination)) = destination.first_mut() {
        destination.retain(|attribute| !matches!(attribute, DestinationAttribute::Port(_)));
    }
    let found = list(exchange(), &reply(5, &destination)).passed_over;
    let text = "a destination of TCP 10.0.0.1:80: ";
    assert!(found[0].to_string().starts_with(text), "{found:?}");
}
