use netlink_packet_core::{DecodeError, DefaultNla, NLA_F_NESTED, Nla, NlaBuffer, Parseable};

use super::StatisticsAttribute;
use super::value::{self, Attribute, Value};

/// A part of what makes a service (IPVS_SVC_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceAttribute {
    /// 1: AF_INET or AF_INET6.
    AddressFamily(u16),
    /// 2: IPPROTO_*.
    Protocol(u16),
    /// 3: an IPv4 address stands in the first four octets.
    Address([u8; 16]),
    /// 4: in network byte order on the wire.
    Port(u16),
    /// 5: the packet mark, in the place of protocol, address and port.
    Fwmark(u32),
    /// 6: `wrr`; on the wire with a NUL.
    SchedulerName(String),
    /// 7: IP_VS_SVC_F_*.
    Flags(ServiceFlags),
    /// 8: of persistence, in seconds.
    Timeout(u32),
    /// 9: of persistence. For IPv4 the four octets of a mask, for IPv6 a prefix length as a number.
    Netmask(u32),
    /// 10: counters, nested.
    Statistics(Vec<StatisticsAttribute>),
    /// 11: of the persistence engine, `sip`; on the wire with a NUL.
    EngineName(String),
    /// 12: counters of 64 bits, nested (Linux 4.1).
    Statistics64(Vec<StatisticsAttribute>),
    /// Anything else.
    Other(DefaultNla),
}

/// Bits and which of them are meant (struct ip_vs_flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFlags {
    /// IP_VS_SVC_F_*.
    pub flags: u32,
    /// Those of the service's flags that become what `flags` says; the others stay.
    pub mask: u32,
}

impl ServiceFlags {
    fn parse(value: &[u8]) -> Option<Self> {
        let (flags, mask) = value.split_at_checked(4)?;
        Some(Self {
            flags: value::u32(flags)?,
            mask: value::u32(mask)?,
        })
    }
}

const ADDRESS_FAMILY: u16 = 1;
const PROTOCOL: u16 = 2;
const ADDRESS: u16 = 3;
const PORT: u16 = 4;
const FWMARK: u16 = 5;
const SCHEDULER_NAME: u16 = 6;
const FLAGS: u16 = 7;
const TIMEOUT: u16 = 8;
const NETMASK: u16 = 9;
const STATISTICS: u16 = 10;
const ENGINE_NAME: u16 = 11;
const STATISTICS64: u16 = 12;

impl ServiceAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::AddressFamily(number) | Self::Protocol(number) => Value::U16(*number),
            Self::Address(octets) => Value::Octets(octets),
            Self::Port(port) => Value::PortU16(*port),
            Self::Fwmark(number) | Self::Timeout(number) | Self::Netmask(number) => Value::U32(*number),
            Self::SchedulerName(name) | Self::EngineName(name) => Value::Name(name),
            Self::Flags(flags) => Value::Pair(flags.flags, flags.mask),
            Self::Statistics(attributes) | Self::Statistics64(attributes) => Value::Nested(attributes),
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for ServiceAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::AddressFamily(_) => ADDRESS_FAMILY,
            Self::Protocol(_) => PROTOCOL,
            Self::Address(_) => ADDRESS,
            Self::Port(_) => PORT,
            Self::Fwmark(_) => FWMARK,
            Self::SchedulerName(_) => SCHEDULER_NAME,
            Self::Flags(_) => FLAGS,
            Self::Timeout(_) => TIMEOUT,
            Self::Netmask(_) => NETMASK,
            Self::Statistics(_) => STATISTICS | NLA_F_NESTED,
            Self::EngineName(_) => ENGINE_NAME,
            Self::Statistics64(_) => STATISTICS64 | NLA_F_NESTED,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for ServiceAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            ADDRESS_FAMILY => value::u16(value).map(Self::AddressFamily),
            PROTOCOL => value::u16(value).map(Self::Protocol),
            ADDRESS => value::exactly(value).map(Self::Address),
            PORT => value::port_u16(value).map(Self::Port),
            FWMARK => value::u32(value).map(Self::Fwmark),
            SCHEDULER_NAME => value::name(value).map(Self::SchedulerName),
            FLAGS => ServiceFlags::parse(value).map(Self::Flags),
            TIMEOUT => value::u32(value).map(Self::Timeout),
            NETMASK => value::u32(value).map(Self::Netmask),
            STATISTICS => value::nested(value)?.map(Self::Statistics),
            ENGINE_NAME => value::name(value).map(Self::EngineName),
            STATISTICS64 => value::nested(value)?.map(Self::Statistics64),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for ServiceAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
