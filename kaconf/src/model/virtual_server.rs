use std::net::IpAddr;
use std::time::Duration;

use super::shared::common;
use super::{Command, Family, RealServer, Shared, Spanned};

/// One `virtual_server`: a service of IPVS and the real servers behind it, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VirtualServer {
    /// What is balanced.
    pub service: Spanned<Service>,
    /// The family of the service: what it says, or else that of its first real server; `None` if a group has both,
    /// or if nothing says it.
    pub family: Option<Family>,
    /// `ip_family`, for `fwmark` and `group`.
    pub ip_family: Option<Spanned<Family>>,
    /// `protocol`. Default UDP; nothing to `fwmark`.
    pub protocol: Spanned<Protocol>,
    /// `lb_algo`. Default wlc.
    pub scheduler: Spanned<Scheduler>,
    /// `ops`, `flag-N`, `sh-*`, `mh-*`.
    pub flags: SchedulerFlags,
    /// `lb_kind`: how packets reach real servers that do not say. Default NAT.
    pub method: Spanned<Forwarding>,
    /// `persistence_timeout`: how long a client stays with its real server; `None` is not at all.
    pub persistence_timeout: Option<Spanned<Duration>>,
    /// `persistence_granularity`: the bits of addresses that are one client. `None` is all.
    pub persistence_granularity: Option<Spanned<Granularity>>,
    /// `persistence_engine`: the kernel's module that knows clients by other things than addresses: `sip`.
    pub persistence_engine: Option<Spanned<String>>,
    /// When its checkers check.
    pub schedule: Shared<Schedule>,
    /// What its checkers have in common besides.
    pub contact: Shared<Contact>,
    /// `omega`: run the scripts for going down at the end of the program too.
    pub omega: Spanned<bool>,
    /// `weight`: of real servers that do not say, from 1. Default 1.
    pub weight: Spanned<u32>,
    /// `inhibit_on_failure`: a failed real server keeps its place with weight 0.
    pub inhibit_on_failure: Spanned<bool>,
    /// `quorum`: the least sum of the weights of living real servers. Default 1.
    pub quorum: Spanned<u32>,
    /// `hysteresis`: how far above the quorum it comes back and below it goes. Less than the quorum; default 0.
    pub hysteresis: Spanned<u32>,
    /// `sorry_server`: who serves while the quorum is missed.
    pub sorry_server: Option<Spanned<Endpoint>>,
    /// `sorry_server_inhibit`: it stays with weight 0 while it is not needed.
    pub sorry_server_inhibit: Spanned<bool>,
    /// `sorry_server_lvs_method`: how packets reach it. Default `lb_kind`.
    pub sorry_server_method: Spanned<Forwarding>,
    /// `quorum_up`, `quorum_down`.
    pub notify: Shared<QuorumNotify>,
    /// `ha_suspend`: check only while this machine has the service's address.
    pub ha_suspend: Spanned<bool>,
    /// `smtp_alert`: mail on quorum changes. Default `smtp_alert_checker`, or else `smtp_alert`, or else off.
    pub smtp_alert: Spanned<bool>,
    /// `snmp_name`.
    pub snmp_name: Option<Spanned<String>>,
    /// Each `real_server`, in the order of the file. Endpoints are unique.
    pub real_servers: Vec<RealServer>,
}

/// What runs when a quorum is met or missed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct QuorumNotify {
    /// `quorum_up`: when it is met.
    pub up: Option<Spanned<Command>>,
    /// `quorum_down`: when it is missed.
    pub down: Option<Spanned<Command>>,
}

/// What a `virtual_server` balances.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// `IP [PORT]`: packets to an address and a port; port 0 is any.
    Address(Endpoint),
    /// `fwmark N`: packets that the firewall marked.
    Fwmark(u32),
    /// `group NAME`: what a `virtual_server_group` lists.
    Group(String),
}

/// An address and a port. Where a port is left out it is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

/// `protocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs, reason = "each is named as it is written")]
pub enum Protocol {
    Tcp,
    #[default]
    Udp,
    Sctp,
}

/// `lb_algo`: the kernel's schedulers (net/netfilter/ipvs/Kconfig).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scheduler {
    /// `rr`: one after the other.
    RoundRobin,
    /// `wrr`: the same, by weight.
    WeightedRoundRobin,
    /// `lc`: the one with the fewest connections.
    LeastConnection,
    /// `wlc`: the same, by weight.
    #[default]
    WeightedLeastConnection,
    /// `lblc`: by destination, and by load.
    LocalityBased,
    /// `lblcr`: the same with sets of servers.
    LocalityBasedReplicated,
    /// `dh`: by a hash of the destination.
    DestinationHashing,
    /// `sh`: by a hash of the source.
    SourceHashing,
    /// `mh`: the same, by Maglev's hash.
    MaglevHashing,
    /// `sed`: the one with the shortest delay expected.
    ShortestDelay,
    /// `nq`: one that is idle, or else as `sed`.
    NeverQueue,
    /// `fo`: the living one of the highest weight.
    FailOver,
    /// `ovf`: the same, until it has as many connections as its weight.
    Overflow,
    /// `twos`: the better of two chosen at random.
    PowerOfTwo,
}

