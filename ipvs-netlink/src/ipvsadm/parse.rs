use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use super::options::{Command, Given, Options};
use super::server::destination;
use super::specs::Name;
use super::{ParseError, ParseReason};
use crate::{
    Destination, Family, Granularity, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags,
    Service, ServiceId, Table,
};

/// The table that `ipvsadm -R` would make of a text, if there was none before. What it takes and what not is said
/// [above](crate::ipvsadm).
///
/// As with ipvsadm, a service without a scheduler has `wlc`, `-p` without a time is 360 seconds, a destination without a
/// port has its service's, one of weight 1 is what there is without `-w`, and `-g` without a way of forwarding. The port of
/// a destination that is not masqueraded is always its service's, unless that is a mark: another one that is given has no
/// effect.
///
/// ```
/// use ipvs_netlink::ipvsadm;
///
/// let table = ipvsadm::parse("-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.1.1 -m --weight=3\n")?;
/// assert_eq!(table.len(), 1);
/// let error = ipvsadm::parse("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r web1\n").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2: found `-r web1`, expected an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80"
/// );
/// # Ok::<_, ipvsadm::ParseError>(())
/// ```
///
/// # Errors
///
/// At the first line that is none of a table's, or that the kernel would refuse whatever it is: a destination before its
/// service, of another family without a tunnel or with an address that is not one machine's, thresholds the wrong way round, or something a second time.
pub fn parse(text: &str) -> Result<Table, ParseError> {
    let mut table = Table::new();
    for (number, line) in (1..).zip(text.lines()) {
        read_line(line, &mut table).map_err(|reason| ParseError { line: number, reason })?;
    }
    Ok(table)
}

fn read_line(line: &str, table: &mut Table) -> Result<(), ParseReason> {
    if line.trim_start().starts_with('#') {
        return Ok(());
    }
    let Some(options) = Options::parse(line.split_ascii_whitespace())? else {
        return Ok(());
    };
    let id = service_id(&options)?;
    match options.command {
        Command::AddService => add_service(service(id, &options)?, table),
        Command::AddServer => add_destination(id, destination(id, &options)?, table),
    }
}

fn add_service(service: Service, table: &mut Table) -> Result<(), ParseReason> {
    let id = service.id();
    if table.get(&id).is_some() {
        return Err(ParseReason::ServiceTwice(id));
    }
    table.insert(service);
    Ok(())
}

/// What the kernel refuses of a destination, whatever else there is, is refused here.
fn add_destination(service: ServiceId, added: Destination, table: &mut Table) -> Result<(), ParseReason> {
    let destination = added.id;
    let pool = table.get_mut(&service).ok_or(ParseReason::NoService(service))?;
    if !destination.is_unicast() {
        return Err(ParseReason::NotUnicast(destination));
    }
    if !pool.service().suits(&added) {
        return Err(ParseReason::Family { service, destination });
    }
    if pool.get(&destination).is_some() {
        return Err(ParseReason::DestinationTwice { service, destination });
    }
    pool.insert(added);
    Ok(())
}

fn service_id(options: &Options<'_>) -> Result<ServiceId, ParseReason> {
    let given = options.one_of(&[Name::Tcp, Name::Udp, Name::Sctp, Name::Fwmark])?;
    let given = given.ok_or(ParseReason::Missing {
        what: "service",
        expected: "one of -t, -u, --sctp-service and -f",
    })?;
    let protocol = match given.name() {
        Name::Tcp => Protocol::TCP,
        Name::Udp => Protocol::UDP,
        Name::Sctp => Protocol::SCTP,
        _ => return fwmark(given, options),
    };
    if let Some(found) = options.get(Name::Ipv6) {
        return Err(after_mark(found));
    }
    let (address, port) = given.read(endpoint)?;
    Ok(ServiceId::Endpoint {
        protocol,
        address,
        port: port.unwrap_or(0),
    })
}

fn fwmark(given: Given<'_>, options: &Options<'_>) -> Result<ServiceId, ParseReason> {
    let mark = given.read(mark)?;
    let Some(found) = options.get(Name::Ipv6) else {
        return Ok(ServiceId::fwmark(mark));
    };
    if options.is_before(Name::Ipv6, Name::Fwmark) {
        return Err(after_mark(found));
    }
    Ok(ServiceId::fwmark6(mark))
}

