use std::num::NonZeroU16;

use crate::convert::{DecodeError, address, expect_command, last, needed, statistics};
use crate::packet::{DestinationAttribute, IpvsAttribute, IpvsCommand, IpvsMessage};
use crate::{
    Checksum, Destination, DestinationEntry, DestinationId, Family, Forward, Thresholds, Tunnel,
    UnknownForward, UnknownTunnel, Weight,
};

/// IP_VS_CONN_F_*, within IP_VS_CONN_F_FWD_MASK.
mod forward {
    pub(super) const MASQUERADE: u32 = 0;
    pub(super) const LOCAL_NODE: u32 = 1;
    pub(super) const TUNNEL: u32 = 2;
    pub(super) const DIRECT_ROUTE: u32 = 3;
    pub(super) const BYPASS: u32 = 4;
}

/// IP_VS_CONN_F_TUNNEL_TYPE_*.
mod kind {
    pub(super) const IPIP: u8 = 0;
    pub(super) const GUE: u8 = 1;
    pub(super) const GRE: u8 = 2;
}

/// What a destination is found by.
pub(super) fn id_attributes(id: &DestinationId) -> Vec<DestinationAttribute> {
    vec![
        DestinationAttribute::AddressFamily(address::family_number(id.family())),
        DestinationAttribute::Address(address::octets(id.address)),
        DestinationAttribute::Port(id.port),
    ]
}

/// All that the kernel wants to know when a destination is added or changed.
pub(super) fn attributes(destination: &Destination) -> Vec<DestinationAttribute> {
    let mut attributes = id_attributes(&destination.id);
    attributes.extend([
        DestinationAttribute::ForwardMethod(method(destination.forward)),
        DestinationAttribute::Weight(destination.weight.get()),
    ]);
    if let Forward::Tunnel(tunnel) = destination.forward {
        attributes.extend(tunnel_attributes(tunnel));
    }
    attributes.extend([
        DestinationAttribute::UpperThreshold(destination.thresholds.upper()),
        DestinationAttribute::LowerThreshold(destination.thresholds.lower()),
    ]);
    attributes
}

fn method(forward: Forward) -> u32 {
    match forward {
        Forward::Masquerade => forward::MASQUERADE,
        Forward::LocalNode => forward::LOCAL_NODE,
        Forward::Tunnel(_) => forward::TUNNEL,
        Forward::DirectRoute => forward::DIRECT_ROUTE,
        Forward::Bypass => forward::BYPASS,
        Forward::Other(UnknownForward(method)) => method,
    }
}

/// None for IP in IP, which is what the kernel takes if it is not told, and all that it had before Linux 5.3.
fn tunnel_attributes(tunnel: Tunnel) -> Vec<DestinationAttribute> {
    let UnknownTunnel { kind, port, flags } = match tunnel {
        Tunnel::Ipip => return Vec::new(),
        Tunnel::Gue { port, checksum } => UnknownTunnel {
            kind: kind::GUE,
            port: port.get(),
            flags: checksum_flags(checksum),
        },
        Tunnel::Gre { checksum } => UnknownTunnel {
            kind: kind::GRE,
            port: 0,
            flags: checksum_flags(checksum),
        },
        Tunnel::Other(tunnel) => tunnel,
    };
    vec![
        DestinationAttribute::TunnelType(kind),
        DestinationAttribute::TunnelPort(port),
        DestinationAttribute::TunnelFlags(flags),
    ]
}

/// IP_VS_TUNNEL_ENCAP_FLAG_*.
fn checksum_flags(checksum: Checksum) -> u16 {
    match checksum {
        Checksum::None => 0,
        Checksum::Full => 1,
        Checksum::Remote => 2,
    }
}

