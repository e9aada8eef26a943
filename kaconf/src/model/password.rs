use std::fmt;

/// The shared secret of `auth_pass`: at most 8 bytes, as the wire has room for no more (RFC 2338 section 5.3.6).
///
/// `Debug` never shows it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Password(Vec<u8>);

impl Password {
    /// The most bytes that a password can have.
    pub const MAX_LEN: usize = 8;

    /// The first [`MAX_LEN`](Self::MAX_LEN) of `bytes`.
    pub fn truncated(bytes: &[u8]) -> Self {
        Password(bytes.iter().copied().take(Self::MAX_LEN).collect())
    }

    /// The bytes, without padding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"***\"")
    }
}
