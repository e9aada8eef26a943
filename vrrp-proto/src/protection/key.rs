//! Secrets. Nothing here can be shown, and what is dropped is overwritten.

use core::fmt;

use thiserror::Error;

/// The key of the authentication header: keepalived's `auth_pass`, padded with zeros.
///
/// Two keys are compared to tell one configuration from another; that takes no constant time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AhKey([u8; 8]);

impl AhKey {
    /// The key that those octets make.
    pub const fn new(octets: [u8; 8]) -> Self {
        Self(octets)
    }

    pub(super) const fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for AhKey {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AhKey(..)")
    }
}

impl Drop for AhKey {
    fn drop(&mut self) {
        overwrite(&mut self.0);
    }
}

/// A key of HMAC-SHA256: 32 to 64 octets, as keepalived's `auth_hmac` wants them.
///
/// Two keys are compared to tell one configuration from another; that takes no constant time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HmacKey {
    /// Zeros behind the key.
    octets: [u8; HmacKey::MAX_LEN],
    len: usize,
}

impl HmacKey {
    /// The fewest octets: as many as the hash has.
    pub const MIN_LEN: usize = 32;
    /// The most octets: as many as the hash takes in at once.
    pub const MAX_LEN: usize = 64;

    /// The key that those octets make.
    pub fn new(octets: &[u8]) -> Result<Self, InvalidKey> {
        let len = octets.len();
        if !(Self::MIN_LEN..=Self::MAX_LEN).contains(&len) {
            return Err(InvalidKey { len });
        }
        let mut key = Self {
            octets: [0; Self::MAX_LEN],
            len,
        };
        key.octets
            .iter_mut()
            .zip(octets)
            .for_each(|(to, from)| *to = *from);
        Ok(key)
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.octets
            .get(..self.len)
            .expect("the constructor allows 64 at most")
    }
}

impl fmt::Debug for HmacKey {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(..)")
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        overwrite(&mut self.octets);
    }
}

/// Why octets are no [`HmacKey`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "a key of {len} octets, where {} to {} are needed",
    HmacKey::MIN_LEN,
    HmacKey::MAX_LEN
)]
pub struct InvalidKey {
    /// How many there are.
    pub len: usize,
}

/// The compiler must take it that somebody looks at the zeros.
fn overwrite(octets: &mut [u8]) {
    octets.fill(0);
    core::hint::black_box(octets);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let ah = AhKey::new(*b"secret\0\0");
        let hmac = HmacKey::new(&[b's'; 32]).unwrap();
        assert_eq!(std::format!("{ah:?} {hmac:?}"), "AhKey(..) HmacKey(..)");
    }

    #[test]
    fn a_key_has_32_to_64_octets() {
        for (len, is_key) in [(0, false), (31, false), (32, true), (64, true), (65, false)] {
            let key = HmacKey::new(&std::vec![7; len]);
            assert_eq!(key.is_ok(), is_key, "{len}");
            assert!(key.is_err() || key.is_ok_and(|key| key.octets() == std::vec![7; len]));
        }
        let shown = HmacKey::new(b"hunter2").unwrap_err();
        let shown = std::format!("{shown}");
        assert_eq!(shown, "a key of 7 octets, where 32 to 64 are needed");
    }
}
