use std::net::IpAddr;

use ipnet::IpNet;

use super::address::{report_scope, scope};
use super::{Line, choices, route_metric, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{
    Code, CongestionControl, Destination, Diagnostic, Family, Name, NextHop, Route, RouteKind,
    RoutePreference, Span, Spanned,
};

choices!(RouteKind {
    Unicast = "unicast",
    Local = "local",
    Broadcast = "broadcast",
    Multicast = "multicast",
    Throw = "throw",
    Unreachable = "unreachable",
    Prohibit = "prohibit",
    Blackhole = "blackhole",
    Nat = "nat",
});
choices!(RoutePreference { Low = "low", Medium = "medium", High = "high" });

/// A line of `virtual_routes` or `static_routes`, as iproute2 writes routes.
impl Line for Route {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut reader = Reader {
            words: line.words().collect(),
            next: 0,
            route: Route::new(Spanned::new(Destination::Default, Span::NOWHERE)),
            session,
        };
        while let Some(word) = reader.word() {
            reader.option(word)?;
        }
        let route = reader.route;
        let first = line.words().next()?.span;
        check(&route, first, session).then_some(route)
    }

    fn write(&self, out: &mut Writer) {
        if self.kind != RouteKind::Unicast {
            out.word(self.kind.word());
        }
        match self.destination.value {
            Destination::Default => out.word("default"),
            Destination::Net(net) => out.word(net),
        }
        self.write_options(out);
        for hop in &self.next_hops {
            out.word("nexthop");
            write_option("via", hop.via, out);
            write_option("dev", hop.dev.as_deref(), out);
            write_option("weight", hop.weight, out);
            write_flag("onlink", hop.onlink, out);
        }
        write_flag("no_track", self.no_track, out);
        write_option("track_group", self.track_group.as_deref(), out);
    }

    fn span(&self) -> Span {
        self.destination.span
    }
}

impl Route {
    fn write_options(&self, out: &mut Writer) {
        write_option("src", self.src, out);
        write_option("via", self.via, out);
        write_option("dev", self.dev.as_deref(), out);
        write_option("scope", self.scope.map(|scope| scope.0), out);
        write_option("table", self.table.as_ref(), out);
        write_option("tos", self.tos, out);
        write_option("metric", self.metric, out);
        write_option("protocol", self.protocol.as_ref(), out);
        write_option("realms", self.realms.as_deref(), out);
        self.metrics
            .iter()
            .for_each(|metric| route_metric::write(*metric, out));
        if let Some(congctl) = &self.congctl {
            out.word("congctl");
            write_flag("lock", congctl.lock, out);
            out.quoted(&congctl.name);
        }
        write_option("pref", self.pref.map(RoutePreference::word), out);
        write_option("expires", self.expires, out);
        write_flag("onlink", self.onlink, out);
        if !self.encap.is_empty() {
            out.word("encap");
            self.encap.iter().for_each(|word| out.quoted(word));
        }
        write_option("vrf", self.vrf.as_deref(), out);
        write_option(
            "ttl-propagate",
            self.ttl_propagate
                .map(|on| if on { "enabled" } else { "disabled" }),
            out,
        );
    }
}

/// Reads the words of a line one by one.
struct Reader<'l, 's, 'e> {
    words: Vec<Arg<'l>>,
    next: usize,
    route: Route,
    session: &'e mut Session<'s>,
}

