//! Where adverts come from and go to: has everybody an address of his own, and does he list everybody else?

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kaconf::{Code, Diagnostic};

use super::Side;
use super::matching::VirtualRouter;

/// What is wrong with the sources of a virtual router, and with its peers if all adverts go to peers.
pub(super) fn problems(router: &VirtualRouter<'_>) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = shared_source(router).into_iter().collect();
    if router.members.len() < 2 || !problems.is_empty() || !router.members.iter().all(Side::is_unicast) {
        return problems;
    }
    for side in &router.members {
        for other in others(router, side) {
            if let Some(source) = source(other).filter(|source| !peers(side).contains(source)) {
                problems.push(not_listed(side, other, source));
            }
        }
    }
    let homeless = |side: &&Side<'_>| source(side).is_none() && candidates(router, side).is_empty();
    problems.extend(
        router
            .members
            .iter()
            .find(homeless)
            .map(|side| nowhere(router, side)),
    );
    problems.extend(strangers(router));
    problems
}

fn others<'b, 'a>(router: &'b VirtualRouter<'a>, side: &Side<'a>) -> impl Iterator<Item = &'b Side<'a>> + 'b {
    let own = side.router;
    router.members.iter().filter(move |other| other.router != own)
}

fn peers(side: &Side<'_>) -> BTreeSet<IpAddr> {
    let peers = side.config.unicast_peer.iter();
    peers.map(|peer| peer.address.value).collect()
}

/// What a router's adverts come from, if its file says.
fn source(side: &Side<'_>) -> Option<IpAddr> {
    side.config.source.as_ref().map(|source| source.value)
}

/// What the address of a router may be whose file does not say: what all others list, and neither itself nor anybody
/// else is.
fn candidates(router: &VirtualRouter<'_>, side: &Side<'_>) -> BTreeSet<IpAddr> {
    let mut lists = others(router, side).map(peers);
    let first = lists.next().unwrap_or_default();
    let common = lists.fold(first, |common, list| &common & &list);
    let taken: BTreeSet<IpAddr> = others(router, side).filter_map(source).collect();
    &(&common - &peers(side)) - &taken
}

/// A file that was copied with the other machine's address in it.
fn shared_source(router: &VirtualRouter<'_>) -> Option<Diagnostic> {
    let mut seen: BTreeMap<IpAddr, &Side<'_>> = BTreeMap::new();
    for side in &router.members {
        let Some(source) = &side.config.source else {
            continue;
        };
        let first = *seen.entry(source.value).or_insert(side);
        if first.router != side.router {
            let (one, two) = (first.file(), side.file());
            let message = format!("`{}` sends from {source} in {one} and in {two}", router.name());
            let diagnostic = Diagnostic::error(Code::SourceAddressShared, message);
            let own = first.config.source.as_ref();
            let diagnostic = own
                .map(|own| diagnostic.clone().at(first.place(own)))
                .unwrap_or(diagnostic);
            return Some(
                diagnostic
                    .at(side.place(source))
                    .help("each machine has an address of its own; write that, or leave it out"),
            );
        }
    }
    None
}

fn not_listed(side: &Side<'_>, other: &Side<'_>, source: IpAddr) -> Diagnostic {
    let message = format!(
        "`{}` of {} does not list {source}, the address of {}, as a peer",
        side.name(),
        side.file(),
        other.file()
    );
    let diagnostic = Diagnostic::error(Code::PeerNotMutual, message)
        .label(first_peer(side), format!("{source} is not among these"));
    let place = other.config.source.as_ref();
    let place = place.map_or_else(|| other.named(), |source| other.place(source));
    diagnostic.label(place, "it sends from this address").help(
        "a router that is sent no adverts becomes master too; list every other router in `unicast_peer`",
    )
}

fn nowhere(router: &VirtualRouter<'_>, side: &Side<'_>) -> Diagnostic {
    let message = format!(
        "no address that the others list as a peer of `{}` can be that of {}",
        side.name(),
        side.file()
    );
    let diagnostic = Diagnostic::error(Code::PeerNotMutual, message)
        .label(first_peer(side), "its own peers, which it cannot be itself");
    let diagnostic = others(router, side).fold(diagnostic, |diagnostic, other| {
        diagnostic.label(first_peer(other), "its peers here")
    });
    diagnostic
        .help("each file lists the addresses of the other routers, and not its own")
        .help("`unicast_src_ip` says what a router's own address is")
}

/// Peers that are no router of the files.
fn strangers(router: &VirtualRouter<'_>) -> Vec<Diagnostic> {
    let mut known: BTreeSet<IpAddr> = router.members.iter().filter_map(source).collect();
    for side in router.members.iter().filter(|side| source(side).is_none()) {
        let candidates = candidates(router, side);
        if candidates.is_empty() {
            // It is somebody's address, whoever's.
            return Vec::new();
        }
        known.extend(candidates.iter().take(1));
    }
    let mut strangers = Vec::new();
    for side in &router.members {
        for peer in &side.config.unicast_peer {
            if !known.contains(&peer.address.value) && !own_address(side, peer.address.value) {
                let message = format!(
                    "{}, a peer of `{}`, is the address of none of these files",
                    peer.address,
                    side.name()
                );
                strangers.push(
                    Diagnostic::warning(Code::PeerUnknown, message)
                        .label(side.place(&peer.address), format!("listed in {}", side.file()))
                        .help("if it is a router, check its file with the others; if not, take it out"),
                );
            }
        }
    }
    strangers
}

fn own_address(side: &Side<'_>, address: IpAddr) -> bool {
    source(side) == Some(address)
}

fn first_peer(side: &Side<'_>) -> kaconf::Span {
    let first = side.config.unicast_peer.first();
    first.map_or_else(|| side.named(), |peer| side.place(&peer.address))
}
