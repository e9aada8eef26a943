use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{Garp, Password, Spanned};

/// One `vrrp_instance`: a virtual router, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VrrpInstance {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `state`: what it would like to be at the start. Default BACKUP; MASTER if the priority is 255.
    pub state: InitialState,
    /// `interface`: where adverts are sent and heard. `None` only if there are unicast peers.
    pub interface: Option<Spanned<String>>,
    /// `virtual_router_id`: 1..=255, unique on the interface in its family.
    pub virtual_router_id: Spanned<u8>,
    /// `priority`: 1..=255. Default 100, or 255 (the owner of the addresses) when `state` is MASTER.
    pub priority: u8,
    /// `version`: default `vrrp_version`; always 3 over IPv6.
    pub version: VrrpVersion,
    /// What the adverts travel over: `native_ipv6`, or else what the first virtual address is.
    pub family: Family,
    /// `native_ipv6`: IPv6 adverts even if the first virtual address is IPv4.
    pub native_ipv6: bool,
    /// `advert_int`: whole seconds, 1 to 255, in version 2; 10 ms to 40.95 s in version 3. Default 1 s.
    pub advert_int: Duration,
    /// `down_timer_adverts`: how many adverts may be missed before a backup takes over, 1..=100.
    pub down_timer_adverts: u8,
    /// `nopreempt`: never take over from a living master of lower priority.
    pub nopreempt: bool,
    /// `preempt_delay`: how long a lower master is left alone before it is preempted.
    pub preempt_delay: Duration,
    /// `virtual_ipaddress`: what the adverts carry, the first one first. All of one family.
    pub virtual_ipaddress: Vec<VirtualAddress>,
    /// `authentication`, version 2 only.
    pub authentication: Option<Authentication>,
    /// `mcast_src_ip` or `unicast_src_ip`: what adverts are sent from; `None` is the interface's own address.
    pub source: Option<Spanned<IpAddr>>,
    /// `mcast_dst_ip`, or the global group of the instance's family: where adverts go without unicast peers.
    pub mcast_dst_ip: IpAddr,
    /// `unicast_peer`: where adverts go instead of to the group. Empty means multicast.
    pub unicast_peer: Vec<UnicastPeer>,
    /// `v3_checksum_as_v2`: leave the pseudo-header out of version 3's checksum over IPv4.
    pub v3_checksum_as_v2: bool,
    /// `skip_check_adv_addr`: do not compare again the addresses in adverts of an unchanged master.
    pub skip_check_adv_addr: bool,
    /// `garp_*`: how the addresses are announced.
    pub garp: Garp,
    /// `debug`: 0..=4.
    pub debug: u8,
}

impl VrrpInstance {
    /// An instance of which nothing is said but its name and its virtual router id.
    pub fn new(name: Spanned<String>, virtual_router_id: Spanned<u8>) -> Self {
        VrrpInstance {
            name,
            state: InitialState::Backup,
            interface: None,
            virtual_router_id,
            priority: 100,
            version: VrrpVersion::V2,
            family: Family::Ipv4,
            native_ipv6: false,
            advert_int: Duration::from_secs(1),
            down_timer_adverts: 3,
            nopreempt: false,
            preempt_delay: Duration::ZERO,
            virtual_ipaddress: Vec::new(),
            authentication: None,
            source: None,
            mcast_dst_ip: IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18)),
            unicast_peer: Vec::new(),
            v3_checksum_as_v2: false,
            skip_check_adv_addr: false,
            garp: Garp::default(),
            debug: 0,
        }
    }
}

/// `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InitialState {
    /// `state BACKUP`.
    #[default]
    Backup,
    /// `state MASTER`.
    Master,
}

/// `version` and `vrrp_version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum VrrpVersion {
    /// VRRPv2, RFC 3768.
    #[default]
    V2,
    /// VRRPv3, RFC 9568.
    V3,
}

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Family {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Family::Ipv4
        } else {
            Family::Ipv6
        }
    }

    /// The length of a prefix that is one address: 32 or 128.
    pub fn max_prefix_len(self) -> u8 {
        match self {
            Family::Ipv4 => 32,
            Family::Ipv6 => 128,
        }
    }
}

/// One line of `virtual_ipaddress`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualAddress {
    /// The address.
    pub address: Spanned<IpAddr>,
    /// `/LEN`; 32 or 128 if the file does not say.
    pub prefix_len: u8,
    /// `brd`; IPv4 only.
    pub broadcast: Option<Broadcast>,
    /// `dev`: the interface that gets the address; `None` is the instance's.
    pub dev: Option<Spanned<String>>,
    /// `scope`; `None` leaves it to the kernel's rule (host for loopback, else global).
    pub scope: Option<Scope>,
    /// `label`, at most 15 bytes; IPv4 only.
    pub label: Option<String>,
}

impl VirtualAddress {
    /// An address of which nothing else is said.
    pub fn new(address: Spanned<IpAddr>) -> Self {
        VirtualAddress {
            prefix_len: Family::of(address.value).max_prefix_len(),
            address,
            broadcast: None,
            dev: None,
            scope: None,
            label: None,
        }
    }
}

/// `brd` of a virtual address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broadcast {
    /// `brd ADDRESS`.
    Address(Ipv4Addr),
    /// `brd +`: all host bits one.
    Plus,
    /// `brd -`: all host bits zero.
    Minus,
}

/// `scope` of an address: rtnetlink's number (include/uapi/linux/rtnetlink.h, `rt_scope_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub u8);

impl Scope {
    /// `global`.
    pub const GLOBAL: Scope = Scope(0);
    /// `site`.
    pub const SITE: Scope = Scope(200);
    /// `link`.
    pub const LINK: Scope = Scope(253);
    /// `host`.
    pub const HOST: Scope = Scope(254);
    /// `nowhere`.
    pub const NOWHERE: Scope = Scope(255);
}

/// `authentication`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authentication {
    /// `auth_type`.
    pub kind: AuthKind,
    /// `auth_pass`.
    pub password: Password,
}

impl Authentication {
    /// Authentication of a kind by a password.
    pub fn new(kind: AuthKind, password: Password) -> Self {
        Authentication { kind, password }
    }
}

/// `auth_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// `PASS`: the password in clear text in each advert (RFC 2338 section 5.3.6).
    Pass,
    /// `AH`: an IPsec authentication header, HMAC-MD5-96 (RFC 2338 section 5.3.6).
    Ah,
}

/// One line of `unicast_peer`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnicastPeer {
    /// The peer's address.
    pub address: Spanned<IpAddr>,
    /// `min_ttl`: adverts from it with a lower TTL are dropped.
    pub min_ttl: Option<u8>,
    /// `max_ttl`: adverts from it with a higher TTL are dropped.
    pub max_ttl: Option<u8>,
}

impl UnicastPeer {
    /// A peer whose TTL is not checked.
    pub fn new(address: Spanned<IpAddr>) -> Self {
        UnicastPeer {
            address,
            min_ttl: None,
            max_ttl: None,
        }
    }
}
