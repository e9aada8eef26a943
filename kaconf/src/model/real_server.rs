use super::shared::common;
use super::{Checker, Command, Contact, Endpoint, Forwarding, Schedule, Shared, Spanned};

/// One `real_server` of a virtual server, with every default filled in.
///
/// There may be very many of them, so what is rarely said is shared by all that do not say it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RealServer {
    /// Its address and port. The port is the virtual server's if it says none, and always with DR and TUN.
    pub endpoint: Spanned<Endpoint>,
    /// `weight`: 0 is no new connections. Default the virtual server's.
    pub weight: Spanned<u32>,
    /// `lvs_method`: default `lb_kind`.
    pub method: Spanned<Forwarding>,
    /// `inhibit_on_failure`: when failed it keeps its place with weight 0. Default the virtual server's.
    pub inhibit_on_failure: Spanned<bool>,
    /// `smtp_alert`: mail when it comes or goes. Default `smtp_alert_checker`, or else `smtp_alert`, or else on.
    pub smtp_alert: Spanned<bool>,
    /// What most real servers do not have.
    pub extras: Shared<Extras>,
    /// When its checkers check that do not say. Default the virtual server's.
    pub schedule: Shared<Schedule>,
    /// How they reach it. Default the virtual server's.
    pub contact: Shared<Contact>,
    /// All of them must succeed; without one it is always up.
    pub checkers: Box<[Checker]>,
}

/// What most real servers do not have.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Extras {
    /// `uthreshold`: with so many connections it gets no new ones; 0 (the default) is no limit.
    pub uthreshold: Spanned<u32>,
    /// `lthreshold`: until it has fewer than these.
    pub lthreshold: Spanned<u32>,
    /// `notify_up`: what runs when it comes up.
    pub notify_up: Option<Spanned<Command>>,
    /// `notify_down`: what runs when it goes down.
    pub notify_down: Option<Spanned<Command>>,
    /// `snmp_name`.
    pub snmp_name: Option<Spanned<String>>,
}

common!(Extras);

impl RealServer {
    /// A real server of which nothing is said but where it is.
    pub fn new(endpoint: Spanned<Endpoint>) -> Self {
        RealServer {
            endpoint,
            weight: 1.into(),
            method: Forwarding::Nat.into(),
            inhibit_on_failure: false.into(),
            smtp_alert: true.into(),
            extras: Shared::default(),
            schedule: Shared::default(),
            contact: Shared::default(),
            checkers: Box::default(),
        }
    }
}
