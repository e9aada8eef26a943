//! The IPv4 header (RFC 791 section 3.1), for raw sockets that carry it.

use core::net::Ipv4Addr;

use thiserror::Error;

use super::cursor::{Reader, Writer};
use crate::checksum::Sum;

/// An IPv4 header without options, to be sent through a socket with `IP_HDRINCL`, or as found by [`Ipv4Packet`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ipv4Header {
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
    /// Time to live: 255 for VRRP (RFC 9568 section 5.1.1.3).
    pub ttl: u8,
    /// Type of service, [`Ipv4Header::TOS_CONTROL`] for VRRP.
    pub tos: u8,
    /// Identification.
    pub id: u16,
    /// The payload's protocol: [`PROTOCOL`](crate::PROTOCOL) for VRRP.
    pub protocol: u8,
    /// Octets behind the header and its options.
    pub payload_len: u16,
}

impl Ipv4Header {
    /// Octets that [`Ipv4Header::emit`] writes.
    pub const LEN: usize = 20;

    /// Internetwork control, the type of service that keepalived's packets have.
    pub const TOS_CONTROL: u8 = 0xc0;

    /// Writes the header, checksum included, to the first [`Ipv4Header::LEN`] octets of `buffer`. It has no options,
    /// and allows fragments.
    ///
    /// # Panics
    ///
    /// If the buffer is shorter, or if header and payload together exceed 65535 octets.
    pub fn emit(&self, buffer: &mut [u8]) {
        let header = buffer.get_mut(..Self::LEN).expect("the buffer holds LEN octets");
        self.write(header, 0);
        let checksum = Sum::new().add(header).checksum();
        self.write(header, checksum);
    }

    /// The header with zeros in the fields that may change on the way: what an authentication header covers.
    #[cfg(feature = "authentication")]
    pub(crate) fn emit_immutable(&self, with_ttl: bool, header: &mut [u8; Self::LEN]) {
        let immutable = Self {
            tos: 0,
            ttl: if with_ttl { self.ttl } else { 0 },
            ..*self
        };
        immutable.write(header, 0);
    }

    fn write(&self, header: &mut [u8], checksum: u16) {
        let total = HEADER_LEN
            .checked_add(self.payload_len)
            .expect("a packet has 65535 octets at most");
        Writer::new(header)
            .put(&[VERSION_AND_HEADER_LEN, self.tos])
            .put_u16(total)
            .put_u16(self.id)
            .put_u16(0)
            .put(&[self.ttl, self.protocol])
            .put_u16(checksum)
            .put(&self.source.octets())
            .put(&self.destination.octets());
    }
}

/// A received IPv4 packet, borrowed: header, options and payload.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ipv4Packet<'a> {
    header: Ipv4Header,
    options: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Ipv4Packet<'a> {
    /// Reads what a raw socket (or Ethernet, whose padding is cut off) delivers, and verifies the header's checksum.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Ipv4Error> {
        let fixed = Fixed::read(octets)?;
        let total = usize::from(fixed.total_len);
        let header_len = fixed.header_len()?;
        if total < header_len {
            return Err(Ipv4Error::TotalLength {
                total,
                header: header_len,
            });
        }
        let truncated = Ipv4Error::Truncated {
            len: octets.len(),
            needed: total,
        };
        let packet = octets.get(..total).ok_or(truncated)?;
        let (header, payload) = packet.split_at_checked(header_len).ok_or(truncated)?;
        if !Sum::new().add(header).holds() {
            return Err(Ipv4Error::Checksum {
                found: fixed.checksum,
            });
        }
        if fixed.fragment & FRAGMENT_MASK != 0 {
            return Err(Ipv4Error::Fragment);
        }
        let options = header.get(Ipv4Header::LEN..).unwrap_or_default();
        Ok(Self {
            header: fixed.header(payload),
            options,
            payload,
        })
    }

    /// The header.
    pub const fn header(&self) -> Ipv4Header {
        self.header
    }

    /// The header's options with their padding.
    pub const fn options(&self) -> &'a [u8] {
        self.options
    }

    /// What the packet carries.
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// Why octets are no whole IPv4 packet. In the order in which they are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum Ipv4Error {
    /// Shorter than the header, or than the header's total length.
    #[error("{len} octets where at least {needed} are needed")]
    Truncated {
        /// Octets there are.
        len: usize,
        /// Octets that are needed.
        needed: usize,
    },
    /// An IP version other than 4.
    #[error("IP version {0} is not 4")]
    Version(u8),
    /// A header shorter than its fixed part.
    #[error("a header of {0} octets is shorter than 20")]
    HeaderLength(usize),
    /// A total length shorter than the header.
    #[error("a packet of {total} octets cannot hold its header of {header}")]
    TotalLength {
        /// The total length as received.
        total: usize,
        /// The header's length as received.
        header: usize,
    },
    /// The header's checksum does not hold.
    #[error("wrong checksum {found:#06x}")]
    Checksum {
        /// The checksum as received.
        found: u16,
    },
    /// A part of a packet.
    #[error("a fragment")]
    Fragment,
}

/// The fixed part of the header as received.
struct Fixed {
    version_and_header_len: u8,
    tos: u8,
    total_len: u16,
    id: u16,
    fragment: u16,
    ttl: u8,
    protocol: u8,
    checksum: u16,
    source: Ipv4Addr,
    destination: Ipv4Addr,
}

impl Fixed {
    fn read(octets: &[u8]) -> Result<Self, Ipv4Error> {
        let truncated = Ipv4Error::Truncated {
            len: octets.len(),
            needed: Ipv4Header::LEN,
        };
        let fixed = Self::read_fields(Reader::new(octets)).ok_or(truncated)?;
        match fixed.version_and_header_len >> 4 {
            4 => Ok(fixed),
            other => Err(Ipv4Error::Version(other)),
        }
    }

    fn read_fields(mut reader: Reader<'_>) -> Option<Self> {
        let [version_and_header_len, tos] = reader.take()?;
        let (total_len, id, fragment) = (reader.take_u16()?, reader.take_u16()?, reader.take_u16()?);
        let [ttl, protocol] = reader.take()?;
        let checksum = reader.take_u16()?;
        let (source, destination) = (reader.take::<4>()?.into(), reader.take::<4>()?.into());
        Some(Self {
            version_and_header_len,
            tos,
            total_len,
            id,
            fragment,
            ttl,
            protocol,
            checksum,
            source,
            destination,
        })
    }

    fn header_len(&self) -> Result<usize, Ipv4Error> {
        let len = usize::from(self.version_and_header_len & 0x0f) * 4;
        if len < Ipv4Header::LEN {
            Err(Ipv4Error::HeaderLength(len))
        } else {
            Ok(len)
        }
    }

    fn header(&self, payload: &[u8]) -> Ipv4Header {
        Ipv4Header {
            source: self.source,
            destination: self.destination,
            ttl: self.ttl,
            tos: self.tos,
            id: self.id,
            protocol: self.protocol,
            payload_len: payload
                .len()
                .try_into()
                .expect("shorter than the total length of 16 bits"),
        }
    }
}

const HEADER_LEN: u16 = 20;
/// Version 4, five words of four octets.
const VERSION_AND_HEADER_LEN: u8 = 0x45;
/// "More fragments" and the offset; "don't fragment" and the reserved bit are nobody's business here.
const FRAGMENT_MASK: u16 = 0x3fff;
