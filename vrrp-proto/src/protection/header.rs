//! The IP authentication header (RFC 2402) with HMAC-MD5-96 (RFC 2403), as keepalived puts it before version 2's messages.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use thiserror::Error;

use super::AhKey;
use crate::{Ipv4Header, PROTOCOL};

/// What an IPv4 packet of protocol [`AhPacket::PROTOCOL`] carries: the header and a VRRP message behind it. Whether the
/// message is what was sent is for [`AhPacket::verify`] to say.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AhPacket<'a> {
    head: &'a [u8; HEAD_LEN],
    icv: &'a [u8; ICV_LEN],
    message: &'a [u8],
}

/// The message is not shown.
impl fmt::Debug for AhPacket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, len) = (self.sequence(), self.message.len());
        write!(f, "AhPacket(number {number}, {len} octets)")
    }
}

impl<'a> AhPacket<'a> {
    /// The authentication header's number in IPv4 headers.
    pub const PROTOCOL: u8 = 51;

    /// Octets of the header, the integrity check value included.
    pub const LEN: usize = HEAD_LEN + ICV_LEN;

    /// Reads what follows the IP header.
    pub fn parse(payload: &'a [u8]) -> Result<Self, AhError> {
        let truncated = AhError::Truncated { len: payload.len() };
        let (head, rest) = payload.split_first_chunk::<HEAD_LEN>().ok_or(truncated)?;
        let (icv, message) = rest.split_first_chunk().ok_or(truncated)?;
        match head {
            [PROTOCOL, LENGTH, ..] => Ok(Self { head, icv, message }),
            [PROTOCOL, other, ..] => Err(AhError::Length(*other)),
            [other, ..] => Err(AhError::NextHeader(*other)),
        }
    }

    /// Writes the header to the first [`AhPacket::LEN`] octets of `payload`, for the message that is behind them, and for
    /// the IP header that it is going to be sent with. The security parameters index is the source address.
    ///
    /// # Panics
    ///
    /// If the payload has not as many octets as the IP header says.
    pub fn emit(payload: &mut [u8], ip: &Ipv4Header, ttl: AhTtl, sequence: u32, key: &AhKey) {
        assert_eq!(
            payload.len(),
            usize::from(ip.payload_len),
            "the header is the payload's"
        );
        let (head, rest) = payload
            .split_first_chunk_mut::<HEAD_LEN>()
            .expect("the payload has room for the header");
        let (icv, message) = rest
            .split_first_chunk_mut::<ICV_LEN>()
            .expect("the payload has room for the header");
        let [a, b, c, d] = ip.source.octets();
        let [e, f, g, h] = sequence.to_be_bytes();
        *head = [PROTOCOL, LENGTH, 0, 0, a, b, c, d, e, f, g, h];
        let made = mac(head, message, ip, ttl, key).finalize().into_bytes();
        icv.iter_mut().zip(made).for_each(|(to, from)| *to = from);
    }

    /// Whether the holder of `key` sent this, with that IP header. Takes as long for a wrong value as for a right one.
    pub fn verify(&self, ip: &Ipv4Header, ttl: AhTtl, key: &AhKey) -> bool {
        let len = Self::LEN + self.message.len();
        if usize::from(ip.payload_len) != len || len + Ipv4Header::LEN > usize::from(u16::MAX) {
            return false;
        }
        mac(self.head, self.message, ip, ttl, key)
            .verify_truncated_left(self.icv)
            .is_ok()
    }

    /// The sequence number.
    pub const fn sequence(&self) -> u32 {
        let [.., a, b, c, d] = *self.head;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The VRRP message.
    pub const fn message(&self) -> &'a [u8] {
        self.message
    }
}

/// What the check value says of the time to live, which changes on the way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AhTtl {
    /// It counts as zero (RFC 2402 section 3.3.3.1.1.1): so does keepalived between unicast peers.
    Zeroed,
    /// It counts as sent, which is as received where nobody routes: so does keepalived in multicast packets.
    AsSent,
}

/// Why a payload has no authentication header before a VRRP message. In the order in which they are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum AhError {
    /// Shorter than the header.
    #[error("{len} octets where an authentication header has {}", AhPacket::LEN)]
    Truncated {
        /// Octets there are.
        len: usize,
    },
    /// Something else than VRRP behind it.
    #[error("an authentication header before protocol {0}, not {PROTOCOL}")]
    NextHeader(u8),
    /// A check value of another length, so of another algorithm.
    #[error("an authentication header of length {0}, not {LENGTH}")]
    Length(u8),
}

/// The code over the IP header with its mutable fields zero, the header with a check value of zero, and the message.
fn mac(head: &[u8; HEAD_LEN], message: &[u8], ip: &Ipv4Header, ttl: AhTtl, key: &AhKey) -> Hmac<Md5> {
    let mut mac = Hmac::<Md5>::new_from_slice(key.octets()).expect("a key may have any length");
    let mut header = [0; Ipv4Header::LEN];
    ip.emit_immutable(ttl == AhTtl::AsSent, &mut header);
    mac.update(&header);
    mac.update(head);
    mac.update(&[0; ICV_LEN]);
    mac.update(message);
    mac
}

/// Next header, length, reserved, security parameters index, sequence.
const HEAD_LEN: usize = 12;
/// HMAC-MD5-96: the first 96 bits.
const ICV_LEN: usize = 12;
/// In words of four octets, less two.
const LENGTH: u8 = 4;
