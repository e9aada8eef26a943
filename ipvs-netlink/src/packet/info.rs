use netlink_packet_core::{DecodeError, DefaultNla, Nla, NlaBuffer, Parseable};

use super::value::{self, Attribute, Value};

/// A part of what IPVS says of itself (IPVS_INFO_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InfoAttribute {
    /// 1: IP_VS_VERSION_CODE: 0x010201 is 1.2.1.
    Version(u32),
    /// 2: rows of the hash table of connections.
    ConnectionTableSize(u32),
    /// Anything else.
    Other(DefaultNla),
}

const VERSION: u16 = 1;
const CONNECTION_TABLE_SIZE: u16 = 2;

impl InfoAttribute {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Version(value) | Self::ConnectionTableSize(value) => Value::U32(*value),
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for InfoAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::Version(_) => VERSION,
            Self::ConnectionTableSize(_) => CONNECTION_TABLE_SIZE,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for InfoAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            VERSION => value::u32(value).map(Self::Version),
            CONNECTION_TABLE_SIZE => value::u32(value).map(Self::ConnectionTableSize),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for InfoAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
