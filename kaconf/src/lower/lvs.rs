use std::time::Duration;

use super::{Value, choice, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, FlushOnStop, Keyword, LvsSyncDaemon, LvsTimeouts};

/// `lvs_timeouts [tcp N] [tcpfin N] [udp N]`.
impl Value for LvsTimeouts {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut timeouts = LvsTimeouts::default();
        let mut words = statement.args();
        while let Some(kind) = words.next() {
            let timeout = match kind.text {
                "tcp" => &mut timeouts.tcp,
                "tcpfin" => &mut timeouts.tcpfin,
                "udp" => &mut timeouts.udp,
                _ => {
                    choice::report(statement.name(), kind, &["tcp", "tcpfin", "udp"], session);
                    return None;
                }
            };
            let seconds = value::number(
                kind.text,
                value::argument(kind, words.next(), session)?,
                0,
                LONGEST,
                session,
            )?;
            *timeout = Some(Duration::from_secs(seconds));
        }
        Some(timeouts)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            let all = [("tcp", self.tcp), ("tcpfin", self.tcpfin), ("udp", self.udp)];
            for (kind, timeout) in all {
                if let Some(timeout) = timeout {
                    out.word(kind);
                    out.word(timeout.as_secs());
                }
            }
        });
    }
}

/// `lvs_flush_on_stop [VS]`.
impl Value for FlushOnStop {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        match statement.args().next() {
            None => Some(FlushOnStop::Everything),
            Some(arg) if arg.text.eq_ignore_ascii_case("VS") => Some(FlushOnStop::VirtualServers),
            Some(arg) => {
                choice::report(statement.name(), arg, &["VS"], session);
                None
            }
        }
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            if *self == FlushOnStop::VirtualServers {
                out.word("VS");
            }
        });
    }
}

/// `lvs_sync_daemon IF [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group IP]`.
impl Value for LvsSyncDaemon {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = statement.args();
        let mut daemon = LvsSyncDaemon::new(value::interface_name(words.next()?, session)?.value);
        while let Some(word) = words.next() {
            if OPTIONS.contains(&word.text) {
                let argument = value::argument(word, words.next(), session)?;
                set(&mut daemon, word, argument, session)?;
            } else if daemon.instance.is_none() {
                daemon.instance = Some(value::name("instance", word, session)?);
            } else {
                let message = format!("`{}` is no option of `{}`", word.text, statement.name());
                session.report(Diagnostic::error(Code::UnknownOption, message).at(word.span));
                return None;
            }
        }
        Some(daemon)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.quoted(&self.interface);
            if let Some(instance) = &self.instance {
                out.words(["inst", instance]);
            }
            let numbers = [
                ("id", self.id.map(u16::from)),
                ("maxlen", self.maxlen),
                ("port", self.port),
                ("ttl", self.ttl.map(u16::from)),
            ];
            for (name, number) in numbers {
                if let Some(number) = number {
                    out.word(name);
                    out.word(number);
                }
            }
            if let Some(group) = self.group {
                out.word("group");
                out.word(group);
            }
        });
    }
}

fn set(
    daemon: &mut LvsSyncDaemon,
    option: Arg<'_>,
    argument: Arg<'_>,
    session: &mut Session<'_>,
) -> Option<()> {
    match option.text {
        "inst" => daemon.instance = Some(value::name("instance", argument, session)?),
        "id" => daemon.id = Some(value::number("id", argument, 0, 255, session)?),
        "maxlen" => daemon.maxlen = Some(value::number("maxlen", argument, 1, 65_507, session)?),
        "port" => daemon.port = Some(value::number("port", argument, 1, 65_535, session)?),
        "ttl" => daemon.ttl = Some(value::number("ttl", argument, 1, 255, session)?),
        _ => daemon.group = Some(value::group("group", argument, session)?.value),
    }
    Some(())
}

const OPTIONS: &[&str] = &["inst", "id", "maxlen", "port", "ttl", "group"];
/// A month of 31 days: the kernel's limit (net/netfilter/ipvs/ip_vs_ctl.c).
const LONGEST: i64 = 2_678_400;