/// `ipvsadm -S` prints marks from 2^31 on as negative numbers.
fn mark(text: &str) -> Option<NonZeroU32> {
    let signed = || text.parse().map(i32::cast_unsigned);
    NonZeroU32::new(text.parse().or_else(|_| signed()).ok()?)
}

fn after_mark(found: Given<'_>) -> ParseReason {
    ParseReason::Alone {
        found: found.shown(),
        expected: "after `-f`",
    }
}

/// `10.0.0.1:80`, `[fd00::1]:80`, or an address alone.
pub(super) fn endpoint(text: &str) -> Option<(IpAddr, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port.parse().ok()?)),
        _ => (text, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address = match bracketed {
        Some(host) => IpAddr::V6(host.parse::<Ipv6Addr>().ok()?),
        None => host.parse().ok()?,
    };
    Some((address, port))
}

fn service(id: ServiceId, options: &Options<'_>) -> Result<Service, ParseReason> {
    let scheduler = match options.get(Name::Scheduler) {
        Some(given) => given.read(|name| Scheduler::new(name).ok())?,
        None => Scheduler::WLC,
    };
    let engine = options.get(Name::Engine);
    let engine = engine.map(|given| given.read(|name| PersistenceEngine::new(name).ok()));
    let flags = scheduler_flags(&scheduler, options)?;
    let service = Service::new(id, scheduler)
        .with_scheduler_flags(flags)
        .with_one_packet(options.has(Name::OnePacket))
        .with_persistence_engine(engine.transpose()?)
        .with_persistence(persistence(id.family(), options)?);
    Ok(service.expect("the persistence is made for the family of the service"))
}

/// A granularity without persistence has no effect, with ipvsadm too.
fn persistence(family: Family, options: &Options<'_>) -> Result<Option<Persistence>, ParseReason> {
    let granularity = match options.get(Name::Netmask) {
        Some(given) => given.read(|text| granularity(family, text))?,
        None => Granularity::single(family),
    };
    let Some(given) = options.get(Name::Persistent) else {
        return Ok(None);
    };
    let read = |text: &str| {
        let seconds = Duration::from_secs(text.parse::<u32>().ok()?.into());
        let persistence = Persistence::new(family, seconds).ok()?;
        persistence.with_granularity(granularity).ok()
    };
    given.read(read).map(Some)
}

fn granularity(family: Family, text: &str) -> Option<Granularity> {
    match family {
        Family::Ipv4 => text.parse::<Ipv4Addr>().ok().map(Granularity::mask),
        Family::Ipv6 => Granularity::prefix_length(text.parse().ok()?).ok(),
    }
}

fn scheduler_flags(scheduler: &Scheduler, options: &Options<'_>) -> Result<SchedulerFlags, ParseReason> {
    let Some(given) = options.get(Name::Flags) else {
        return Ok(SchedulerFlags::NONE);
    };
    let mut flags = SchedulerFlags::NONE;
    let words = given.value.unwrap_or_default().split(',');
    for name in words.filter(|name| !name.is_empty()) {
        let (owner, flag) = given.read(|_| scheduler_flag(name))?;
        if owner.is_some_and(|owner| owner != scheduler.name()) {
            return Err(ParseReason::Flag {
                flag: name.to_owned(),
                scheduler: scheduler.clone(),
            });
        }
        flags = flags | flag;
    }
    Ok(flags)
}

/// Whose it is, and which.
fn scheduler_flag(name: &str) -> Option<(Option<&'static str>, SchedulerFlags)> {
    Some(match name {
        "flag-1" => (None, SchedulerFlags::FLAG_1),
        "flag-2" => (None, SchedulerFlags::FLAG_2),
        "flag-3" => (None, SchedulerFlags::FLAG_3),
        "sh-fallback" => (Some("sh"), SchedulerFlags::SH_FALLBACK),
        "sh-port" => (Some("sh"), SchedulerFlags::SH_PORT),
        "mh-fallback" => (Some("mh"), SchedulerFlags::MH_FALLBACK),
        "mh-port" => (Some("mh"), SchedulerFlags::MH_PORT),
        _ => return None,
    })
}
