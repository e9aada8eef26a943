use std::net::{IpAddr, Ipv4Addr};

use super::{Line, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Broadcast, Code, Diagnostic, Family, Scope, Span, Spanned, VirtualAddress};

/// One line of `virtual_ipaddress`. An address with a fault in it is left out, as in keepalived.
impl Line for VirtualAddress {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        read(line, session)
    }

    fn write(&self, out: &mut Writer) {
        out.word(format_args!("{}/{}", self.address, self.prefix_len));
        match self.broadcast {
            None => {}
            Some(Broadcast::Address(address)) => out.words(["brd", &address.to_string()]),
            Some(Broadcast::Plus) => out.words(["brd", "+"]),
            Some(Broadcast::Minus) => out.words(["brd", "-"]),
        }
        if let Some(dev) = &self.dev {
            out.words(["dev", dev]);
        }
        if let Some(scope) = self.scope {
            out.words(["scope", &scope.0.to_string()]);
        }
        if let Some(label) = &self.label {
            out.words(["label", label]);
        }
    }

    fn span(&self) -> Span {
        self.address.span
    }
}

fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<VirtualAddress> {
    let mut words = line.words();
    let mut address = prefix(words.next()?, session)?;
    let mut sound = true;
    while let Some(option) = words.next() {
        let kind = OPTIONS.iter().find(|known| known.name == option.text);
        match kind.map(|known| known.kind) {
            Some(Kind::Value) => match words.next() {
                Some(argument) => sound &= set(&mut address, option, argument, session),
                None => {
                    report_no_value(option, session);
                    sound = false;
                }
            },
            Some(Kind::Later { words: skipped }) => {
                report_later(option, session);
                words.by_ref().take(skipped).for_each(drop);
            }
            None => report_unknown(option, session),
        }
    }
    sound.then_some(address)
}