impl<'l> Reader<'l, '_, '_> {
    fn word(&mut self) -> Option<Arg<'l>> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word
    }

    /// The next word, if it is one of some.
    fn word_of(&mut self, words: &[&str]) -> Option<Arg<'l>> {
        let word = self.words.get(self.next).copied();
        let word = word.filter(|word| words.contains(&word.text))?;
        self.next += 1;
        Some(word)
    }

    fn argument(&mut self, option: Arg<'_>) -> Option<Arg<'l>> {
        let next = self.word();
        value::argument(option, next, self.session)
    }

    fn number<T: TryFrom<i64>>(&mut self, option: Arg<'_>, high: i64) -> Option<T> {
        let argument = self.argument(option)?;
        value::number(option.text, argument, 0, high, self.session)
    }

    fn tos(&mut self, option: Arg<'_>) -> Option<u8> {
        let argument = self.argument(option)?;
        value::byte(option.text, argument, self.session)
    }

    fn address(&mut self, option: Arg<'_>) -> Option<IpAddr> {
        // The family that may stand there says no more than the address does.
        self.word_of(&["inet", "inet6"]);
        let argument = self.argument(option)?;
        Some(value::address(option.text, argument, false, self.session)?.value)
    }

    /// Takes in an option; `None` if the route must be left out.
    fn option(&mut self, word: Arg<'l>) -> Option<()> {
        match word.text {
            "to" => {
                let argument = self.argument(word)?;
                self.destination(argument)?;
            }
            "via" | "gw" => {
                deprecated(word, "gw", "via", self.session);
                self.route.via = Some(self.address(word)?);
            }
            "or" => {
                deprecated(word, "or", "nexthop via", self.session);
                let via = Some(self.address(word)?);
                let first = NextHop {
                    via: self.route.via.take(),
                    ..NextHop::default()
                };
                let second = NextHop {
                    via,
                    ..NextHop::default()
                };
                self.route.next_hops.extend([first, second]);
            }
            "src" => self.route.src = Some(self.address(word)?),
            "dev" | "oif" => {
                let argument = self.argument(word)?;
                self.route.dev = Some(value::name(word.text, argument, self.session)?);
            }
            "nexthop" => {
                let hop = self.next_hop()?;
                self.route.next_hops.push(hop);
            }
            "onlink" => self.route.onlink = true,
            "no_track" | "no-track" => self.route.no_track = true,
            "track_group" => {
                let argument = self.argument(word)?;
                self.route.track_group = Some(value::name(word.text, argument, self.session)?);
            }
            "add" | "append" | "prepend" => {}
            _ => return self.attribute(word),
        }
        Some(())
    }

    fn attribute(&mut self, word: Arg<'l>) -> Option<()> {
        match word.text {
            "scope" => {
                let argument = self.argument(word)?;
                match scope(argument.text) {
                    Some(scope) => self.route.scope = Some(scope),
                    None => report_scope(argument, self.session),
                }
            }
            "table" => self.route.table = Some(table(word, self.argument(word)?, self.session)?),
            "tos" | "dsfield" => self.route.tos = Some(self.tos(word)?),
            "metric" | "priority" | "preference" => {
                self.route.metric = Some(self.number(word, u32::MAX.into())?);
            }
            "protocol" => self.route.protocol = Some(name(self.argument(word)?)),
            "realms" => self.route.realms = Some(self.argument(word)?.text.to_owned()),
            "congctl" => {
                let lock = self.word_of(&["lock"]).is_some();
                let name = self.argument(word)?.text.to_owned();
                self.route.congctl = Some(CongestionControl::new(name, lock));
            }
            "pref" => {
                let argument = self.argument(word)?;
                self.route.pref = RoutePreference::from_word(argument.text);
                if self.route.pref.is_none() {
                    super::choice::report(word.text, argument, RoutePreference::WORDS, self.session);
                }
            }
            "expires" => self.route.expires = Some(self.number(word, u32::MAX.into())?),
            "encap" => self.encap(word)?,
            "vrf" => self.route.vrf = Some(self.argument(word)?.text.to_owned()),
            "ttl-propagate" => {
                let argument = self.argument(word)?;
                self.route.ttl_propagate = Some(argument.text == "enabled");
            }
            _ => return self.metric(word),
        }
        Some(())
    }

    fn metric(&mut self, word: Arg<'l>) -> Option<()> {
        let Some(kind) = route_metric::kind(word.text) else {
            return self.kind_or_destination(word);
        };
        let lock = self.word_of(&["lock"]).is_some();
        let argument = self.argument(word)?;
        let mut metric = route_metric::read(kind, word, argument, self.session)?;
        metric.lock = lock;
        self.route.metrics.push(metric);
        Some(())
    }

    fn kind_or_destination(&mut self, word: Arg<'l>) -> Option<()> {
        match RouteKind::from_word(word.text) {
            Some(kind) if !self.route.destination.is_written() => {
                self.route.kind = kind;
                Some(())
            }
            _ => self.destination(word),
        }
    }

    fn destination(&mut self, word: Arg<'l>) -> Option<()> {
        let destination = if word.text == "default" || word.text == "any" {
            Destination::Default
        } else {
            match net(word.text) {
                Some(net) => Destination::Net(net),
                None => {
                    let known = self.route.destination.is_written();
                    report_word(word, known, self.session);
                    return None;
                }
            }
        };
        self.route.destination = Spanned::new(destination, word.span);
        Some(())
    }

    fn next_hop(&mut self) -> Option<NextHop> {
        let mut hop = NextHop::default();
        while let Some(option) = self.word_of(&["via", "dev", "weight", "onlink"]) {
            match option.text {
                "via" => hop.via = Some(self.address(option)?),
                "dev" => {
                    let argument = self.argument(option)?;
                    hop.dev = Some(value::name(option.text, argument, self.session)?);
                }
                "weight" => {
                    let argument = self.argument(option)?;
                    hop.weight = Some(value::number("weight", argument, 1, 256, self.session)?);
                }
                _ => hop.onlink = true,
            }
        }
        Some(hop)
    }

    /// `encap TYPE` and the arguments of the type.
    fn encap(&mut self, option: Arg<'_>) -> Option<()> {
        let kind = self.argument(option)?;
        let options: &[&str] = match kind.text {
            "mpls" => &["ttl"],
            "ip" | "ip6" => &["id", "dst", "src", "tos", "tc", "ttl", "hoplimit"],
            "ila" => &[],
            _ => {
                super::choice::report(option.text, kind, &["mpls", "ip", "ip6", "ila"], self.session);
                return None;
            }
        };
        let mut words = vec![kind.text.to_owned()];
        if matches!(kind.text, "mpls" | "ila") {
            words.push(self.argument(kind)?.text.to_owned());
        }
        while let Some(option) = self.word_of(options) {
            let argument = self.argument(option)?;
            words.extend([option.text.to_owned(), argument.text.to_owned()]);
        }
        self.route.encap = words;
        Some(())
    }
}

