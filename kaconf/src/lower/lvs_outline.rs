//! Virtual servers as an [`Outline`].

use std::time::Duration;

use super::checker::{self, Inheritance, Typed};
use super::{Settings, virtual_server};
use crate::{
    Block, Check, Checker, GlobalDefs, Outline, RealServer, Schedule, Service, Shared, SmtpHost, Spanned,
    Url, VirtualServer, VirtualServerGroup,
};

impl VirtualServerGroup {
    /// Adds it to the outermost level.
    pub(super) fn outline(&self, root: &mut Outline) {
        if let Some(keyword) = Block::Root.keyword("virtual_server_group") {
            root.lines(keyword, self.name.span, |out| {
                out.block(keyword.name, &[&self.name], |out| self.write_entries(out));
            });
        }
    }
}

impl VirtualServer {
    /// Adds it to the outermost level.
    pub(super) fn outline(&self, global: &GlobalDefs, root: &mut Outline) {
        let block = match &self.service.value {
            Service::Address(endpoint) => {
                let (address, port) = (endpoint.address.to_string(), endpoint.port.to_string());
                let arguments = [address.as_str(), port.as_str()];
                let given = if endpoint.port == 0 {
                    &arguments[..1]
                } else {
                    &arguments[..]
                };
                root.block("virtual_server", given)
            }
            Service::Fwmark(mark) => root.block("virtual_server", &["fwmark", &mark.to_string()]),
            Service::Group(name) => root.block("virtual_server", &["group", name]),
        };
        let mut without = VirtualServer::new(self.service.clone());
        without.sorry_server_method = self.method;
        without.schedule.delay_loop = self.schedule.delay_loop;
        checker::fill_warmup(&mut without.schedule);
        without.schedule.delay_loop = Schedule::default().delay_loop;
        show_inherited(&mut without.schedule, &self.schedule, &Schedule::default());
        without.inherit(global);
        block.settings(self, &without);
        let mut inheritance = Inheritance::default();
        for real in &self.real_servers {
            real.outline(self, global, &mut inheritance, block);
        }
    }
}

/// What is said here counts for checkers whose own default is another, so it is shown even if it is the default of most.
fn show_inherited(without: &mut Shared<Schedule>, said: &Schedule, from: &Schedule) {
    if said.retry.span != from.retry.span {
        without.retry.value = said.retry.value.wrapping_add(1);
    }
    if said.delay_before_retry.span != from.delay_before_retry.span {
        without.delay_before_retry.value = OTHER;
    }
    if said.warmup.span != from.warmup.span {
        without.warmup.value = OTHER;
    }
}

/// What no file says.
const OTHER: Duration = Duration::MAX;

impl RealServer {
    fn outline(
        &self,
        server: &VirtualServer,
        global: &GlobalDefs,
        inheritance: &mut Inheritance,
        parent: &mut Outline,
    ) {
        let endpoint = &self.endpoint.value;
        let (address, port) = (endpoint.address.to_string(), endpoint.port.to_string());
        let block = if endpoint.port == 0 {
            parent.block("real_server", &[&address])
        } else {
            parent.block("real_server", &[&address, &port])
        };
        let mut without = RealServer::new(self.endpoint);
        virtual_server::inherit(&mut without, server);
        without.smtp_alert = global.mail.alert_checker().unwrap_or(Spanned::from(true));
        if !self.schedule.same(&server.schedule) {
            let mut schedule = server.schedule.clone();
            schedule.delay_loop.value = self.schedule.delay_loop.value;
            checker::fill_warmup(&mut schedule);
            without.schedule.warmup = schedule.warmup;
            show_inherited(&mut without.schedule, &self.schedule, &server.schedule);
        }
        block.settings(self, &without);
        for checker in &self.checkers {
            checker.outline(self, global, inheritance, block);
        }
    }
}

impl Checker {
    fn outline(
        &self,
        real: &RealServer,
        global: &GlobalDefs,
        inheritance: &mut Inheritance,
        parent: &mut Outline,
    ) {
        let mut without = Checker {
            keyword: self.keyword,
            schedule: Shared::default(),
            log_all_failures: global.lvs.checker_log_all_failures,
            check: self.check.blank(),
        };
        without.schedule.delay_loop.inherit(&self.schedule.delay_loop);
        inheritance.fill(&mut without, real, real.endpoint.port);
        let inherited = &real.schedule.delay_loop;
        without.schedule.delay_loop = *inherited;
        let block = parent.said(self.check.keyword(), &[]);
        self.settings(&without, block);
        match &self.check {
            Check::Http(check) => {
                for url in &check.urls {
                    let mut without = Url::new(Spanned::default());
                    without.virtualhost.clone_from(&check.virtualhost);
                    without.tls_compliant = check.tls_compliant;
                    block.said("url", &[]).settings(url, &without);
                }
            }
            Check::Smtp(check) => {
                for host in &check.hosts {
                    let mut without = SmtpHost::default();
                    checker::inherit_connection(&mut without.connection, &check.connection);
                    block.said("host", &[]).settings(host, &without);
                }
            }
            _ => {}
        }
    }

    /// Adds its settings; `without` is of the same kind.
    fn settings(&self, without: &Checker, block: &mut Outline) {
        match (&self.check, &without.check) {
            (Check::Tcp(own), Check::Tcp(inherited)) => self.typed(own, without, inherited, block),
            (Check::Http(own), Check::Http(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Smtp(own), Check::Smtp(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Dns(own), Check::Dns(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Udp(own), Check::Udp(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Ping(own), Check::Ping(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Misc(own), Check::Misc(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::File(own), Check::File(inherited)) => self.typed(&**own, without, &**inherited, block),
            (Check::Bfd(own), Check::Bfd(inherited)) => self.typed(&**own, without, &**inherited, block),
            _ => {}
        }
    }

    fn typed<C: Clone>(&self, own: &C, without: &Checker, inherited: &C, block: &mut Outline)
    where
        Typed<C>: Settings,
    {
        block.settings(&with(self, own), &with(without, inherited));
    }
}

fn with<C: Clone>(checker: &Checker, own: &C) -> Typed<C> {
    Typed {
        schedule: checker.schedule.clone(),
        log_all_failures: checker.log_all_failures,
        own: own.clone(),
    }
}

impl Check {
    /// The keyword of its block.
    pub(super) fn keyword(&self) -> &'static str {
        match self {
            Check::Tcp(_) => "TCP_CHECK",
            Check::Http(check) if check.tls => "SSL_GET",
            Check::Http(_) => "HTTP_GET",
            Check::Smtp(_) => "SMTP_CHECK",
            Check::Misc(_) => "MISC_CHECK",
            Check::Dns(_) => "DNS_CHECK",
            Check::Udp(_) => "UDP_CHECK",
            Check::Ping(_) => "PING_CHECK",
            Check::File(_) => "FILE_CHECK",
            Check::Bfd(_) => "BFD_CHECK",
        }
    }

    /// One of its kind of which nothing is said.
    fn blank(&self) -> Check {
        match self {
            Check::Tcp(_) => Check::Tcp(Default::default()),
            Check::Http(_) => Check::Http(Box::default()),
            Check::Smtp(_) => Check::Smtp(Box::default()),
            Check::Misc(_) => Check::Misc(Box::default()),
            Check::Dns(_) => Check::Dns(Box::default()),
            Check::Udp(_) => Check::Udp(Box::default()),
            Check::Ping(_) => Check::Ping(Box::default()),
            Check::File(_) => Check::File(Box::default()),
            Check::Bfd(_) => Check::Bfd(Box::default()),
        }
    }
}
