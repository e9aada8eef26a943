//! For machines: one JSON object a line. The fields are described where the module is.

use std::time::Duration;

use serde_json::{Map, Value, json};
use vrrp_engine::Time;

use crate::demo::facts::{Fact, Happening, Outcome, Teller, Waiting};
use crate::demo::players::Players;
use crate::demo::recorder::PING_INTERVAL;
use crate::demo::step::{Check, Numbers};

/// Writes JSON.
#[derive(Debug, Default)]
pub(in crate::demo) struct Json {
    start: Time,
}

/// There is nothing to see.
pub(in crate::demo) fn error(message: &str) -> String {
    json!({ "t": 0.0, "event": "error", "message": message }).to_string()
}

impl Teller for Json {
    fn begin(&mut self, players: &Players, start: Time, takes: Duration) -> Vec<String> {
        self.start = start;
        let routers = players.routers.iter().map(
            |router| json!({ "name": router.name, "daemon": router.daemon, "addresses": router.addresses }),
        );
        let world = json!({
            "routers": routers.collect::<Vec<_>>(),
            "client": players.client,
            "instances": instances(players),
            "target": players.target,
            "ping_interval_ms": millis(PING_INTERVAL),
            "takes_s": takes.as_secs_f64(),
        });
        vec![self.line(start, "world", world)]
    }

    fn tell(&mut self, players: &Players, fact: &Fact) -> Vec<String> {
        let (event, fields) = happening(players, &fact.what);
        vec![self.line(fact.at, event, fields)]
    }

    fn wait(&mut self, _: &Players, _: Time, _: &Waiting) -> Vec<String> {
        Vec::new()
    }

    fn end(&mut self, players: &Players, outcome: &Outcome) -> Vec<String> {
        let checks: Vec<Value> = outcome.checks.iter().map(|it| check(players, it)).collect();
        let summary = json!({
            "checks": checks,
            "adverts": by_router(players, &outcome.adverts(players)),
            "pings_sent": outcome.pings.len(),
            "pings_lost": outcome.pings_lost(),
            "given_up": outcome.given_up,
            "ok": outcome.is_fine(),
        });
        vec![self.line(outcome.end, "summary", summary)]
    }
}

impl Json {
    fn line(&self, at: Time, event: &str, fields: Value) -> String {
        let mut line = Map::new();
        line.insert("t".to_owned(), Value::from((at - self.start).as_secs_f64()));
        line.insert("event".to_owned(), Value::from(event));
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        Value::Object(line).to_string()
    }
}

fn instances(players: &Players) -> Vec<Value> {
    let groups = players.groups.iter().map(|group| {
        let members = group.members.iter().map(|member| {
            json!({
                "router": players.name(member.router),
                "instance": member.instance,
                "priority": member.priority,
                "master_down_ms": millis(member.master_down()),
            })
        });
        json!({
            "name": group.name,
            "interface": players.lans.get(group.lan),
            "vrid": group.vrid.get(),
            "addresses": group.addresses,
            "members": members.collect::<Vec<_>>(),
        })
    });
    groups.collect()
}

fn happening(players: &Players, what: &Happening) -> (&'static str, Value) {
    let name = |router: &usize| players.name(*router);
    match what {
        Happening::Step(step) => {
            let router = step.router().map(|router| players.name(router));
            ("step", json!({ "step": step.word(), "router": router }))
        }
        Happening::Started { router } => ("started", json!({ "router": name(router) })),
        Happening::State {
            router,
            group,
            from,
            to,
            reason,
        } => (
            "state",
            json!({
                "router": name(router),
                "instance": instance(players, *router, *group),
                "from": from.map(|from| from.to_string()),
                "to": to.to_string(),
                "reason": reason,
            }),
        ),
        Happening::Advert {
            router,
            group,
            priority,
        } => (
            "advert",
            json!({
                "router": name(router),
                "instance": instance(players, *router, *group),
                "priority": priority.get(),
            }),
        ),
        Happening::Announced {
            router,
            address,
            mac,
            frames,
        } => (
            "announced",
            json!({ "router": name(router), "address": address, "mac": mac.to_string(), "frames": frames }),
        ),
        Happening::Silence => ("silence", json!({})),
        Happening::Answer { after } => (
            "answer",
            json!({
                "after_ms": after.map(|after| millis(after.lasted)),
                "lost": after.map(|after| after.lost),
            }),
        ),
        Happening::Ended { router, how } => ("ended", json!({ "router": name(router), "how": how })),
        Happening::Note { router, text } => ("note", json!({ "router": name(router), "text": text })),
        Happening::Checked(it) => ("check", check(players, it)),
    }
}

fn check(players: &Players, check: &Check) -> Value {
    let Numbers {
        pings_sent,
        pings_lost,
        outage,
        adverts,
    } = &check.numbers;
    json!({
        "step": check.step.word(),
        "router": check.step.router().map(|router| players.name(router)),
        "expected": check.expected,
        "seen": check.seen,
        "timers_ms": check.timers.as_ref().map(|timers| millis(timers.wait)),
        "reason": check.timers.as_ref().map(|timers| &timers.reason),
        "took_ms": check.took.map(millis),
        "outage_ms": outage.map(|outage| millis(outage.lasted)),
        "pings_sent": pings_sent,
        "pings_lost": pings_lost,
        "adverts": by_router(players, adverts),
        "problem": check.problem,
        "ok": check.is_fine(),
    })
}

fn by_router(players: &Players, counts: &[usize]) -> Value {
    let routers = players.routers.iter().zip(counts);
    let counts = routers.map(|(router, count)| (router.name.clone(), Value::from(*count)));
    Value::Object(counts.collect())
}

fn instance(players: &Players, router: usize, group: usize) -> Option<&str> {
    let member = players.groups.get(group)?.member(router)?;
    Some(&member.instance)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
