//! A VRRP message as it stands on the wire, which may be nonsense.

use core::fmt;

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
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet<T> {
    buffer: T,
}

/// Version 2's authentication data is a password, so the octets are not shown.
impl<T: AsRef<[u8]>> fmt::Debug for Packet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packet({} octets)", self.buffer.as_ref().len())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_the_fixed_header() {
        for len in 0..8 {
            let octets = [0xff; 8];
            assert_eq!(
                Packet::new_checked(&octets[..len]),
                Err(ParseError::Truncated { len, needed: 8 })
            );
        }
        assert!(Packet::new_checked([0; 8]).is_ok());
    }

    #[test]
    fn reads_fields_where_they_are() {
        let packet = Packet::new_unchecked([0x2f, 1, 2, 3, 0xa4, 5, 6, 7]);
        assert_eq!((packet.version(), packet.kind()), (2, 15));
        assert_eq!(
            (packet.vrid(), packet.priority(), packet.address_count()),
            (1, 2, 3)
        );
        assert_eq!((packet.auth_type(), packet.interval_secs()), (0xa4, 5));
        assert_eq!((packet.reserved(), packet.interval_centis()), (0xa, 0x405));
        assert_eq!(packet.checksum(), 0x0607);
    }

    #[test]
    fn what_is_not_there_reads_as_zero() {
        let packet = Packet::new_unchecked([0x31]);
        assert_eq!((packet.version(), packet.kind()), (3, 1));
        assert_eq!(
            (packet.vrid(), packet.address_count(), packet.checksum()),
            (0, 0, 0)
        );
        assert!(packet.addresses(Family::Ipv4).is_empty());
        assert_eq!(packet.auth_data(), None);
        assert_eq!(Packet::new_unchecked([0; 7]).checksum(), 0);
    }

    #[test]
    fn finds_addresses_and_authentication_data() {
        let mut octets = [0; 8 + 4 + 8];
        octets[3] = 1;
        octets[8..].copy_from_slice(b"addrpassword");
        let packet = Packet::new_unchecked(octets);
        assert_eq!(packet.addresses(Family::Ipv4), Addresses::V4(&[*b"addr"]));
        assert_eq!(packet.auth_data(), Some(*b"password"));
        assert_eq!(packet.announced_len(Family::Ipv4), octets.len());
        assert!(packet.addresses(Family::Ipv6).is_empty());
        assert_eq!(Packet::new_unchecked(&octets[..19]).auth_data(), None);
    }

    #[test]
    fn version_3_announces_no_authentication_data() {
        let packet = Packet::new_unchecked([0x31, 1, 1, 255, 0, 0, 0, 0]);
        assert_eq!(packet.announced_len(Family::Ipv4), 8 + 255 * 4);
        assert_eq!(packet.announced_len(Family::Ipv6), 8 + 255 * 16);
    }

    /// Every octet of a header, reserved and unknown values included, is made of the fields that were read from it.
    #[test]
    fn unknown_values_survive() {
        for (first, fifth) in (0..=255).zip((0..=255).rev()) {
            let from = [first, fifth, first, 1, fifth, first, fifth, first, 1, 2, 3, 4];
            let read = Packet::new_unchecked(from);
            let mut written = Packet::new_unchecked([0xa5; 12]);
            written.set_version_and_kind(read.version(), read.kind());
            written.set_vrid(read.vrid());
            written.set_priority(read.priority());
            written.set_address_count(read.address_count());
            written.set_checksum(read.checksum());
            written.set_body(read.addresses(Family::Ipv4).as_bytes(), &[]);
            let mut as_version_2 = written;
            written.set_reserved_and_interval(read.reserved(), read.interval_centis());
            assert_eq!(written.into_inner(), from);
            as_version_2.set_auth_type_and_interval(read.auth_type(), read.interval_secs());
            assert_eq!(as_version_2.into_inner(), from);
        }
    }

    #[test]
    fn a_value_too_wide_does_not_spill() {
        let mut packet = Packet::new_unchecked([0; 8]);
        packet.set_version_and_kind(0xf3, 0xf1);
        packet.set_reserved_and_interval(0xf0, 0xf064);
        assert_eq!(packet.into_inner(), [0x31, 0, 0, 0, 0x00, 0x64, 0, 0]);
    }

    #[test]
    fn writing_beyond_the_end_does_nothing() {
        let mut packet = Packet::new_unchecked([0; 7]);
        packet.set_checksum(0x0102);
        packet.set_body(&[1; 4], &[2; 8]);
        assert_eq!(packet.into_inner(), [0, 0, 0, 0, 0, 0, 1]);
    }
}
