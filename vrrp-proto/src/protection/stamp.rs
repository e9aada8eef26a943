//! The sequence of signed adverts.

use core::fmt;
use core::time::Duration;

/// When an advert was signed: seconds since the Unix epoch (32 bits), 1/65536 s (16 bits), and a counter (16 bits) that
/// tells apart what was signed at the same time. Together one number of 64 bits, which wraps; order is that of serial
/// numbers (RFC 1982).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stamp(u64);

impl Stamp {
    /// The first stamp of a time of day, given as the time since the Unix epoch.
    pub fn at(since_epoch: Duration) -> Self {
        // Of the seconds, 32 bits stay.
        let secs = since_epoch.as_secs() << 32;
        let fraction = (u64::from(since_epoch.subsec_nanos()) << 16) / NANOS_PER_SEC;
        Self(secs | fraction << 16)
    }

    /// From its wire format read as one number.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As one number.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The stamp behind this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Whether it is later: by less than half of all stamps, which is 68 years.
    pub const fn is_after(self, other: Self) -> bool {
        let ahead = self.0.wrapping_sub(other.0);
        ahead != 0 && ahead < 1 << 63
    }

    /// Whole seconds from `other` to this; negative if this is earlier.
    pub fn secs_after(self, other: Self) -> i64 {
        let [this, other] = [self, other].map(|stamp| u32::try_from(stamp.0 >> 32).expect("32 of 64 bits"));
        match this.wrapping_sub(other) {
            ahead if ahead < 1 << 31 => i64::from(ahead),
            _ => -i64::from(other.wrapping_sub(this)),
        }
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, fraction, counter) = (self.0 >> 32, self.0 >> 16 & 0xffff, self.0 & 0xffff);
        write!(f, "{secs}+{fraction}/65536#{counter}")
    }
}

const NANOS_PER_SEC: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_65536_parts() {
        let at = |nanos| Stamp::at(Duration::new(0x6b02_b429, nanos)).to_bits();
        assert_eq!(at(0), 0x6b02_b429_0000_0000);
        assert_eq!(at(500_000_000), 0x6b02_b429_8000_0000);
        assert_eq!(at(999_999_999), 0x6b02_b429_ffff_0000);
    }

    #[test]
    fn order_goes_across_the_wrap() {
        let stamp = Stamp::from_bits;
        for (earlier, later) in [(0, 1), (5, 1 << 62), (u64::MAX, 0), (u64::MAX - 7, 3)] {
            assert!(stamp(later).is_after(stamp(earlier)));
            assert!(!stamp(earlier).is_after(stamp(later)));
            assert!(!stamp(later).is_after(stamp(later)));
        }
        assert_eq!(stamp(u64::MAX).next(), stamp(0));
    }

    #[test]
    fn distances_are_in_whole_seconds() {
        let at = |secs| Stamp::at(Duration::from_secs(secs));
        let wrap = u64::from(u32::MAX);
        for (from, to, distance) in [(7, 7, 0), (7, 12, 5), (12, 7, -5), (wrap, 2, 3), (2, wrap, -3)] {
            assert_eq!(at(to).secs_after(at(from)), distance);
        }
    }
}
