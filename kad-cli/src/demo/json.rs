//! For machines: one JSON object a line.

use serde_json::{Value, json};
use vrrp_engine::Time;

use super::facts::{Credits, Fact, Happening, Outcome, Teller};

pub(super) struct Json;

impl Teller for Json {
    fn begin(&mut self, credits: &Credits) -> Vec<String> {
        let routers: Vec<Value> = credits
            .members
            .iter()
            .map(|member| {
                let instances: Vec<Value> = member
                    .instances
                    .iter()
                    .map(|(name, priority)| json!({ "name": name, "priority": priority }))
                    .collect();
                json!({
                    "name": member.name, "daemon": member.daemon, "addresses": member.addresses,
                    "instances": instances,
                })
            })
            .collect();
        let world = json!({
            "t": 0.0, "event": "world", "routers": routers, "client": credits.client,
            "target": credits.target, "ping_interval_ms": credits.ping_interval.as_secs_f64() * 1e3,
        });
        vec![world.to_string()]
    }

    fn tell(&mut self, start: Time, fact: &Fact) -> Vec<String> {
        let mut line = happening(&fact.what);
        if let Some(line) = line.as_object_mut() {
            line.insert("t".to_owned(), seconds(start, fact.at));
            line.insert("router".to_owned(), Value::from(fact.who.clone()));
        }
        vec![line.to_string()]
    }

    fn end(&mut self, outcome: &Outcome) -> Vec<String> {
        let checks: Vec<Value> = outcome
            .checks
            .iter()
            .map(|check| {
                json!({ "what": check.what, "expected": check.expected, "seen": check.seen, "ok": check.ok })
            })
            .collect();
        let adverts: serde_json::Map<String, Value> = outcome
            .credits
            .members
            .iter()
            .enumerate()
            .map(|(router, member)| (member.name.clone(), Value::from(outcome.adverts_of(router))))
            .collect();
        let summary = json!({
            "t": seconds(outcome.start, outcome.end), "event": "summary", "checks": checks, "adverts": adverts,
            "pings_sent": outcome.pings.len(), "pings_lost": outcome.lost(),
            "outage_ms": outcome.outage.map(|(_, lasted, _)| lasted.as_secs_f64() * 1e3),
            "allowed_ms": outcome.outage.map(|(_, _, allowed)| allowed.as_secs_f64() * 1e3),
            "fine": outcome.is_fine(),
        });
        vec![summary.to_string()]
    }
}

fn happening(what: &Happening) -> Value {
    match what {
        Happening::Started { daemon } => json!({ "event": "started", "daemon": daemon }),
        Happening::State {
            instance,
            state,
            reason,
        } => {
            json!({ "event": "state", "instance": instance, "state": state.to_string(), "reason": reason })
        }
        Happening::Announced { address, mac, frames } => {
            json!({ "event": "announced", "address": address, "mac": mac.to_string(), "frames": frames })
        }
        Happening::Died => json!({ "event": "died" }),
        Happening::Returned => json!({ "event": "returned" }),
        Happening::Ended { how } => json!({ "event": "ended", "how": how }),
        Happening::Silence { lost, lasted } => {
            json!({ "event": "silence", "lost": lost, "ms": lasted.as_secs_f64() * 1e3 })
        }
        Happening::Note(text) => json!({ "event": "note", "text": text }),
    }
}

fn seconds(start: Time, at: Time) -> Value {
    Value::from((at - start).as_secs_f64())
}
