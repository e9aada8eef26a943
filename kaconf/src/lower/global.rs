use std::time::Duration;

use super::setting::{keep, lower as lower_settings};
use super::{settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::{Block, Code, Diagnostic, Garp, GlobalDefs, Spanned};

settings!(GlobalDefs, Block::GlobalDefs, {
    "router_id" => router_id,
    "vrrp_version" => vrrp_version,
    "vrrp_mcast_group4" => vrrp_mcast_group4,
    "vrrp_mcast_group6" => vrrp_mcast_group6,
    "vrrp_garp_master_delay" => garp.master_delay,
    "vrrp_garp_master_repeat" => garp.master_repeat,
    "vrrp_garp_master_refresh" => garp.master_refresh,
    "vrrp_garp_master_refresh_repeat" => garp.master_refresh_repeat,
    "vrrp_garp_lower_prio_delay" => garp.lower_prio_delay,
    "vrrp_garp_lower_prio_repeat" => garp.lower_prio_repeat,
    "vrrp_garp_interval" => garp_interval,
    "vrrp_gna_interval" => gna_interval,
    "vrrp_down_timer_adverts" => down_timer_adverts,
    "vrrp_skip_check_adv_addr" => skip_check_adv_addr,
    "v3_checksum_as_v2" => v3_checksum_as_v2,
});

/// Takes in a `global_defs`; of several, the last word counts.
pub(super) fn lower(global: &mut GlobalDefs, block: Statement<'_>, session: &mut Session<'_>) {
    lower_settings(
        global,
        block,
        session,
        |global, statement, session| match statement.name() {
            "vrrp_mcast_group4" => {
                let group = value::group4(statement.name(), statement.arg(), session);
                keep(&mut global.vrrp_mcast_group4, group, statement, session)
            }
            "vrrp_mcast_group6" => {
                let group = value::group6(statement.name(), statement.arg(), session);
                keep(&mut global.vrrp_mcast_group6, group, statement, session)
            }
            _ => None,
        },
    );
    no_interval(&mut global.garp_interval, "vrrp_garp_interval", session);
    no_interval(&mut global.gna_interval, "vrrp_gna_interval", session);
    at_least_once(&mut global.garp, "vrrp_garp_", session);
}

/// What answers a lower priority is, unless said, what becoming master does.
pub(super) fn resolve(global: &mut GlobalDefs) {
    let garp = &mut global.garp;
    garp.lower_prio_delay.inherit(&garp.master_delay);
    garp.lower_prio_repeat.inherit(&garp.master_repeat);
}

/// None at all is one, as in keepalived.
pub(super) fn at_least_once(garp: &mut Garp, prefix: &str, session: &mut Session<'_>) {
    let repeats = [
        ("master_repeat", &mut garp.master_repeat),
        ("master_refresh_repeat", &mut garp.master_refresh_repeat),
    ];
    for (name, repeat) in repeats {
        if repeat.value == 0 {
            let message = format!("`{prefix}{name}` must be at least 1: 0 is taken as 1");
            session.report(Diagnostic::warning(Code::OutOfRange, message).at(repeat.span));
            repeat.value = 1;
        }
    }
}

/// Zero is in many old sample files, and means no least interval.
fn no_interval(interval: &mut Spanned<Duration>, name: &str, session: &mut Session<'_>) {
    if interval.is_written() && interval.is_zero() {
        let message = format!("`{name} 0` has no effect: the least interval is 1 microsecond");
        session.report(
            Diagnostic::warning(Code::OutOfRange, message)
                .at(interval.span)
                .help("without this line nothing changes; keepalived finds fault with it"),
        );
        *interval = Duration::ZERO.into();
    }
}