/// The address and the length after its slash.
fn prefix(word: Arg<'_>, session: &mut Session<'_>) -> Option<VirtualAddress> {
    let (address, len) = match word.text.split_once('/') {
        Some((address, len)) => (address, Some(len)),
        None => (word.text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        let message = format!("`{}` is not an IP address", word.text);
        let mut diagnostic = Diagnostic::error(Code::InvalidAddress, message).at(word.span);
        if OPTIONS.iter().any(|option| option.name == word.text) {
            diagnostic = diagnostic.help("the address comes first, its options after it");
        }
        session.report(diagnostic);
        return None;
    };
    let mut result = VirtualAddress::new(Spanned::new(address, word.span));
    let longest = Family::of(address).max_prefix_len();
    match len.map(|len| (len, len.parse::<u8>())) {
        None => {}
        Some((_, Ok(len))) if len <= longest => result.prefix_len = len,
        Some((len, _)) => {
            let message = format!("`/{len}` is not a prefix length from 0 to {longest}");
            let mut diagnostic = Diagnostic::error(Code::InvalidPrefixLength, message)
                .at(word.span)
                .help(format!("keepalived takes it for /{longest}"));
            if let Some(len) = mask_len(len) {
                diagnostic =
                    diagnostic.suggest(word.span, format!("{address}/{len}"), "count the mask's bits");
            }
            session.report(diagnostic);
        }
    }
    Some(result)
}

/// The bits of a contiguous netmask.
fn mask_len(mask: &str) -> Option<u32> {
    let bits = u32::from(mask.parse::<Ipv4Addr>().ok()?);
    (bits.leading_ones() + bits.trailing_zeros() == 32).then(|| bits.leading_ones())
}

/// Sets an option; false if the address must be left out.
fn set(address: &mut VirtualAddress, option: Arg<'_>, argument: Arg<'_>, session: &mut Session<'_>) -> bool {
    match option.text {
        "dev" => {
            if address.dev.is_some() {
                let message = format!("{} is given two interfaces", address.address);
                session.report(Diagnostic::error(Code::RepeatedOption, message).at(argument.span));
                return false;
            }
            address.dev = value::name(option.text, argument, session);
            return address.dev.is_some();
        }
        "scope" => match scope(argument.text) {
            Some(scope) => address.scope = Some(scope),
            None => report_scope(argument, session),
        },
        "label" => return set_label(address, argument, session),
        _ => return set_broadcast(address, option, argument, session),
    }
    true
}

fn set_broadcast(
    address: &mut VirtualAddress,
    option: Arg<'_>,
    argument: Arg<'_>,
    session: &mut Session<'_>,
) -> bool {
    if address.address.is_ipv6() {
        let message = format!("`{}` is for IPv4: IPv6 has no broadcast", option.text);
        session.report(Diagnostic::error(Code::WrongFamily, message).at(option.span));
        return false;
    }
    address.broadcast = match (argument.text, argument.text.parse()) {
        ("+", _) => Some(Broadcast::Plus),
        ("-", _) => Some(Broadcast::Minus),
        (_, Ok(broadcast)) => Some(Broadcast::Address(broadcast)),
        (text, Err(_)) => {
            let message = format!(
                "`{}` needs an IPv4 address, `+` or `-`, not `{text}`",
                option.text
            );
            session.report(Diagnostic::error(Code::InvalidAddress, message).at(argument.span));
            return false;
        }
    };
    true
}

/// The kernel's limit is `IFNAMSIZ` (include/uapi/linux/if.h) with its final NUL.
fn set_label(address: &mut VirtualAddress, argument: Arg<'_>, session: &mut Session<'_>) -> bool {
    let label = value::string(argument, session).value;
    if label.len() > MAX_LABEL {
        let message = format!("the label `{label}` is longer than {MAX_LABEL} bytes");
        session.report(Diagnostic::error(Code::ValueTooLong, message).at(argument.span));
        return false;
    }
    if address.address.is_ipv6() {
        let message = "IPv6 addresses have no labels; this one is ignored";
        session.report(Diagnostic::warning(Code::WrongFamily, message).at(argument.span));
        return true;
    }
    address.label = Some(label);
    true
}

/// A scope by name or number (include/uapi/linux/rtnetlink.h, `rt_scope_t`).
fn scope(text: &str) -> Option<Scope> {
    Some(match text {
        "global" => Scope::GLOBAL,
        "site" => Scope::SITE,
        "link" => Scope::LINK,
        "host" => Scope::HOST,
        "nowhere" => Scope::NOWHERE,
        number => Scope(number.parse().ok()?),
    })
}

fn report_scope(argument: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` is no scope; it is ignored", argument.text);
    session.report(
        Diagnostic::error(Code::InvalidChoice, message)
            .at(argument.span)
            .help("one of `global`, `site`, `link`, `host`, `nowhere`, or a number up to 255"),
    );
}

fn report_no_value(option: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` lacks its value", option.text);
    session.report(Diagnostic::error(Code::OptionWithoutValue, message).at(option.span));
}

fn report_later(option: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` is not supported by kad yet; ignored", option.text);
    session.report(Diagnostic::warning(Code::OptionNotSupportedYet, message).at(option.span));
}

fn report_unknown(option: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` is no option of an address", option.text);
    let mut diagnostic = Diagnostic::error(Code::UnknownOption, message).at(option.span);
    if option
        .text
        .split('/')
        .next()
        .is_some_and(|text| text.parse::<IpAddr>().is_ok())
    {
        diagnostic = diagnostic.help("each address stands on a line of its own");
    }
    session.report(diagnostic);
}

struct Known {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// A word follows, and it is in the model.
    Value,
    /// kad does not do this yet; so many words follow.
    Later { words: usize },
}

const OPTIONS: &[Known] = &[
    Known {
        name: "dev",
        kind: Kind::Value,
    },
    Known {
        name: "label",
        kind: Kind::Value,
    },
    Known {
        name: "scope",
        kind: Kind::Value,
    },
    Known {
        name: "brd",
        kind: Kind::Value,
    },
    Known {
        name: "broadcast",
        kind: Kind::Value,
    },
    Known {
        name: "peer",
        kind: Kind::Later { words: 1 },
    },
    Known {
        name: "home",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "-nodad",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "nodad",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "mngtmpaddr",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "noprefixroute",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "autojoin",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "preferred_lft",
        kind: Kind::Later { words: 1 },
    },
    Known {
        name: "track_group",
        kind: Kind::Later { words: 1 },
    },
    Known {
        name: "no_track",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "no-track",
        kind: Kind::Later { words: 0 },
    },
    Known {
        name: "use_vmac",
        kind: Kind::Later { words: 0 },
    },
];

const MAX_LABEL: usize = 15;
