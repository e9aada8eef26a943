//! How the number of a generic netlink family is found: one question to the kernel's controller, and its answer.
//!
//! Only the number and the name are read; all else that an answer has, such as policies and multicast groups, stays raw.

use netlink_packet_core::{
    DecodeError, DefaultNla, Emitable, Nla, NlaBuffer, Parseable, ParseableParametrized,
};
use netlink_packet_generic::{GenlFamily, GenlHeader};

use super::value::{self, Attribute, Value};

/// The controller's own number (GENL_ID_CTRL), the only one that is fixed.
pub const FAMILY_ID: u16 = 0x10;

/// A family is asked for (CTRL_CMD_GETFAMILY).
pub const GET_FAMILY: u8 = 3;

/// A family is told of (CTRL_CMD_NEWFAMILY).
pub const NEW_FAMILY: u8 = 1;

/// A message to or from the controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerMessage {
    /// [`GET_FAMILY`] in a request, [`NEW_FAMILY`] in a reply.
    pub command: u8,
    /// In the order that they are sent in.
    pub attributes: Vec<ControllerAttribute>,
}

/// A part of a controller's message (CTRL_ATTR_*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControllerAttribute {
    /// 1: the family's number, which is the type of its netlink messages.
    FamilyId(u16),
    /// 2: `IPVS`; on the wire with a NUL.
    FamilyName(String),
    /// Anything else.
    Other(DefaultNla),
}

impl ControllerMessage {
    /// Asks for the number of a family.
    ///
    /// ```
    /// use ipvs_netlink::packet::{FAMILY_NAME, controller::ControllerMessage};
    ///
    /// let request = ControllerMessage::get_family(FAMILY_NAME);
    /// assert_eq!(request.family_id_of(FAMILY_NAME), None, "that is for the answer to say");
    /// ```
    pub fn get_family(name: impl Into<String>) -> Self {
        Self {
            command: GET_FAMILY,
            attributes: vec![ControllerAttribute::FamilyName(name.into())],
        }
    }

    /// The number of a family, if this is what the message is about.
    #[must_use]
    pub fn family_id_of(&self, name: &str) -> Option<u16> {
        let is_name = |attribute: &ControllerAttribute| matches!(attribute, ControllerAttribute::FamilyName(found) if found == name);
        if self.command != NEW_FAMILY || !self.attributes.iter().any(is_name) {
            return None;
        }
        self.attributes.iter().find_map(|attribute| match attribute {
            ControllerAttribute::FamilyId(id) => Some(*id),
            _ => None,
        })
    }
}

impl GenlFamily for ControllerMessage {
    fn family_name() -> &'static str {
        "nlctrl"
    }

    fn family_id(&self) -> u16 {
        FAMILY_ID
    }

    fn command(&self) -> u8 {
        self.command
    }

    fn version(&self) -> u8 {
        1
    }
}

impl Emitable for ControllerMessage {
    fn buffer_len(&self) -> usize {
        self.attributes.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.attributes.as_slice().emit(buffer);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for ControllerMessage {
    fn parse_with_param(octets: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(Self {
            command: header.cmd,
            attributes: value::parse_all(octets)?,
        })
    }
}

const ATTRIBUTE_FAMILY_ID: u16 = 1;
const ATTRIBUTE_FAMILY_NAME: u16 = 2;

impl ControllerAttribute {
    fn value(&self) -> Value<'_> {
        match self {
            Self::FamilyId(id) => Value::U16(*id),
            Self::FamilyName(name) => Value::Name(name),
            Self::Other(other) => Value::Other(other),
        }
    }
}

impl Nla for ControllerAttribute {
    fn value_len(&self) -> usize {
        self.value().len()
    }

    fn kind(&self) -> u16 {
        match self {
            Self::FamilyId(_) => ATTRIBUTE_FAMILY_ID,
            Self::FamilyName(_) => ATTRIBUTE_FAMILY_NAME,
            Self::Other(other) => other.kind(),
        }
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        self.value().emit(buffer);
    }
}

impl Attribute for ControllerAttribute {
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError> {
        Ok(match kind {
            ATTRIBUTE_FAMILY_ID => value::u16(value).map(Self::FamilyId),
            ATTRIBUTE_FAMILY_NAME => value::name(value).map(Self::FamilyName),
            _ => None,
        })
    }

    fn other(other: DefaultNla) -> Self {
        Self::Other(other)
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> Parseable<NlaBuffer<&'a T>> for ControllerAttribute {
    fn parse(buffer: &NlaBuffer<&'a T>) -> Result<Self, DecodeError> {
        value::parse(buffer)
    }
}
