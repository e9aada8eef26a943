use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::draft::Draft;
use super::real_server::{self, RealServerDraft};
use super::setting::{Faulty, keep, lower as lower_settings};
use super::{Value, checker, choices, endpoint, lvs_check, server_group, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{
    Block, Code, Diagnostic, Endpoint, Family, Forwarding, Granularity, Keyword, Protocol, RealServer,
    Scheduler, Service, Spanned, VirtualServer,
};

settings!(VirtualServer, Block::VirtualServer, {
    "delay_loop" => schedule.delay_loop,
    "retry" => schedule.retry,
    "delay_before_retry" => schedule.delay_before_retry,
    "connect_timeout" => contact.connect_timeout,
    "warmup" => schedule.warmup,
    "alpha" => schedule.alpha,
    "omega" => omega,
    "lb_algo" => scheduler,
    "ops" => flags.one_packet,
    "flag-1" => flags.flag_1,
    "flag-2" => flags.flag_2,
    "flag-3" => flags.flag_3,
    "lb_kind" => method,
    "persistence_timeout" => persistence_timeout,
    "persistence_granularity" => persistence_granularity,
    "persistence_engine" => persistence_engine,
    "protocol" => protocol,
    "ip_family" => ip_family,
    "weight" => weight,
    "virtualhost" => contact.virtualhost,
    "quorum" => quorum,
    "hysteresis" => hysteresis,
    "sorry_server" => sorry_server,
    "sorry_server_inhibit" => sorry_server_inhibit,
    "sorry_server_lvs_method" => sorry_server_method,
    "inhibit_on_failure" => inhibit_on_failure,
    "quorum_up" => notify.up,
    "quorum_down" => notify.down,
    "ha_suspend" => ha_suspend,
    "smtp_alert" => smtp_alert,
    "snmp_name" => snmp_name,
});

choices!(Protocol { Tcp = "TCP", Udp = "UDP", Sctp = "SCTP" });
choices!(Scheduler {
    RoundRobin = "rr",
    WeightedRoundRobin = "wrr",
    LeastConnection = "lc",
    WeightedLeastConnection = "wlc",
    LocalityBased = "lblc",
    LocalityBasedReplicated = "lblcr",
    DestinationHashing = "dh",
    SourceHashing = "sh",
    MaglevHashing = "mh",
    ShortestDelay = "sed",
    NeverQueue = "nq",
    FailOver = "fo",
    Overflow = "ovf",
    PowerOfTwo = "twos",
});

impl Draft {
    /// Takes in a `real_server`: the virtual server around it comes later.
    pub(super) fn real_server(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        let server = real_server::lower(block, session);
        self.lost_real_server |= server.is_none();
        self.real_servers.extend(server);
    }

    /// Takes in a `virtual_server`; of two that balance the same, the first.
    pub(super) fn virtual_server(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        let drafts = std::mem::take(&mut self.real_servers);
        let lost = std::mem::take(&mut self.lost_real_server);
        let Some(service) = service(block, session) else {
            return;
        };
        let mut server = VirtualServer::new(service);
        let faulty = lower_settings(&mut server, block, session, special);
        resolve(&mut server, drafts, lost, &faulty, session);
        let key = Key::of(&server);
        if let Some(&first) = self.services.get(&key) {
            let message = format!("`virtual_server {}` is there already", server.service.value);
            session.report(
                Diagnostic::warning(Code::DuplicateVirtualServer, message)
                    .label(server.service.span, "this one is ignored")
                    .label(first, "the first one")
                    .help("all real servers of a service stand in one block"),
            );
            return;
        }
        self.services.insert(key, server.service.span);
        self.config.virtual_servers.push(server);
    }
}

/// What two virtual servers may not share.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Service, Option<Protocol>, Option<Family>);

impl Key {
    fn of(server: &VirtualServer) -> Self {
        let service = server.service.value.clone();
        match service {
            Service::Fwmark(_) => Key(service, None, server.family),
            Service::Address(_) | Service::Group(_) => Key(service, Some(server.protocol.value), None),
        }
    }
}

/// `IP [PORT]`, `fwmark N` or `group NAME`.
fn service(block: Statement<'_>, session: &mut Session<'_>) -> Option<Spanned<Service>> {
    let (first, second) = (block.arg(), block.args().nth(1));
    let (what, second) = match (first.text, second) {
        ("fwmark" | "group", Some(second)) => (first.text, second),
        ("fwmark" | "group", None) => {
            let message = format!("`virtual_server {}` lacks what follows", first.text);
            session.report(
                Diagnostic::error(Code::MissingArgument, message)
                    .at(first.span)
                    .help("it is written `virtual_server fwmark N` or `virtual_server group NAME`"),
            );
            return None;
        }
        (_, second) => {
            let endpoint = endpoint::read(block.name(), first, second, session)?;
            return Some(Spanned::new(Service::Address(endpoint), first.span));
        }
    };
    let service = match what {
        "fwmark" => Service::Fwmark(server_group::mark(second, session)?),
        _ => Service::Group(value::name("group", second, session)?.value),
    };
    Some(Spanned::new(service, second.span))
}

/// The statements that do more than set a field.
fn special(server: &mut VirtualServer, statement: Statement<'_>, session: &mut Session<'_>) -> Option<bool> {
    match statement.name() {
        // They are there already.
        "real_server" => Some(true),
        "protocol" => {
            let upper = statement.arg().text.to_ascii_uppercase();
            let protocol = Protocol::from_word(&upper)?;
            keep(&mut server.protocol, Some(protocol), statement, session)
        }
        "persistence_timeout" => persistence_timeout(server, statement, session),
        _ => None,
    }
}

fn persistence_timeout(
    server: &mut VirtualServer,
    statement: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<bool> {
    match statement.args().next().map(|arg| arg.text) {
        None => {
            server.persistence_timeout = Some(Spanned::new(USUAL_PERSISTENCE, statement.span()));
            Some(true)
        }
        // It is in old sample files.
        Some("0") => {
            session.report(
                Diagnostic::warning(
                    Code::OutOfRange,
                    "`persistence_timeout 0` has no effect: the least is 1 second",
                )
                .at(statement.place())
                .help("without this line clients do not stay with a real server"),
            );
            Some(true)
        }
        Some(_) => None,
    }
}

/// Inherits, fills in, and says what cannot be.
fn resolve(
    server: &mut VirtualServer,
    drafts: Vec<RealServerDraft>,
    lost: bool,
    faulty: &Faulty,
    session: &mut Session<'_>,
) {
    checker::fill_warmup(&mut server.schedule);
    server.sorry_server_method.inherit(&server.method);
    fit_sorry_server(server);
    let broken = lost || drafts.iter().any(|draft| draft.faulty);
    let mut inheritance = checker::Inheritance::default();
    // Most of the drafts are servers that stay, so the list is as long as it will be.
    let mut servers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut real = draft.server;
        inherit(&mut real, server);
        let port = lvs_check::fit_port(&mut real, server, session);
        let mut checkers = std::mem::take(&mut real.checkers);
        for checker in &mut checkers {
            inheritance.fill(checker, &real, port);
            checker::drop_other_family(checker, session);
        }
        real.checkers = checkers;
        servers.push(real);
    }
    server.real_servers = servers;
    lvs_check::drop_duplicates(server, session);
    server.family = family(server);
    lvs_check::check(server, faulty, broken, session);
}

/// What a real server takes from its virtual server.
pub(super) fn inherit(real: &mut RealServer, server: &VirtualServer) {
    if !real.weight.is_written() {
        real.weight = server.weight;
    }
    real.method.inherit(&server.method);
    real.inhibit_on_failure.inherit(&server.inhibit_on_failure);
    checker::inherit_schedule(&mut real.schedule, &server.schedule);
    checker::inherit_contact(&mut real.contact, &server.contact);
}

/// A sorry server has the port of its service, if it names none or if packets reach it as they are.
fn fit_sorry_server(server: &mut VirtualServer) {
    let forced = server.sorry_server_method.value != Forwarding::Nat;
    let Service::Address(Endpoint { port, .. }) = server.service.value else {
        return;
    };
    if let Some(sorry) = &mut server.sorry_server
        && (forced || sorry.port == 0)
    {
        sorry.value.port = port;
    }
}

/// The family of an address, or what the file says, or that of the first server.
fn family(server: &VirtualServer) -> Option<Family> {
    if let Service::Address(endpoint) = server.service.value {
        return Some(Family::of(endpoint.address));
    }
    let first = server.real_servers.first().map(|real| real.endpoint.address);
    let first = first.or(server.sorry_server.map(|sorry| sorry.address));
    let said = server.ip_family.map(|family| family.value);
    said.or(first.map(Family::of))
}

/// `MASK` of IPv4 or a length.
impl Value for Granularity {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let arg = statement.arg();
        if let Ok(mask) = arg.text.parse::<Ipv4Addr>() {
            let bits = u32::from(mask);
            let len = u8::try_from(bits.leading_ones()).ok();
            if let Some(len) = len.filter(|&len| len > 0 && bits.leading_ones() + bits.trailing_zeros() == 32)
            {
                return Some(Granularity::V4(len));
            }
            let message = format!("{mask} is no netmask: its bits must be ones first and then zeros");
            session.report(Diagnostic::error(Code::InvalidPrefixLength, message).at(arg.span));
            return None;
        }
        value::number(statement.name(), arg, 1, 128, session).map(Granularity::V6)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| match *self {
            Granularity::V4(len) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(len)).unwrap_or(0);
                out.word(Ipv4Addr::from(mask));
            }
            Granularity::V6(len) => out.word(len),
        });
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Service::Address(Endpoint { address, port: 0 }) => address.fmt(f),
            Service::Address(Endpoint { address, port }) => write!(f, "{address} {port}"),
            Service::Fwmark(mark) => write!(f, "fwmark {mark}"),
            Service::Group(name) => write!(f, "group {name}"),
        }
    }
}

/// What `persistence_timeout` is without a number.
pub(super) const USUAL_PERSISTENCE: Duration = Duration::from_secs(360);
