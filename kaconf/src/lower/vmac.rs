use std::net::IpAddr;

use super::{Value, choices, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, GarpExtraIf, Ipvlan, IpvlanMode, Keyword, MacAddress, Spanned, Vmac};

choices!(IpvlanMode { Bridge = "bridge", Private = "private", Vepa = "vepa" });

/// `use_vmac [NAME [IF]] [MAC] [netlink_notify_msg] [group N]`.
impl Value for Vmac {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut vmac = Vmac::default();
        let mut words = statement.args();
        while let Some(word) = words.next() {
            if let Some(address) = mac(word.text) {
                vmac.address = Some(check_mac(address, word, session)?);
            } else if word.text == "netlink_notify_msg" {
                vmac.netlink_notify_msg = true;
            } else if word.text == "group" {
                vmac.group = Some(group(word, words.next(), session)?);
            } else {
                name(&mut vmac.name, &mut vmac.base, word, session)?;
            }
        }
        Some(vmac)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            write_names(self.name.as_deref(), self.base.as_ref(), out);
            if let Some(address) = self.address {
                let octets = address.first.iter().chain(&address.last);
                let octets: Vec<_> = octets.map(|octet| format!("{octet:02x}")).collect();
                out.word(octets.join(":"));
            }
            if self.netlink_notify_msg {
                out.word("netlink_notify_msg");
            }
            write_group(self.group, out);
        });
    }
}

/// `use_ipvlan [NAME [IF]] [IP] [bridge|private|vepa] [group N]`.
impl Value for Ipvlan {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut ipvlan = Ipvlan::default();
        let mut words = statement.args();
        while let Some(word) = words.next() {
            let address = word
                .text
                .split('/')
                .next()
                .and_then(|text| text.parse::<IpAddr>().ok());
            if let Some(address) = address {
                ipvlan.address = Some(address);
            } else if let Some(mode) = IpvlanMode::from_word(word.text) {
                ipvlan.mode = mode;
            } else if word.text == "group" {
                ipvlan.group = Some(group(word, words.next(), session)?);
            } else {
                name(&mut ipvlan.name, &mut ipvlan.base, word, session)?;
            }
        }
        Some(ipvlan)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            write_names(self.name.as_deref(), self.base.as_ref(), out);
            self.address.iter().for_each(|address| out.word(address));
            out.word(self.mode.word());
            write_group(self.group, out);
        });
    }
}

/// `garp_extra_if [all] SECONDS`.
impl Value for GarpExtraIf {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = statement.args();
        let first = words.next()?;
        let all = first.text == "all";
        let number = if all { words.next() } else { Some(first) };
        let Some(number) = number else {
            let message = format!("`{}` lacks its number of seconds", statement.name());
            session.report(Diagnostic::error(Code::MissingArgument, message).at(first.span));
            return None;
        };
        let seconds = value::number(statement.name(), number, 1, 86_400, session)?;
        Some(GarpExtraIf::new(all, std::time::Duration::from_secs(seconds)))
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            if self.all {
                out.word("all");
            }
            out.word(self.interval.as_secs());
        });
    }
}

/// The first name is the interface's, the second that of the one under it.
fn name(
    own: &mut Option<String>,
    base: &mut Option<Spanned<String>>,
    word: Arg<'_>,
    session: &mut Session<'_>,
) -> Option<()> {
    let name = value::interface_name(word, session)?;
    if own.is_none() {
        *own = Some(name.value);
    } else if base.is_none() {
        *base = Some(name);
    } else {
        let message = format!("`{}` is one word too many", word.text);
        session.report(Diagnostic::error(Code::UnknownOption, message).at(word.span));
        return None;
    }
    Some(())
}

fn group(option: Arg<'_>, number: Option<Arg<'_>>, session: &mut Session<'_>) -> Option<u32> {
    let number = value::argument(option, number, session)?;
    value::number("group", number, 0, u32::MAX.into(), session)
}

/// Six octets with colons, or the first five.
fn mac(text: &str) -> Option<MacAddress> {
    let octets = text.split(':').map(|octet| {
        let octet = Some(octet).filter(|octet| matches!(octet.len(), 1 | 2))?;
        u8::from_str_radix(octet, 16).ok()
    });
    let octets: Vec<u8> = octets.collect::<Option<_>>()?;
    let (&first, rest) = octets.split_first_chunk()?;
    (rest.len() <= 1).then(|| MacAddress {
        first,
        last: rest.first().copied(),
    })
}

/// A multicast address, or one of VRRP's own, is nobody's choice.
fn check_mac(address: MacAddress, word: Arg<'_>, session: &mut Session<'_>) -> Option<MacAddress> {
    let [head, ..] = address.first;
    let what = if matches!(address.first, [0, 0, 0x5e, 0, 1 | 2]) {
        "one of VRRP's own"
    } else if head & 1 == 1 {
        "a multicast address"
    } else {
        return Some(address);
    };
    let message = format!("the MAC address `{}` is {what}", word.text);
    session.report(Diagnostic::error(Code::InvalidAddress, message).at(word.span));
    None
}

fn write_names(own: Option<&str>, base: Option<&Spanned<String>>, out: &mut Writer) {
    own.into_iter().for_each(|own| out.quoted(own));
    base.into_iter().for_each(|base| out.quoted(base));
}

fn write_group(group: Option<u32>, out: &mut Writer) {
    if let Some(group) = group {
        out.word("group");
        out.word(group);
    }
}
