use netlink_packet_core::{DecodeError, DefaultNla, Nla, NlaBuffer, Parseable};

use super::value::{self, Attribute, Value};

/// A part of what makes a sync daemon (IPVS_DAEMON_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DaemonAttribute {
    /// 1: IP_VS_STATE_MASTER (1) or IP_VS_STATE_BACKUP (2).
    State(u32),
    /// 2: where the multicast goes; on the wire with a NUL.
    Interface(String),
    /// 3: of the domain, 0 to 255.
    SyncId(u32),
    /// 4: of the UDP messages, in octets (Linux 4.3).
    MaxLength(u16),
    /// 5: IPv4 multicast group (Linux 4.3).
    Group([u8; 4]),
    /// 6: IPv6 multicast group (Linux 4.3).
    Group6([u8; 16]),
    /// 7: UDP port, in the machine's byte order, unlike all other ports (Linux 4.3).
    Port(u16),
    /// 8: of the packets (Linux 4.3).
    Ttl(u8),
    /// Anything else.
    Other(DefaultNla),
}

const STATE: u16 = 1;
const INTERFACE: u16 = 2;
const SYNC_ID: u16 = 3;
const MAX_LENGTH: u16 = 4;
const GROUP: u16 = 5;
const GROUP6: u16 = 6;
const PORT: u16 = 7;
const TTL: u16 = 8;

impl DaemonAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::State(value) | Self::SyncId(value) => Value::U32(*value),
            Self::Interface(value) => Value::Name(value),
            Self::MaxLength(value) | Self::Port(value) => Value::U16(*value),
            Self::Group(value) => Value::Octets(value),
            Self::Group6(value) => Value::Octets(value),
            Self::Ttl(value) => Value::U8(*value),
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for DaemonAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::State(_) => STATE,
            Self::Interface(_) => INTERFACE,
            Self::SyncId(_) => SYNC_ID,
            Self::MaxLength(_) => MAX_LENGTH,
            Self::Group(_) => GROUP,
            Self::Group6(_) => GROUP6,
            Self::Port(_) => PORT,
            Self::Ttl(_) => TTL,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for DaemonAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            STATE => value::u32(value).map(Self::State),
            INTERFACE => value::name(value).map(Self::Interface),
            SYNC_ID => value::u32(value).map(Self::SyncId),
            MAX_LENGTH => value::u16(value).map(Self::MaxLength),
            GROUP => value::exactly(value).map(Self::Group),
            GROUP6 => value::exactly(value).map(Self::Group6),
            PORT => value::u16(value).map(Self::Port),
            TTL => value::u8(value).map(Self::Ttl),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for DaemonAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
