use std::net::Ipv4Addr;
use std::num::NonZeroU32;

use crate::convert::{DecodeError, address, expect_command, last, needed, statistics};
use crate::packet::{IpvsAttribute, IpvsCommand, IpvsMessage, ServiceAttribute, ServiceFlags};
use crate::{
    Family, Granularity, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags, Service,
    ServiceEntry, ServiceId,
};

/// IP_VS_SVC_F_PERSISTENT.
const PERSISTENT: u32 = 0x01;
/// IP_VS_SVC_F_ONEPACKET.
const ONE_PACKET: u32 = 0x04;

/// What a service is found by. Where there is a mark, the kernel looks at nothing else.
pub(super) fn id_attributes(id: &ServiceId) -> Vec<ServiceAttribute> {
    let family = ServiceAttribute::AddressFamily(address::family_number(id.family()));
    match *id {
        ServiceId::Endpoint {
            protocol,
            address,
            port,
        } => vec![
            family,
            ServiceAttribute::Protocol(protocol.number()),
            ServiceAttribute::Address(address::octets(address)),
            ServiceAttribute::Port(port),
        ],
        ServiceId::Fwmark { mark, .. } => vec![family, ServiceAttribute::Fwmark(mark.get())],
    }
}

/// All that the kernel wants to know when a service is added or changed.
pub(super) fn attributes(service: &Service) -> Vec<ServiceAttribute> {
    let persistence = service.persistence();
    let single = Granularity::single(service.id().family());
    let granularity = persistence.map_or(single, |persistence| persistence.granularity());

    let mut attributes = id_attributes(&service.id());
    let scheduler = service.scheduler().name().to_owned();
    attributes.push(ServiceAttribute::SchedulerName(scheduler));
    if let Some(engine) = service.persistence_engine() {
        attributes.push(ServiceAttribute::EngineName(engine.name().to_owned()));
    }
    attributes.extend([
        ServiceAttribute::Flags(flags(service)),
        ServiceAttribute::Timeout(persistence.map_or(0, |persistence| persistence.seconds())),
        ServiceAttribute::Netmask(netmask(granularity)),
    ]);
    attributes
}

/// All of them: what is not said is taken away. IP_VS_SVC_F_HASHED is the kernel's own business.
fn flags(service: &Service) -> ServiceFlags {
    let persistent = if service.persistence().is_some() {
        PERSISTENT
    } else {
        0
    };
    let one_packet = if service.one_packet() { ONE_PACKET } else { 0 };
    ServiceFlags {
        flags: persistent | one_packet | service.scheduler_flags().bits(),
        mask: u32::MAX,
    }
}

fn netmask(granularity: Granularity) -> u32 {
    let length = || granularity.as_prefix_length().map(u32::from).unwrap_or_default();
    match granularity.as_mask() {
        Some(mask) => u32::from_ne_bytes(mask.octets()),
        None => length(),
    }
}

impl TryFrom<&IpvsMessage> for ServiceEntry {
    type Error = DecodeError;

    fn try_from(message: &IpvsMessage) -> Result<Self, DecodeError> {
        expect_command(message, IpvsCommand::NewService)?;
        let attributes = needed!(message.attributes, IpvsAttribute::Service, "service")?;
        Ok(Self {
            service: service(attributes)?,
            statistics: statistics::statistics(
                last!(attributes, ServiceAttribute::Statistics64),
                last!(attributes, ServiceAttribute::Statistics),
            )?,
        })
    }
}

fn service(attributes: &[ServiceAttribute]) -> Result<Service, DecodeError> {
    let id = id(attributes)?;
    let flags = needed!(attributes, ServiceAttribute::Flags, "service's flags")?.flags;
    let persistence = if flags & PERSISTENT == 0 {
        None
    } else {
        Some(persistence(attributes, id.family())?)
    };
    let service = Service::new(id, scheduler(attributes)?)
        .with_scheduler_flags(SchedulerFlags::from_bits(flags))
        .with_one_packet(flags & ONE_PACKET != 0)
        .with_persistence_engine(engine(attributes)?);
    Ok(service.with_persistence(persistence)?)
}

/// The service that a message is about, if it says so much: a message that makes no sense may.
pub(crate) fn service_in(message: &IpvsMessage) -> Option<ServiceId> {
    last!(message.attributes, IpvsAttribute::Service).and_then(|attributes| id(attributes).ok())
}

/// Without a mark, or with none but 0, it is an endpoint.
fn id(attributes: &[ServiceAttribute]) -> Result<ServiceId, DecodeError> {
    let number = needed!(
        attributes,
        ServiceAttribute::AddressFamily,
        "service's address family"
    )?;
    let family = address::family(*number)?;
    let mark = last!(attributes, ServiceAttribute::Fwmark);
    if let Some(mark) = mark.copied().and_then(NonZeroU32::new) {
        return Ok(ServiceId::Fwmark { family, mark });
    }
    let protocol = needed!(attributes, ServiceAttribute::Protocol, "service's protocol")?;
    let octets = needed!(attributes, ServiceAttribute::Address, "service's address")?;
    Ok(ServiceId::Endpoint {
        protocol: Protocol::new(*protocol),
        address: address::address(*octets, family),
        port: *needed!(attributes, ServiceAttribute::Port, "service's port")?,
    })
}

fn scheduler(attributes: &[ServiceAttribute]) -> Result<Scheduler, DecodeError> {
    let name = needed!(attributes, ServiceAttribute::SchedulerName, "scheduler's name")?;
    Scheduler::new(name).map_err(DecodeError::Scheduler)
}

fn engine(attributes: &[ServiceAttribute]) -> Result<Option<PersistenceEngine>, DecodeError> {
    let name = last!(attributes, ServiceAttribute::EngineName);
    let engine = name.map(PersistenceEngine::new).transpose();
    engine.map_err(DecodeError::PersistenceEngine)
}

/// Any number of seconds: other programs can set ones that cannot be asked for here, such as 0.
fn persistence(attributes: &[ServiceAttribute], family: Family) -> Result<Persistence, DecodeError> {
    let seconds = needed!(attributes, ServiceAttribute::Timeout, "persistence timeout")?;
    let netmask = needed!(attributes, ServiceAttribute::Netmask, "persistence granularity")?;
    Ok(Persistence::from_kernel(*seconds, granularity(*netmask, family)?))
}

fn granularity(netmask: u32, family: Family) -> Result<Granularity, DecodeError> {
    match family {
        Family::Ipv4 => Ok(Granularity::mask(Ipv4Addr::from(netmask.to_ne_bytes()))),
        Family::Ipv6 => u8::try_from(netmask)
            .ok()
            .and_then(|length| Granularity::prefix_length(length).ok())
            .ok_or(DecodeError::PrefixLength(netmask)),
    }
}
