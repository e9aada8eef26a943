//! Static addresses, routes and rules, and the groups around them.

use std::collections::HashMap;
use std::time::Duration;

use super::draft::{Draft, Names};
use super::reference::Known;
use super::setting::{lower as lower_settings, nothing_special};
use super::{Field, Line, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Block, Code, Config, Diagnostic, GarpGroup, InterfaceDelays, Span, Spanned, TrackGroup};

settings!(TrackGroup, Block::TrackGroup, {
    "group" => group,
});

settings!(GarpGroup, Block::GarpGroup, {
    "garp_interval" => garp_interval,
    "gna_interval" => gna_interval,
    "interfaces" => interfaces,
});

impl Draft {
    /// Takes in a block of static items, or a group; false if it is none.
    pub(super) fn static_items(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let config = &mut self.config;
        match statement.name() {
            "static_ipaddress" => config.static_ipaddress.set(statement, session),
            "static_routes" => config.static_routes.set(statement, session),
            "static_rules" => config.static_rules.set(statement, session),
            "interface_up_down_delays" => config.interface_up_down_delays.set(statement, session),
            "garp_group" => {
                config.garp_groups.extend(garp_group(statement, session));
                true
            }
            "track_group" => {
                if let Some(name) = self.names.claim(statement, Code::DuplicateName, session) {
                    let mut group = TrackGroup::new(name);
                    lower_settings(&mut group, statement, session, nothing_special);
                    self.config.track_groups.push(group);
                }
                true
            }
            _ => return false,
        };
        true
    }
}

/// A `garp_group`; `None` without an interval.
fn garp_group(block: Statement<'_>, session: &mut Session<'_>) -> Option<GarpGroup> {
    let mut group = GarpGroup::default();
    let faulty = lower_settings(&mut group, block, session, |group, statement, session| {
        if statement.name() != "interface" {
            return no_interval(statement, session);
        }
        Some({
            let interface = value::name(statement.name(), statement.arg(), session);
            let sound = interface.is_some();
            group.interfaces.extend(interface);
            sound
        })
    });
    let has_interval = group.garp_interval.is_some() || group.gna_interval.is_some();
    if !has_interval && !faulty.contains("garp_interval") && !faulty.contains("gna_interval") {
        let message =
            "a `garp_group` without `garp_interval` and `gna_interval` does nothing, and is ignored";
        session.report(Diagnostic::error(Code::GarpGroupIdle, message).at(block.span()));
    }
    has_interval.then_some(group)
}

/// An interval of nothing is none, as with keepalived.
fn no_interval(statement: Statement<'_>, session: &mut Session<'_>) -> Option<bool> {
    let is_zero = statement.name().ends_with("_interval") && statement.arg().text == "0";
    is_zero.then(|| {
        let message = format!(
            "`{} 0` has no effect: the least interval is 1 microsecond",
            statement.name()
        );
        session.report(Diagnostic::warning(Code::OutOfRange, message).at(statement.arg().span));
        false
    })
}

/// Checks names against what there is.
pub(super) fn resolve(config: &mut Config, names: &Names, session: &mut Session<'_>) {
    let instances = config.instances.iter().map(|instance| instance.name.as_str());
    let known = Known::new("vrrp_instance", instances, names);
    for group in &mut config.track_groups {
        if group.group.is_empty() {
            let message = format!("`track_group {}` has no instance", group.name);
            session.report(Diagnostic::warning(Code::EmptyGroup, message).at(group.name.span));
        }
        group.group.retain(|member| known.has_or_warn(member, session));
    }
    let groups = config.track_groups.iter().map(|group| group.name.as_str());
    let known = Known::new("track_group", groups, names);
    let addresses = config.static_ipaddress.iter_mut().map(|it| &mut it.track_group);
    let routes = config.static_routes.iter_mut().map(|it| &mut it.track_group);
    let rules = config.static_rules.iter_mut().map(|it| &mut it.track_group);
    for group in addresses.chain(routes).chain(rules) {
        if group.as_ref().is_some_and(|group| !known.has(group, session)) {
            *group = None;
        }
    }
    once_each(&mut config.garp_groups, session);
}

/// An interface is in one `garp_group` only, and once.
fn once_each(groups: &mut [GarpGroup], session: &mut Session<'_>) {
    let mut seen: HashMap<String, Span> = HashMap::new();
    for group in groups {
        group.interfaces.retain(|interface| {
            let Some(&first) = seen.get(&interface.value) else {
                seen.insert(interface.value.clone(), interface.span);
                return true;
            };
            let message = format!("`{interface}` is in a `garp_group` already");
            session.report(
                Diagnostic::error(Code::InTwoGarpGroups, message)
                    .label(interface.span, "ignored")
                    .label(first, "the first time"),
            );
            false
        });
    }
}

/// `IF DOWN [UP]`.
impl Line for InterfaceDelays {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = line.words();
        let interface = value::interface_name(words.next()?, session)?;
        let Some(down) = words.next() else {
            let message = format!("`{interface}` has no delay: this line says nothing");
            session.report(Diagnostic::warning(Code::OptionWithoutValue, message).at(interface.span));
            return None;
        };
        let down = delay(down, session)?;
        let up = match words.next() {
            Some(up) => delay(up, session)?,
            None => Duration::ZERO,
        };
        Some(InterfaceDelays::new(interface, down, up))
    }

    fn write(&self, out: &mut Writer) {
        out.quoted(&self.interface);
        out.word(value::shown(self.down));
        out.word(value::shown(self.up));
    }

    fn span(&self) -> Span {
        self.interface.span
    }
}

fn delay(arg: crate::tree::Arg<'_>, session: &mut Session<'_>) -> Option<Duration> {
    let range = Duration::ZERO..=Duration::from_secs(255);
    value::seconds("interface_up_down_delays", arg, range, session)
        .map(|delay: Spanned<Duration>| delay.value)
}
