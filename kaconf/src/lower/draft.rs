use std::collections::HashMap;

use super::real_server::RealServerDraft;
use super::setting::Faulty;
use super::value;
use super::virtual_server::Key;
use crate::session::Session;
use crate::tree::Statement;
use crate::{Code, Config, Diagnostic, Span, Spanned};

/// What the files say so far, before anything is inherited or checked against anything else.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(super) config: Config,
    /// One for each of the configuration's instances.
    pub(super) instances: Vec<InstanceDraft>,
    pub(super) names: Names,
    /// The real servers of the virtual server that is open.
    pub(super) real_servers: Vec<RealServerDraft>,
    /// Whether one of them is left out because of a fault that is reported.
    pub(super) lost_real_server: bool,
    /// What is balanced already, and where.
    pub(super) services: HashMap<Key, Span>,
}

/// What a `vrrp_instance`'s block says beside the instance itself.
#[derive(Debug)]
pub(super) struct InstanceDraft {
    /// The `unicast_src_ip` or `unicast_peer` that asks for unicast.
    pub(super) wants_unicast: Option<Span>,
    /// Whether there is a `virtual_ipaddress`, `authentication` and so on with a fault that is reported.
    pub(super) faulty: Faulty,
}

/// The names that blocks have, each kind of block by itself.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<(&'static str, String), Span>);

impl Names {
    /// Whether there is a block of a kind with a name, sound or not.
    pub(super) fn has(&self, kind: &'static str, name: &str) -> bool {
        self.0.contains_key(&(kind, name.to_owned()))
    }

    /// The name of a block; `None` if it has none, or if a block of its kind has the same.
    pub(super) fn claim(
        &mut self,
        block: Statement<'_>,
        code: Code,
        session: &mut Session<'_>,
    ) -> Option<Spanned<String>> {
        let kind = block.name();
        let name = value::name(kind, block.arg(), session)?;
        let Some(&first) = self.0.get(&(kind, name.value.clone())) else {
            self.0.insert((kind, name.value.clone()), name.span);
            return Some(name);
        };
        // Of these keepalived takes several without a word.
        let report = if matches!(kind, "vrrp_script" | "virtual_server_group") {
            Diagnostic::warning
        } else {
            Diagnostic::error
        };
        session.report(
            report(code, format!("`{kind} {name}` is there already"))
                .label(name.span, "this one is ignored")
                .label(first, "the first one"),
        );
        None
    }
}
