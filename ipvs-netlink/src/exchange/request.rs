//! What is asked, as octets, and how an answer becomes a value.

use std::fmt::Debug;

use netlink_packet_core::{
    Emitable, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
    ParseableParametrized,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};

use super::{Decode, Exchange, Failure, Question, Shape, Undecodable};
use crate::convert::{destination_in, service_in};
use crate::packet::controller::ControllerMessage;
use crate::packet::{FAMILY_NAME, IpvsMessage};
use crate::refusal::ENOENT;
use crate::{
    Command, Daemon, DecodeError, DestinationEntry, Error, Family, Info, Query, Refusal, ServiceEntry,
    ServiceId, Timeouts,
};

/// The number that the kernel gave IPVS among the families of generic netlink. It stays for as long as the module is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyNumber(u16);

impl FamilyNumber {
    /// As [`Exchange::resolve`] found it.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The type of its netlink messages.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Exchange<FamilyNumber> {
    /// Asks for the number of IPVS. The kernel looks for the module first, if it has to.
    ///
    /// The answer is [`Error::NoIpvs`](crate::Error::NoIpvs) if there is none.
    #[must_use]
    pub fn resolve(sequence: u32) -> Self {
        let payload = ControllerMessage::get_family(FAMILY_NAME);
        let question = Question {
            shape: Shape::One,
            service: None,
            decode: family_number,
            refused: |failure, _| match failure.errno {
                ENOENT => Error::NoIpvs,
                _ => refused(failure, None),
            },
        };
        let request = encode(payload, FamilyNumber(0), sequence, NLM_F_REQUEST);
        Self::new(request, sequence, question)
    }
}

impl Exchange<ServiceEntry> {
    /// Asks for all services.
    #[must_use]
    pub fn services(family: FamilyNumber, sequence: u32) -> Self {
        Self::ask(family, sequence, Query::Services, service)
    }

    /// Asks for one service. If it is not there, the kernel refuses with [`Reason::NoService`](crate::Reason::NoService).
    #[must_use]
    pub fn service(family: FamilyNumber, sequence: u32, id: &ServiceId) -> Self {
        Self::ask(family, sequence, Query::Service(*id), service)
    }
}

impl Exchange<DestinationEntry> {
    /// Asks for all destinations of a service. The kernel gives an empty list for a service that is not there.
    #[must_use]
    pub fn destinations(family: FamilyNumber, sequence: u32, id: &ServiceId) -> Self {
        Self::ask(family, sequence, Query::Destinations(*id), destination)
    }
}

impl Exchange<Daemon> {
    /// Asks for the sync daemons that run.
    #[must_use]
    pub fn daemons(family: FamilyNumber, sequence: u32) -> Self {
        Self::ask(family, sequence, Query::Daemons, daemon)
    }
}

impl Exchange<Timeouts> {
    /// Asks for the timeouts.
    #[must_use]
    pub fn timeouts(family: FamilyNumber, sequence: u32) -> Self {
        Self::ask(family, sequence, Query::Timeouts, timeouts)
    }
}

impl Exchange<Info> {
    /// Asks IPVS for what it says of itself.
    #[must_use]
    pub fn info(family: FamilyNumber, sequence: u32) -> Self {
        Self::ask(family, sequence, Query::Info, info)
    }
}

impl<T> Exchange<T> {
    fn ask(family: FamilyNumber, sequence: u32, query: Query, decode: Decode<T>) -> Self {
        let (shape, flags) = match query.is_list() {
            true => (Shape::List, NLM_F_REQUEST | NLM_F_DUMP),
            false => (Shape::One, NLM_F_REQUEST),
        };
        let service = match query {
            Query::Service(id) | Query::Destinations(id) => Some(id),
            _ => None,
        };
        let question = Question {
            shape,
            service,
            decode,
            refused,
        };
        Self::new(
            encode(query.message(), family, sequence, flags),
            sequence,
            question,
        )
    }
}

/// A command, which the kernel answers if it refuses it.
pub(super) fn command(family: FamilyNumber, sequence: u32, command: &Command) -> Vec<u8> {
    encode(command.message(), family, sequence, NLM_F_REQUEST)
}

