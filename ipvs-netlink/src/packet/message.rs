use netlink_packet_core::{DecodeError, Emitable, ParseableParametrized};
use netlink_packet_generic::{GenlFamily, GenlHeader};

use super::{IpvsAttribute, IpvsCommand};

/// By this name the kernel's controller knows the family (IPVS_GENL_NAME).
pub const FAMILY_NAME: &str = "IPVS";

/// Of the family (IPVS_GENL_VERSION).
pub const FAMILY_VERSION: u8 = 1;

/// A message to or from the kernel, without the headers of netlink and generic netlink:
/// [`GenlMessage`](netlink_packet_generic::GenlMessage) puts these around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpvsMessage {
    /// What it asks for or answers.
    pub command: IpvsCommand,
    /// In the order that they are sent in.
    pub attributes: Vec<IpvsAttribute>,
}

impl GenlFamily for IpvsMessage {
    fn family_name() -> &'static str {
        FAMILY_NAME
    }

    fn command(&self) -> u8 {
        self.command.into()
    }

    fn version(&self) -> u8 {
        FAMILY_VERSION
    }
}

impl Emitable for IpvsMessage {
    fn buffer_len(&self) -> usize {
        self.attributes.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.attributes.as_slice().emit(buffer);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for IpvsMessage {
    fn parse_with_param(octets: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        let command = header.cmd.into();
        Ok(Self {
            command,
            attributes: IpvsAttribute::parse_all(octets, command)?,
        })
    }
}
