//! What the routers of a virtual router must have in common.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use kaconf::{AuthKind, Code, Diagnostic, Span, VrrpVersion};

use super::Side;
use super::matching::VirtualRouter;

/// Everything in which the members differ and must not.
pub(super) fn differences(router: &VirtualRouter<'_>) -> Vec<Diagnostic> {
    [
        version(router),
        interval(router),
        delivery(router),
        authentication(router),
        addresses(router),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a member has, in words, and where it says so.
struct Said<T> {
    value: T,
    words: String,
    span: Span,
}

/// A diagnostic that shows what each member has, if that is not the same: `the versions of VI_1 differ: ...`.
fn differ<T: PartialEq>(
    router: &VirtualRouter<'_>,
    make: impl FnOnce(String) -> Diagnostic,
    what: &str,
    said: impl Fn(&Side<'_>) -> Said<T>,
) -> Option<Diagnostic> {
    let said: Vec<(&Side<'_>, Said<T>)> = router.members.iter().map(|side| (side, said(side))).collect();
    let (_, first) = said.first()?;
    if said.iter().all(|(_, other)| other.value == first.value) {
        return None;
    }
    let list: Vec<String> = said
        .iter()
        .map(|(side, said)| format!("{} in {}", said.words, side.file()))
        .collect();
    let message = format!("the {what} of `{}` differ: {}", router.name(), list.join(", "));
    let labels = said.into_iter();
    Some(labels.fold(make(message), |diagnostic, (_, said)| {
        diagnostic.label(said.span, said.words)
    }))
}

fn version(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let said = |side: &Side<'_>| {
        let version = &side.config.version;
        Said {
            value: version.value,
            words: match version.value {
                VrrpVersion::V2 => "version 2".to_owned(),
                VrrpVersion::V3 => "version 3".to_owned(),
            },
            span: side.place(version),
        }
    };
    let make = |message| Diagnostic::error(Code::VersionsDiffer, message);
    let found = differ(router, make, "versions", said)?;
    Some(
        found.help(
            "each discards the other's adverts, so that all are master at once; give all one `version`",
        ),
    )
}

/// Version 2 discards what has another interval (RFC 3768 section 7.1); in version 3 a backup goes by the master's.
fn interval(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let version_2 = |side: &Side<'_>| side.config.version.value == VrrpVersion::V2;
    let said = |side: &Side<'_>| {
        let interval = &side.config.advert_int;
        Said {
            value: interval.value,
            words: format!("advert_int {}", seconds(interval.value)),
            span: side.place(interval),
        }
    };
    if router.members.iter().any(version_2) {
        let make = |message| Diagnostic::error(Code::IntervalsDiffer, message);
        let found = differ(router, make, "intervals", said)?;
        return Some(found.help(
            "version 2 discards adverts of another interval, so that all are master at once; give all one `advert_int`",
        ));
    }
    let make = |message| Diagnostic::warning(Code::IntervalsDiffer, message);
    let found = differ(router, make, "intervals", said)?;
    Some(found.help(
        "a backup goes by the master's interval, so how soon a failure is noticed depends on who fails",
    ))
}

fn seconds(duration: Duration) -> String {
    duration.as_secs_f64().to_string()
}

fn delivery(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let said = |side: &Side<'_>| match side.config.unicast_peer.first() {
        Some(peer) => Said {
            value: None,
            words: "unicast".to_owned(),
            span: side.place(&peer.address),
        },
        None => Said {
            value: Some(side.config.mcast_dst_ip.value),
            words: format!("multicast to {}", side.config.mcast_dst_ip),
            span: side.place(&side.config.mcast_dst_ip),
        },
    };
    let make = |message| Diagnostic::error(Code::DeliveriesDiffer, message);
    let found = differ(router, make, "adverts", said)?;
    Some(
        found.help(
            "they do not reach each other, so that all are master at once; send all adverts the same way",
        ),
    )
}

fn authentication(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let span = |side: &Side<'_>| {
        let authentication = side.config.authentication.as_ref();
        authentication.map_or_else(|| side.named(), |authentication| side.place(authentication))
    };
    let kind = |side: &Side<'_>| {
        let kind = side.config.authentication.as_ref().map(|it| it.kind);
        Said {
            value: kind,
            words: match kind {
                None => "no authentication".to_owned(),
                Some(AuthKind::Pass) => "auth_type PASS".to_owned(),
                Some(AuthKind::Ah) => "auth_type AH".to_owned(),
            },
            span: span(side),
        }
    };
    let help = "each discards the other's adverts, so that all are master at once; give all the same";
    let make = |message| Diagnostic::error(Code::AuthenticationDiffers, message);
    if let Some(found) = differ(router, make, "authentication types", kind) {
        return Some(found.help(format!("{help} `authentication`")));
    }
    let password = |side: &Side<'_>| side.config.authentication.as_ref().map(|it| it.password.clone());
    let (first, others) = router.members.split_first()?;
    if others.iter().all(|other| password(other) == password(first)) {
        return None;
    }
    let message = format!(
        "the passwords of `{}` are not the same in all files",
        router.name()
    );
    let found = Diagnostic::error(Code::AuthenticationDiffers, message).label(span(first), "one password");
    let found = others.iter().fold(found, |found, other| {
        let words = if password(other) == password(first) {
            format!("the same as in {}", first.file())
        } else {
            format!("not the same as in {}", first.file())
        };
        found.label(span(other), words)
    });
    Some(found.help(format!("{help} `auth_pass`")))
}

fn addresses(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let sets: Vec<BTreeSet<IpAddr>> = router.members.iter().map(Side::addresses).collect();
    let in_all = |address: &IpAddr| sets.iter().all(|set| set.contains(address));
    if sets.iter().flatten().all(in_all) {
        return None;
    }
    let mut missing: Vec<String> = Vec::new();
    let mut labels = Vec::new();
    for side in &router.members {
        let config = side.config;
        let entries = config.virtual_ipaddress.iter();
        for entry in entries.chain(&config.virtual_ipaddress_excluded) {
            let lacking = router.members.iter().zip(&sets);
            let lacking: Vec<String> = lacking
                .filter(|(_, set)| !set.contains(&entry.address.value))
                .map(|(other, _)| other.file())
                .collect();
            if !lacking.is_empty() {
                let lacking = lacking.join(" and ");
                missing.push(format!("{} is not in {lacking}", entry.address));
                labels.push((side.place(&entry.address), format!("not in {lacking}")));
            }
        }
    }
    let more = missing.len().saturating_sub(SHOWN);
    missing.truncate(SHOWN);
    if more > 0 {
        missing.push(format!("and {more} more"));
    }
    let list = missing.join(", ");
    let message = format!("the virtual addresses of `{}` differ: {list}", router.name());
    let found = Diagnostic::error(Code::AddressesDiffer, message);
    let found = labels
        .into_iter()
        .take(SHOWN)
        .fold(found, |found, (span, text)| found.label(span, text));
    Some(found.help("an address that a machine does not have is gone when that machine is master"))
}

/// As many addresses as a person would read.
const SHOWN: usize = 4;
