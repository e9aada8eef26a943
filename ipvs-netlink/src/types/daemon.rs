use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU8, NonZeroU16};

use thiserror::Error;

/// The kernel's thread that sends what connections there are to another director, or listens to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Daemon {
    role: SyncRole,
    interface: String,
    /// Of the domain: daemons of another one are not listened to.
    pub sync_id: u8,
    /// Of the UDP messages, in octets. `None` is what the interface's MTU allows. The kernel makes it 1024 at least for a
    /// backup.
    pub max_length: Option<NonZeroU16>,
    /// Where to. `None` is 224.0.0.81.
    pub group: Option<MulticastGroup>,
    /// UDP port. `None` is 8848.
    pub port: Option<NonZeroU16>,
    /// Of the packets. `None` is 1.
    pub ttl: Option<NonZeroU8>,
}

impl Daemon {
    /// With the kernel's defaults.
    ///
    /// # Errors
    ///
    /// If there can be no interface of this name.
    pub fn new(role: SyncRole, interface: impl Into<String>, sync_id: u8) -> Result<Self, InvalidDaemon> {
        let interface = interface.into();
        let fits = (1..=INTERFACE_LIMIT).contains(&interface.len());
        let is_bad = |octet: u8| octet == 0 || octet == b'/' || octet.is_ascii_whitespace();
        if !fits || interface.bytes().any(is_bad) {
            return Err(InvalidDaemon::Interface(interface));
        }
        Ok(Self {
            role,
            interface,
            sync_id,
            max_length: None,
            group: None,
            port: None,
            ttl: None,
        })
    }

    /// The UDP port that the kernel takes if it is not told (IP_VS_SYNC_PORT in net/netfilter/ipvs/ip_vs_sync.c).
    pub const DEFAULT_PORT: u16 = 8848;

    /// What it does.
    #[must_use]
    pub fn role(&self) -> SyncRole {
        self.role
    }

    /// Where it does so.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }
}

/// What a sync daemon does. Each may run once in a network namespace, both beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncRole {
    /// Sends (IP_VS_STATE_MASTER).
    Master,
    /// Listens (IP_VS_STATE_BACKUP).
    Backup,
}

/// ipvsadm's words: `master` and `backup`.
impl fmt::Display for SyncRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Master => "master",
            Self::Backup => "backup",
        })
    }
}

/// A multicast address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MulticastGroup(IpAddr);

impl MulticastGroup {
    /// The address of a group.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn new(address: IpAddr) -> Result<Self, InvalidDaemon> {
        if address.is_multicast() {
            Ok(Self(address))
        } else {
            Err(InvalidDaemon::Group(address))
        }
    }

    /// Its address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// What the kernel takes if it is not told (Linux 4.3).
    pub const DEFAULT: Self = Self(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 81)));
    /// What is common for IPv6: the same number within the link's scope.
    pub const DEFAULT_IPV6: Self = Self(IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x51)));
}

/// The kernel would refuse this daemon.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidDaemon {
    /// No interface has such a name.
    #[error(
        "`{0}` cannot be the name of an interface: it is 1 to {INTERFACE_LIMIT} octets without `/` and spaces"
    )]
    Interface(String),
    /// The group is none.
    #[error("{0} is not a multicast address")]
    Group(IpAddr),
}

/// IP_VS_IFNAME_MAXLEN is 16, with the NUL (linux/ip_vs.h).
const INTERFACE_LIMIT: usize = 15;
