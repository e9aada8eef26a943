//! Which IP packets carry adverts.

use vrrp_proto::{AhPacket, PROTOCOL};

/// The IP protocol that a socket hears.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// 112: VRRP itself.
    Vrrp,
    /// 51: VRRP behind an authentication header, in IPv4 only.
    AuthenticationHeader,
}

impl Protocol {
    /// Its number in IP headers.
    pub const fn number(self) -> u8 {
        match self {
            Self::Vrrp => PROTOCOL,
            Self::AuthenticationHeader => AhPacket::PROTOCOL,
        }
    }
}
