use std::fmt;

/// What IPVS says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Of IPVS. It has been 1.2.1 for as long as there has been generic netlink.
    pub version: Version,
    /// Rows of the hash table of connections.
    pub connection_table_size: u32,
}

/// Three numbers, as in NVERSION of linux/ip_vs.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First.
    pub major: u8,
    /// Second.
    pub minor: u8,
    /// Third.
    pub patch: u8,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
