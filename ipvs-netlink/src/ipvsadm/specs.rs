/// What ipvsadm calls options, as far as they describe a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Tcp,
    Udp,
    Sctp,
    Fwmark,
    Ipv6,
    Scheduler,
    Persistent,
    Netmask,
    Engine,
    Flags,
    OnePacket,
    RealServer,
    Masquerade,
    Ipip,
    Gateway,
    Weight,
    Upper,
    Lower,
    TunnelType,
    TunnelPort,
    NoChecksum,
    Checksum,
    RemoteChecksum,
}

/// One option.
pub(super) struct Spec {
    pub(super) name: Name,
    pub(super) short: Option<char>,
    pub(super) long: &'static str,
    /// The shorter way to write it.
    pub(super) shown: &'static str,
    pub(super) value: Value,
    pub(super) on: On,
}

#[derive(Clone, Copy)]
pub(super) enum Value {
    No,
    /// What it may be, and what it is if it is not there.
    Optional(&'static str, &'static str),
    /// What it may be.
    Needed(&'static str),
}

#[derive(PartialEq, Eq)]
pub(super) enum On {
    Service,
    Server,
    Both,
}

const fn spec(
    name: Name,
    short: char,
    shown: &'static str,
    long: &'static str,
    value: Value,
    on: On,
) -> Spec {
    Spec {
        name,
        short: Some(short),
        long,
        shown,
        value,
        on,
    }
}

/// One without a short form; the word is as it is shown.
const fn long(name: Name, shown: &'static str, value: Value, on: On) -> Spec {
    let (_, long) = shown.split_at(2);
    Spec {
        name,
        short: None,
        long,
        shown,
        value,
        on,
    }
}

const ENDPOINT: Value = Value::Needed("an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80");
const MARK: Value = Value::Needed("a mark, 1 to 4294967295");
const NAME: Value = Value::Needed("a name of 1 to 15 letters, digits, `_` and `-`");
/// ipvsadm's default is 360, its manual says 300.
const SECONDS: Value = Value::Optional("seconds, 1 to 2678400 (31 days), or nothing for 360", "360");
const NETMASK: Value = Value::Needed("a mask like 255.255.255.0, or with IPv6 a prefix length, 1 to 128");
const FLAGS: Value = Value::Needed("flags with commas between them, like sh-port,sh-fallback");
const WEIGHT: Value = Value::Needed("a weight, 0 to 2147483647");
const THRESHOLD: Value = Value::Needed("a number of connections, 0 to 4294967295");
const TUNNEL: Value = Value::Needed("ipip, gue or gre");
const PORT: Value = Value::Needed("a port, 1 to 65535");

/// In the order in which messages name them.
pub(super) const SPECS: &[Spec] = &[
    spec(Name::Tcp, 't', "-t", "tcp-service", ENDPOINT, On::Both),
    spec(Name::Udp, 'u', "-u", "udp-service", ENDPOINT, On::Both),
    long(Name::Sctp, "--sctp-service", ENDPOINT, On::Both),
    spec(Name::Fwmark, 'f', "-f", "fwmark-service", MARK, On::Both),
    spec(Name::Ipv6, '6', "-6", "ipv6", Value::No, On::Both),
    spec(Name::Scheduler, 's', "-s", "scheduler", NAME, On::Service),
    spec(Name::Persistent, 'p', "-p", "persistent", SECONDS, On::Service),
    spec(Name::Netmask, 'M', "-M", "netmask", NETMASK, On::Service),
    long(Name::Engine, "--pe", NAME, On::Service),
    spec(Name::OnePacket, 'o', "-o", "ops", Value::No, On::Service),
    spec(Name::Flags, 'b', "-b", "sched-flags", FLAGS, On::Service),
    spec(Name::RealServer, 'r', "-r", "real-server", ENDPOINT, On::Server),
    spec(Name::Masquerade, 'm', "-m", "masquerading", Value::No, On::Server),
    spec(Name::Ipip, 'i', "-i", "ipip", Value::No, On::Server),
    spec(Name::Gateway, 'g', "-g", "gatewaying", Value::No, On::Server),
    spec(Name::Weight, 'w', "-w", "weight", WEIGHT, On::Server),
    spec(Name::Upper, 'x', "-x", "u-threshold", THRESHOLD, On::Server),
    spec(Name::Lower, 'y', "-y", "l-threshold", THRESHOLD, On::Server),
    long(Name::TunnelType, "--tun-type", TUNNEL, On::Server),
    long(Name::TunnelPort, "--tun-port", PORT, On::Server),
    long(Name::NoChecksum, "--tun-nocsum", Value::No, On::Server),
    long(Name::Checksum, "--tun-csum", Value::No, On::Server),
    long(Name::RemoteChecksum, "--tun-remcsum", Value::No, On::Server),
];
