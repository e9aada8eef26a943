//! Version 2's authentication fields.

/// The authentication fields of version 2 (RFC 3768 section 5.3.6, RFC 2338 section 5.3.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// Type 0: none; the data is sent as zeros.
    None,
    /// Type 1: a password in clear, padded with zeros.
    Simple([u8; 8]),
    /// Any other type (2 is the IP authentication header) with its data.
    Other {
        /// The type.
        kind: u8,
        /// The eight octets.
        data: [u8; 8],
    },
}

impl Authentication {
    /// What the authentication type and data of a packet mean.
    pub const fn from_wire(kind: u8, data: [u8; 8]) -> Self {
        match kind {
            0 => Self::None,
            1 => Self::Simple(data),
            kind => Self::Other { kind, data },
        }
    }

    /// The authentication type as it goes on the wire.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Simple(_) => 1,
            Self::Other { kind, .. } => *kind,
        }
    }

    /// The authentication data as it goes on the wire.
    pub const fn data(&self) -> [u8; 8] {
        match self {
            Self::None => [0; 8],
            Self::Simple(data) | Self::Other { data, .. } => *data,
        }
    }
}

impl core::fmt::Debug for Authentication {
    /// Never shows the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Simple(_) => f.write_str("Simple(..)"),
            Self::Other { kind, .. } => write!(f, "Other {{ kind: {kind}, .. }}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives() {
        for kind in 0..=255 {
            let data = if kind == 0 { [0; 8] } else { *b"password" };
            let authentication = Authentication::from_wire(kind, data);
            assert_eq!((authentication.kind(), authentication.data()), (kind, data));
        }
    }

    #[test]
    fn type_0_has_no_data() {
        assert_eq!(Authentication::from_wire(0, *b"password"), Authentication::None);
    }

    #[test]
    fn a_password_is_never_shown() {
        for kind in 0..=3 {
            let shown = std::format!("{:?}", Authentication::from_wire(kind, *b"password"));
            assert!(!shown.contains("password") && !shown.contains("112"), "{shown}");
        }
    }
}
