//! The address list of an advertisement, borrowed from the packet or from its sender.

use core::iter::FusedIterator;
use core::net::IpAddr;

use crate::Family;

/// The virtual addresses of an advertisement, all of one family, in network byte order. Copies nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Addresses<'a> {
    /// IPv4 addresses.
    V4(&'a [[u8; 4]]),
    /// IPv6 addresses.
    V6(&'a [[u8; 16]]),
}

impl<'a> Addresses<'a> {
    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Self::V4(list) => list.len(),
            Self::V6(list) => list.len(),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their family.
    pub const fn family(&self) -> Family {
        match self {
            Self::V4(_) => Family::Ipv4,
            Self::V6(_) => Family::Ipv6,
        }
    }

    /// The octets as they stand on the wire.
    pub const fn as_bytes(&self) -> &'a [u8] {
        match self {
            Self::V4(list) => list.as_flattened(),
            Self::V6(list) => list.as_flattened(),
        }
    }

    /// The whole addresses in `octets`.
    pub(crate) const fn from_wire(family: Family, octets: &'a [u8]) -> Self {
        match family {
            Family::Ipv4 => Self::V4(octets.as_chunks().0),
            Family::Ipv6 => Self::V6(octets.as_chunks().0),
        }
    }

    /// The addresses in order.
    pub fn iter(&self) -> AddressesIter<'a> {
        AddressesIter { rest: *self }
    }
}

impl<'a> IntoIterator for Addresses<'a> {
    type Item = IpAddr;
    type IntoIter = AddressesIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        AddressesIter { rest: self }
    }
}

/// Iterator over [`Addresses`].
#[derive(Clone, Debug)]
pub struct AddressesIter<'a> {
    rest: Addresses<'a>,
}

impl Iterator for AddressesIter<'_> {
    type Item = IpAddr;

    fn next(&mut self) -> Option<IpAddr> {
        match &mut self.rest {
            Addresses::V4(list) => {
                let (first, rest) = list.split_first()?;
                *list = rest;
                Some(IpAddr::from(*first))
            }
            Addresses::V6(list) => {
                let (first, rest) = list.split_first()?;
                *list = rest;
                Some(IpAddr::from(*first))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl ExactSizeIterator for AddressesIter<'_> {}
impl FusedIterator for AddressesIter<'_> {}