impl DestinationEntry {
    /// Reads one of the answers to [`Query::Destinations`](crate::Query::Destinations). Kernels before Linux 3.18 do not say
    /// of which family a destination is; it is then that of the service that was asked for.
    ///
    /// # Errors
    ///
    /// If the message does not say what it has to.
    pub fn from_message(message: &IpvsMessage, service: Family) -> Result<Self, DecodeError> {
        expect_command(message, IpvsCommand::NewDest)?;
        let attributes = needed!(message.attributes, IpvsAttribute::Destination, "destination")?;
        Ok(Self {
            destination: destination(attributes, service)?,
            active: *needed!(
                attributes,
                DestinationAttribute::ActiveConnections,
                "count of active connections"
            )?,
            inactive: *needed!(
                attributes,
                DestinationAttribute::InactiveConnections,
                "count of inactive connections"
            )?,
            persistent: *needed!(
                attributes,
                DestinationAttribute::PersistentConnections,
                "count of persistent connections"
            )?,
            statistics: statistics::statistics(
                last!(attributes, DestinationAttribute::Statistics64),
                last!(attributes, DestinationAttribute::Statistics),
            )?,
        })
    }
}

fn destination(attributes: &[DestinationAttribute], service: Family) -> Result<Destination, DecodeError> {
    let weight = needed!(attributes, DestinationAttribute::Weight, "weight")?;
    let upper = needed!(
        attributes,
        DestinationAttribute::UpperThreshold,
        "upper threshold"
    )?;
    let lower = needed!(
        attributes,
        DestinationAttribute::LowerThreshold,
        "lower threshold"
    )?;
    Ok(Destination {
        id: id(attributes, service)?,
        forward: forward(attributes)?,
        weight: Weight::new(*weight)?,
        thresholds: Thresholds::new(*upper, *lower)?,
    })
}

/// The destination that a message is about, if it says so much: a message that makes no sense may.
pub(crate) fn destination_in(message: &IpvsMessage, service: Family) -> Option<DestinationId> {
    let attributes = last!(message.attributes, IpvsAttribute::Destination)?;
    id(attributes, service).ok()
}

fn id(attributes: &[DestinationAttribute], service: Family) -> Result<DestinationId, DecodeError> {
    let family = match last!(attributes, DestinationAttribute::AddressFamily) {
        Some(number) => address::family(*number)?,
        None => service,
    };
    let octets = needed!(attributes, DestinationAttribute::Address, "destination's address")?;
    Ok(DestinationId {
        address: address::address(*octets, family),
        port: *needed!(attributes, DestinationAttribute::Port, "destination's port")?,
    })
}

/// Of a destination without a tunnel, tunnel attributes say nothing.
fn forward(attributes: &[DestinationAttribute]) -> Result<Forward, DecodeError> {
    let method = needed!(
        attributes,
        DestinationAttribute::ForwardMethod,
        "forwarding method"
    )?;
    Ok(match *method {
        forward::MASQUERADE => Forward::Masquerade,
        forward::LOCAL_NODE => Forward::LocalNode,
        forward::TUNNEL => Forward::Tunnel(tunnel(attributes)),
        forward::DIRECT_ROUTE => Forward::DirectRoute,
        forward::BYPASS => Forward::Bypass,
        other => Forward::Other(UnknownForward(other)),
    })
}

fn tunnel(attributes: &[DestinationAttribute]) -> Tunnel {
    let port = last!(attributes, DestinationAttribute::TunnelPort).copied();
    let flags = last!(attributes, DestinationAttribute::TunnelFlags).copied();
    let kind = last!(attributes, DestinationAttribute::TunnelType).copied();
    let found = UnknownTunnel {
        kind: kind.unwrap_or(kind::IPIP),
        port: port.unwrap_or_default(),
        flags: flags.unwrap_or_default(),
    };
    known_tunnel(found).unwrap_or(Tunnel::Other(found))
}

/// `None` also where a tunnel with a name has settings that do not go with it, since writing it back has to keep them.
fn known_tunnel(found: UnknownTunnel) -> Option<Tunnel> {
    let checksum = match found.flags {
        0 => Checksum::None,
        1 => Checksum::Full,
        2 => Checksum::Remote,
        _ => return None,
    };
    match (found.kind, NonZeroU16::new(found.port)) {
        (kind::IPIP, None) if checksum == Checksum::None => Some(Tunnel::Ipip),
        (kind::GUE, Some(port)) => Some(Tunnel::Gue { port, checksum }),
        (kind::GRE, None) => Some(Tunnel::Gre { checksum }),
        _ => None,
    }
}
