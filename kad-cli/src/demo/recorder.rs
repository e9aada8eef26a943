//! From events to facts.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::{Family, MacAddr, Priority};

use super::facts::{Fact, Happening};
use super::forecast::Watched;
use crate::lab::{Event, Ping, What};

/// Collects what happens.
#[derive(Debug)]
pub(super) struct Recorder {
    watched: Watched,
    names: Vec<String>,
    pub(super) facts: Vec<Fact>,
    /// Facts up to here have been told.
    told: usize,
    burst: Option<Burst>,
    pub(super) adverts: Vec<(Time, usize)>,
    pub(super) resignations: Vec<(Time, usize)>,
    pub(super) pings: Vec<Ping>,
    last_answer: Option<Ping>,
    /// Daemons that ended: which process, and whether well.
    pub(super) exits: Vec<(u32, bool)>,
}

/// Announcements that belong together.
#[derive(Clone, Debug)]
struct Burst {
    begun: Time,
    who: String,
    address: IpAddr,
    mac: MacAddr,
    frames: u32,
}

impl Recorder {
    pub(super) fn new(watched: Watched, names: Vec<String>) -> Self {
        Self {
            watched,
            names,
            facts: Vec::new(),
            told: 0,
            burst: None,
            adverts: Vec::new(),
            resignations: Vec::new(),
            pings: Vec::new(),
            last_answer: None,
            exits: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, at: Time, who: &str, what: Happening) {
        self.facts.push(Fact {
            at,
            who: who.to_owned(),
            what,
        });
    }

    /// What has not been told yet. A burst is told when it is over.
    pub(super) fn news(&mut self, now: Time) -> Vec<Fact> {
        if self.burst.as_ref().is_some_and(|burst| now - burst.begun > BURST) {
            self.end_burst();
        }
        let mut news = self.facts.get(self.told..).unwrap_or_default().to_vec();
        self.told = self.facts.len();
        news.sort_by_key(|fact| fact.at);
        news
    }

    pub(super) fn take(&mut self, event: Event) {
        match event.what {
            What::Advert {
                node,
                source,
                vrid,
                priority,
                ..
            } => {
                let watched = vrid == self.watched.vrid && Family::of(source) == self.watched.family;
                let Some(router) = self
                    .names
                    .iter()
                    .position(|name| *name == node)
                    .filter(|_| watched)
                else {
                    return;
                };
                let list = if priority == Priority::RELEASE {
                    &mut self.resignations
                } else {
                    &mut self.adverts
                };
                list.push((event.at, router));
            }
            What::Announcement { node, address, mac } => self.announcement(event.at, node, address, mac),
            What::Ping(ping) => self.ping(ping),
            What::Line { node, text, .. } => self.line(event.at, &node, &text),
            What::Exit {
                node,
                process,
                status,
            } => {
                self.exits.push((process, status.success()));
                if status.code().is_some() {
                    self.note(
                        event.at,
                        &node,
                        Happening::Ended {
                            how: status.to_string(),
                        },
                    );
                }
            }
        }
    }

    fn announcement(&mut self, at: Time, who: String, address: IpAddr, mac: MacAddr) {
        match &mut self.burst {
            Some(burst) if burst.who == who && burst.address == address && at - burst.begun <= BURST => {
                burst.frames += 1;
            }
            _ => {
                self.end_burst();
                self.burst = Some(Burst {
                    begun: at,
                    who,
                    address,
                    mac,
                    frames: 1,
                });
            }
        }
    }

    fn end_burst(&mut self) {
        if let Some(Burst {
            begun,
            who,
            address,
            mac,
            frames,
        }) = self.burst.take()
        {
            self.note(begun, &who, Happening::Announced { address, mac, frames });
        }
    }

    /// A request without an answer is known to be lost much later than the next answer comes; the numbers tell at once.
    fn ping(&mut self, ping: Ping) {
        self.pings.push(ping);
        if ping.answered.is_none() {
            return;
        }
        if let Some(last) = self.last_answer.replace(ping) {
            let lost = ping.sequence.wrapping_sub(last.sequence).saturating_sub(1);
            if lost > 0 && ping.sent > last.sent {
                let (lost, lasted) = (usize::from(lost), ping.sent - last.sent);
                self.note(ping.sent, CLIENT, Happening::Silence { lost, lasted });
            }
        }
    }

    fn line(&mut self, at: Time, who: &str, text: &str) {
        if let Some((instance, state, reason)) = kad_transition(text).or_else(|| keepalived_transition(text))
        {
            let (instance, reason) = (instance.to_owned(), reason.to_owned());
            self.note(
                at,
                who,
                Happening::State {
                    instance,
                    state,
                    reason,
                },
            );
        } else if let Some(matter) = complaint(text) {
            self.note(at, who, Happening::Note(matter.to_owned()));
        }
    }

    /// The last router that sent an advert of the watched virtual router, and when.
    pub(super) fn last_advert(&self) -> Option<(Time, usize)> {
        self.adverts.last().copied()
    }
}

/// `TIME NAME: FROM -> TO: REASON`, with `warning: ` perhaps.
fn kad_transition(line: &str) -> Option<(&str, StateKind, &str)> {
    let (_, text) = line.split_once(' ')?;
    let text = text.strip_prefix("warning: ").unwrap_or(text);
    let (head, reason) = text.split_once(" -> ").and_then(|(head, tail)| {
        let (state, reason) = tail.split_once(": ")?;
        Some(((head, state), reason))
    })?;
    let (instance, _from) = head.0.rsplit_once(": ")?;
    Some((instance, state(head.1)?, reason))
}

/// `... (NAME) Entering STATE STATE`.
fn keepalived_transition(line: &str) -> Option<(&str, StateKind, &str)> {
    let (_, text) = line.split_once('(')?;
    let (instance, text) = text.split_once(") Entering ")?;
    let word = text.split_once(" STATE")?.0;
    Some((instance, state(word)?, "(keepalived does not say why)"))
}

fn state(word: &str) -> Option<StateKind> {
    [
        StateKind::Initialize,
        StateKind::Fault,
        StateKind::Backup,
        StateKind::Master,
    ]
    .into_iter()
    .find(|state| state.to_string() == word)
}

/// kad's warnings and errors.
fn complaint(line: &str) -> Option<&str> {
    let (_, text) = line.split_once(' ')?;
    text.strip_prefix("warning: ")
        .or_else(|| text.strip_prefix("error: "))
}

const BURST: Duration = Duration::from_millis(30);
pub(super) const CLIENT: &str = "client";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transitions_are_read_from_both_logs() {
        let kad = "2026-03-01T12:00:00.000000Z VI_1: BACKUP -> MASTER: 10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)";
        let reason = "10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)";
        assert_eq!(kad_transition(kad), Some(("VI_1", StateKind::Master, reason)));
        let fault = "2026-03-01T12:00:00.000000Z warning: VI_1: MASTER -> FAULT: interface down";
        assert_eq!(
            kad_transition(fault),
            Some(("VI_1", StateKind::Fault, "interface down"))
        );
        let other = "Sun Mar  1 12:00:00 2026: (VI_1) Entering BACKUP STATE (init)";
        assert_eq!(
            keepalived_transition(other).map(|found| (found.0, found.1)),
            Some(("VI_1", StateKind::Backup))
        );
        assert_eq!(kad_transition("2026 nothing of the kind"), None);
    }
}
