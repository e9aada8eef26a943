use std::net::IpAddr;
use std::time::Duration;

use super::Spanned;

/// What `global_defs` says about IPVS.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Lvs {
    /// `lvs_timeouts`; `None` leaves the kernel's.
    pub timeouts: Option<Spanned<LvsTimeouts>>,
    /// `lvs_flush`: empty the kernel's table at the start.
    pub flush: Spanned<bool>,
    /// `lvs_flush_on_stop`.
    pub flush_on_stop: Option<Spanned<FlushOnStop>>,
    /// `lvs_sync_daemon`.
    pub sync_daemon: Option<Spanned<LvsSyncDaemon>>,
    /// `rs_init_notifies`: tell of the first state of real servers too.
    pub rs_init_notifies: Spanned<bool>,
    /// `checker_log_all_failures`: log each failed try of a checker.
    pub checker_log_all_failures: Spanned<bool>,
}

/// How long IPVS keeps idle connections, up to 2678400 s; `None` leaves the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LvsTimeouts {
    /// `tcp`.
    pub tcp: Option<Duration>,
    /// `tcpfin`: after the end of a TCP connection.
    pub tcpfin: Option<Duration>,
    /// `udp`.
    pub udp: Option<Duration>,
}

/// `lvs_flush_on_stop`: what becomes of the kernel's table at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushOnStop {
    /// All of it goes, whoever made it.
    Everything,
    /// `VS`: each virtual server goes as a whole.
    VirtualServers,
}

/// `lvs_sync_daemon IF [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group IP]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LvsSyncDaemon {
    /// The interface of its traffic.
    pub interface: String,
    /// The instance whose state it has; `None` is both sending and receiving at once.
    pub instance: Option<Spanned<String>>,
    /// `id`, 0..=255; `None` is the instance's virtual router id.
    pub id: Option<u8>,
    /// `maxlen`: bytes of a packet.
    pub maxlen: Option<u16>,
    /// `port`; `None` is 8848.
    pub port: Option<u16>,
    /// `ttl`; `None` is 1.
    pub ttl: Option<u8>,
    /// `group`; `None` is 224.0.0.81.
    pub group: Option<IpAddr>,
}

impl LvsSyncDaemon {
    /// A daemon of which only the interface is said.
    pub fn new(interface: String) -> Self {
        LvsSyncDaemon {
            interface,
            instance: None,
            id: None,
            maxlen: None,
            port: None,
            ttl: None,
            group: None,
        }
    }
}
