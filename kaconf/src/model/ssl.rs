use std::fmt;

use super::Spanned;

/// The block `SSL`: what `SSL_GET` shows to servers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Ssl {
    /// `password`: what the key is encrypted with.
    pub password: Option<Spanned<Passphrase>>,
    /// `ca`: a file of certificates that are trusted. Servers' certificates are not checked against it.
    pub ca: Option<Spanned<String>>,
    /// `certificate`: a file with the client's certificate.
    pub certificate: Option<Spanned<String>>,
    /// `key`: a file with its private key.
    pub key: Option<Spanned<String>>,
}

/// What a private key is encrypted with. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(pub String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"***\"")
    }
}
