//! What this process may do.

use std::fs;

/// CAP_NET_ADMIN (linux/capability.h): changing addresses and interfaces.
pub const NET_ADMIN: u64 = 1 << 12;
/// CAP_NET_RAW: raw and packet sockets.
pub const NET_RAW: u64 = 1 << 13;
/// CAP_SYS_ADMIN: making namespaces, among much else.
pub const SYS_ADMIN: u64 = 1 << 21;

/// Whether the calling thread has all of `wanted` in effect, in its user namespace; false if that cannot be told.
pub fn has(wanted: u64) -> bool {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let capabilities = capabilities.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    capabilities.is_some_and(|set| set & wanted == wanted)
}
