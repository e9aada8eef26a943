//! What checkers follow that is defined elsewhere, and what servers inherit from `global_defs`.

use super::draft::Names;
use super::reference::Known;
use crate::session::Session;
use crate::{Check, Checker, Command, Config, GlobalDefs, RealServer, Span, Spanned, VirtualServer};

/// Leaves out checkers that follow what there is not, and fills in what is inherited.
pub(super) fn resolve(config: &mut Config, declared: &Names, session: &mut Session<'_>) {
    let files = config.track_files.iter().map(|file| file.name.as_str());
    let files = Known::new("track_file", files, declared);
    let bfd = config
        .bfd_instances
        .iter()
        .filter(|bfd| *bfd.checker || !*bfd.vrrp)
        .map(|bfd| bfd.name.as_str());
    let bfd = Known::new("bfd_instance", bfd, declared);
    let mut exists = |checker: &Checker| match &checker.check {
        Check::File(check) => files.has(&check.track_file, session),
        Check::Bfd(check) => bfd.has(&check.name, session),
        _ => true,
    };
    for server in &mut config.virtual_servers {
        for real in &mut server.real_servers {
            if real.checkers.iter().any(follows) {
                let mut checkers = std::mem::take(&mut real.checkers).into_vec();
                checkers.retain(&mut exists);
                real.checkers = checkers.into_boxed_slice();
            }
        }
        server.inherit(&config.global);
    }
}

fn follows(checker: &Checker) -> bool {
    matches!(checker.check, Check::File(_) | Check::Bfd(_))
}

impl VirtualServer {
    /// Takes from `global_defs` what the file does not say here.
    pub(super) fn inherit(&mut self, global: &GlobalDefs) {
        let alert = global.mail.alert_checker();
        self.smtp_alert.inherit(&alert.unwrap_or_default());
        let log_all = global.lvs.checker_log_all_failures;
        if alert.is_none() && !log_all.is_written() {
            return;
        }
        for real in &mut self.real_servers {
            real.smtp_alert.inherit(&alert.unwrap_or(Spanned::from(true)));
            for checker in &mut real.checkers {
                checker.log_all_failures.inherit(&log_all);
            }
        }
    }

    /// Every command of it, its real servers and their checkers, and where it stands.
    pub fn commands(&self) -> impl Iterator<Item = (Span, &Command)> {
        let own = [&self.notify.up, &self.notify.down];
        let own = own.into_iter().flatten();
        let of_servers = self.real_servers.iter().flat_map(RealServer::commands);
        own.chain(of_servers)
            .map(|command| (command.span, &command.value))
    }
}

impl RealServer {
    fn commands(&self) -> impl Iterator<Item = &Spanned<Command>> {
        let own = [&self.extras.notify_up, &self.extras.notify_down];
        let of_checkers = self.checkers.iter().filter_map(|checker| match &checker.check {
            Check::Misc(check) => Some(&check.command),
            _ => None,
        });
        own.into_iter().flatten().chain(of_checkers)
    }
}
