use std::fmt;
use std::num::NonZeroU16;

/// How a packet gets from the director to a destination (IP_VS_CONN_F_FWD_MASK in linux/ip_vs.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Forward {
    /// With its address and port translated, so that answers must come back this way (LVS-NAT).
    Masquerade,
    /// To this machine.
    LocalNode,
    /// Within another IP packet (LVS-TUN). The only way to a destination of another family than the service.
    Tunnel(Tunnel),
    /// As it is, in a frame to the destination, which must be on a network of this machine (LVS-DR).
    DirectRoute,
    /// Past IPVS.
    Bypass,
    /// Something that a newer kernel reports. It can be read and written back, and not made up.
    Other(UnknownForward),
}

/// What a tunnelled packet is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tunnel {
    /// IP in IP, RFC 2003.
    Ipip,
    /// Generic UDP encapsulation (Linux 5.3).
    Gue {
        /// UDP port of the destination.
        port: NonZeroU16,
        /// Of the outer packet.
        checksum: Checksum,
    },
    /// Generic routing encapsulation, RFC 2784 (Linux 5.3).
    Gre {
        /// Of the outer packet. [`Checksum::Remote`] has no meaning there.
        checksum: Checksum,
    },
    /// Something that a newer kernel reports. It can be read and written back, and not made up.
    Other(UnknownTunnel),
}

/// A way of forwarding that has no name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownForward(pub(crate) u32);

/// A tunnel that has no name here, or has settings that those with a name do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownTunnel {
    pub(crate) kind: u8,
    pub(crate) port: u16,
    pub(crate) flags: u16,
}

/// How the outer packet's checksum is made (IP_VS_TUNNEL_ENCAP_FLAG_*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Checksum {
    /// There is none.
    #[default]
    None,
    /// It covers the whole packet.
    Full,
    /// The inner checksum is left to the destination (remote checksum offload).
    Remote,
}

/// ipvsadm's words: `Masq`, `Local`, `Tunnel`, `Route`.
impl fmt::Display for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Masquerade => "Masq",
            Self::LocalNode => "Local",
            Self::Tunnel(_) => "Tunnel",
            Self::DirectRoute => "Route",
            Self::Bypass => "Bypass",
            Self::Other(_) => "Other",
        })
    }
}
