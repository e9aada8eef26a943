//! Whom mail goes to, and about what.

use std::collections::BTreeSet;
use std::time::Duration;

use kaconf::Config;

use crate::mail::{Address, InvalidAddress, Server};
use crate::notify::{Event, Kind, Object};

/// What the file says of mail about instances and groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// `smtp_server`.
    pub server: Server,
    /// `smtp_connect_timeout`.
    pub timeout: Duration,
    /// `smtp_helo_name`; `None` is the host's name.
    pub helo: Option<String>,
    /// `router_id`; `None` is the host's name.
    pub router_id: Option<String>,
    /// `notification_email_from`; `None` is this process's user at the host.
    pub from: Option<Address>,
    /// `notification_email`.
    pub to: Vec<Address>,
    /// Addresses that cannot be used.
    pub unusable: Vec<InvalidAddress>,
    /// What mail is sent about.
    pub about: About,
}

/// `smtp_alert` of each object, and what is left out of all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct About {
    instances: BTreeSet<String>,
    groups: BTreeSet<String>,
    no_faults: bool,
}

impl About {
    /// Whether somebody wants mail about it.
    pub fn wants(&self, event: &Event) -> bool {
        let names = match event.object {
            Object::Instance => &self.instances,
            Object::Group => &self.groups,
        };
        names.contains(&*event.name) && !(self.no_faults && event.kind == Kind::Fault)
    }
}

/// `None` without a server or without recipients.
pub(super) fn mail(config: &Config) -> Option<Mail> {
    let (global, from) = (&config.global, &config.global.mail);
    let server = from.smtp_server.as_ref()?;
    let mut unusable = Vec::new();
    let mut usable = |text: &str| Address::new(text).map_err(|error| unusable.push(error)).ok();
    let to: Vec<Address> = from
        .notification_email
        .iter()
        .filter_map(|text| usable(text))
        .collect();
    let sender = from
        .notification_email_from
        .as_ref()
        .and_then(|text| usable(text));
    if to.is_empty() && unusable.is_empty() {
        return None;
    }
    let instances = config.instances.iter().filter(|instance| *instance.smtp_alert);
    let groups = config.sync_groups.iter().filter(|group| *group.smtp_alert);
    Some(Mail {
        server: Server {
            host: server.host.clone(),
            port: server.port,
        },
        timeout: *from.smtp_connect_timeout,
        helo: from.smtp_helo_name.as_ref().map(|name| name.value.clone()),
        router_id: global.router_id.as_ref().map(|name| name.value.clone()),
        from: sender,
        to,
        unusable,
        about: About {
            instances: instances.map(|instance| instance.name.value.clone()).collect(),
            groups: groups.map(|group| group.name.value.clone()).collect(),
            no_faults: *from.no_email_faults,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn plan(global: &str, alert: &str) -> Option<Mail> {
        let text = format!(
            "global_defs {{\n {global}\n}}\nvrrp_sync_group G {{\n group {{\n A\n }}\n}}\nvrrp_instance A {{\n interface eth0\n \
             virtual_router_id 1\n {alert}\n virtual_ipaddress {{\n 10.0.0.9\n }}\n}}\nvrrp_instance B {{\n interface eth0\n \
             virtual_router_id 2\n virtual_ipaddress {{\n 10.0.0.10\n }}\n}}\n"
        );
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        Plan::from_config(&parsed.config).unwrap().mail
    }

    const USUAL: &str = "smtp_server 192.0.2.1 2525\n notification_email {\n a@b\n }\n";

    fn wants(mail: &Mail, object: Object, name: &str, kind: Kind) -> bool {
        mail.about.wants(&Event::new(object, name, kind))
    }

    #[test]
    fn who_says_smtp_alert_is_told_about() {
        let mail = plan(USUAL, "smtp_alert").unwrap();
        assert_eq!((&*mail.server.host, mail.server.port), ("192.0.2.1", 2525));
        assert!(wants(&mail, Object::Instance, "A", Kind::Fault));
        assert!(!wants(&mail, Object::Instance, "B", Kind::Master));
        assert!(!wants(&mail, Object::Group, "G", Kind::Master));
    }

    #[test]
    fn defaults_are_inherited_and_faults_can_be_left_out() {
        let text =
            format!("{USUAL} smtp_alert\n no_email_faults\n router_id R9\n notification_email_from x@y");
        let mail = plan(&text, "smtp_alert off").unwrap();
        assert!(!wants(&mail, Object::Instance, "A", Kind::Master));
        assert!(wants(&mail, Object::Instance, "B", Kind::Master));
        assert!(!wants(&mail, Object::Instance, "B", Kind::Fault));
        assert!(wants(&mail, Object::Group, "G", Kind::Stop));
        assert_eq!(mail.router_id.as_deref(), Some("R9"));
        assert_eq!(mail.from.unwrap().as_str(), "x@y");
        let mail = plan(&format!("{USUAL} smtp_alert\n smtp_alert_vrrp off"), "").unwrap();
        assert!(!wants(&mail, Object::Instance, "B", Kind::Master));
    }

    #[test]
    fn without_server_or_recipients_there_is_no_mail() {
        assert_eq!(plan("notification_email {\n a@b\n }", "smtp_alert"), None);
        assert_eq!(plan("smtp_server 192.0.2.1", "smtp_alert"), None);
    }

    #[test]
    fn addresses_that_cannot_be_used_are_named() {
        let mail = plan("smtp_server h\n notification_email {\n a@b\n <c@d>\n }", "").unwrap();
        assert_eq!(mail.to.len(), 1);
        assert!(
            mail.unusable[0].to_string().contains("<c@d>"),
            "{:?}",
            mail.unusable
        );
    }
}
