//! What the real servers of a virtual server, all together, cannot do.

use crate::session::Session;
use crate::{Check, Code, Diagnostic, Protocol, RealServer, Service, Span, VirtualServer};

pub(super) fn check_sorry_server(server: &VirtualServer, session: &mut Session<'_>) {
    let Some(sorry) = server.sorry_server else {
        let settings = [
            ("sorry_server_inhibit", server.sorry_server_inhibit.span),
            ("sorry_server_lvs_method", server.sorry_server_method.span),
        ];
        let own = |span: &Span| !span.is_nowhere() && *span != server.method.span;
        for (name, span) in settings.into_iter().filter(|(_, span)| own(span)) {
            let message = format!("`{name}` has no effect: there is no `sorry_server`");
            session.report(Diagnostic::warning(Code::WithoutEffect, message).at(span));
        }
        return;
    };
    let same = |real: &&RealServer| real.endpoint.value == sorry.value;
    if let Some(real) = server.real_servers.iter().find(same) {
        let message = format!("the sorry server {} is one of the real servers", sorry.value);
        session.report(
            Diagnostic::warning(Code::SorryServerInPool, message)
                .label(sorry.span, "it serves when the others fail")
                .label(real.endpoint.span, "and fails with them"),
        );
    }
}

pub(super) fn check_pool(server: &VirtualServer, broken: bool, session: &mut Session<'_>) {
    let (servers, span) = (&server.real_servers, server.service.span);
    let mut warn = |code, message: String, help: &str| {
        session.report(Diagnostic::warning(code, message).at(span).help(help));
    };
    if servers.is_empty() {
        if server.sorry_server.is_none() && !broken {
            let message = format!("`virtual_server {}` has no real server", server.service.value);
            warn(Code::NoRealServer, message, "every connection is refused");
        }
        return;
    }
    if servers.iter().all(|real| real.weight.value == 0) {
        let message = format!("every real server of `{}` has weight 0", server.service.value);
        warn(Code::NoWeight, message, "none gets a connection");
    }
    if broken {
        return;
    }
    if servers.iter().all(|real| real.checkers.is_empty()) {
        let message = format!("no real server of `{}` is checked", server.service.value);
        warn(
            Code::NoChecker,
            message,
            "each is taken to be up, always; add a checker such as `TCP_CHECK`",
        );
    }
    let waiting = |real: &&RealServer| real.schedule.alpha.value && real.checkers.is_empty();
    if let Some(real) = servers.iter().find(waiting) {
        let message = format!(
            "`alpha` has no effect on {}: it has no checker",
            real.endpoint.value
        );
        session.report(
            Diagnostic::warning(Code::AlphaWithoutChecker, message)
                .at(real.endpoint.span)
                .label(real.schedule.alpha.span, "said here"),
        );
    }
    check_protocols(server, session);
    check_ports(server, session);
}

/// That a port of TCP answers says nothing about the same port of UDP.
fn check_protocols(server: &VirtualServer, session: &mut Session<'_>) {
    let is_udp =
        server.protocol.value == Protocol::Udp && !matches!(server.service.value, Service::Fwmark(_));
    let mut checkers = server.real_servers.iter().flat_map(|real| &real.checkers);
    let is_tcp = |check: &Check| matches!(check, Check::Tcp(_));
    let Some(first) = server.real_servers.iter().find_map(|real| real.checkers.first()) else {
        return;
    };
    if is_udp && checkers.all(|checker| is_tcp(&checker.check)) {
        let message = "`TCP_CHECK` says nothing about a service of UDP";
        let mut diagnostic = Diagnostic::warning(Code::CheckDoesNotFit, message).at(first.keyword.span);
        diagnostic = if server.protocol.is_written() {
            diagnostic.label(server.protocol.span, "the service is UDP")
        } else {
            diagnostic.label(server.service.span, "UDP, since it does not say `protocol`")
        };
        session.report(diagnostic.help("`UDP_CHECK` or `DNS_CHECK` asks over UDP"));
    }
}

/// What has no port to connect to fails always.
fn check_ports(server: &VirtualServer, session: &mut Session<'_>) {
    let checkers = server.real_servers.iter().flat_map(|real| &real.checkers);
    let portless = |check: &Check| match check {
        Check::Ping(_) => false,
        check => check
            .connection()
            .is_some_and(|connection| connection.connect_port.value == 0),
    };
    for checker in checkers.filter(|checker| portless(&checker.check)) {
        let message = "this checker has no port to connect to: it fails always";
        session.report(
            Diagnostic::warning(Code::NoPort, message)
                .at(checker.keyword.span)
                .help("add `connect_port N`"),
        );
    }
}

pub(super) fn check_quorum(server: &mut VirtualServer, session: &mut Session<'_>) {
    let weights = server
        .real_servers
        .iter()
        .map(|real| u64::from(real.weight.value));
    let sum: u64 = weights.sum();
    let quorum = server.quorum;
    if quorum.is_written() && !server.real_servers.is_empty() && u64::from(quorum.value) > sum {
        let message =
            format!("`quorum` {quorum} is more than the weights of all real servers, which are {sum}");
        let taken = u32::try_from(sum.max(1)).unwrap_or(u32::MAX);
        session.report(
            Diagnostic::warning(Code::QuorumTooLarge, message)
                .at(quorum.span)
                .help(format!("{taken} is taken")),
        );
        server.quorum.value = taken;
    }
    let (quorum, hysteresis) = (server.quorum.value, server.hysteresis);
    if hysteresis.value >= quorum {
        let taken = quorum.saturating_sub(1);
        let message = format!("`hysteresis` {hysteresis} is not less than the quorum, {quorum}");
        session.report(
            Diagnostic::warning(Code::HysteresisTooLarge, message)
                .at(hysteresis.span)
                .help(format!("{taken} is taken")),
        );
        server.hysteresis.value = taken;
    }
}
