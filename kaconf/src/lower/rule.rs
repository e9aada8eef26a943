use ipnet::IpNet;

use super::route::{name, net, table, write_flag, write_option};
use super::{Line, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Family, Rule, RuleAction, Span, Spanned};

/// A line of `virtual_rules` or `static_rules`, as iproute2 writes rules.
impl Line for Rule {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let words: Vec<_> = line.words().collect();
        let first = words.first()?.span;
        let mut reader = Reader {
            words: words.into_iter(),
            rule: Rule::new(Spanned::new(RuleAction::Nop, Span::NOWHERE)),
            session,
        };
        while let Some(word) = reader.words.next() {
            reader.option(word)?;
        }
        let mut rule = reader.rule;
        if !rule.action.is_written() && rule.l3mdev {
            rule.action = Spanned::new(RuleAction::L3mdev, first);
        }
        check(&rule, first, session).then_some(rule)
    }

    fn write(&self, out: &mut Writer) {
        write_flag("not", self.invert, out);
        match self.family {
            Some(Family::Ipv4) => out.word("inet"),
            Some(Family::Ipv6) => out.word("inet6"),
            None => {}
        }
        write_option("from", self.from, out);
        write_option("to", self.to, out);
        write_option("iif", self.iif.as_deref(), out);
        write_option("oif", self.oif.as_deref(), out);
        if let Some((mark, mask)) = self.fwmark {
            out.word("fwmark");
            match mask {
                Some(mask) => out.word(format_args!("{mark}/{mask}")),
                None => out.word(mark),
            }
        }
        write_option("tos", self.tos, out);
        write_option("priority", self.priority, out);
        write_option("realms", self.realms.as_deref(), out);
        write_option("suppress_prefixlength", self.suppress_prefixlength, out);
        write_option("suppress_ifgroup", self.suppress_ifgroup, out);
        write_option("uidrange", self.uidrange.map(range), out);
        write_option("tunnel-id", self.tunnel_id, out);
        write_flag("l3mdev", self.l3mdev, out);
        write_option("ipproto", self.ipproto.as_ref(), out);
        write_option("sport", self.sport.map(range), out);
        write_option("dport", self.dport.map(range), out);
        write_option("protocol", self.protocol.as_ref(), out);
        match &self.action.value {
            RuleAction::Table(table) => write_option("table", Some(table), out),
            RuleAction::Goto(priority) => write_option("goto", Some(priority), out),
            RuleAction::Nop => out.word("nop"),
            RuleAction::Blackhole => out.word("blackhole"),
            RuleAction::Unreachable => out.word("unreachable"),
            RuleAction::Prohibit => out.word("prohibit"),
            RuleAction::L3mdev => {}
        }
        write_flag("disabled", self.disabled, out);
        write_flag("no_track", self.no_track, out);
        write_option("track_group", self.track_group.as_deref(), out);
    }

    fn span(&self) -> Span {
        self.action.span
    }
}

struct Reader<'l, 's, 'e> {
    words: std::vec::IntoIter<Arg<'l>>,
    rule: Rule,
    session: &'e mut Session<'s>,
}

