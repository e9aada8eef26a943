use std::num::NonZeroU16;

use super::ParseReason;
use super::options::Options;
use super::parse::endpoint;
use super::specs::Name;
use crate::{Checksum, Destination, DestinationId, Forward, ServiceId, Thresholds, Tunnel, Weight};

/// What a line says that begins with `-a`.
pub(super) fn destination(service: ServiceId, options: &Options<'_>) -> Result<Destination, ParseReason> {
    let given = options.get(Name::RealServer).ok_or(ParseReason::Missing {
        what: "destination",
        expected: "-r with its address",
    })?;
    let (address, port) = given.read(endpoint)?;
    let forward = forward(options)?;
    let port = match service {
        // Nothing translates the port on the way: the kernel would send to the service's anyway.
        ServiceId::Endpoint { port, .. } if forward != Forward::Masquerade => port,
        ServiceId::Endpoint { port: default, .. } => port.unwrap_or(default),
        ServiceId::Fwmark { .. } => port.unwrap_or(0),
    };
    let destination = Destination::new(DestinationId { address, port }, forward);
    Ok(destination
        .with_weight(weight(options)?)
        .with_thresholds(thresholds(options)?))
}

fn forward(options: &Options<'_>) -> Result<Forward, ParseReason> {
    let given = options.one_of(&[Name::Masquerade, Name::Ipip, Name::Gateway])?;
    let forward = match given.map(|given| given.name()) {
        Some(Name::Ipip) => return tunnel(options).map(Forward::Tunnel),
        Some(Name::Masquerade) => Forward::Masquerade,
        _ => Forward::DirectRoute,
    };
    let of_tunnels = [&[Name::TunnelType, Name::TunnelPort][..], &CHECKSUMS[..]].concat();
    refuse(options, &of_tunnels, "with `-i`")?;
    Ok(forward)
}

fn tunnel(options: &Options<'_>) -> Result<Tunnel, ParseReason> {
    let kind = options.get(Name::TunnelType);
    let kind = kind.map(|given| given.read(kind_named)).transpose()?;
    match kind.unwrap_or(Kind::Ipip) {
        Kind::Ipip => {
            refuse(options, &[Name::TunnelPort], "with `--tun-type gue`")?;
            refuse(options, &CHECKSUMS, "with `--tun-type gue` or `--tun-type gre`")?;
            Ok(Tunnel::Ipip)
        }
        Kind::Gre => {
            let of_gue = [Name::TunnelPort, Name::RemoteChecksum];
            refuse(options, &of_gue, "with `--tun-type gue`")?;
            Ok(Tunnel::Gre {
                checksum: checksum(options)?,
            })
        }
        Kind::Gue => {
            let port = options.get(Name::TunnelPort).ok_or(ParseReason::Missing {
                what: "port of the tunnel",
                expected: "`--tun-port` with `--tun-type gue`",
            })?;
            Ok(Tunnel::Gue {
                port: port.read(|text| text.parse::<NonZeroU16>().ok())?,
                checksum: checksum(options)?,
            })
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Ipip,
    Gue,
    Gre,
}

fn kind_named(name: &str) -> Option<Kind> {
    match name {
        "ipip" => Some(Kind::Ipip),
        "gue" => Some(Kind::Gue),
        "gre" => Some(Kind::Gre),
        _ => None,
    }
}

fn checksum(options: &Options<'_>) -> Result<Checksum, ParseReason> {
    let given = options.one_of(&CHECKSUMS)?;
    Ok(match given.map(|given| given.name()) {
        Some(Name::Checksum) => Checksum::Full,
        Some(Name::RemoteChecksum) => Checksum::Remote,
        _ => Checksum::None,
    })
}

/// None of these may be there.
fn refuse(options: &Options<'_>, names: &[Name], expected: &'static str) -> Result<(), ParseReason> {
    match names.iter().find_map(|name| options.get(*name)) {
        Some(found) => Err(ParseReason::Alone {
            found: found.shown(),
            expected,
        }),
        None => Ok(()),
    }
}

fn weight(options: &Options<'_>) -> Result<Weight, ParseReason> {
    match options.get(Name::Weight) {
        Some(given) => given.read(|text| Weight::new(text.parse().ok()?).ok()),
        None => Ok(Weight::ONE),
    }
}

fn thresholds(options: &Options<'_>) -> Result<Thresholds, ParseReason> {
    let read = |name| match options.get(name) {
        Some(given) => given.read(|text| text.parse().ok()),
        None => Ok(0),
    };
    Ok(Thresholds::new(read(Name::Upper)?, read(Name::Lower)?)?)
}

const CHECKSUMS: [Name; 3] = [Name::NoChecksum, Name::Checksum, Name::RemoteChecksum];
