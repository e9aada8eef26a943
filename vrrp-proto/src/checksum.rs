//! The internet checksum (RFC 1071) in ones' complement arithmetic.

use core::net::IpAddr;

/// A running ones' complement sum. Every piece added counts as if it began on a 16 bit boundary.
#[derive(Clone, Copy)]
pub(crate) struct Sum(u64);

impl Sum {
    /// The sum of nothing.
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    /// The sum with the 16 bit words of `bytes` added; an odd last octet is padded with zero.
    pub(crate) fn add(self, bytes: &[u8]) -> Self {
        // 2^16 is 1 modulo 2^16 - 1, so that 32 bit words may be added as they are.
        let (words, rest) = bytes.as_chunks::<4>();
        let whole: u64 = words
            .iter()
            .map(|word| u64::from(u32::from_be_bytes(*word)))
            .sum();
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        Self(self.0 + whole + u64::from(u32::from_be_bytes(last)))
    }

    /// The sum with the number `value` added.
    pub(crate) fn add_number(self, value: u32) -> Self {
        Self(self.0 + u64::from(value))
    }

    /// The sum with a pseudo-header added. Those of IPv4 (RFC 9293 section 3.1) and of IPv6 (RFC 8200 section 8.1)
    /// place the same numbers differently, which does not change their sum.
    pub(crate) fn add_pseudo_header(
        self,
        source: IpAddr,
        destination: IpAddr,
        protocol: u8,
        len: u32,
    ) -> Self {
        self.add_address(source)
            .add_address(destination)
            .add_number(u32::from(protocol))
            .add_number(len)
    }

    /// Whether data that contains its own checksum is intact.
    pub(crate) const fn holds(self) -> bool {
        self.fold() == 0xffff
    }

    /// The checksum to write into data whose checksum field was zero.
    pub(crate) const fn checksum(self) -> u16 {
        !self.fold()
    }

    fn add_address(self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => self.add(&address.octets()),
            IpAddr::V6(address) => self.add(&address.octets()),
        }
    }

    const fn fold(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let [.., high, low] = sum.to_be_bytes();
        u16::from_be_bytes([high, low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071 section 3's worked example.
    #[test]
    fn sums_as_in_the_rfc() {
        let sum = Sum::new().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.checksum(), !0xddf2);
    }

    #[test]
    fn pads_an_odd_octet_with_zero() {
        let odd = Sum::new().add(&[1, 2, 3, 4, 5]);
        assert_eq!(odd.checksum(), Sum::new().add(&[1, 2, 3, 4, 5, 0]).checksum());
        assert_eq!(Sum::new().add(&[0xab]).checksum(), !0xab00);
        assert_eq!(
            Sum::new().add(&[0xab, 0xcd, 0xef]).checksum(),
            !0x9acd_u16.wrapping_add(1)
        );
    }

    #[test]
    fn data_with_its_checksum_holds() {
        let checksum = Sum::new().add(&[0xde, 0xad, 0, 0]).checksum().to_be_bytes();
        assert!(Sum::new().add(&[0xde, 0xad]).add(&checksum).holds());
        assert!(!Sum::new().add(&[0xde, 0xac]).add(&checksum).holds());
        assert!(!Sum::new().holds());
    }
}
