use super::setting::lower as lower_settings;
use super::{checker, settings};
use crate::session::Session;
use crate::tree::Statement;
use crate::{Block, Checker, Code, Diagnostic, Endpoint, RealServer, Spanned};

settings!(RealServer, Block::RealServer, {
    "weight" => weight,
    "lvs_method" => method,
    "inhibit_on_failure" => inhibit_on_failure,
    "notify_up" => extras.notify_up,
    "notify_down" => extras.notify_down,
    "uthreshold" => extras.uthreshold,
    "lthreshold" => extras.lthreshold,
    "alpha" => schedule.alpha,
    "retry" => schedule.retry,
    "delay_before_retry" => schedule.delay_before_retry,
    "delay_loop" => schedule.delay_loop,
    "warmup" => schedule.warmup,
    "connect_timeout" => contact.connect_timeout,
    "virtualhost" => contact.virtualhost,
    "smtp_alert" => smtp_alert,
    "snmp_name" => extras.snmp_name,
});

/// A `real_server` block as it stands; nothing is inherited yet.
#[derive(Debug)]
pub(super) struct RealServerDraft {
    pub(super) server: RealServer,
    /// A checker is there with a fault that is reported.
    pub(super) faulty: bool,
}

/// Takes in a `real_server`; `None` if nothing says where it is.
pub(super) fn lower(block: Statement<'_>, session: &mut Session<'_>) -> Option<RealServerDraft> {
    let endpoint: Option<Endpoint> = super::Value::read(block, session);
    let mut server = RealServer::new(Spanned::new(endpoint?, block.place()));
    // One is the usual number, and a `Vec` would have room for four.
    let mut checkers = Vec::new();
    let mut faulty = false;
    lower_settings(&mut server, block, session, |_, statement, session| {
        statement.keyword().and_then(|keyword| keyword.block)?;
        if checkers.is_empty() {
            checkers.reserve_exact(1);
        }
        let checker: Option<Checker> = checker::read(statement, session);
        faulty |= checker.is_none();
        checkers.extend(checker);
        Some(true)
    });
    server.checkers = checkers.into_boxed_slice();
    check_thresholds(&server, session);
    Some(RealServerDraft { server, faulty })
}

fn check_thresholds(server: &RealServer, session: &mut Session<'_>) {
    let (upper, lower) = (server.extras.uthreshold, server.extras.lthreshold);
    if lower.value > upper.value && lower.is_written() {
        let message = if upper.value == 0 {
            "`lthreshold` has no effect without `uthreshold`".to_owned()
        } else {
            format!("`lthreshold` {lower} is above `uthreshold` {upper}: it has no effect")
        };
        session.report(Diagnostic::warning(Code::WithoutEffect, message).at(lower.span));
    }
}
