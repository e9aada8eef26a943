use std::time::Duration;

use super::draft::{Draft, InstanceDraft};
use super::global::keep;
use super::{address, authentication, peers, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::{Code, Diagnostic, InitialState, Spanned};

impl Draft {
    /// Takes in a `vrrp_instance`; of two with one name, the first.
    pub(super) fn instance(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        let Some(name) = value::name(block.name(), block.arg(), session) else {
            return;
        };
        if let Some(&first) = self.instance_names.get(&name.value) {
            session.report(
                Diagnostic::error(
                    Code::DuplicateInstance,
                    format!("`vrrp_instance {name}` is there already"),
                )
                .label(name.span, "this one is ignored")
                .label(first, "the first one"),
            );
            return;
        }
        self.instance_names.insert(name.value.clone(), name.span);
        let mut instance = InstanceDraft::new(name);
        for statement in block.children() {
            if statement.is_broken() {
                instance.faulty.push(statement.name());
            } else if !instance.garp.statement("garp_", statement, session) {
                instance.statement(statement, session);
            }
        }
        self.instances.push(instance);
    }
}

impl InstanceDraft {
    fn statement(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        let (name, arg) = (statement.name(), statement.arg());
        match name {
            "state" => self.state(statement, session),
            "interface" => {
                let interface = value::name(name, arg, session);
                self.faulty.extend(interface.is_none().then_some(name));
                keep(&mut self.interface, interface);
            }
            "virtual_router_id" => {
                let id = value::number(name, arg, 1..=255, session);
                self.faulty.extend(id.is_none().then_some(name));
                keep(
                    &mut self.virtual_router_id,
                    id.map(|id| Spanned::new(id, arg.span)),
                );
            }
            "priority" => {
                let priority = value::number(name, arg, 1..=255, session);
                keep(
                    &mut self.priority,
                    priority.map(|priority| Spanned::new(priority, arg.span)),
                );
            }
            "advert_int" => {
                let range = Duration::from_millis(10)..=Duration::from_secs(255);
                keep(&mut self.advert_int, value::seconds(name, arg, range, session));
            }
            "version" => keep(&mut self.version, value::version(name, arg, session)),
            "down_timer_adverts" => {
                keep(
                    &mut self.down_timer_adverts,
                    value::number(name, arg, 1..=100, session),
                );
            }
            "debug" => keep(&mut self.debug, value::number(name, arg, 0..=4, session)),
            "nopreempt" => self.nopreempt = Some(statement.span()),
            "preempt" => self.nopreempt = None,
            "preempt_delay" => {
                let range = Duration::ZERO..=Duration::from_secs(1000);
                keep(&mut self.preempt_delay, value::seconds(name, arg, range, session));
            }
            _ => self.transport(statement, session),
        }
    }

    fn transport(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        let (name, arg) = (statement.name(), statement.arg());
        match name {
            "native_ipv6" => {
                let native = value::boolean(statement, session);
                keep(
                    &mut self.native_ipv6,
                    native.map(|native| Spanned::new(native, statement.span())),
                );
            }
            "skip_check_adv_addr" => {
                keep(&mut self.skip_check_adv_addr, value::boolean(statement, session));
            }
            "v3_checksum_as_v2" => keep(&mut self.v3_checksum_as_v2, value::boolean(statement, session)),
            "mcast_src_ip" => keep(&mut self.source, value::address(name, arg, true, session)),
            "unicast_src_ip" => {
                self.wants_unicast.get_or_insert(statement.span());
                keep(&mut self.source, value::address(name, arg, true, session));
            }
            "mcast_dst_ip" => keep(&mut self.mcast_dst_ip, value::group(name, arg, session)),
            "virtual_ipaddress" => self.addresses(statement, session),
            "unicast_peer" => {
                self.wants_unicast.get_or_insert(statement.span());
                self.peers(statement, session);
            }
            "authentication" => {
                keep(
                    &mut self.authentication,
                    authentication::lower(statement, session),
                );
            }
            other => debug_assert!(false, "`{other}` is typed but not lowered"),
        }
    }

    /// Of several that differ the first counts, as in keepalived.
    fn state(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        let arg = statement.arg();
        let state = match arg.text {
            "MASTER" => InitialState::Master,
            "BACKUP" => InitialState::Backup,
            _ => {
                let message = format!(
                    "`state` is MASTER or BACKUP, not `{}`: it is taken as BACKUP",
                    arg.text
                );
                let mut diagnostic = Diagnostic::warning(Code::InvalidChoice, message).at(arg.span);
                let likely = arg.text.trim_end_matches(';').to_ascii_uppercase();
                if likely == "MASTER" || likely == "BACKUP" {
                    diagnostic = diagnostic.suggest(arg.span, likely.clone(), format!("write `{likely}`"));
                }
                session.report(diagnostic);
                return;
            }
        };
        match &self.state {
            None => self.state = Some(Spanned::new(state, arg.span)),
            Some(first) if first.value == state => {}
            Some(first) => session.report(
                Diagnostic::warning(
                    Code::StateRepeated,
                    "the state is given twice; the first one counts",
                )
                .label(arg.span, "ignored")
                .label(first.span, "the first one"),
            ),
        }
    }

    fn peers(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        for line in block.children() {
            match peers::lower(line, session) {
                Some(peer) => self.unicast_peer.push(peer),
                None => self.faulty.push(block.name()),
            }
        }
    }

    fn addresses(&mut self, block: Statement<'_>, session: &mut Session<'_>) {
        for line in block.children() {
            match address::lower(line, session) {
                Some(address) => self.virtual_ipaddress.push(address),
                None => self.faulty.push(block.name()),
            }
        }
    }
}
