//! What a virtual server says of its service and its real servers, and cannot do.

use std::collections::HashMap;
use std::net::IpAddr;

use super::lvs_pool;
use super::setting::Faulty;
use super::virtual_server::USUAL_PERSISTENCE;
use crate::session::Session;
use crate::{
    Code, Diagnostic, Endpoint, Family, Forwarding, Protocol, RealServer, Scheduler, Service, Span, Spanned,
    VirtualServer,
};

/// Gives a real server the port that it can have, and answers with the one that its checkers connect to: what the file
/// says, or else that of the service.
pub(super) fn fit_port(real: &mut RealServer, server: &VirtualServer, session: &mut Session<'_>) -> u16 {
    let written = real.endpoint.port;
    let port = match server.service.value {
        Service::Address(service) => service.port,
        Service::Fwmark(_) | Service::Group(_) => 0,
    };
    let is_group = matches!(server.service.value, Service::Group(_));
    if real.method.value == Forwarding::Nat || is_group {
        if written == 0 {
            real.endpoint.value.port = port;
        }
        return real.endpoint.port;
    }
    real.endpoint.value.port = port;
    if written != 0 && written != port {
        report_port(real, server, written, port, session);
    }
    if written == 0 { port } else { written }
}

fn report_port(
    real: &RealServer,
    server: &VirtualServer,
    written: u16,
    port: u16,
    session: &mut Session<'_>,
) {
    let method = real.method.word();
    let (message, label) = match server.service.value {
        Service::Fwmark(_) => (
            format!("{method} cannot change the port of what the firewall marks: port {written} is ignored"),
            "the mark decides what is balanced",
        ),
        _ if port == 0 => (
            format!("{method} cannot change ports, and the service has any: port {written} is ignored"),
            "any port",
        ),
        _ => (
            format!("{method} cannot change ports: port {port} is taken instead of {written}"),
            "the service's port",
        ),
    };
    session.report(
        Diagnostic::warning(Code::PortForced, message)
            .at(real.endpoint.span)
            .label(server.service.span, label)
            .help("checks connect to the port that is written here, unless `connect_port` says another"),
    );
}

/// Of real servers that are the same the first counts.
pub(super) fn drop_duplicates(server: &mut VirtualServer, session: &mut Session<'_>) {
    let servers = &mut server.real_servers;
    let mut seen: HashMap<Endpoint, Span> = HashMap::with_capacity(servers.len());
    servers.retain(|real| {
        let first = *seen.entry(real.endpoint.value).or_insert(real.endpoint.span);
        let is_first = first == real.endpoint.span;
        if !is_first {
            let message = format!("the real server {} is there already", real.endpoint.value);
            session.report(
                Diagnostic::error(Code::DuplicateRealServer, message)
                    .label(real.endpoint.span, "this one is ignored")
                    .label(first, "the first one"),
            );
        }
        is_first
    });
}

/// Everything else that is wrong within a virtual server. `broken` says that a real server or a
/// checker was left out because of a fault that is reported.
pub(super) fn check(server: &mut VirtualServer, faulty: &Faulty, broken: bool, session: &mut Session<'_>) {
    check_said(server, faulty, session);
    check_service(server, session);
    let had_servers = !server.real_servers.is_empty();
    // What a group's services are is known when all groups are.
    let is_group = matches!(server.service.value, Service::Group(_));
    if !is_group {
        check_families(server, session);
    }
    check_flags(server, session);
    lvs_pool::check_sorry_server(server, session);
    // Of servers that were left out it is said already why.
    if !had_servers || !server.real_servers.is_empty() {
        lvs_pool::check_pool(server, broken, session);
    }
    if !is_group {
        lvs_pool::check_quorum(server, session);
    }
}

/// keepalived finds fault with what is left out here, and so should we: its defaults are not what most expect.
fn check_said(server: &VirtualServer, faulty: &Faulty, session: &mut Session<'_>) {
    let needs_protocol = !matches!(server.service.value, Service::Fwmark(_));
    let said = [
        ("protocol", "UDP", server.protocol.is_written() || !needs_protocol),
        ("lb_algo", "wlc", server.scheduler.is_written()),
        ("lb_kind", "NAT", server.method.is_written()),
    ];
    let missing = said
        .into_iter()
        .filter(|(name, _, said)| !said && !faulty.contains(name));
    let (names, values): (Vec<_>, Vec<_>) = missing
        .map(|(name, value, _)| (format!("`{name}`"), format!("`{name} {value}`")))
        .unzip();
    if names.is_empty() {
        return;
    }
    let message = format!(
        "`virtual_server {}` does not say its {}",
        server.service.value,
        names.join(", ")
    );
    session.report(
        Diagnostic::warning(Code::DefaultTaken, message)
            .at(server.service.span)
            .help(format!("what counts is {}", values.join(", "))),
    );
}

