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

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn come_in_order_and_are_counted() {
        let addresses = Addresses::V4(&[[10, 0, 0, 1], [10, 0, 0, 2]]);
        let mut iter = addresses.iter();
        assert_eq!((addresses.len(), iter.len()), (2, 2));
        assert_eq!(iter.next(), Some(IpAddr::from([10, 0, 0, 1])));
        assert_eq!(iter.size_hint(), (1, Some(1)));
        assert_eq!(iter.next(), Some(IpAddr::from([10, 0, 0, 2])));
        assert_eq!((iter.next(), iter.next()), (None, None));
    }

    #[test]
    fn of_ipv6_too() {
        let octets: Vec<u8> = (0..32).collect();
        let addresses = Addresses::from_wire(Family::Ipv6, &octets);
        assert_eq!((addresses.len(), addresses.family()), (2, Family::Ipv6));
        assert_eq!(addresses.as_bytes(), octets);
        let all: Vec<IpAddr> = addresses.into_iter().collect();
        assert_eq!(
            std::format!("{all:?}"),
            "[1:203:405:607:809:a0b:c0d:e0f, 1011:1213:1415:1617:1819:1a1b:1c1d:1e1f]"
        );
    }

    #[test]
    fn a_part_of_an_address_is_none() {
        assert!(Addresses::from_wire(Family::Ipv4, &[1, 2, 3]).is_empty());
        assert_eq!(
            Addresses::from_wire(Family::Ipv4, &[1, 2, 3, 4, 5]).as_bytes(),
            [1, 2, 3, 4]
        );
        assert_eq!(Addresses::from_wire(Family::Ipv6, &[0; 31]).len(), 1);
    }
}
