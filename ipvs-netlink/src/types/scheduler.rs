use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

/// How a service chooses among its destinations: the name of a module of the kernel (`ip_vs_` and the name). The set is
/// open, since kernels differ.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scheduler(Cow<'static, str>);

impl Scheduler {
    /// Round robin.
    pub const RR: Self = Self(Cow::Borrowed("rr"));
    /// Weighted round robin.
    pub const WRR: Self = Self(Cow::Borrowed("wrr"));
    /// Least connections.
    pub const LC: Self = Self(Cow::Borrowed("lc"));
    /// Weighted least connections, ipvsadm's default.
    pub const WLC: Self = Self(Cow::Borrowed("wlc"));
    /// Locality-based least connections.
    pub const LBLC: Self = Self(Cow::Borrowed("lblc"));
    /// Locality-based least connections with replication.
    pub const LBLCR: Self = Self(Cow::Borrowed("lblcr"));
    /// Destination hashing.
    pub const DH: Self = Self(Cow::Borrowed("dh"));
    /// Source hashing.
    pub const SH: Self = Self(Cow::Borrowed("sh"));
    /// Shortest expected delay.
    pub const SED: Self = Self(Cow::Borrowed("sed"));
    /// Never queue.
    pub const NQ: Self = Self(Cow::Borrowed("nq"));
    /// Weighted fail-over: all to the available one of the highest weight.
    pub const FO: Self = Self(Cow::Borrowed("fo"));
    /// Weighted overflow: to the one of the highest weight until its active connections are as many as its weight.
    pub const OVF: Self = Self(Cow::Borrowed("ovf"));
    /// Maglev hashing (Linux 4.18).
    pub const MH: Self = Self(Cow::Borrowed("mh"));
    /// The better of two that are chosen by chance (Linux 5.13).
    pub const TWOS: Self = Self(Cow::Borrowed("twos"));

    /// All that Linux has had up to 6.18.
    pub const KNOWN: [Self; 14] = [
        Self::RR,
        Self::WRR,
        Self::LC,
        Self::WLC,
        Self::LBLC,
        Self::LBLCR,
        Self::DH,
        Self::SH,
        Self::SED,
        Self::NQ,
        Self::FO,
        Self::OVF,
        Self::MH,
        Self::TWOS,
    ];

    /// By name, as ipvsadm and keepalived write it.
    ///
    /// # Errors
    ///
    /// If it cannot be the name of a module.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        Ok(Self(Cow::Owned(checked(name.into())?)))
    }

    /// `wrr`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scheduler({})", self.0)
    }
}

/// What tells the connections of one client from those of another when their addresses do not: the name of a module
/// (`ip_vs_pe_` and the name).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersistenceEngine(Cow<'static, str>);

impl PersistenceEngine {
    /// The Call-ID of SIP over UDP.
    pub const SIP: Self = Self(Cow::Borrowed("sip"));

    /// By name.
    ///
    /// # Errors
    ///
    /// If it cannot be the name of a module.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        Ok(Self(Cow::Owned(checked(name.into())?)))
    }

    /// `sip`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersistenceEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersistenceEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersistenceEngine({})", self.0)
    }
}

/// The name cannot be one of a scheduler or a persistence engine.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("`{0}` cannot be a name that the kernel knows: it is 1 to {NAME_LIMIT} letters, digits, `_` and `-`")]
pub struct InvalidName(pub String);

/// The kernel looks for a module of the name, so it is held to what names of modules are made of.
fn checked(name: String) -> Result<String, InvalidName> {
    let fits = (1..=NAME_LIMIT).contains(&name.len());
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'_' || octet == b'-';
    if fits && name.bytes().all(is_plain) {
        Ok(name)
    } else {
        Err(InvalidName(name))
    }
}

/// IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN are 16, with the NUL (linux/ip_vs.h).
const NAME_LIMIT: usize = 15;
