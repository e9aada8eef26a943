use std::net::IpAddr;

use ipnet::IpNet;

use super::{Family, Scope, Spanned};

/// One line of `virtual_routes` or `static_routes`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Where it stands.
    pub destination: Spanned<Destination>,
    /// What becomes of the packets.
    pub kind: RouteKind,
    /// `src`: the address that packets of this machine get.
    pub src: Option<IpAddr>,
    /// `via`: the next router.
    pub via: Option<IpAddr>,
    /// `dev`: the interface.
    pub dev: Option<Spanned<String>>,
    /// `nexthop`: several next routers at once.
    pub next_hops: Vec<NextHop>,
    /// `scope`.
    pub scope: Option<Scope>,
    /// `table`; `None` is main.
    pub table: Option<Name>,
    /// `tos` or `dsfield`.
    pub tos: Option<u8>,
    /// `metric`, `priority` or `preference`.
    pub metric: Option<u32>,
    /// `protocol`; `None` is keepalived's own (18).
    pub protocol: Option<Name>,
    /// `realms`, as it is written.
    pub realms: Option<String>,
    /// `mtu`, `hoplimit`, `initcwnd` and so on.
    pub metrics: Vec<RouteMetric>,
    /// `congctl`: the algorithm of congestion control.
    pub congctl: Option<CongestionControl>,
    /// `pref`; IPv6 only (RFC 4191).
    pub pref: Option<RoutePreference>,
    /// `expires`: after how many seconds the kernel removes it; IPv6 only.
    pub expires: Option<u32>,
    /// `onlink`: the next router is on the link, whatever the addresses say.
    pub onlink: bool,
    /// `encap`: the type and the arguments.
    pub encap: Vec<String>,
    /// `vrf`.
    pub vrf: Option<String>,
    /// `ttl-propagate`.
    pub ttl_propagate: Option<bool>,
    /// `no_track`: its removal by another program is nobody's business.
    pub no_track: bool,
    /// `track_group`: static routes only; whose instances it matters to.
    pub track_group: Option<Spanned<String>>,
}

impl Route {
    /// A route of which nothing else is said.
    pub fn new(destination: Spanned<Destination>) -> Self {
        Route {
            destination,
            kind: RouteKind::default(),
            src: None,
            via: None,
            dev: None,
            next_hops: Vec::new(),
            scope: None,
            table: None,
            tos: None,
            metric: None,
            protocol: None,
            realms: None,
            metrics: Vec::new(),
            congctl: None,
            pref: None,
            expires: None,
            onlink: false,
            encap: Vec::new(),
            vrf: None,
            ttl_propagate: None,
            no_track: false,
            track_group: None,
        }
    }

    /// The family of its addresses; `None` if it has none.
    pub fn family(&self) -> Option<Family> {
        let destination = match self.destination.value {
            Destination::Net(net) => Some(net.addr()),
            Destination::Default => None,
        };
        let hops = self.next_hops.iter().map(|hop| hop.via);
        let mut addresses = destination
            .into_iter()
            .chain(self.via)
            .chain(self.src)
            .chain(hops.flatten());
        addresses.next().map(Family::of)
    }
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// `default`: everywhere.
    Default,
    /// A network. Its host bits are as they are written.
    Net(IpNet),
}

/// What becomes of the packets (include/uapi/linux/rtnetlink.h, `RTN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the kernel's words")]
pub enum RouteKind {
    #[default]
    Unicast,
    Local,
    Broadcast,
    Multicast,
    Throw,
    Unreachable,
    Prohibit,
    Blackhole,
    Nat,
}

/// A number, or a name that stands for one in a file of iproute2's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The number.
    Number(u32),
    /// The name.
    Name(String),
}

/// `nexthop via IP [dev IF] [weight N] [onlink]`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct NextHop {
    /// The next router.
    pub via: Option<IpAddr>,
    /// The interface.
    pub dev: Option<Spanned<String>>,
    /// Its share, 1..=256.
    pub weight: Option<u16>,
    /// It is on the link, whatever the addresses say.
    pub onlink: bool,
}

/// A number that the kernel keeps with a route (include/uapi/linux/rtnetlink.h, `RTAX_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteMetric {
    /// Which one.
    pub kind: RouteMetricKind,
    /// Its value; of times, in milliseconds.
    pub value: u32,
    /// `lock`: the kernel does not change it.
    pub lock: bool,
}

impl RouteMetric {
    /// A number that the kernel may change.
    pub fn new(kind: RouteMetricKind, value: u32) -> Self {
        RouteMetric {
            kind,
            value,
            lock: false,
        }
    }
}

/// Which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the kernel's words")]
pub enum RouteMetricKind {
    Mtu,
    Advmss,
    Window,
    Rtt,
    Rttvar,
    Reordering,
    Cwnd,
    Initcwnd,
    Initrwnd,
    Ssthresh,
    RtoMin,
    Hoplimit,
    Quickack,
    FastopenNoCookie,
    /// `features ecn`: the value is the kernel's bit.
    Features,
}

/// `congctl [lock] NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CongestionControl {
    /// The algorithm.
    pub name: String,
    /// `lock`: programs cannot choose another.
    pub lock: bool,
}

impl CongestionControl {
    /// An algorithm.
    pub fn new(name: String, lock: bool) -> Self {
        CongestionControl { name, lock }
    }
}

/// `pref` (RFC 4191 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the RFC's words")]
pub enum RoutePreference {
    Low,
    Medium,
    High,
}
