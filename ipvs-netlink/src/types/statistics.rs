/// What has gone through a service or to a destination since it was added, or since its counters were set to zero.
/// Counters of 64 bits where the kernel has them (Linux 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Connections that were scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub packets_in: u64,
    /// Packets to clients; only those of masqueraded connections come by here.
    pub packets_out: u64,
    /// Bytes from clients.
    pub bytes_in: u64,
    /// Bytes to clients.
    pub bytes_out: u64,
    /// What goes through now.
    pub rates: Rates,
}

/// The kernel's estimates, a mean over the last seconds that is made every two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// New connections each second.
    pub connections: u64,
    /// Packets from clients each second.
    pub packets_in: u64,
    /// Packets to clients each second.
    pub packets_out: u64,
    /// Bytes from clients each second.
    pub bytes_in: u64,
    /// Bytes to clients each second.
    pub bytes_out: u64,
}
