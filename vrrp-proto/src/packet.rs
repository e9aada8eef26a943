//! A VRRP message as it stands on the wire, which may be nonsense.

use crate::{Addresses, Family, ParseError};

/// A raw view of a VRRP message: every field as it stands, nothing judged.
///
/// The layouts are those of RFC 3768 section 5.1 (version 2) and RFC 9568 section 5.1 (version 3):
///
/// ```text
///          0               1               2               3
///   0   version | type       VRID         priority     address count
///   4 v2:  auth type      interval (s) |          checksum
///   4 v3: reserved |  interval (cs)    |          checksum
///   8   addresses, 4 or 16 octets each; then, in version 2, 8 octets of authentication data
/// ```
///
/// No method panics. A field that lies beyond the end of the buffer reads as zero, and writing it does nothing; a view
/// made with [`Packet::new_checked`] has the first eight octets. What makes sense of it is
/// [`Advertisement::parse`](crate::Advertisement::parse).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<T> {
    buffer: T,
}

impl<T: AsRef<[u8]>> Packet<T> {
    /// Octets before the addresses.
    pub const HEADER_LEN: usize = 8;

    /// A view of `buffer`, whatever its length.
    pub const fn new_unchecked(buffer: T) -> Self {
        Self { buffer }
    }

    /// A view of `buffer`, which holds at least the fixed header.
    pub fn new_checked(buffer: T) -> Result<Self, ParseError> {
        let len = buffer.as_ref().len();
        if len < Self::HEADER_LEN {
            return Err(ParseError::Truncated {
                len,
                needed: Self::HEADER_LEN,
            });
        }
        Ok(Self::new_unchecked(buffer))
    }

    /// The buffer.
    pub fn into_inner(self) -> T {
        self.buffer
    }

    /// The version, 0 to 15.
    pub fn version(&self) -> u8 {
        self.octet(field::VERSION_TYPE) >> 4
    }

    /// The packet type, 0 to 15.
    pub fn kind(&self) -> u8 {
        self.octet(field::VERSION_TYPE) & 0x0f
    }

    /// The virtual router identifier.
    pub fn vrid(&self) -> u8 {
        self.octet(field::VRID)
    }

    /// The priority.
    pub fn priority(&self) -> u8 {
        self.octet(field::PRIORITY)
    }

    /// How many addresses are announced.
    pub fn address_count(&self) -> u8 {
        self.octet(field::ADDRESS_COUNT)
    }

    /// Version 2's authentication type.
    pub fn auth_type(&self) -> u8 {
        self.octet(field::AUTH_TYPE)
    }

    /// Version 2's interval in seconds.
    pub fn interval_secs(&self) -> u8 {
        self.octet(field::INTERVAL_SECS)
    }

    /// Version 3's four reserved bits.
    pub fn reserved(&self) -> u8 {
        self.octet(field::RESERVED) >> 4
    }

    /// Version 3's interval in centiseconds, 12 bits.
    pub fn interval_centis(&self) -> u16 {
        u16::from_be_bytes([self.octet(field::RESERVED), self.octet(field::INTERVAL_SECS)]) & 0x0fff
    }

    /// The checksum.
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.octet(field::CHECKSUM), self.octet(field::CHECKSUM + 1)])
    }

    /// Octets that the header announces for addresses of `family`: the fixed header, the addresses and, in every
    /// version but 3, the authentication data.
    pub fn announced_len(&self, family: Family) -> usize {
        self.addresses_end(family)
            + if self.version() == 3 {
                0
            } else {
                field::AUTH_DATA_LEN
            }
    }

    /// The announced addresses, as far as they are there.
    pub fn addresses(&self, family: Family) -> Addresses<'_> {
        Addresses::from_wire(family, self.address_octets(family))
    }

    /// Version 2's authentication data behind the announced IPv4 addresses, if all of it is there.
    pub fn auth_data(&self) -> Option<[u8; 8]> {
        let data = self.buffer.as_ref().get(self.addresses_end(Family::Ipv4)..)?;
        data.first_chunk().copied()
    }

    fn address_octets(&self, family: Family) -> &[u8] {
        let buffer = self.buffer.as_ref();
        let end = self.addresses_end(family).min(buffer.len());
        buffer.get(Self::HEADER_LEN..end).unwrap_or_default()
    }

    fn addresses_end(&self, family: Family) -> usize {
        Self::HEADER_LEN + usize::from(self.address_count()) * family.address_len()
    }

    fn octet(&self, at: usize) -> u8 {
        self.buffer.as_ref().get(at).copied().unwrap_or(0)
    }
}

impl<'a> Packet<&'a [u8]> {
    /// [`Packet::addresses`] with the lifetime of the octets themselves.
    pub(crate) fn borrowed_addresses(&self, family: Family) -> Addresses<'a> {
        let end = self.addresses_end(family).min(self.buffer.len());
        Addresses::from_wire(family, self.buffer.get(Self::HEADER_LEN..end).unwrap_or_default())
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> Packet<T> {
    /// Writes the version and the packet type, four bits each.
    pub fn set_version_and_kind(&mut self, version: u8, kind: u8) {
        self.write(field::VERSION_TYPE, &[version << 4 | kind & 0x0f]);
    }

    /// Writes the virtual router identifier.
    pub fn set_vrid(&mut self, vrid: u8) {
        self.write(field::VRID, &[vrid]);
    }

    /// Writes the priority.
    pub fn set_priority(&mut self, priority: u8) {
        self.write(field::PRIORITY, &[priority]);
    }

    /// Writes the number of addresses.
    pub fn set_address_count(&mut self, count: u8) {
        self.write(field::ADDRESS_COUNT, &[count]);
    }

    /// Writes version 2's authentication type and interval in seconds.
    pub fn set_auth_type_and_interval(&mut self, auth_type: u8, secs: u8) {
        self.write(field::AUTH_TYPE, &[auth_type, secs]);
    }

    /// Writes version 3's four reserved bits and twelve bits of interval.
    pub fn set_reserved_and_interval(&mut self, reserved: u8, centis: u16) {
        let [high, low] = centis.to_be_bytes();
        self.write(field::RESERVED, &[reserved << 4 | high & 0x0f, low]);
    }

    /// Writes the checksum.
    pub fn set_checksum(&mut self, checksum: u16) {
        self.write(field::CHECKSUM, &checksum.to_be_bytes());
    }

    /// Writes what follows the fixed header: the octets of the addresses, and version 2's authentication data.
    pub fn set_body(&mut self, addresses: &[u8], auth_data: &[u8]) {
        self.write(Self::HEADER_LEN, addresses);
        self.write(Self::HEADER_LEN + addresses.len(), auth_data);
    }

    fn write(&mut self, at: usize, octets: &[u8]) {
        if let Some(to) = self.buffer.as_mut().get_mut(at..) {
            to.iter_mut().zip(octets).for_each(|(to, octet)| *to = *octet);
        }
    }
}

mod field {
    pub(super) const VERSION_TYPE: usize = 0;
    pub(super) const VRID: usize = 1;
    pub(super) const PRIORITY: usize = 2;
    pub(super) const ADDRESS_COUNT: usize = 3;
    pub(super) const AUTH_TYPE: usize = 4;
    pub(super) const RESERVED: usize = 4;
    pub(super) const INTERVAL_SECS: usize = 5;
    pub(super) const CHECKSUM: usize = 6;
    pub(super) const AUTH_DATA_LEN: usize = 8;
}
