use std::time::Duration;

/// How long connections are remembered, in whole seconds. All services share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Of TCP connections that are established. When set, `None` leaves it as it is.
    pub tcp: Option<Duration>,
    /// Of TCP connections that have seen a FIN. When set, `None` leaves it as it is.
    pub tcp_fin: Option<Duration>,
    /// Of UDP. When set, `None` leaves it as it is.
    pub udp: Option<Duration>,
}
