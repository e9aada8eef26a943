//! `virtual_server_group`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{choices, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Family, GroupEntry, Spanned, VirtualServerGroup};

choices!(Family { Ipv4 = "inet", Ipv6 = "inet6" });

/// Takes in a `virtual_server_group`.
pub(super) fn lower(
    name: Spanned<String>,
    block: Statement<'_>,
    session: &mut Session<'_>,
) -> VirtualServerGroup {
    let mut group = VirtualServerGroup::new(name);
    for line in block.children() {
        if let Some(entry) = entry(line, session) {
            group.entries.push(entry);
        }
    }
    group.entries.shrink_to_fit();
    group
}

fn entry(line: Statement<'_>, session: &mut Session<'_>) -> Option<Spanned<GroupEntry>> {
    let mut words = line.words();
    let first = words.next()?;
    let entry = if first.text == "fwmark" {
        fwmark(first, &mut words, session)?
    } else {
        let (low, high) = range(first, session)?;
        let port = match words.next() {
            Some(port) => value::number("port", port, 0, u16::MAX.into(), session)?,
            None => 0,
        };
        GroupEntry::Addresses {
            first: low,
            last: high,
            port,
        }
    };
    if let Some(extra) = words.next() {
        let message = "each address stands on a line of its own, with its port";
        session.report(Diagnostic::error(Code::ExtraWords, message).at(extra.span));
    }
    Some(Spanned::new(entry, first.span))
}

/// `fwmark N [inet|inet6]`.
fn fwmark<'t>(
    keyword: Arg<'t>,
    words: &mut impl Iterator<Item = Arg<'t>>,
    session: &mut Session<'_>,
) -> Option<GroupEntry> {
    let Some(number) = words.next() else {
        let message = "`fwmark` lacks its number";
        session.report(Diagnostic::error(Code::OptionWithoutValue, message).at(keyword.span));
        return None;
    };
    let mark = mark(number, session)?;
    let family = match words.next() {
        None => None,
        Some(word) => {
            let family = Family::from_word(word.text);
            if family.is_none() {
                super::choice::report("fwmark", word, Family::WORDS, session);
            }
            Some(family?)
        }
    };
    Some(GroupEntry::Fwmark { mark, family })
}

/// A firewall mark that marks: 0 is the mark of all packets that have none.
pub(super) fn mark(arg: Arg<'_>, session: &mut Session<'_>) -> Option<u32> {
    value::number("fwmark", arg, 1, u32::MAX.into(), session)
}

/// `IP`, `IP-END`, `IP-LAST` or `IP/LEN`: the first and the last address.
fn range(arg: Arg<'_>, session: &mut Session<'_>) -> Option<(IpAddr, IpAddr)> {
    let range = if let Some((first, last)) = arg.text.split_once('-') {
        let first = first.parse().ok();
        first.and_then(|first| Some((first, end(first, last)?)))
    } else if let Some((address, len)) = arg.text.split_once('/') {
        network(address, len)
    } else {
        let address = value::address("virtual_server_group", arg, false, session)?;
        return Some((address.value, address.value));
    };
    if range.is_none() {
        let message = format!("`{}` is no range of addresses", arg.text);
        session.report(
            Diagnostic::error(Code::InvalidAddressRange, message)
                .at(arg.span)
                .help(
                    "write `192.0.2.1-10`, `192.0.2.1-192.0.2.10` or `192.0.2.0/24`, the first address first",
                ),
        );
    }
    range
}

/// The last address of a range: a whole one, or what takes the place of the first one's last part.
fn end(first: IpAddr, last: &str) -> Option<IpAddr> {
    let end = match (first, last.parse::<IpAddr>()) {
        (_, Ok(end)) if Family::of(end) == Family::of(first) => end,
        (IpAddr::V4(first), Err(_)) => {
            let [a, b, c, _] = first.octets();
            Ipv4Addr::new(a, b, c, last.parse().ok()?).into()
        }
        (IpAddr::V6(first), Err(_)) => {
            let [a, b, c, d, e, f, g, _] = first.segments();
            Ipv6Addr::new(a, b, c, d, e, f, g, u16::from_str_radix(last, 16).ok()?).into()
        }
        _ => return None,
    };
    (first <= end).then_some(end)
}

/// The first and the last address of a network, written without bits beyond its length.
fn network(address: &str, len: &str) -> Option<(IpAddr, IpAddr)> {
    let network = ipnet::IpNet::new(address.parse().ok()?, len.parse().ok()?).ok()?;
    (network.network() == network.addr()).then(|| (network.addr(), network.broadcast()))
}

impl VirtualServerGroup {
    /// Writes its lines.
    pub(crate) fn write_entries(&self, out: &mut Writer) {
        for entry in &self.entries {
            out.line(|out| write(entry.value, out));
        }
    }
}

fn write(entry: GroupEntry, out: &mut Writer) {
    match entry {
        GroupEntry::Addresses { first, last, port } => {
            if first == last {
                out.word(first);
            } else {
                out.word(format_args!("{first}-{last}"));
            }
            if port != 0 {
                out.word(port);
            }
        }
        GroupEntry::Fwmark { mark, family } => {
            out.word("fwmark");
            out.word(mark);
            if let Some(family) = family {
                out.word(family.word());
            }
        }
    }
}
