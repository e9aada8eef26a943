use std::net::IpAddr;

use super::draft::{Draft, InstanceDraft};
use super::setting::{keep, lower as lower_settings};
use super::{choice, choices, global, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::{Block, Code, Diagnostic, InitialState, OldUnicastChecksum, Spanned, VrrpInstance, VrrpVersion};

settings!(VrrpInstance, Block::VrrpInstance, {
    "state" => state,
    "interface" => interface,
    "virtual_router_id" => virtual_router_id,
    "priority" => priority,
    "version" => version,
    "native_ipv6" => native_ipv6,
    "advert_int" => advert_int,
    "down_timer_adverts" => down_timer_adverts,
    "nopreempt" => nopreempt,
    "preempt_delay" => preempt_delay,
    "timer_expired_backup" => timer_expired_backup,
    "strict_mode" => strict_mode,
    "accept" => accept,
    "skip_check_adv_addr" => skip_check_adv_addr,
    "lower_prio_no_advert" => lower_prio_no_advert,
    "higher_prio_send_advert" => higher_prio_send_advert,
    "owner_ignore_adverts" => owner_ignore_adverts,
    "debug" => debug,
    "kernel_rx_buf_size" => kernel_rx_buf_size,
    "virtual_ipaddress" => virtual_ipaddress,
    "virtual_ipaddress_excluded" => virtual_ipaddress_excluded,
    "no_virtual_ipaddress" => no_virtual_ipaddress,
    "promote_secondaries" => promote_secondaries,
    "virtual_routes" => virtual_routes,
    "virtual_rules" => virtual_rules,
    "authentication" => authentication,
    "auth_hmac" => auth_hmac,
    "mcast_src_ip" => source,
    "track_src_ip" => track_src_ip,
    "mcast_dst_ip" => mcast_dst_ip,
    "unicast_peer" => unicast_peer,
    "unicast_ttl" => unicast_ttl,
    "unicast_fault_no_peer" => unicast_fault_no_peer,
    "check_unicast_src" => check_unicast_src,
    "old_unicast_checksum" => old_unicast_checksum,
    "v3_checksum_as_v2" => v3_checksum_as_v2,
    "vrf" => vrf,
    "use_vmac" => use_vmac,
    "use_vmac_addr" => use_vmac_addr,
    "vmac_xmit_base" => vmac_xmit_base,
    "use_ipvlan" => use_ipvlan,
    "garp_master_delay" => garp.master_delay,
    "garp_master_repeat" => garp.master_repeat,
    "garp_master_refresh" => garp.master_refresh,
    "garp_master_refresh_repeat" => garp.master_refresh_repeat,
    "garp_lower_prio_delay" => garp.lower_prio_delay,
    "garp_lower_prio_repeat" => garp.lower_prio_repeat,
    "garp_extra_if" => garp_extra_if,
    "dont_track_primary" => dont_track_primary,
    "track_interface" => tracking.interfaces,
    "track_script" => tracking.scripts,
    "track_process" => tracking.processes,
    "track_file" => tracking.files,
    "track_bfd" => tracking.bfd,
    "notify_master" => notify.master,
    "notify_backup" => notify.backup,
    "notify_fault" => notify.fault,
    "notify_stop" => notify.stop,
    "notify_deleted" => notify.deleted,
    "notify_master_rx_lower_pri" => notify.master_rx_lower_pri,
    "notify" => notify.any,
    "notify_priority_changes" => notify_priority_changes,
    "smtp_alert" => smtp_alert,
    "lvs_sync_daemon_interface" => lvs_sync_daemon_interface,
});

choices!(VrrpVersion { V2 = "2", V3 = "3" });
choices!(InitialState { Master = "MASTER", Backup = "BACKUP" });

impl Draft {
    /// Takes in a `vrrp_instance`; of two with one name, the first.
    pub(super) fn instance(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        let Some(name) = self.names.claim(block, Code::DuplicateInstance, session) else {
            return;
        };
        let mut instance = VrrpInstance::new(name, Spanned::default());
        let mut wants_unicast = None;
        let faulty = lower_settings(&mut instance, block, session, |instance, statement, session| {
            if UNICAST.contains(&statement.name()) {
                wants_unicast.get_or_insert(statement.span());
            }
            special(instance, statement, session)
        });
        global::at_least_once(&mut instance.garp, "garp_", session);
        self.config.instances.push(instance);
        self.instances.push(InstanceDraft {
            wants_unicast,
            faulty,
        });
    }
}

/// What says that adverts go to peers.
const UNICAST: [&str; 5] = [
    "unicast_src_ip",
    "unicast_peer",
    "unicast_ttl",
    "check_unicast_src",
    "old_unicast_checksum",
];

/// The statements that do more than set a field.
fn special(instance: &mut VrrpInstance, statement: Statement<'_>, session: &mut Session<'_>) -> Option<bool> {
    let (name, arg) = (statement.name(), statement.arg());
    match name {
        "state" => Some(state(&mut instance.state, statement, session)),
        "preempt" => {
            instance.nopreempt = Spanned::default();
            Some(true)
        }
        "no_accept" => keep(&mut instance.accept, Some(false), statement, session),
        "mcast_src_ip" | "unicast_src_ip" => {
            let source = value::address(name, arg, true, session);
            let sound = source.is_some();
            instance.source = source.or(instance.source);
            Some(sound)
        }
        "mcast_dst_ip" => {
            let group: Option<IpAddr> = value::group(name, arg, session).map(|group| group.value);
            keep(&mut instance.mcast_dst_ip, group, statement, session)
        }
        _ => None,
    }
}

/// Of several that differ the first counts, as in keepalived. What is no state is BACKUP.
fn state(state: &mut Spanned<InitialState>, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
    let arg = statement.arg();
    let Some(read) = InitialState::from_word(arg.text) else {
        let message = format!(
            "`state` is MASTER or BACKUP, not `{}`: it is taken as BACKUP",
            arg.text
        );
        let mut diagnostic = Diagnostic::warning(Code::InvalidChoice, message).at(arg.span);
        if let Some(likely) = choice::likely(arg.text, InitialState::WORDS) {
            diagnostic = diagnostic.suggest(arg.span, likely, format!("write `{likely}`"));
        }
        session.report(diagnostic);
        return true;
    };
    if !state.is_written() {
        *state = Spanned::new(read, arg.span);
    } else if state.value != read {
        session.report(
            Diagnostic::warning(
                Code::StateRepeated,
                "the state is given twice; the first one counts",
            )
            .label(arg.span, "ignored")
            .label(state.span, "the first one"),
        );
    }
    true
}

impl super::Value for OldUnicastChecksum {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        match statement.args().next() {
            None => Some(OldUnicastChecksum::Always),
            Some(arg) if arg.text == "never" => Some(OldUnicastChecksum::Never),
            Some(arg) => {
                choice::report(statement.name(), arg, &["never"], session);
                None
            }
        }
    }

    fn write(&self, keyword: &'static crate::Keyword, out: &mut crate::write::Writer) {
        out.statement(keyword.name, |out| {
            if *self == OldUnicastChecksum::Never {
                out.word("never");
            }
        });
    }
}
