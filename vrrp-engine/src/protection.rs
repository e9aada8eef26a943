//! How adverts prove who sent them, where a password in clear is not enough.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;
use vrrp_proto::{AhKey, AhTtl, Authentication, HmacKey, Version};

use crate::RouterConfig;

/// How adverts are protected, beside version 2's password.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Protection {
    /// Not at all.
    #[default]
    None,
    /// By an IP authentication header: version 2 only; keepalived's `auth_type AH`.
    ///
    /// Sender and receiver count with one number, which goes up with each advert that is sent or heard, so that a new
    /// master goes on where the old one stopped.
    Header(AhKey),
    /// By a signature behind the message: version 3 only; keepalived's `auth_hmac`.
    Signature(Box<Signing>),
}

/// How adverts are signed, and whose are believed.
///
/// Signatures hold the time of day, for which the engine has [`Engine::set_time_of_day`](crate::Engine::set_time_of_day).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Signing {
    /// The keys that adverts may be signed with, by their numbers.
    pub keys: BTreeMap<u8, HmacKey>,
    /// The number of the key that ours are signed with.
    pub active: u8,
    /// Whose adverts have to be signed.
    pub mode: SigningMode,
    /// What keeps an old advert from being believed again.
    pub freshness: Freshness,
}

/// How far signing has come: all routers are taken from the last to the first of these, one step after the other.
///
/// What is signed must be signed well, in whatever mode.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum SigningMode {
    /// Ours are signed, and only signed ones count.
    #[default]
    Enforce,
    /// Ours are signed; those of others need not be.
    Permissive,
    /// Ours are not signed; those of others may be.
    ReceiveOnly,
}

/// What keeps an old advert from being believed again, beside that each must be later than the one before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Freshness {
    /// The sender's time of day is no further from ours, before or behind; counted in whole seconds.
    Clock(Duration),
    /// Nothing: clocks need not agree, but must not go back. What was never heard here passes for new.
    Order,
}

/// Why a protection does not go with the rest of a configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum InvalidProtection {
    /// Version 3 has no authentication header.
    #[error("the authentication header belongs to VRRP version 2")]
    HeaderInVersion3,
    /// Version 2 is not signed.
    #[error("signed adverts belong to VRRP version 3")]
    SignatureInVersion2,
    /// A password and something better.
    #[error("an authentication header has no password beside it")]
    WithPassword,
    /// The active key is none of the keys.
    #[error("key {0} is to be used, and is not there")]
    NoActiveKey(u8),
}

impl RouterConfig {
    /// What version 2 says of its authentication.
    pub(crate) const fn authentication_field(&self) -> Authentication {
        match self.protection {
            Protection::Header(_) => Authentication::Other {
                kind: AUTHENTICATION_HEADER,
                data: [0; 8],
            },
            Protection::None | Protection::Signature(_) => self.authentication,
        }
    }

    /// What a header's check value says of the time to live.
    pub(crate) const fn header_ttl(&self) -> AhTtl {
        if self.is_multicast() {
            AhTtl::AsSent
        } else {
            AhTtl::Zeroed
        }
    }

    pub(crate) fn check_protection(&self) -> Result<(), InvalidProtection> {
        match (&self.protection, self.version) {
            (Protection::None, _) => Ok(()),
            (Protection::Header(_), Version::V3) => Err(InvalidProtection::HeaderInVersion3),
            (Protection::Header(_), Version::V2) if self.authentication != Authentication::None => {
                Err(InvalidProtection::WithPassword)
            }
            (Protection::Header(_), Version::V2) => Ok(()),
            (Protection::Signature(_), Version::V2) => Err(InvalidProtection::SignatureInVersion2),
            (Protection::Signature(signing), Version::V3) => match signing.keys.get(&signing.active) {
                Some(_) => Ok(()),
                None => Err(InvalidProtection::NoActiveKey(signing.active)),
            },
        }
    }
}

/// RFC 2338 section 5.3.6.
const AUTHENTICATION_HEADER: u8 = 2;
