use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::{
    Checksum, Destination, Family, Forward, Protocol, Scheduler, SchedulerFlags, Service, ServiceId, Table,
    Tunnel,
};

/// A table as `ipvsadm -S -n` prints it, each service before its destinations, in the order of their identities. Where it
/// differs is said [above](crate::ipvsadm).
///
/// ```
/// use ipvs_netlink::{ipvsadm, Destination, Forward, Scheduler, Service, ServiceId, Table};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut table = Table::new();
/// table
///     .insert(Service::new(ServiceId::tcp("10.0.0.1:80".parse::<std::net::SocketAddr>()?), Scheduler::WRR))
///     .insert(Destination::new("10.0.1.1:80".parse::<std::net::SocketAddr>()?, Forward::Masquerade));
/// assert_eq!(
///     ipvsadm::write(&table),
///     "-A -t 10.0.0.1:80 -s wrr\n-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1\n"
/// );
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn write(table: &Table) -> String {
    let mut text = String::new();
    for pool in table.iter() {
        let service = pool.service();
        text += &format!("{}\n", ServiceLine(service));
        for destination in pool.destinations() {
            text += &format!("{}\n", DestinationLine(service.id(), destination));
        }
    }
    text
}

struct ServiceLine<'a>(&'a Service);

impl fmt::Display for ServiceLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.0;
        write!(f, "-A {} -s {}", Address(service.id()), service.scheduler())?;
        if let Some(persistence) = service.persistence() {
            write!(f, " -p {}", persistence.seconds())?;
            if !persistence.granularity().is_single() {
                write!(f, " -M {}", persistence.granularity())?;
            }
        }
        if let Some(engine) = service.persistence_engine() {
            write!(f, " --pe {engine}")?;
        }
        if service.one_packet() {
            f.write_str(" -o")?;
        }
        write_flags(service.scheduler(), service.scheduler_flags(), f)
    }
}

fn write_flags(scheduler: &Scheduler, flags: SchedulerFlags, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let given = names(scheduler)
        .into_iter()
        .filter(|(flag, _)| flags.contains(*flag));
    let given: Vec<_> = given.map(|(_, name)| name).collect();
    if given.is_empty() {
        return Ok(());
    }
    write!(f, " -b {}", given.join(","))
}

/// What the three flags are called, which depends on the scheduler.
fn names(scheduler: &Scheduler) -> [(SchedulerFlags, &'static str); 3] {
    let names = match scheduler.name() {
        "sh" => ["sh-fallback", "sh-port", "flag-3"],
        "mh" => ["mh-fallback", "mh-port", "flag-3"],
        _ => ["flag-1", "flag-2", "flag-3"],
    };
    let [first, second, third] = names;
    [
        (SchedulerFlags::FLAG_1, first),
        (SchedulerFlags::FLAG_2, second),
        (SchedulerFlags::FLAG_3, third),
    ]
}

struct DestinationLine<'a>(ServiceId, &'a Destination);

impl fmt::Display for DestinationLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(service, destination) = self;
        let endpoint = Endpoint(destination.id.address, destination.id.port);
        let forward = forward_option(destination.forward);
        let weight = destination.weight;
        write!(f, "-a {} -r {endpoint} {forward} -w {weight}", Address(*service))?;
        if let Forward::Tunnel(tunnel) = destination.forward {
            write_tunnel(tunnel, f)?;
        }
        let thresholds = destination.thresholds;
        if thresholds.upper() != 0 {
            write!(f, " -x {}", thresholds.upper())?;
        }
        if thresholds.lower() != 0 {
            write!(f, " -y {}", thresholds.lower())?;
        }
        Ok(())
    }
}

/// IPVS makes a destination that is this machine a local one by itself.
fn forward_option(forward: Forward) -> &'static str {
    match forward {
        Forward::Masquerade => "-m",
        Forward::Tunnel(_) => "-i",
        Forward::DirectRoute | Forward::LocalNode => "-g",
        Forward::Bypass => "--bypass",
        Forward::Other(_) => "--unknown",
    }
}

fn write_tunnel(tunnel: Tunnel, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match tunnel {
        Tunnel::Gue { port, checksum } => {
            write!(
                f,
                " --tun-type gue --tun-port {port} {}",
                checksum_option(checksum)
            )
        }
        Tunnel::Gre { checksum } => write!(f, " --tun-type gre {}", checksum_option(checksum)),
        Tunnel::Ipip => f.write_str(" --tun-type ipip"),
        Tunnel::Other(tunnel) => write!(f, " --tun-type {} --tun-port {}", tunnel.kind, tunnel.port),
    }
}

fn checksum_option(checksum: Checksum) -> &'static str {
    match checksum {
        Checksum::None => "--tun-nocsum",
        Checksum::Full => "--tun-csum",
        Checksum::Remote => "--tun-remcsum",
    }
}

struct Address(ServiceId);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ServiceId::Endpoint {
                protocol,
                address,
                port,
            } => write!(f, "{} {}", protocol_option(protocol), Endpoint(address, port)),
            ServiceId::Fwmark { family, mark } => {
                write!(f, "-f {mark}{}", if family == Family::Ipv6 { " -6" } else { "" })
            }
        }
    }
}

fn protocol_option(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::TCP => "-t",
        Protocol::UDP => "-u",
        Protocol::SCTP => "--sctp-service",
        _ => "--xxx-service",
    }
}

/// As C's inet_ntop has it: IPv6 addresses of 96 zero bits before the rest end like one of IPv4.
struct Endpoint(IpAddr, u16);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(address, port) = self;
        match address {
            IpAddr::V4(address) => write!(f, "{address}:{port}"),
            IpAddr::V6(address) => match address.segments() {
                [0, 0, 0, 0, 0, 0, seventh, _] if seventh != 0 => {
                    let [.., a, b, c, d] = address.octets();
                    write!(f, "[::{}]:{port}", Ipv4Addr::new(a, b, c, d))
                }
                _ => write!(f, "[{address}]:{port}"),
            },
        }
    }
}
