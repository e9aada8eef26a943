use std::time::Duration;

use super::setting::{keep, lower as lower_settings};
use super::{settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::{Block, Code, Diagnostic, Garp, GlobalDefs, Nftables, Spanned};

settings!(GlobalDefs, Block::GlobalDefs, {
    "router_id" => router_id,
    "notification_email" => mail.notification_email,
    "notification_email_from" => mail.notification_email_from,
    "smtp_server" => mail.smtp_server,
    "smtp_connect_timeout" => mail.smtp_connect_timeout,
    "smtp_helo_name" => mail.smtp_helo_name,
    "smtp_alert" => mail.smtp_alert,
    "smtp_alert_vrrp" => mail.smtp_alert_vrrp,
    "smtp_alert_checker" => mail.smtp_alert_checker,
    "no_email_faults" => mail.no_email_faults,
    "no_checker_emails" => mail.no_checker_emails,
    "process_names" => processes.process_names,
    "process_name" => processes.process_name,
    "vrrp_process_name" => processes.vrrp.name,
    "checker_process_name" => processes.checker.name,
    "bfd_process_name" => processes.bfd.name,
    "script_user" => processes.script_user,
    "enable_script_security" => processes.enable_script_security,
    "set_supplementary_groups" => processes.set_supplementary_groups,
    "umask" => processes.umask,
    "vrrp_priority" => processes.vrrp.nice,
    "checker_priority" => processes.checker.nice,
    "bfd_priority" => processes.bfd.nice,
    "vrrp_rt_priority" => processes.vrrp.rt_priority,
    "checker_rt_priority" => processes.checker.rt_priority,
    "bfd_rt_priority" => processes.bfd.rt_priority,
    "vrrp_cpu_affinity" => processes.vrrp.cpu_affinity,
    "checker_cpu_affinity" => processes.checker.cpu_affinity,
    "bfd_cpu_affinity" => processes.bfd.cpu_affinity,
    "vrrp_no_swap" => processes.vrrp.no_swap,
    "checker_no_swap" => processes.checker.no_swap,
    "bfd_no_swap" => processes.bfd.no_swap,
    "vrrp_rlimit_rttime" => processes.vrrp.rlimit_rttime,
    "checker_rlimit_rttime" => processes.checker.rlimit_rttime,
    "bfd_rlimit_rttime" => processes.bfd.rlimit_rttime,
    "max_auto_priority" => processes.max_auto_priority,
    "min_auto_priority_delay" => processes.min_auto_priority_delay,
    "vrrp_version" => vrrp_version,
    "vrrp_mcast_group4" => vrrp_mcast_group4,
    "vrrp_mcast_group6" => vrrp_mcast_group6,
    "vrrp_strict" => strict,
    "vrrp_skip_check_adv_addr" => skip_check_adv_addr,
    "vrrp_check_unicast_src" => check_unicast_src,
    "vrrp_owner_ignore_adverts" => owner_ignore_adverts,
    "vrrp_garp_master_delay" => garp.master_delay,
    "vrrp_garp_master_repeat" => garp.master_repeat,
    "vrrp_garp_master_refresh" => garp.master_refresh,
    "vrrp_garp_master_refresh_repeat" => garp.master_refresh_repeat,
    "vrrp_garp_lower_prio_delay" => garp.lower_prio_delay,
    "vrrp_garp_lower_prio_repeat" => garp.lower_prio_repeat,
    "vrrp_garp_interval" => garp_interval,
    "vrrp_gna_interval" => gna_interval,
    "vrrp_min_garp" => min_garp,
    "vrrp_garp_extra_if" => garp_extra_if,
    "vrrp_down_timer_adverts" => down_timer_adverts,
    "vrrp_lower_prio_no_advert" => lower_prio_no_advert,
    "vrrp_higher_prio_send_advert" => higher_prio_send_advert,
    "vrrp_notify_priority_changes" => notify_priority_changes,
    "vrrp_startup_delay" => startup_delay,
    "vrrp_delay_after_boot" => delay_after_boot,
    "v3_checksum_as_v2" => v3_checksum_as_v2,
    "nftables" => nftables.table,
    "nftables_priority" => nftables.priority,
    "nftables_ifindex" => nftables.ifindex,
    "nftables_counters" => nftables.counters,
    "nftables_ipvs" => nftables.ipvs_table,
    "nftables_ipvs_priority" => nftables.ipvs_priority,
    "nftables_ipvs_start_fwmark" => nftables.ipvs_start_fwmark,
    "log_unknown_vrids" => log_unknown_vrids,
    "vmac_prefix" => vmac_prefix,
    "vmac_addr_prefix" => vmac_addr_prefix,
    "default_interface" => default_interface,
    "disable_local_igmp" => disable_local_igmp,
    "vrrp_rx_bufs_policy" => buffers.vrrp_rx_bufs_policy,
    "vrrp_rx_bufs_multiplier" => buffers.vrrp_rx_bufs_multiplier,
    "vrrp_netlink_cmd_rcv_bufs" => buffers.vrrp_netlink_cmd.size,
    "vrrp_netlink_cmd_rcv_bufs_force" => buffers.vrrp_netlink_cmd.force,
    "vrrp_netlink_monitor_rcv_bufs" => buffers.vrrp_netlink_monitor.size,
    "vrrp_netlink_monitor_rcv_bufs_force" => buffers.vrrp_netlink_monitor.force,
    "lvs_netlink_cmd_rcv_bufs" => buffers.lvs_netlink_cmd.size,
    "lvs_netlink_cmd_rcv_bufs_force" => buffers.lvs_netlink_cmd.force,
    "lvs_netlink_monitor_rcv_bufs" => buffers.lvs_netlink_monitor.size,
    "lvs_netlink_monitor_rcv_bufs_force" => buffers.lvs_netlink_monitor.force,
    "process_monitor_rcv_bufs" => buffers.process_monitor.size,
    "process_monitor_rcv_bufs_force" => buffers.process_monitor.force,
    "lvs_timeouts" => lvs.timeouts,
    "lvs_flush" => lvs.flush,
    "lvs_flush_on_stop" => lvs.flush_on_stop,
    "lvs_sync_daemon" => lvs.sync_daemon,
    "rs_init_notifies" => lvs.rs_init_notifies,
    "checker_log_all_failures" => lvs.checker_log_all_failures,
    "notify_fifo" => files.notify_fifo.fifo,
    "notify_fifo_script" => files.notify_fifo.script,
    "vrrp_notify_fifo" => files.vrrp_notify_fifo.fifo,
    "vrrp_notify_fifo_script" => files.vrrp_notify_fifo.script,
    "lvs_notify_fifo" => files.lvs_notify_fifo.fifo,
    "lvs_notify_fifo_script" => files.lvs_notify_fifo.script,
    "startup_script" => processes.startup_script,
    "shutdown_script" => processes.shutdown_script,
    "fifo_write_vrrp_states_on_reload" => files.fifo_write_vrrp_states_on_reload,
    "startup_script_timeout" => processes.startup_script_timeout,
    "shutdown_script_timeout" => processes.shutdown_script_timeout,
    "reload_check_config" => files.reload_check_config,
    "reload_time_file" => files.reload_time_file,
    "reload_repeat" => files.reload_repeat,
    "reload_file" => files.reload_file,
    "config_save_dir" => files.config_save_dir,
    "data_use_instance" => files.data_use_instance,
    "state_dump_file" => files.state_dump_file,
    "stats_dump_file" => files.stats_dump_file,
    "json_dump_file" => files.json_dump_file,
    "json_version" => files.json_version,
    "iproute_usr_dir" => files.iproute_usr_dir,
    "iproute_etc_dir" => files.iproute_etc_dir,
});

/// Takes in a `global_defs`; of several, the last word counts.
pub(super) fn lower(global: &mut GlobalDefs, block: Statement<'_>, session: &mut Session<'_>) {
    lower_settings(
        global,
        block,
        session,
        |global, statement, session| match statement.name() {
            "router_id" if statement.arg().text.is_empty() => {
                let message = "an empty `router_id` counts as none: the host's name is used";
                session.report(Diagnostic::warning(Code::EmptyValue, message).at(statement.arg().span));
                Some(true)
            }
            "notification_email" if statement.children().next().is_none() => {
                let message = "`notification_email` lists nobody, so no mail is sent";
                session.report(Diagnostic::warning(Code::EmptyValue, message).at(statement.span()));
                Some(true)
            }
            "vrrp_mcast_group4" => {
                let group = value::group4(statement.name(), statement.arg(), session);
                keep(&mut global.vrrp_mcast_group4, group, statement, session)
            }
            "vrrp_mcast_group6" => {
                let group = value::group6(statement.name(), statement.arg(), session);
                keep(&mut global.vrrp_mcast_group6, group, statement, session)
            }
            "nftables" if statement.args().len() == 0 => {
                let table = Nftables::DEFAULT_TABLE.to_owned();
                keep(&mut global.nftables.table, Some(table), statement, session)
            }
            "nftables_ipvs" if statement.args().len() == 0 => {
                let table = Nftables::DEFAULT_IPVS_TABLE.to_owned();
                global.nftables.ipvs_table = Some(Spanned::new(table, statement.place()));
                Some(true)
            }
            _ => None,
        },
    );
    shorten_names(global, session);
    if global.mail.smtp_connect_timeout.is_zero() {
        // As in keepalived: no time at all is one second.
        let message = "`smtp_connect_timeout` must be at least 1 second: 0 is taken as 1";
        let span = global.mail.smtp_connect_timeout.span;
        session.report(Diagnostic::warning(Code::OutOfRange, message).at(span));
        global.mail.smtp_connect_timeout.value = Duration::from_secs(1);
    }
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

/// The kernel keeps so many bytes of a process's name (prctl(2), `PR_SET_NAME`).
fn shorten_names(global: &mut GlobalDefs, session: &mut Session<'_>) {
    let processes = &mut global.processes;
    let names = [
        &mut processes.process_name,
        &mut processes.vrrp.name,
        &mut processes.checker.name,
        &mut processes.bfd.name,
    ];
    for name in names
        .into_iter()
        .flatten()
        .filter(|name| name.len() > LONGEST_PROCESS_NAME)
    {
        name.value
            .truncate(name.floor_char_boundary(LONGEST_PROCESS_NAME));
        let message =
            format!("a process's name has at most {LONGEST_PROCESS_NAME} bytes: it will be `{name}`");
        session.report(Diagnostic::warning(Code::ValueTooLong, message).at(name.span));
    }
}

const LONGEST_PROCESS_NAME: usize = 15;

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
