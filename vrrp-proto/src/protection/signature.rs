//! The signature that keepalived 2.4 puts behind version 3's message (`auth_hmac`): HMAC-SHA256, truncated to 128 bits.

use core::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use super::{HmacKey, Stamp};
use crate::checksum::Sum;
use crate::{Family, Packet};

/// What stands behind a signed message: which key, when, and the code. The IP packet's length includes it, and over IPv6
/// the message's checksum as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HmacTrailer {
    key: u8,
    stamp: Stamp,
    mac: [u8; MAC_LEN],
}

impl HmacTrailer {
    /// Octets of a trailer.
    pub const LEN: usize = HEAD_LEN + MAC_LEN;

    /// Signs a message of version 3. Neither its destination nor its checksum is signed: one signature is good for all
    /// peers.
    ///
    /// # Panics
    ///
    /// If the message is shorter than an advertisement's header.
    pub fn sign(message: &[u8], source: IpAddr, id: u8, key: &HmacKey, stamp: Stamp) -> Self {
        let head = head(id, stamp);
        let made = mac(message, &head, source, key).expect("the message has a header");
        let made = made.finalize().into_bytes();
        let mac = *made.first_chunk().expect("SHA-256 has 32 octets");
        Self { key: id, stamp, mac }
    }

    /// The message of version 3 that `pdu` holds, and the trailer behind it, if there are exactly as many octets behind
    /// it.
    pub fn split(pdu: &[u8], family: Family) -> Result<(&[u8], Option<Self>), TrailerError> {
        let announced = Packet::new_unchecked(pdu).announced_len(family);
        let unsigned = Ok((pdu, None));
        let Some((message, trailer)) = pdu.split_at_checked(announced) else {
            return unsigned;
        };
        match <&[u8; Self::LEN]>::try_from(trailer) {
            Ok(trailer) => Ok((message, Some(Self::parse(trailer)?))),
            Err(_) => unsigned,
        }
    }

    fn parse(octets: &[u8; Self::LEN]) -> Result<Self, TrailerError> {
        let [kind, key, reserved_high, reserved_low, rest @ ..] = octets;
        if *kind != KIND {
            return Err(TrailerError::Type(*kind));
        }
        let reserved = u16::from_be_bytes([*reserved_high, *reserved_low]);
        if reserved != 0 {
            return Err(TrailerError::Reserved(reserved));
        }
        let (stamp, mac) = rest.split_first_chunk().expect("24 octets are more than 8");
        Ok(Self {
            key: *key,
            stamp: Stamp::from_bits(u64::from_be_bytes(*stamp)),
            mac: *mac.first_chunk().expect("16 octets are left"),
        })
    }

    /// Writes the trailer behind a message, to the last [`HmacTrailer::LEN`] octets of `pdu`. Over IPv6 the message's
    /// checksum covers it from then on.
    ///
    /// # Panics
    ///
    /// If `pdu` has no room for a message and a trailer.
    pub fn emit_behind(&self, pdu: &mut [u8], family: Family) {
        let (message, trailer) = pdu
            .split_last_chunk_mut::<{ Self::LEN }>()
            .expect("the buffer holds a message and a trailer");
        self.emit(trailer);
        if family == Family::Ipv6 {
            // The length in the pseudo-header grows, too. All lengths are even.
            let len = u32::try_from(Self::LEN).expect("it is 28");
            let mut packet = Packet::new_unchecked(message);
            let without = u32::from(!packet.checksum());
            let sum = Sum::new().add(trailer).add_number(len).add_number(without);
            packet.set_checksum(sum.checksum());
        }
    }

    /// Writes the trailer alone.
    pub fn emit(&self, buffer: &mut [u8; Self::LEN]) {
        let head = head(self.key, self.stamp);
        let octets = head.iter().chain(&self.mac);
        buffer.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    }

    /// Whether the holder of `key` signed this message. Takes as long for a wrong code as for a right one.
    pub fn verify(&self, message: &[u8], source: IpAddr, key: &HmacKey) -> bool {
        mac(message, &head(self.key, self.stamp), source, key)
            .is_some_and(|mac| mac.verify_truncated_left(&self.mac).is_ok())
    }

    /// The number of the key that it claims to be made with.
    pub const fn key(&self) -> u8 {
        self.key
    }

    /// When it was made.
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// Why what is behind a message is no [`HmacTrailer`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum TrailerError {
    /// Another type.
    #[error("a signature of type {0}, not {KIND}")]
    Type(u8),
    /// Reserved bits that are not zero.
    #[error("reserved bits {0:#06x} in the signature are not zero")]
    Reserved(u16),
}

fn head(id: u8, stamp: Stamp) -> [u8; HEAD_LEN] {
    let [a, b, c, d, e, f, g, h] = stamp.to_bits().to_be_bytes();
    [KIND, id, 0, 0, a, b, c, d, e, f, g, h]
}

/// The code over a pseudo-header, the message with a checksum of zero, and the trailer with a code of zero; none for
/// what is too short to have a checksum.
fn mac(message: &[u8], head: &[u8; HEAD_LEN], source: IpAddr, key: &HmacKey) -> Option<Hmac<Sha256>> {
    let (fields, rest) = message.split_first_chunk::<BEFORE_CHECKSUM>()?;
    let (_checksum, addresses) = rest.split_first_chunk::<2>()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.octets()).expect("a key may have any length");
    let [_, vrid, ..] = *fields;
    match source {
        IpAddr::V4(source) => {
            mac.update(&[4, VERSION, vrid, 0]);
            mac.update(&source.octets());
            mac.update(&[0; 12]);
        }
        IpAddr::V6(source) => {
            mac.update(&[6, VERSION, vrid, 0]);
            mac.update(&source.octets());
        }
    }
    mac.update(fields);
    mac.update(&[0; 2]);
    mac.update(addresses);
    mac.update(head);
    mac.update(&[0; MAC_LEN]);
    Some(mac)
}

/// The only type there is.
const KIND: u8 = 1;
/// Type, key, reserved, stamp.
const HEAD_LEN: usize = 12;
const MAC_LEN: usize = 16;
const BEFORE_CHECKSUM: usize = 6;
const VERSION: u8 = 3;
