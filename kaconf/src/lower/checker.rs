//! The checkers of a real server.

use std::time::Duration;

use super::setting::{keep, lower as lower_settings, nothing_special};
use super::{Settings, choices, hex, http, settings};
use crate::session::Session;
use crate::tree::Statement;
use crate::{
    BfdCheck, Block, Check, Checker, Code, Connection, Contact, Diagnostic, DnsCheck, FileCheck, HttpCheck,
    MiscCheck, PingCheck, RealServer, RecordType, Schedule, Shared, SmtpCheck, SmtpHost, Spanned, TcpCheck,
    UdpCheck,
};

/// A checker in the making: what all have, and its own.
#[derive(Debug, Default)]
pub(super) struct Typed<C> {
    pub(super) schedule: Shared<Schedule>,
    pub(super) log_all_failures: Spanned<bool>,
    pub(super) own: C,
}

/// The settings of a checker with a socket: those that all of them have, and its own.
macro_rules! network_settings {
    ($check:ty, $block:expr, { $($keyword:literal => $($field:ident).+),* $(,)? }) => {
        settings!(Typed<$check>, $block, {
            "connect_ip" => own.connection.connect_ip,
            "connect_port" => own.connection.connect_port,
            "bindto" => own.connection.origin.bindto,
            "bind_port" => own.connection.origin.bind_port,
            "bind_if" => own.connection.origin.bind_if,
            "connect_timeout" => own.connection.connect_timeout,
            "fwmark" => own.connection.origin.fwmark,
            "retry" => schedule.retry,
            "delay_before_retry" => schedule.delay_before_retry,
            "delay_loop" => schedule.delay_loop,
            "warmup" => schedule.warmup,
            "alpha" => schedule.alpha,
            "log_all_failures" => log_all_failures,
            $($keyword => $($field).+),*
        });
    };
}

network_settings!(TcpCheck, Block::TcpCheck, {});
network_settings!(PingCheck, Block::PingCheck, {});
network_settings!(SmtpCheck, Block::SmtpCheck, { "helo_name" => own.helo_name });
network_settings!(DnsCheck, Block::DnsCheck, { "type" => own.record, "name" => own.name });
network_settings!(HttpCheck, Block::HttpGet, {
    "virtualhost" => own.virtualhost,
    "http_protocol" => own.http_protocol,
    "enable_sni" => own.enable_sni,
    "sni_name" => own.sni_name,
    "fast_recovery" => own.fast_recovery,
    "tls_compliant" => own.tls_compliant,
});
network_settings!(UdpCheck, Block::UdpCheck, {
    "payload" => own.payload,
    "require_reply" => own.require_reply,
    "min_reply_length" => own.min_reply_length,
    "max_reply_length" => own.max_reply_length,
});
settings!(Typed<MiscCheck>, Block::MiscCheck, {
    "misc_path" => own.command,
    "user" => own.user,
    "misc_timeout" => own.misc_timeout,
    "misc_dynamic" => own.misc_dynamic,
    "retry" => schedule.retry,
    "delay_before_retry" => schedule.delay_before_retry,
    "delay_loop" => schedule.delay_loop,
    "warmup" => schedule.warmup,
    "alpha" => schedule.alpha,
    "log_all_failures" => log_all_failures,
});
settings!(Typed<FileCheck>, Block::FileCheck, {
    "track_file" => own.track_file,
    "weight" => own.weight,
    "alpha" => schedule.alpha,
});
settings!(Typed<BfdCheck>, Block::BfdCheck, { "name" => own.name, "alpha" => schedule.alpha });
settings!(SmtpHost, Block::SmtpHost, {
    "connect_ip" => connection.connect_ip,
    "connect_port" => connection.connect_port,
    "bindto" => connection.origin.bindto,
    "bind_port" => connection.origin.bind_port,
    "bind_if" => connection.origin.bind_if,
    "connect_timeout" => connection.connect_timeout,
    "fwmark" => connection.origin.fwmark,
});

choices!(RecordType {
    A = "A",
    Ns = "NS",
    Cname = "CNAME",
    Soa = "SOA",
    Mx = "MX",
    Txt = "TXT",
    Aaaa = "AAAA",
    Rrsig = "RRSIG",
    Dnskey = "DNSKEY",
});