/// Nothing, which the kernel answers in any case.
pub(super) fn to_be_answered(sequence: u32) -> Vec<u8> {
    let payload = NetlinkPayload::<GenlMessage<IpvsMessage>>::Noop;
    let mut message = NetlinkMessage::new(NetlinkHeader::default(), payload);
    message.header.flags = NLM_F_REQUEST | NLM_F_ACK;
    message.header.sequence_number = sequence;
    message.finalize();
    let mut octets = vec![0; message.buffer_len()];
    message.serialize(&mut octets);
    octets
}

/// With netlink's and generic netlink's headers. All attributes end at a multiple of four octets, so this does as well.
fn encode<P>(payload: P, family: FamilyNumber, sequence: u32, flags: u16) -> Vec<u8>
where
    P: GenlFamily + Emitable + Debug,
{
    let mut payload = GenlMessage::from_payload(payload);
    payload.set_resolved_family_id(family.0);
    let mut message = NetlinkMessage::from(payload);
    message.header.flags = flags;
    message.header.sequence_number = sequence;
    message.finalize();
    let mut octets = vec![0; message.buffer_len()];
    message.serialize(&mut octets);
    octets
}

fn refused(failure: Failure, service: Option<ServiceId>) -> Error {
    Refusal::of_read(service, failure).into()
}

fn family_number(octets: &[u8], _: Option<ServiceId>) -> Result<FamilyNumber, Undecodable> {
    let name = "the controller's answer";
    let message: ControllerMessage = parse(octets).map_err(|reason| undecodable(name, reason))?;
    let number = message.family_id_of(FAMILY_NAME).map(FamilyNumber);
    number.ok_or_else(|| undecodable(name, "it has no number for the name IPVS"))
}

fn service(octets: &[u8], _: Option<ServiceId>) -> Result<ServiceEntry, Undecodable> {
    let name = "a service";
    let message = parse(octets).map_err(|reason| undecodable(name, reason))?;
    ServiceEntry::try_from(&message).map_err(|reason| {
        let id = service_in(&message);
        undecodable(
            id.map_or(name.to_owned(), |id| format!("the service {id}")),
            reason,
        )
    })
}

fn destination(octets: &[u8], service: Option<ServiceId>) -> Result<DestinationEntry, Undecodable> {
    // Kernels before Linux 3.18 do not say of which family a destination is.
    let family = service.map_or(Family::Ipv4, |id| id.family());
    let of_service = service.map_or(String::new(), |id| format!(" of {id}"));
    let name = format!("a destination{of_service}");
    let message = parse(octets).map_err(|reason| undecodable(&name, reason))?;
    DestinationEntry::from_message(&message, family).map_err(|reason| {
        let id = destination_in(&message, family);
        undecodable(
            id.map_or(name, |id| format!("the destination {id}{of_service}")),
            reason,
        )
    })
}

fn daemon(octets: &[u8], _: Option<ServiceId>) -> Result<Daemon, Undecodable> {
    decode(octets, "a sync daemon")
}

fn timeouts(octets: &[u8], _: Option<ServiceId>) -> Result<Timeouts, Undecodable> {
    decode(octets, "the timeouts")
}

fn info(octets: &[u8], _: Option<ServiceId>) -> Result<Info, Undecodable> {
    decode(octets, "the version of IPVS")
}

fn decode<T>(octets: &[u8], entry: &str) -> Result<T, Undecodable>
where
    T: for<'a> TryFrom<&'a IpvsMessage, Error = DecodeError>,
{
    let message = parse(octets).map_err(|reason| undecodable(entry, reason))?;
    T::try_from(&message).map_err(|reason| undecodable(entry, reason))
}

/// Without generic netlink's header, struct genlmsghdr.
fn parse<P>(octets: &[u8]) -> Result<P, netlink_packet_core::DecodeError>
where
    P: ParseableParametrized<[u8], GenlHeader>,
{
    let header = GenlHeader::parse(octets)?;
    P::parse_with_param(octets.get(4..).unwrap_or_default(), header)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn undecodable(entry: impl Into<String>, reason: impl ToString) -> Undecodable {
    Undecodable {
        entry: entry.into(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