/// Flags of a service (include/uapi/linux/ip_vs.h, `IP_VS_SVC_F_*`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SchedulerFlags {
    /// `ops`: each UDP packet is scheduled by itself.
    pub one_packet: Spanned<bool>,
    /// `flag-1`; `sh-fallback` and `mh-fallback` are the same.
    pub flag_1: Spanned<bool>,
    /// `flag-2`; `sh-port` and `mh-port` are the same.
    pub flag_2: Spanned<bool>,
    /// `flag-3`.
    pub flag_3: Spanned<bool>,
}

/// `lb_kind`, `lvs_method`: how packets reach a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Forwarding {
    /// `NAT`: with its address in place of the service's.
    #[default]
    Nat,
    /// `DR`: as they are, to its MAC address.
    Direct,
    /// `TUN`: in a tunnel.
    Tunnel(Tunnel),
}

/// `TUN type ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Tunnel {
    /// `ipip`.
    #[default]
    IpIp,
    /// `gue port N [nocsum|csum|remcsum]`.
    Gue {
        /// The UDP port.
        port: u16,
        /// The checksum.
        checksum: TunnelChecksum,
    },
    /// `gre [nocsum|csum]`.
    Gre(TunnelChecksum),
}

/// The checksum of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TunnelChecksum {
    /// `nocsum`.
    #[default]
    None,
    /// `csum`.
    Full,
    /// `remcsum`, of `gue` only.
    Remote,
}

/// `persistence_granularity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// The bits of a netmask of IPv4, 1..=32.
    V4(u8),
    /// The length of a prefix of IPv6, 1..=128.
    V6(u8),
}

/// When a checker checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schedule {
    /// `delay_loop`: the time between checks. Default 60 s.
    pub delay_loop: Spanned<Duration>,
    /// `retry`: how often a failed check is tried again before the real server is down. Default 1; 3 in `DNS_CHECK`
    /// and 0 in `MISC_CHECK`, unless the virtual or the real server says it.
    pub retry: Spanned<u32>,
    /// `delay_before_retry`: the time before that. Default 1 s; 3 s in `HTTP_GET` and `SSL_GET` and `delay_loop` in
    /// `DNS_CHECK`, unless the virtual or the real server says it.
    pub delay_before_retry: Spanned<Duration>,
    /// `warmup`: the first check is at random within it. Default `delay_loop`.
    pub warmup: Spanned<Duration>,
    /// `alpha`: down until the first check succeeds.
    pub alpha: Spanned<bool>,
}

/// How checkers reach a real server that do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// `connect_timeout`: of each step of a check. Default 5 s.
    pub connect_timeout: Spanned<Duration>,
    /// `virtualhost`: the host that HTTP asks for.
    pub virtualhost: Option<Spanned<String>>,
}

common!(Schedule, Contact, QuorumNotify);

impl Default for Schedule {
    fn default() -> Self {
        Schedule {
            delay_loop: Self::DEFAULT_LOOP.into(),
            retry: 1.into(),
            delay_before_retry: Duration::from_secs(1).into(),
            warmup: Self::DEFAULT_LOOP.into(),
            alpha: false.into(),
        }
    }
}

impl Schedule {
    /// Default of `delay_loop`.
    pub const DEFAULT_LOOP: Duration = Duration::from_secs(60);

    /// Takes from another what a file does not say of this one.
    pub(crate) fn inherit(&mut self, from: &Schedule) {
        self.delay_loop.inherit(&from.delay_loop);
        self.retry.inherit(&from.retry);
        self.delay_before_retry.inherit(&from.delay_before_retry);
        self.warmup.inherit(&from.warmup);
        self.alpha.inherit(&from.alpha);
    }
}

impl Default for Contact {
    fn default() -> Self {
        Contact {
            connect_timeout: Duration::from_secs(5).into(),
            virtualhost: None,
        }
    }
}

impl VirtualServer {
    /// A virtual server of which nothing is said but what it balances.
    pub fn new(service: Spanned<Service>) -> Self {
        VirtualServer {
            service,
            family: None,
            ip_family: None,
            protocol: Protocol::Udp.into(),
            scheduler: Scheduler::WeightedLeastConnection.into(),
            flags: SchedulerFlags::default(),
            method: Forwarding::Nat.into(),
            persistence_timeout: None,
            persistence_granularity: None,
            persistence_engine: None,
            schedule: Shared::default(),
            contact: Shared::default(),
            omega: false.into(),
            weight: 1.into(),
            inhibit_on_failure: false.into(),
            quorum: 1.into(),
            hysteresis: 0.into(),
            sorry_server: None,
            sorry_server_inhibit: false.into(),
            sorry_server_method: Forwarding::Nat.into(),
            notify: Shared::default(),
            ha_suspend: false.into(),
            smtp_alert: false.into(),
            snmp_name: None,
            real_servers: Vec::new(),
        }
    }
}
