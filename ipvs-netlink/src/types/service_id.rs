use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

/// What makes a virtual service this one and no other: the kernel finds it by this, and it cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceId {
    /// Packets to an address and a port.
    Endpoint {
        /// Transport protocol.
        protocol: Protocol,
        /// The virtual address.
        address: IpAddr,
        /// 0 stands for every port that has no service of its own. The kernel schedules connections to it only if the
        /// service is persistent.
        port: u16,
    },
    /// Packets that the packet filter has marked.
    Fwmark {
        /// Marks of IPv4 and of IPv6 packets are services of their own.
        family: Family,
        /// 0 is what unmarked packets have.
        mark: NonZeroU32,
    },
}

impl ServiceId {
    /// TCP to an address and a port.
    pub fn tcp(endpoint: impl Into<SocketAddr>) -> Self {
        Self::endpoint(Protocol::TCP, endpoint.into())
    }

    /// UDP to an address and a port.
    pub fn udp(endpoint: impl Into<SocketAddr>) -> Self {
        Self::endpoint(Protocol::UDP, endpoint.into())
    }

    /// SCTP to an address and a port.
    pub fn sctp(endpoint: impl Into<SocketAddr>) -> Self {
        Self::endpoint(Protocol::SCTP, endpoint.into())
    }

    fn endpoint(protocol: Protocol, endpoint: SocketAddr) -> Self {
        Self::Endpoint {
            protocol,
            address: endpoint.ip(),
            port: endpoint.port(),
        }
    }

    /// IPv4 packets with a mark.
    #[must_use]
    pub fn fwmark(mark: NonZeroU32) -> Self {
        Self::Fwmark {
            family: Family::Ipv4,
            mark,
        }
    }

    /// IPv6 packets with a mark.
    #[must_use]
    pub fn fwmark6(mark: NonZeroU32) -> Self {
        Self::Fwmark {
            family: Family::Ipv6,
            mark,
        }
    }

    /// The family of the packets that this service takes. Those of its destinations may differ, see
    /// [`Forward::Tunnel`](crate::Forward::Tunnel).
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Endpoint { address, .. } => Family::of(*address),
            Self::Fwmark { family, .. } => *family,
        }
    }
}

/// `TCP 10.0.0.1:80`, `UDP [fd00::1]:53`, `FWM 7`, `FWM 7 IPv6`.
impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint {
                protocol,
                address,
                port,
            } => write!(f, "{protocol} {}", SocketAddr::new(*address, *port)),
            Self::Fwmark {
                family: Family::Ipv4,
                mark,
            } => write!(f, "FWM {mark}"),
            Self::Fwmark {
                family: Family::Ipv6,
                mark,
            } => write!(f, "FWM {mark} IPv6"),
        }
    }
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// AF_INET.
    Ipv4,
    /// AF_INET6.
    Ipv6,
}

impl Family {
    /// The family that an address is of.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

/// A transport protocol, by its number (IPPROTO_*). IPVS has handlers for three of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(u16);

impl Protocol {
    /// Transmission Control Protocol.
    pub const TCP: Self = Self(6);
    /// User Datagram Protocol.
    pub const UDP: Self = Self(17);
    /// Stream Control Transmission Protocol.
    pub const SCTP: Self = Self(132);

    /// Any number: the kernel keeps it, and no packet ever matches one that it has no handler for.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The number (IPPROTO_*).
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TCP => f.write_str("TCP"),
            Self::UDP => f.write_str("UDP"),
            Self::SCTP => f.write_str("SCTP"),
            Self(number) => write!(f, "protocol {number}"),
        }
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Protocol({self})")
    }
}