/// The checker of a block of a real server; `None` if it is none, or lacks what it must have.
pub(super) fn read(block: Statement<'_>, session: &mut Session<'_>) -> Option<Checker> {
    match block.name() {
        "TCP_CHECK" => Some(plain(block, session).finish(block, Check::Tcp)),
        "PING_CHECK" => Some(plain(block, session).finish(block, |own| Check::Ping(Box::new(own)))),
        "DNS_CHECK" => Some(dns(block, session).finish(block, |own| Check::Dns(Box::new(own)))),
        "MISC_CHECK" => {
            let typed: Typed<MiscCheck> = plain(block, session);
            let named = has(&typed.own.command, "misc_path", block, session);
            named.then(|| typed.finish(block, |own| Check::Misc(Box::new(own))))
        }
        "UDP_CHECK" => Some(udp(block, session).finish(block, |own| Check::Udp(Box::new(own)))),
        "SMTP_CHECK" => Some(smtp(block, session).finish(block, |own| Check::Smtp(Box::new(own)))),
        "HTTP_GET" | "SSL_GET" => {
            let typed = http::read(block, session)?;
            Some(typed.finish(block, |own| Check::Http(Box::new(own))))
        }
        "FILE_CHECK" => {
            let typed: Typed<FileCheck> = plain(block, session);
            let named = has(&typed.own.track_file, "track_file", block, session);
            named.then(|| typed.finish(block, |own| Check::File(Box::new(own))))
        }
        "BFD_CHECK" => {
            let typed: Typed<BfdCheck> = plain(block, session);
            let named = has(&typed.own.name, "name", block, session);
            named.then(|| typed.finish(block, |own| Check::Bfd(Box::new(own))))
        }
        _ => None,
    }
}

fn plain<C: Default>(block: Statement<'_>, session: &mut Session<'_>) -> Typed<C>
where
    Typed<C>: Settings,
{
    let mut typed = Typed::default();
    lower_settings(&mut typed, block, session, nothing_special);
    typed
}

impl<C> Typed<C> {
    fn finish(self, block: Statement<'_>, check: impl FnOnce(C) -> Check) -> Checker {
        Checker {
            keyword: Spanned::new((), block.span()),
            schedule: self.schedule,
            log_all_failures: self.log_all_failures,
            check: check(self.own),
        }
    }
}

/// Whether a name is there that must be.
fn has<T>(name: &Spanned<T>, keyword: &str, block: Statement<'_>, session: &mut Session<'_>) -> bool {
    if !name.is_written() && !block.children().any(|child| child.name() == keyword) {
        let message = format!("`{}` has no `{keyword}`: it checks nothing", block.name());
        session.report(Diagnostic::error(Code::IncompleteChecker, message).at(block.span()));
    }
    name.is_written()
}

fn smtp(block: Statement<'_>, session: &mut Session<'_>) -> Typed<SmtpCheck> {
    let mut typed: Typed<SmtpCheck> = Typed::default();
    lower_settings(&mut typed, block, session, |typed, statement, session| {
        if statement.name() != "host" {
            return None;
        }
        if typed.own.hosts.is_empty() {
            session.report(
                Diagnostic::warning(Code::Deprecated, "`host` in `SMTP_CHECK` is out of use")
                    .at(statement.span())
                    .help("write `connect_ip` and `connect_port` in `SMTP_CHECK`, one for each host"),
            );
        }
        let mut host = SmtpHost::default();
        lower_settings(&mut host, statement, session, nothing_special);
        typed.own.hosts.push(host);
        Some(true)
    });
    typed.own.hosts.shrink_to_fit();
    typed
}

/// The types are known in any letters, as with keepalived.
fn dns(block: Statement<'_>, session: &mut Session<'_>) -> Typed<DnsCheck> {
    let mut typed: Typed<DnsCheck> = Typed::default();
    lower_settings(&mut typed, block, session, |typed, statement, session| {
        if statement.name() != "type" {
            return None;
        }
        let record = RecordType::from_word(&statement.arg().text.to_ascii_uppercase())?;
        keep(&mut typed.own.record, Some(record), statement, session)
    });
    typed
}

fn udp(block: Statement<'_>, session: &mut Session<'_>) -> Typed<UdpCheck> {
    let mut typed: Typed<UdpCheck> = Typed::default();
    lower_settings(&mut typed, block, session, hex::special);
    let (min, max) = (typed.own.min_reply_length, typed.own.max_reply_length);
    if min.value > max.value {
        let message = format!("no reply has at least {min} and at most {max} bytes");
        session.report(
            Diagnostic::warning(Code::NoReplyFits, message)
                .label(min.span, "the least")
                .label(max.span, "the most"),
        );
    }
    typed
}

/// What checkers of one kind have unless it is said: how often and when a failed check is tried again.
struct Kind {
    retry: u32,
    delay_before_retry: Option<Duration>,
}

impl Kind {
    fn of(check: &Check) -> Self {
        let (retry, delay_before_retry) = match check {
            Check::Http(_) => (1, Some(Duration::from_secs(3))),
            Check::Dns(_) => (3, None),
            Check::Misc(_) => (0, Some(Duration::from_secs(1))),
            _ => (1, Some(Duration::from_secs(1))),
        };
        Kind {
            retry,
            delay_before_retry,
        }
    }
}

