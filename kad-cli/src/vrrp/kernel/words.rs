//! What is said of changes.

use std::fmt::Write;

use vrrp_engine::Time;

use super::{Failure, Job, Kernel, Why};
use crate::plan::{Plan, Route, Rule};
use crate::rtnl::RuleTarget;
use crate::vrrp::holdings::{Item, What};
use crate::vrrp::report::more_of_them;

impl Kernel {
    pub(super) fn report_done(&mut self, now: Time, plan: &Plan, job: &Job) {
        let (name, item) = (&job.change.name, describe(&job.change.item, plan));
        match (job.change.what, job.why) {
            (What::Add, Why::Lost) => {
                if let Some(held_back) = self.failures.pass(now, Failure::Repair) {
                    let more = more_of_them(held_back);
                    tracing::warn!("{name}: {item} was removed by another program; it was put back{more}");
                }
            }
            (What::Add, Why::Again) => tracing::info!("{name}: {item} is there again"),
            (What::Remove, Why::Leftover) if !matches!(job.change.item, Item::Address(_)) => {
                if let Some(held_back) = self.failures.pass(now, Failure::Leftover) {
                    let more = more_of_them(held_back);
                    tracing::warn!(
                        "{name}: {item} was there already; removed until this router is master{more}"
                    );
                }
            }
            (what, _) => {
                let done = done(what, &job.change.item, plan);
                tracing::debug!("{name}: {item} {done}");
            }
        }
    }

    /// It was there already, or was no longer.
    pub(super) fn report_needless(&self, plan: &Plan, job: &Job) {
        let (name, item) = (&job.change.name, describe(&job.change.item, plan));
        match (job.change.what, job.why) {
            (What::Add, Why::Asked) => tracing::info!("{name}: {item} was there already"),
            (What::Add, _) => tracing::debug!("{name}: {item} is there"),
            (What::Remove, _) => tracing::debug!("{name}: {item} was no longer there"),
        }
    }

    /// It cannot be done. What is tried again and again does not fill the log.
    pub(super) fn complain(&mut self, now: Time, plan: &Plan, job: &Job, reason: &str) {
        let more = match job.why {
            Why::Asked | Why::Leftover => String::new(),
            _ => match self.failures.pass(now, Failure::Repair) {
                Some(held_back) => more_of_them(held_back),
                None => return,
            },
        };
        let (name, item) = (&job.change.name, describe(&job.change.item, plan));
        let done = done(job.change.what, &job.change.item, plan);
        tracing::error!("{name}: {item} cannot be {done}: {reason}{more}");
    }
}

/// `removed from eth0` for an address.
fn done(what: What, item: &Item, plan: &Plan) -> String {
    let (done, preposition) = match what {
        What::Add => ("added", "to"),
        What::Remove => ("removed", "from"),
    };
    match item {
        Item::Address(entry) => format!("{done} {preposition} {}", plan.interface_name(entry.interface)),
        _ => done.to_owned(),
    }
}

/// As the file would have it, in short.
fn describe(item: &Item, plan: &Plan) -> String {
    match item {
        Item::Address(entry) => {
            format!("{}/{}", entry.address, entry.prefix_len)
        }
        Item::Route(route) => describe_route(route, plan),
        Item::Rule(rule) => describe_rule(rule),
    }
}

fn describe_route(route: &Route, plan: &Plan) -> String {
    let spec = &route.spec;
    let mut words = "route ".to_owned();
    match spec.destination {
        Some(net) => words.push_str(&net.to_string()),
        None => words.push_str("default"),
    }
    // A string takes everything.
    for hop in std::iter::once(&spec.hop).chain(&spec.hops) {
        if let Some(via) = hop.via {
            let _ = write!(words, " via {via}");
        }
        if let Some(device) = hop.device {
            let _ = write!(words, " dev {}", plan.interface_name(device));
        }
    }
    if let Some(vrf) = route.vrf {
        let _ = write!(words, " vrf {}", plan.interface_name(vrf));
    } else if spec.table != MAIN {
        let _ = write!(words, " table {}", spec.table);
    }
    if let Some(metric) = spec.metric {
        let _ = write!(words, " metric {metric}");
    }
    words
}

fn describe_rule(rule: &Rule) -> String {
    let spec = &rule.spec;
    let mut words = "rule".to_owned();
    let mut add = |word: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(words, " {word} {value}");
        }
    };
    add("from", spec.from.map(|net| net.to_string()));
    add("to", spec.to.map(|net| net.to_string()));
    add("iif", spec.iif.clone());
    add("oif", spec.oif.clone());
    add("fwmark", spec.fwmark.map(|(mark, _)| mark.to_string()));
    match spec.action {
        RuleTarget::Table(table) => add("table", Some(table.to_string())),
        RuleTarget::Goto(priority) => add("goto", Some(priority.to_string())),
        _ => {}
    }
    add("priority", spec.priority.map(|priority| priority.to_string()));
    words
}

/// RT_TABLE_MAIN (linux/rtnetlink.h).
const MAIN: u32 = 254;