fn check_service(server: &mut VirtualServer, session: &mut Session<'_>) {
    let is_address = matches!(server.service.value, Service::Address(_));
    if let Service::Address(Endpoint { port: 0, .. }) = server.service.value {
        need_persistence(server, server.service.span, session);
    }
    if server.ha_suspend.value && !is_address {
        let message = "`ha_suspend` has no effect: this service has no address of its own";
        session.report(Diagnostic::warning(Code::SuspendWithoutAddress, message).at(server.ha_suspend.span));
        server.ha_suspend = Spanned::default();
    }
    if let Some(granularity) = server
        .persistence_granularity
        .filter(|_| server.persistence_timeout.is_none())
    {
        let message = "`persistence_granularity` has no effect without `persistence_timeout`";
        session.report(Diagnostic::warning(Code::WithoutEffect, message).at(granularity.span));
    }
    let is_fwmark = matches!(server.service.value, Service::Fwmark(_));
    if server.protocol.is_written() && is_fwmark {
        let message = "`protocol` has no effect: the firewall's mark decides what is balanced";
        session.report(Diagnostic::warning(Code::WithoutEffect, message).at(server.protocol.span));
        server.protocol = Spanned::default();
    }
    let is_udp = server.protocol.value == Protocol::Udp || is_fwmark;
    if server.flags.one_packet.value && !is_udp {
        let message = format!(
            "`ops` is for UDP and is ignored: this service is {}",
            server.protocol.word()
        );
        session
            .report(Diagnostic::warning(Code::OnePacketWithoutUdp, message).at(server.flags.one_packet.span));
        server.flags.one_packet = Spanned::default();
    }
}

/// A service of any port is one only for clients that it knows (net/netfilter/ipvs/ip_vs_ctl.c, `ip_vs_add_service`).
pub(super) fn need_persistence(server: &mut VirtualServer, span: Span, session: &mut Session<'_>) {
    if server.persistence_timeout.is_some() {
        return;
    }
    server.persistence_timeout = Some(USUAL_PERSISTENCE.into());
    session.report(
        Diagnostic::warning(Code::NoPort, "a service of any port needs `persistence_timeout`")
            .label(span, "no port is given")
            .help("name a port, or say how long clients stay with their real server; 360 seconds are taken"),
    );
}

/// NAT rewrites addresses within one family; only a tunnel carries packets of the other (net/netfilter/ipvs/ip_vs_ctl.c,
/// `ip_vs_genl_parse_dest`).
pub(super) fn check_families(server: &mut VirtualServer, session: &mut Session<'_>) {
    if let (Service::Address(endpoint), Some(said)) = (&server.service.value, server.ip_family)
        && Family::of(endpoint.address) != said.value
    {
        let message = format!(
            "`ip_family {}` is not the family of {}",
            said.word(),
            endpoint.address
        );
        session.report(Diagnostic::error(Code::FamiliesMixed, message).at(said.span));
        server.ip_family = None;
    }
    let Some(family) = server.family else {
        if matches!(server.service.value, Service::Fwmark(_)) {
            let message = "nothing says of which family this service is";
            session.report(
                Diagnostic::warning(Code::FamilyUnknown, message)
                    .at(server.service.span)
                    .help("add `ip_family inet` or `ip_family inet6`, or a real server"),
            );
        }
        return;
    };
    let service = &server.service;
    server.real_servers.retain(|real| {
        fits(
            real.endpoint,
            real.method.value,
            family,
            service,
            "real server",
            session,
        )
    });
    let method = server.sorry_server_method.value;
    server.sorry_server = server
        .sorry_server
        .filter(|&sorry| fits(sorry, method, family, service, "sorry server", session));
}

fn fits(
    endpoint: Spanned<Endpoint>,
    method: Forwarding,
    family: Family,
    service: &Spanned<Service>,
    what: &str,
    session: &mut Session<'_>,
) -> bool {
    if Family::of(endpoint.address) == family || matches!(method, Forwarding::Tunnel(_)) {
        return true;
    }
    let (is, not) = match endpoint.address {
        IpAddr::V4(_) => ("IPv4", "IPv6"),
        IpAddr::V6(_) => ("IPv6", "IPv4"),
    };
    let message = format!(
        "the {what} {} is {is}, and {} does not reach it from {not}",
        endpoint.address,
        method.word()
    );
    session.report(
        Diagnostic::error(Code::FamiliesMixed, message)
            .label(endpoint.span, "ignored")
            .label(service.span, format!("this service is {not}"))
            .help("only `lb_kind TUN` carries packets to servers of the other family"),
    );
    false
}

fn check_flags(server: &VirtualServer, session: &mut Session<'_>) {
    let flags = &server.flags;
    if matches!(
        server.scheduler.value,
        Scheduler::SourceHashing | Scheduler::MaglevHashing
    ) {
        return;
    }
    for flag in [flags.flag_1, flags.flag_2].iter().filter(|flag| flag.value) {
        let message = format!(
            "this flag means nothing to `{}`: only `sh` and `mh` have flags",
            server.scheduler.word()
        );
        session.report(Diagnostic::warning(Code::FlagsWithoutMeaning, message).at(flag.span));
    }
}
