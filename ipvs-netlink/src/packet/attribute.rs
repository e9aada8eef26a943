use netlink_packet_core::{
    DecodeError, DefaultNla, NLA_F_NESTED, Nla, NlaBuffer, Parseable, ParseableParametrized,
};

use super::value::{self, Attribute, Value};
use super::{DaemonAttribute, DestinationAttribute, InfoAttribute, IpvsCommand, ServiceAttribute};

/// A part of a message (IPVS_CMD_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IpvsAttribute {
    /// 1: a service, nested.
    Service(Vec<ServiceAttribute>),
    /// 2: a destination, nested.
    Destination(Vec<DestinationAttribute>),
    /// 3: a sync daemon, nested.
    Daemon(Vec<DaemonAttribute>),
    /// 4: of established TCP connections, in seconds.
    TimeoutTcp(u32),
    /// 5: of TCP connections after a FIN, in seconds.
    TimeoutTcpFin(u32),
    /// 6: of UDP, in seconds.
    TimeoutUdp(u32),
    /// In [`IpvsCommand::SetInfo`], and there only, the numbers mean something else.
    Info(InfoAttribute),
    /// Anything else.
    Other(DefaultNla),
}

const SERVICE: u16 = 1;
const DESTINATION: u16 = 2;
const DAEMON: u16 = 3;
const TIMEOUT_TCP: u16 = 4;
const TIMEOUT_TCP_FIN: u16 = 5;
const TIMEOUT_UDP: u16 = 6;

impl IpvsAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Service(attributes) => Value::Nested(attributes),
            Self::Destination(attributes) => Value::Nested(attributes),
            Self::Daemon(attributes) => Value::Nested(attributes),
            Self::TimeoutTcp(seconds) | Self::TimeoutTcpFin(seconds) | Self::TimeoutUdp(seconds) => {
                Value::U32(*seconds)
            }
            Self::Info(info) => info.value(),
            Self::Other(other) => Value::Other(other),
        }
    }

    /// All attributes of a message.
    pub(super) fn parse_all(octets: &[u8], command: IpvsCommand) -> Result<Vec<Self>, DecodeError> {
        if command == IpvsCommand::SetInfo {
            let attributes = value::parse_all(octets)?;
            Ok(attributes.into_iter().map(Self::info).collect())
        } else {
            value::parse_all(octets)
        }
    }

    fn info(info: InfoAttribute) -> Self {
        match info {
            InfoAttribute::Other(other) => Self::Other(other),
            info => Self::Info(info),
        }
    }
}

impl Nla for IpvsAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::Service(_) => SERVICE | NLA_F_NESTED,
            Self::Destination(_) => DESTINATION | NLA_F_NESTED,
            Self::Daemon(_) => DAEMON | NLA_F_NESTED,
            Self::TimeoutTcp(_) => TIMEOUT_TCP,
            Self::TimeoutTcpFin(_) => TIMEOUT_TCP_FIN,
            Self::TimeoutUdp(_) => TIMEOUT_UDP,
            Self::Info(info) => info.kind(),
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for IpvsAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            SERVICE => value::nested(value)?.map(Self::Service),
            DESTINATION => value::nested(value)?.map(Self::Destination),
            DAEMON => value::nested(value)?.map(Self::Daemon),
            TIMEOUT_TCP => value::u32(value).map(Self::TimeoutTcp),
            TIMEOUT_TCP_FIN => value::u32(value).map(Self::TimeoutTcpFin),
            TIMEOUT_UDP => value::u32(value).map(Self::TimeoutUdp),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

/// What an attribute is depends on the command.
impl<'a, T: AsRef<[u8]> + ?Sized> ParseableParametrized<NlaBuffer<&'a T>, IpvsCommand> for IpvsAttribute {
    fn parse_with_param(buffer: &NlaBuffer<&'a T>, command: IpvsCommand) -> Result<Self, DecodeError> {
        match command {
            IpvsCommand::SetInfo => InfoAttribute::parse(buffer).map(Self::info),
            _ => value::parse(buffer),
        }
    }
}
