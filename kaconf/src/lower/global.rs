use std::time::Duration;

use super::draft::{GarpDraft, GlobalDraft};
use super::value;
use crate::session::Session;
use crate::tree::Statement;
use crate::{Code, Diagnostic};

impl GlobalDraft {
    /// Takes in a `global_defs`; of several, the last word counts.
    pub(super) fn lower(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        for statement in block.children() {
            if !statement.is_broken() && !self.garp.statement("vrrp_garp_", statement, session) {
                self.statement(statement, session);
            }
        }
    }

    fn statement(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        let (name, arg) = (statement.name(), statement.arg());
        match name {
            "router_id" => self.router_id = Some(value::string(arg, session)),
            "vrrp_version" => keep(&mut self.version, value::version(name, arg, session)),
            "vrrp_mcast_group4" => keep(&mut self.mcast_group4, value::group4(name, arg, session)),
            "vrrp_mcast_group6" => keep(&mut self.mcast_group6, value::group6(name, arg, session)),
            "vrrp_garp_interval" => keep(&mut self.garp_interval, interval(statement, session)),
            "vrrp_gna_interval" => keep(&mut self.gna_interval, interval(statement, session)),
            "vrrp_down_timer_adverts" => {
                keep(
                    &mut self.down_timer_adverts,
                    value::number(name, arg, 1..=100, session),
                );
            }
            "vrrp_skip_check_adv_addr" => {
                keep(&mut self.skip_check_adv_addr, value::boolean(statement, session));
            }
            "v3_checksum_as_v2" => keep(&mut self.v3_checksum_as_v2, value::boolean(statement, session)),
            other => debug_assert!(false, "`{other}` is typed but not lowered"),
        }
    }
}

impl GarpDraft {
    /// Takes in a statement whose name begins with `prefix`; false if it is none of these.
    pub(super) fn statement(
        &mut self,
        prefix: &str,
        statement: Statement<'_>,
        session: &mut Session<'_>,
    ) -> bool {
        let (name, arg) = (statement.name(), statement.arg());
        match name.strip_prefix(prefix) {
            Some("master_delay") => keep(&mut self.master_delay, delay(name, arg, session)),
            Some("master_repeat") => keep(&mut self.master_repeat, repeat(statement, session)),
            Some("master_refresh") => {
                keep(
                    &mut self.master_refresh,
                    value::whole_seconds(name, arg, 0..=u32::MAX, session),
                );
            }
            Some("master_refresh_repeat") => {
                keep(&mut self.master_refresh_repeat, repeat(statement, session));
            }
            Some("lower_prio_delay") => keep(&mut self.lower_prio_delay, delay(name, arg, session)),
            Some("lower_prio_repeat") => {
                keep(
                    &mut self.lower_prio_repeat,
                    value::number(name, arg, 0..=u32::MAX, session),
                );
            }
            _ => return false,
        }
        true
    }
}

/// Replaces a setting by a value that was understood.
pub(super) fn keep<T>(setting: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *setting = value;
    }
}

fn delay(name: &str, arg: crate::tree::Arg<'_>, session: &mut Session<'_>) -> Option<Duration> {
    value::whole_seconds(name, arg, 0..=LONGEST_DELAY, session)
}

/// A number of announcements; none at all is one, as in keepalived.
fn repeat(statement: Statement<'_>, session: &mut Session<'_>) -> Option<u32> {
    let (name, arg) = (statement.name(), statement.arg());
    let number = value::number(name, arg, 0..=u32::MAX, session)?;
    if number == 0 {
        let message = format!("`{name}` must be at least 1: 0 is taken as 1");
        session.report(Diagnostic::warning(Code::OutOfRange, message).at(arg.span));
    }
    Some(number.max(1))
}

/// The least time between two announcements. Zero is in many old sample files, and means no such time.
fn interval(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Duration> {
    let (name, arg) = (statement.name(), statement.arg());
    if arg.text.bytes().all(|byte| matches!(byte, b'0' | b'.')) && arg.text.contains('0') {
        let message = format!(
            "`{name} {}` has no effect: the least interval is 1 microsecond",
            arg.text
        );
        session.report(
            Diagnostic::warning(Code::OutOfRange, message)
                .at(arg.span)
                .help("without this line nothing changes; keepalived finds fault with it"),
        );
        return None;
    }
    let longest = Duration::from_micros(u64::from(u32::MAX));
    Some(value::seconds(name, arg, Duration::from_micros(1)..=longest, session)?.value)
}

/// Microseconds in 32 bits: what keepalived's timers can hold.
const LONGEST_DELAY: u32 = 4294;
