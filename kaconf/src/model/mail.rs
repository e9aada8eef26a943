use std::time::Duration;

use super::Spanned;

/// What `global_defs` says about mail.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mail {
    /// `notification_email`: who gets it.
    pub notification_email: Vec<Spanned<String>>,
    /// `notification_email_from`: the sender; `None` is the user at the host.
    pub notification_email_from: Option<Spanned<String>>,
    /// `smtp_server`; without one there is no mail.
    pub smtp_server: Option<Spanned<SmtpServer>>,
    /// `smtp_connect_timeout`: at least 1 s. Default 30 s.
    pub smtp_connect_timeout: Spanned<Duration>,
    /// `smtp_helo_name`; `None` is the host's name.
    pub smtp_helo_name: Option<Spanned<String>>,
    /// `smtp_alert`: what holds for all who do not say.
    pub smtp_alert: Option<Spanned<bool>>,
    /// `smtp_alert_vrrp`: what holds for instances and groups that do not say.
    pub smtp_alert_vrrp: Option<Spanned<bool>>,
    /// `smtp_alert_checker`: what holds for virtual and real servers that do not say.
    pub smtp_alert_checker: Option<Spanned<bool>>,
    /// `no_email_faults`: no mail when an instance is in FAULT.
    pub no_email_faults: Spanned<bool>,
    /// `no_checker_emails`: no mail from single checkers.
    pub no_checker_emails: Spanned<bool>,
}

impl Mail {
    /// Whether instances and groups send mail that do not say.
    pub fn alert_vrrp(&self) -> Spanned<bool> {
        self.smtp_alert_vrrp.or(self.smtp_alert).unwrap_or_default()
    }
}

impl Mail {
    /// Whether virtual and real servers send mail that do not say; `None` is off for the ones and on for the others.
    pub fn alert_checker(&self) -> Option<Spanned<bool>> {
        self.smtp_alert_checker.or(self.smtp_alert)
    }
}

impl Default for Mail {
    fn default() -> Self {
        Mail {
            notification_email: Vec::new(),
            notification_email_from: None,
            smtp_server: None,
            smtp_connect_timeout: Duration::from_secs(30).into(),
            smtp_helo_name: None,
            smtp_alert: None,
            smtp_alert_vrrp: None,
            smtp_alert_checker: None,
            no_email_faults: false.into(),
            no_checker_emails: false.into(),
        }
    }
}

/// `smtp_server HOST [PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SmtpServer {
    /// An address, or a name to be looked up.
    pub host: String,
    /// Default 25.
    pub port: u16,
}

impl SmtpServer {
    /// A server that listens on a port.
    pub fn new(host: String, port: u16) -> Self {
        SmtpServer { host, port }
    }

    /// The port of SMTP (RFC 5321 section 4.5.4.2).
    pub const DEFAULT_PORT: u16 = 25;
}
