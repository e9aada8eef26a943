//! What the virtual addresses of an instance are certainly wrong about.

use std::net::IpAddr;

use ipnet::Ipv4Net;

use crate::session::Session;
use crate::{Broadcast, Code, Diagnostic, VirtualAddress, VrrpInstance};

/// Reports what no network can have, and leaves in the adverts only what fits.
pub(super) fn check(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let excluded = &instance.virtual_ipaddress_excluded;
    for vip in instance.virtual_ipaddress.iter().chain(excluded) {
        check_host(vip, session);
        check_broadcast(vip, session);
    }
    limit_advertised(instance, session);
}

/// The network of an IPv4 address, where it has room for a broadcast address (RFC 3021 section 2.2).
fn network(vip: &VirtualAddress) -> Option<Ipv4Net> {
    let IpAddr::V4(host) = vip.address.value else {
        return None;
    };
    let net = Ipv4Net::new(host, vip.prefix_len).ok()?;
    (1..=30).contains(&net.prefix_len()).then_some(net)
}

fn check_host(vip: &VirtualAddress, session: &mut Session<'_>) {
    let Some(net) = network(vip) else { return };
    let what = match net.addr() {
        host if host == net.network() => "the address of the network itself",
        host if host == net.broadcast() => "the broadcast address of its network",
        _ => return,
    };
    let message = format!("{net} is {what}, and no host can use it");
    session.report(Diagnostic::warning(Code::NotAHostAddress, message).at(vip.address.span));
}

fn check_broadcast(vip: &VirtualAddress, session: &mut Session<'_>) {
    if let (Some(Broadcast::Address(broadcast)), Some(net)) = (vip.broadcast, network(vip))
        && !net.contains(&broadcast)
    {
        let message = format!("the broadcast address {broadcast} is outside of {}", net.trunc());
        session.report(
            Diagnostic::warning(Code::BroadcastOutside, message)
                .at(vip.address.span)
                .help("`brd +` is always the last address of the network"),
        );
    }
}

/// An advert counts its addresses in 8 bits (RFC 3768 section 5.3.5, RFC 9568 section 5.2.5): those beyond are
/// excluded.
fn limit_advertised(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let addresses = &mut instance.virtual_ipaddress;
    let Some(first) = addresses.get(MOST_ADVERTISED) else {
        return;
    };
    let message = format!(
        "an advert lists at most {MOST_ADVERTISED} addresses, and these are {}: this one and those after it are not \
         in it",
        addresses.len()
    );
    session.report(
        Diagnostic::warning(Code::TooManyAddresses, message)
            .at(first.address.span)
            .help("addresses in `virtual_ipaddress_excluded` are never in adverts"),
    );
    let excess = addresses.split_off(MOST_ADVERTISED);
    instance.virtual_ipaddress_excluded.splice(0..0, excess);
}

const MOST_ADVERTISED: usize = 255;