/// What checkers inherit: the same for most of them, so that it is kept once.
#[derive(Debug, Default)]
pub(super) struct Inheritance {
    /// A schedule, and what it is for a kind of checker: the last ones.
    last: Vec<(std::mem::Discriminant<Check>, Shared<Schedule>, Shared<Schedule>)>,
}

impl Inheritance {
    /// Fills in what a checker does not say.
    pub(super) fn fill(&mut self, checker: &mut Checker, server: &RealServer, port: u16) {
        self.fill_schedule(checker, &server.schedule);
        if let Some(connection) = checker.check.connection_mut() {
            fill_connection(connection, server, port);
        }
        match &mut checker.check {
            Check::Http(check) => http::fill(check, &server.contact),
            Check::Smtp(check) => {
                for host in &mut check.hosts {
                    inherit_connection(&mut host.connection, &check.connection);
                }
            }
            _ => {}
        }
    }

    fn fill_schedule(&mut self, checker: &mut Checker, inherited: &Shared<Schedule>) {
        if !checker.schedule.same(&Shared::default()) {
            checker.schedule.inherit(inherited);
            fill_schedule(&mut checker.schedule, &Kind::of(&checker.check));
            return;
        }
        let kind = std::mem::discriminant(&checker.check);
        let place = self.last.iter().position(|(of, ..)| *of == kind);
        if let Some((_, from, to)) = place.and_then(|place| self.last.get(place))
            && from.same(inherited)
        {
            checker.schedule = to.clone();
            return;
        }
        checker.schedule = inherited.clone();
        fill_schedule(&mut checker.schedule, &Kind::of(&checker.check));
        if let Some(place) = place {
            self.last.swap_remove(place);
        }
        self.last
            .push((kind, inherited.clone(), checker.schedule.clone()));
    }
}

/// Sets what depends on the kind of checker; changes nothing, and copies nothing, where it is so already.
fn fill_schedule(schedule: &mut Shared<Schedule>, kind: &Kind) {
    if !schedule.retry.is_written() && schedule.retry.value != kind.retry {
        schedule.retry.value = kind.retry;
    }
    let delay = kind.delay_before_retry.unwrap_or(schedule.delay_loop.value);
    if !schedule.delay_before_retry.is_written() && schedule.delay_before_retry.value != delay {
        schedule.delay_before_retry.value = delay;
    }
    fill_warmup(schedule);
}

/// The first checks are spread over the time between checks.
pub(super) fn fill_warmup(schedule: &mut Shared<Schedule>) {
    if !schedule.warmup.is_written() && schedule.warmup.value != schedule.delay_loop.value {
        schedule.warmup.value = schedule.delay_loop.value;
    }
}

fn fill_connection(connection: &mut Connection, server: &RealServer, port: u16) {
    let endpoint = &server.endpoint;
    if !connection.connect_ip.is_written() {
        connection.connect_ip = Spanned::new(endpoint.address, endpoint.span);
    }
    if !connection.connect_port.is_written() {
        connection.connect_port = Spanned::new(port, endpoint.span);
    }
    connection
        .connect_timeout
        .inherit(&server.contact.connect_timeout);
}

/// No socket is of one family and connects to the other.
pub(super) fn drop_other_family(checker: &mut Checker, session: &mut Session<'_>) {
    let Some(connection) = checker.check.connection_mut() else {
        return;
    };
    let to = connection.connect_ip.value;
    let Some(from) = connection
        .origin
        .bindto
        .filter(|from| from.is_ipv4() != to.is_ipv4())
    else {
        return;
    };
    let message = format!("`bindto` {from} is not of the family of {to}, which is checked");
    session.report(Diagnostic::error(Code::WrongFamily, message).label(from.span, "ignored"));
    connection.origin.bindto = None;
}

pub(super) fn inherit_connection(connection: &mut Connection, from: &Connection) {
    connection.connect_ip.inherit(&from.connect_ip);
    connection.connect_port.inherit(&from.connect_port);
    connection.connect_timeout.inherit(&from.connect_timeout);
}

/// What a contact inherits.
pub(super) fn inherit_contact(contact: &mut Shared<Contact>, from: &Shared<Contact>) {
    if contact.same(&Shared::default()) {
        *contact = from.clone();
        return;
    }
    contact.connect_timeout.inherit(&from.connect_timeout);
    if contact.virtualhost.is_none() {
        contact.virtualhost.clone_from(&from.virtualhost);
    }
}

/// What a real server's schedule inherits.
pub(super) fn inherit_schedule(schedule: &mut Shared<Schedule>, from: &Shared<Schedule>) {
    if schedule.same(&Shared::default()) {
        *schedule = from.clone();
        return;
    }
    schedule.inherit(from);
    fill_warmup(schedule);
}
