//! `lb_kind`, `lvs_method`: `NAT|DR|TUN [type ipip|gue port N|gre [CHECKSUM]]`.

use super::{Value, choice, choices, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Forwarding, Keyword, Tunnel, TunnelChecksum};

choices!(TunnelChecksum { None = "nocsum", Full = "csum", Remote = "remcsum" });

impl Forwarding {
    const WORDS: &'static [&'static str] = &["NAT", "DR", "TUN"];

    /// How it is written, without the tunnel.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Forwarding::Nat => "NAT",
            Forwarding::Direct => "DR",
            Forwarding::Tunnel(_) => "TUN",
        }
    }
}

impl Value for Forwarding {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = statement.args();
        let first = words.next()?;
        let forwarding = match first.text {
            "NAT" => Forwarding::Nat,
            "DR" => Forwarding::Direct,
            "TUN" => return Some(Forwarding::Tunnel(tunnel(words, session)?)),
            _ => {
                choice::report(statement.name(), first, Self::WORDS, session);
                return None;
            }
        };
        if let Some(word) = words.next() {
            let message = format!("`{}` is for TUN: {} has no tunnel", word.text, first.text);
            session.report(Diagnostic::error(Code::InvalidTunnel, message).at(word.span));
            return None;
        }
        Some(forwarding)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(self.word());
            let Forwarding::Tunnel(tunnel) = self else { return };
            match tunnel {
                Tunnel::IpIp => {}
                Tunnel::Gue { port, checksum } => {
                    out.words(["type", "gue", "port", &port.to_string(), checksum.word()]);
                }
                Tunnel::Gre(checksum) => out.words(["type", "gre", checksum.word()]),
            }
        });
    }
}

/// What follows `TUN`.
fn tunnel<'t>(mut words: impl Iterator<Item = Arg<'t>>, session: &mut Session<'_>) -> Option<Tunnel> {
    let (mut kind, mut port, mut checksum) = (None, None, None);
    while let Some(word) = words.next() {
        match word.text {
            "type" => kind = Some(argument(word, words.next(), session)?),
            "port" => {
                let number = argument(word, words.next(), session)?;
                let number = value::number("port", number, 1, u16::MAX.into(), session)?;
                port = Some((number, word));
            }
            text => match TunnelChecksum::from_word(text) {
                Some(read) => checksum = Some((read, word)),
                None => return unfit(word, "is no option of a tunnel", session),
            },
        }
    }
    if let (Some((_, word)), "ipip" | "gre") = (port, kind.map_or("ipip", |kind: Arg<'_>| kind.text)) {
        return unfit(word, "is for `type gue`", session);
    }
    match kind.map_or("ipip", |kind| kind.text) {
        "ipip" => match checksum {
            Some((_, word)) => unfit(word, "is for `type gue` and `type gre`", session),
            None => Some(Tunnel::IpIp),
        },
        "gre" => match checksum {
            Some((TunnelChecksum::Remote, word)) => unfit(word, "is for `type gue`", session),
            _ => Some(Tunnel::Gre(
                checksum.map_or(TunnelChecksum::None, |(checksum, _)| checksum),
            )),
        },
        "gue" => match port {
            Some((port, _)) => Some(Tunnel::Gue {
                port,
                checksum: checksum.map_or(TunnelChecksum::None, |(checksum, _)| checksum),
            }),
            None => unfit(kind?, "needs its `port N`", session),
        },
        _ => {
            choice::report("type", kind?, &["ipip", "gue", "gre"], session);
            None
        }
    }
}

fn argument<'t>(option: Arg<'_>, argument: Option<Arg<'t>>, session: &mut Session<'_>) -> Option<Arg<'t>> {
    if argument.is_none() {
        let message = format!("`{}` lacks its value", option.text);
        session.report(Diagnostic::error(Code::OptionWithoutValue, message).at(option.span));
    }
    argument
}

fn unfit<T>(word: Arg<'_>, what: &str, session: &mut Session<'_>) -> Option<T> {
    let message = format!("`{}` {what}", word.text);
    session.report(
        Diagnostic::error(Code::InvalidTunnel, message)
            .at(word.span)
            .help("a tunnel is `type ipip`, `type gue port N [nocsum|csum|remcsum]` or `type gre [nocsum|csum]`"),
    );
    None
}