impl<'l> Reader<'l, '_, '_> {
    fn argument(&mut self, option: Arg<'_>) -> Option<Arg<'l>> {
        let next = self.words.next();
        value::argument(option, next, self.session)
    }

    fn number<T: TryFrom<i64>>(&mut self, option: Arg<'_>, low: i64, high: i64) -> Option<T> {
        let argument = self.argument(option)?;
        value::number(option.text, argument, low, high, self.session)
    }

    fn tos(&mut self, option: Arg<'_>) -> Option<u8> {
        let argument = self.argument(option)?;
        value::byte(option.text, argument, self.session)
    }

    fn act(&mut self, action: RuleAction, word: Arg<'_>) {
        self.rule.action = Spanned::new(action, word.span);
    }

    /// Takes in an option; `None` if the rule must be left out.
    fn option(&mut self, word: Arg<'l>) -> Option<()> {
        match word.text {
            "table" | "lookup" => {
                let argument = self.argument(word)?;
                let table = table(word, argument, self.session)?;
                self.act(RuleAction::Table(table), word);
            }
            "goto" => {
                let priority = self.number(word, 1, u32::MAX.into())?;
                self.act(RuleAction::Goto(priority), word);
            }
            "nop" => self.act(RuleAction::Nop, word),
            "blackhole" => self.act(RuleAction::Blackhole, word),
            "unreachable" => self.act(RuleAction::Unreachable, word),
            "prohibit" => self.act(RuleAction::Prohibit, word),
            "not" => self.rule.invert = true,
            "inet" => self.rule.family = Some(Family::Ipv4),
            "inet6" => self.rule.family = Some(Family::Ipv6),
            "l3mdev" => self.rule.l3mdev = true,
            "disabled" => self.rule.disabled = true,
            "no_track" | "no-track" => self.rule.no_track = true,
            "track_group" => {
                let argument = self.argument(word)?;
                self.rule.track_group = Some(value::name(word.text, argument, self.session)?);
            }
            _ => return self.selector(word),
        }
        Some(())
    }

    fn selector(&mut self, word: Arg<'l>) -> Option<()> {
        match word.text {
            "from" => self.rule.from = self.net(word)?,
            "to" => self.rule.to = self.net(word)?,
            "iif" | "dev" => {
                let argument = self.argument(word)?;
                self.rule.iif = Some(value::name(word.text, argument, self.session)?);
            }
            "oif" => {
                let argument = self.argument(word)?;
                self.rule.oif = Some(value::name(word.text, argument, self.session)?);
            }
            "fwmark" => self.rule.fwmark = Some(self.mark(word)?),
            "tos" | "dsfield" => self.rule.tos = Some(self.tos(word)?),
            "preference" | "order" | "priority" => {
                self.rule.priority = Some(self.number(word, 0, u32::MAX.into())?);
            }
            "realms" => self.rule.realms = Some(self.argument(word)?.text.to_owned()),
            "suppress_prefixlength" | "sup_pl" => {
                self.rule.suppress_prefixlength = Some(self.number(word, 0, 128)?);
            }
            "suppress_ifgroup" | "sup_group" => {
                self.rule.suppress_ifgroup = Some(self.number(word, 0, u32::MAX.into())?);
            }
            "uidrange" => self.rule.uidrange = Some(self.range(word, u32::MAX)?),
            "tunnel-id" => self.rule.tunnel_id = Some(self.number(word, 0, i64::MAX)?),
            "ipproto" => self.rule.ipproto = Some(name(self.argument(word)?)),
            "sport" => self.rule.sport = Some(self.ports(word)?),
            "dport" => self.rule.dport = Some(self.ports(word)?),
            "protocol" => self.rule.protocol = Some(name(self.argument(word)?)),
            _ => {
                let message = format!("`{}` is no option of a rule", word.text);
                self.session
                    .report(Diagnostic::error(Code::UnknownOption, message).at(word.span));
                return None;
            }
        }
        Some(())
    }

    /// A network, or `all`, which is none.
    #[allow(clippy::option_option, reason = "a fault is not the same as any network")]
    fn net(&mut self, option: Arg<'_>) -> Option<Option<IpNet>> {
        let argument = self.argument(option)?;
        if matches!(argument.text, "all" | "any" | "default") {
            return Some(None);
        }
        let net = net(argument.text);
        if net.is_none() {
            let message = format!(
                "`{}` needs a network or an address, not `{}`",
                option.text, argument.text
            );
            self.session
                .report(Diagnostic::error(Code::InvalidAddress, message).at(argument.span));
        }
        Some(Some(net?))
    }

    /// `MARK[/MASK]`, decimal or with `0x`.
    fn mark(&mut self, option: Arg<'_>) -> Option<(u32, Option<u32>)> {
        let argument = self.argument(option)?;
        let number = |text: &str| match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        let mark = match argument.text.split_once('/') {
            Some((mark, mask)) => number(mark)
                .zip(number(mask))
                .map(|(mark, mask)| (mark, Some(mask))),
            None => number(argument.text).map(|mark| (mark, None)),
        };
        if mark.is_none() {
            let message = format!(
                "`fwmark` needs a number, and perhaps a mask after a slash, not `{}`",
                argument.text
            );
            self.session
                .report(Diagnostic::error(Code::InvalidNumber, message).at(argument.span));
        }
        mark
    }

    fn ports(&mut self, option: Arg<'_>) -> Option<(u16, u16)> {
        let (first, last) = self.range(option, u16::MAX.into())?;
        Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?))
    }

    /// `FIRST-LAST`.
    fn range(&mut self, option: Arg<'_>, most: u32) -> Option<(u32, u32)> {
        let argument = self.argument(option)?;
        let (first, last) = argument.text.split_once('-').unwrap_or((argument.text, ""));
        let range = first.parse::<u32>().ok().zip(last.parse::<u32>().ok());
        let range = range.filter(|&(first, last)| first <= last && last <= most);
        if range.is_none() {
            let message = format!(
                "`{}` needs two numbers up to {most}, as in `10-20`, not `{}`",
                option.text, argument.text
            );
            self.session
                .report(Diagnostic::error(Code::InvalidNumber, message).at(argument.span));
        }
        range
    }
}

fn range<T: std::fmt::Display>((first, last): (T, T)) -> String {
    format!("{first}-{last}")
}

/// Whether a rule can be.
fn check(rule: &Rule, first: Span, session: &mut Session<'_>) -> bool {
    if !rule.action.is_written() {
        let message = "a rule needs an action: `table`, `goto`, `blackhole` and so on";
        session.report(Diagnostic::error(Code::NoAction, message).at(first));
        return false;
    }
    let family = |net: IpNet| Family::of(net.addr());
    let families = [rule.from.map(family), rule.to.map(family), rule.family];
    let mut families = families.into_iter().flatten();
    let one = families.next();
    if families.any(|other| Some(other) != one) {
        let message = "a rule is for one family, and this one has addresses of both";
        session.report(Diagnostic::error(Code::WrongFamily, message).at(first));
        return false;
    }
    if rule.priority.is_none() {
        let message =
            "without a `priority` the rule gets 16384, or the next lower number that no other such rule has";
        session.report(Diagnostic::warning(Code::NoRulePriority, message).at(first));
    }
    true
}