/// Whether a route can be.
fn check(route: &Route, first: Span, session: &mut Session<'_>) -> bool {
    if !route.destination.is_written() {
        let message = "a route needs a destination: a network, an address or `default`";
        session.report(Diagnostic::error(Code::NoDestination, message).at(first));
        return false;
    }
    let Some(family) = route.family() else { return true };
    let hops = route.next_hops.iter().filter_map(|hop| hop.via);
    let other = route
        .via
        .into_iter()
        .chain(route.src)
        .chain(hops)
        .find(|address| Family::of(*address) != family);
    if let Some(other) = other {
        let message = format!("{other} is not of the family of the route's other addresses");
        session.report(Diagnostic::error(Code::WrongFamily, message).at(route.destination.span));
    }
    other.is_none()
}

fn deprecated(word: Arg<'_>, old: &str, new: &str, session: &mut Session<'_>) {
    if word.text == old {
        let message = format!("`{old}` is the old word for `{new}`");
        session.report(Diagnostic::warning(Code::Deprecated, message).at(word.span));
    }
}

fn report_word(word: Arg<'_>, has_destination: bool, session: &mut Session<'_>) {
    let message = if has_destination {
        format!("`{}` is no option of a route", word.text)
    } else {
        format!(
            "`{}` is no network, no address and no option of a route",
            word.text
        )
    };
    session.report(Diagnostic::error(Code::UnknownOption, message).at(word.span));
}

/// A network, or an address that is one of itself.
pub(super) fn net(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().or_else(address)
}

/// A routing table. Names but these three are looked up where iproute2 has them.
pub(super) fn table(option: Arg<'_>, argument: Arg<'_>, session: &mut Session<'_>) -> Option<Name> {
    let name = name(argument);
    match &name {
        Name::Number(0) => {
            let message = format!("`{} 0` is no table", option.text);
            session.report(Diagnostic::error(Code::OutOfRange, message).at(argument.span));
            return None;
        }
        Name::Name(name) if !["main", "local", "default"].contains(&name.as_str()) => {
            let message = format!("the table `{name}` must have a number in /etc/iproute2/rt_tables");
            session.report(
                Diagnostic::warning(Code::TableByName, message)
                    .at(argument.span)
                    .help("a number needs no such file, and is the same on every router"),
            );
        }
        _ => {}
    }
    Some(name)
}

/// A number, or a name that stands for one.
pub(super) fn name(argument: Arg<'_>) -> Name {
    match argument.text.parse() {
        Ok(number) => Name::Number(number),
        Err(_) => Name::Name(argument.text.to_owned()),
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Number(number) => number.fmt(f),
            Name::Name(name) => name.fmt(f),
        }
    }
}

/// An option and its value, if it has one.
pub(super) fn write_option(name: &str, value: Option<impl ToString>, out: &mut Writer) {
    if let Some(value) = value {
        out.word(name);
        out.quoted(&value.to_string());
    }
}

pub(super) fn write_flag(name: &str, set: bool, out: &mut Writer) {
    if set {
        out.word(name);
    }
}
