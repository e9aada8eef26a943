use std::net::{IpAddr, Ipv4Addr};

use super::{Line, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Broadcast, Code, Diagnostic, Family, Scope, Span, Spanned, VirtualAddress};

/// `ADDRESS[/LEN] [OPTION...]`. An address with a fault in it is left out, as in keepalived.
impl Line for VirtualAddress {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = line.words();
        let mut address = prefix(words.next()?, session)?;
        let mut sound = true;
        while let Some(option) = words.next() {
            if flag(&mut address, option) {
                check_flag(&address, option, session);
            } else if WITH_VALUE.contains(&option.text) {
                match value::argument(option, words.next(), session) {
                    Some(argument) => sound &= set(&mut address, option, argument, session),
                    None => sound = false,
                }
            } else {
                report_unknown(option, session);
            }
        }
        sound.then_some(address)
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
        if let Some((peer, len)) = self.peer {
            out.words(["peer", &format!("{peer}/{len}")]);
        }
        if let Some(seconds) = self.preferred_lft {
            out.words(["preferred_lft", &seconds.to_string()]);
        }
        for (set, name) in self.flags() {
            if set {
                out.word(name);
            }
        }
        if let Some(group) = &self.track_group {
            out.words(["track_group", group]);
        }
    }

    fn span(&self) -> Span {
        self.address.span
    }
}

impl VirtualAddress {
    /// The options that are there or not.
    pub(super) fn flags(&self) -> [(bool, &'static str); 7] {
        [
            (self.home, "home"),
            (self.dad, "-nodad"),
            (self.mngtmpaddr, "mngtmpaddr"),
            (self.noprefixroute, "noprefixroute"),
            (self.autojoin, "autojoin"),
            (self.no_track, "no_track"),
            (self.use_vmac, "use_vmac"),
        ]
    }
}

/// Sets an option that takes no value; false if it is none.
fn flag(address: &mut VirtualAddress, option: Arg<'_>) -> bool {
    let flag = match option.text {
        "home" => &mut address.home,
        "-nodad" => &mut address.dad,
        // It is done only where it is asked for.
        "nodad" => return true,
        "mngtmpaddr" => &mut address.mngtmpaddr,
        "noprefixroute" => &mut address.noprefixroute,
        "autojoin" => &mut address.autojoin,
        "no_track" | "no-track" => &mut address.no_track,
        "use_vmac" => &mut address.use_vmac,
        _ => return false,
    };
    *flag = true;
    true
}

fn check_flag(address: &VirtualAddress, option: Arg<'_>, session: &mut Session<'_>) {
    if address.address.is_ipv4() && matches!(option.text, "home" | "-nodad" | "nodad" | "mngtmpaddr") {
        let message = format!("`{}` is for IPv6; here it does nothing", option.text);
        session.report(Diagnostic::warning(Code::WrongFamily, message).at(option.span));
    }
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
        if WITH_VALUE.contains(&word.text) {
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
        Some(("", _)) => {
            let message = format!("no prefix length follows the slash: {longest} is taken");
            session.report(Diagnostic::warning(Code::InvalidPrefixLength, message).at(word.span));
        }
        Some((len, _)) => report_prefix_len(word, address, len, session),
    }
    Some(result)
}

fn report_prefix_len(word: Arg<'_>, address: IpAddr, len: &str, session: &mut Session<'_>) {
    let longest = Family::of(address).max_prefix_len();
    let message = format!("`/{len}` is not a prefix length from 0 to {longest}");
    let mut diagnostic = Diagnostic::error(Code::InvalidPrefixLength, message)
        .at(word.span)
        .help(format!("keepalived takes it for /{longest}"));
    if let Some(len) = mask_len(len) {
        diagnostic = diagnostic.suggest(word.span, format!("{address}/{len}"), "count the mask's bits");
    }
    session.report(diagnostic);
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
        "peer" => return set_peer(address, argument, session),
        "preferred_lft" => return set_lifetime(address, option, argument, session),
        "track_group" => address.track_group = value::name(option.text, argument, session),
        _ => return set_broadcast(address, option, argument, session),
    }
    true
}

fn set_peer(address: &mut VirtualAddress, argument: Arg<'_>, session: &mut Session<'_>) -> bool {
    let Some(peer) = prefix(argument, session) else {
        return false;
    };
    if Family::of(peer.address.value) != Family::of(address.address.value) {
        let message = format!(
            "the peer {} and the address {} are not of one family",
            peer.address, address.address
        );
        session.report(Diagnostic::error(Code::WrongFamily, message).at(argument.span));
        return false;
    }
    address.peer = Some((peer.address.value, peer.prefix_len));
    true
}

fn set_lifetime(
    address: &mut VirtualAddress,
    option: Arg<'_>,
    argument: Arg<'_>,
    session: &mut Session<'_>,
) -> bool {
    if argument.text == "forever" {
        address.preferred_lft = Some(u32::MAX);
        return true;
    }
    address.preferred_lft = value::number(option.text, argument, 0, u32::MAX.into(), session);
    address.preferred_lft.is_some()
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
pub(super) fn scope(text: &str) -> Option<Scope> {
    Some(match text {
        "global" => Scope::GLOBAL,
        "site" => Scope::SITE,
        "link" => Scope::LINK,
        "host" => Scope::HOST,
        "nowhere" => Scope::NOWHERE,
        number => Scope(number.parse().ok()?),
    })
}

pub(super) fn report_scope(argument: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` is no scope; it is ignored", argument.text);
    session.report(
        Diagnostic::error(Code::InvalidChoice, message)
            .at(argument.span)
            .help("one of `global`, `site`, `link`, `host`, `nowhere`, or a number up to 255"),
    );
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

const WITH_VALUE: &[&str] = &[
    "dev",
    "label",
    "scope",
    "brd",
    "broadcast",
    "peer",
    "preferred_lft",
    "track_group",
];
const MAX_LABEL: usize = 15;
