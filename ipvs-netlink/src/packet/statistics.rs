use netlink_packet_core::{DecodeError, DefaultNla, Nla, NlaBuffer, Parseable};

use super::value::{self, Attribute, Value};

/// One counter or rate of a service or a destination (IPVS_STATS_ATTR_*). The numbers are the same in both forms of the
/// statistics: in IPVS_*_ATTR_STATS all but the octets have 32 bits, in IPVS_*_ATTR_STATS64 (Linux 4.1) all have 64.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatisticsAttribute {
    /// 1: connections that were scheduled.
    Connections(Counter),
    /// 2: packets from clients.
    PacketsIn(Counter),
    /// 3: packets to clients.
    PacketsOut(Counter),
    /// 4: octets from clients.
    BytesIn(Counter),
    /// 5: octets to clients.
    BytesOut(Counter),
    /// 6: connections each second.
    ConnectionRate(Counter),
    /// 7: packets from clients each second.
    PacketRateIn(Counter),
    /// 8: packets to clients each second.
    PacketRateOut(Counter),
    /// 9: octets from clients each second.
    ByteRateIn(Counter),
    /// 10: octets to clients each second.
    ByteRateOut(Counter),
    /// 11: nothing, which puts what follows on an even address.
    Pad,
    /// Anything else.
    Other(DefaultNla),
}

/// A number with the size that it is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// 32 bits.
    U32(u32),
    /// 64 bits.
    U64(u64),
}

impl Counter {
    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        match self {
            Self::U32(number) => number.into(),
            Self::U64(number) => number,
        }
    }

    fn parse(value: &[u8]) -> Option<Self> {
        let small = value::u32(value).map(Self::U32);
        small.or_else(|| value::u64(value).map(Self::U64))
    }

    fn value(self) -> Value<'static> {
        match self {
            Self::U32(number) => Value::U32(number),
            Self::U64(number) => Value::U64(number),
        }
    }
}

const CONNECTIONS: u16 = 1;
const PACKETS_IN: u16 = 2;
const PACKETS_OUT: u16 = 3;
const BYTES_IN: u16 = 4;
const BYTES_OUT: u16 = 5;
const CONNECTION_RATE: u16 = 6;
const PACKET_RATE_IN: u16 = 7;
const PACKET_RATE_OUT: u16 = 8;
const BYTE_RATE_IN: u16 = 9;
const BYTE_RATE_OUT: u16 = 10;
const PAD: u16 = 11;

impl StatisticsAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Connections(counter)
            | Self::PacketsIn(counter)
            | Self::PacketsOut(counter)
            | Self::BytesIn(counter)
            | Self::BytesOut(counter)
            | Self::ConnectionRate(counter)
            | Self::PacketRateIn(counter)
            | Self::PacketRateOut(counter)
            | Self::ByteRateIn(counter)
            | Self::ByteRateOut(counter) => counter.value(),
            Self::Pad => Value::Empty,
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for StatisticsAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::Connections(_) => CONNECTIONS,
            Self::PacketsIn(_) => PACKETS_IN,
            Self::PacketsOut(_) => PACKETS_OUT,
            Self::BytesIn(_) => BYTES_IN,
            Self::BytesOut(_) => BYTES_OUT,
            Self::ConnectionRate(_) => CONNECTION_RATE,
            Self::PacketRateIn(_) => PACKET_RATE_IN,
            Self::PacketRateOut(_) => PACKET_RATE_OUT,
            Self::ByteRateIn(_) => BYTE_RATE_IN,
            Self::ByteRateOut(_) => BYTE_RATE_OUT,
            Self::Pad => PAD,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for StatisticsAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        let named = match kind {
            CONNECTIONS => Self::Connections,
            PACKETS_IN => Self::PacketsIn,
            PACKETS_OUT => Self::PacketsOut,
            BYTES_IN => Self::BytesIn,
            BYTES_OUT => Self::BytesOut,
            CONNECTION_RATE => Self::ConnectionRate,
            PACKET_RATE_IN => Self::PacketRateIn,
            PACKET_RATE_OUT => Self::PacketRateOut,
            BYTE_RATE_IN => Self::ByteRateIn,
            BYTE_RATE_OUT => Self::ByteRateOut,
            PAD if value.is_empty() => return Ok(Some(Self::Pad)),
            _ => return Ok(None),
        };
        Ok(Counter::parse(value).map(named))
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for StatisticsAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
