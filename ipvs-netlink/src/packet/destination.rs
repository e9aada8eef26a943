use netlink_packet_core::{DecodeError, DefaultNla, NLA_F_NESTED, Nla, NlaBuffer, Parseable};

use super::StatisticsAttribute;
use super::value::{self, Attribute, Value};

/// A part of what makes a destination (IPVS_DEST_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DestinationAttribute {
    /// 1: an IPv4 address stands in the first four octets.
    Address([u8; 16]),
    /// 2: in network byte order on the wire.
    Port(u16),
    /// 3: IP_VS_CONN_F_MASQ and the others within IP_VS_CONN_F_FWD_MASK.
    ForwardMethod(u32),
    /// 4: share of new connections; above 0x7fffffff it is negative for the kernel.
    Weight(u32),
    /// 5: connections at which it is overloaded; 0 is never.
    UpperThreshold(u32),
    /// 6: connections below which it is no longer overloaded.
    LowerThreshold(u32),
    /// 7: established connections.
    ActiveConnections(u32),
    /// 8: other connections.
    InactiveConnections(u32),
    /// 9: persistence templates.
    PersistentConnections(u32),
    /// 10: counters, nested.
    Statistics(Vec<StatisticsAttribute>),
    /// 11: AF_INET or AF_INET6 (Linux 3.18); without it, it is the service's.
    AddressFamily(u16),
    /// 12: counters of 64 bits, nested (Linux 4.1).
    Statistics64(Vec<StatisticsAttribute>),
    /// 13: IP_VS_CONN_F_TUNNEL_TYPE_*: 0 ipip, 1 gue, 2 gre (Linux 5.3).
    TunnelType(u8),
    /// 14: of gue, in network byte order on the wire (Linux 5.3).
    TunnelPort(u16),
    /// 15: IP_VS_TUNNEL_ENCAP_FLAG_*: 1 checksum, 2 remote checksum (Linux 5.3).
    TunnelFlags(u16),
    /// Anything else.
    Other(DefaultNla),
}

const ADDRESS: u16 = 1;
const PORT: u16 = 2;
const FORWARD_METHOD: u16 = 3;
const WEIGHT: u16 = 4;
const UPPER_THRESHOLD: u16 = 5;
const LOWER_THRESHOLD: u16 = 6;
const ACTIVE_CONNECTIONS: u16 = 7;
const INACTIVE_CONNECTIONS: u16 = 8;
const PERSISTENT_CONNECTIONS: u16 = 9;
const STATISTICS: u16 = 10;
const ADDRESS_FAMILY: u16 = 11;
const STATISTICS64: u16 = 12;
const TUNNEL_TYPE: u16 = 13;
const TUNNEL_PORT: u16 = 14;
const TUNNEL_FLAGS: u16 = 15;

impl DestinationAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Address(value) => Value::Octets(value),
            Self::Port(value) | Self::TunnelPort(value) => Value::PortU16(*value),
            Self::ForwardMethod(value)
            | Self::Weight(value)
            | Self::UpperThreshold(value)
            | Self::LowerThreshold(value)
            | Self::ActiveConnections(value)
            | Self::InactiveConnections(value)
            | Self::PersistentConnections(value) => Value::U32(*value),
            Self::Statistics(value) | Self::Statistics64(value) => Value::Nested(value),
            Self::AddressFamily(value) | Self::TunnelFlags(value) => Value::U16(*value),
            Self::TunnelType(value) => Value::U8(*value),
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for DestinationAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::Address(_) => ADDRESS,
            Self::Port(_) => PORT,
            Self::ForwardMethod(_) => FORWARD_METHOD,
            Self::Weight(_) => WEIGHT,
            Self::UpperThreshold(_) => UPPER_THRESHOLD,
            Self::LowerThreshold(_) => LOWER_THRESHOLD,
            Self::ActiveConnections(_) => ACTIVE_CONNECTIONS,
            Self::InactiveConnections(_) => INACTIVE_CONNECTIONS,
            Self::PersistentConnections(_) => PERSISTENT_CONNECTIONS,
            Self::Statistics(_) => STATISTICS | NLA_F_NESTED,
            Self::AddressFamily(_) => ADDRESS_FAMILY,
            Self::Statistics64(_) => STATISTICS64 | NLA_F_NESTED,
            Self::TunnelType(_) => TUNNEL_TYPE,
            Self::TunnelPort(_) => TUNNEL_PORT,
            Self::TunnelFlags(_) => TUNNEL_FLAGS,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for DestinationAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            ADDRESS => value::exactly(value).map(Self::Address),
            PORT => value::port_u16(value).map(Self::Port),
            FORWARD_METHOD => value::u32(value).map(Self::ForwardMethod),
            WEIGHT => value::u32(value).map(Self::Weight),
            UPPER_THRESHOLD => value::u32(value).map(Self::UpperThreshold),
            LOWER_THRESHOLD => value::u32(value).map(Self::LowerThreshold),
            ACTIVE_CONNECTIONS => value::u32(value).map(Self::ActiveConnections),
            INACTIVE_CONNECTIONS => value::u32(value).map(Self::InactiveConnections),
            PERSISTENT_CONNECTIONS => value::u32(value).map(Self::PersistentConnections),
            STATISTICS => value::nested(value)?.map(Self::Statistics),
            ADDRESS_FAMILY => value::u16(value).map(Self::AddressFamily),
            STATISTICS64 => value::nested(value)?.map(Self::Statistics64),
            TUNNEL_TYPE => value::u8(value).map(Self::TunnelType),
            TUNNEL_PORT => value::port_u16(value).map(Self::TunnelPort),
            TUNNEL_FLAGS => value::u16(value).map(Self::TunnelFlags),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for DestinationAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
