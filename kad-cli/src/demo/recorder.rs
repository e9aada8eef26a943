//! From events to facts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::{Family, MacAddr, Priority};

use super::facts::{Advert, Echo, Fact, Happening, Silence};
use super::logs::{self, Line};
use super::players::Players;
use super::words::seconds;
use crate::lab::{Event, Ping, What};
use crate::simulate;
use crate::simulate::Step;

/// Collects what happens.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    players: &'a Players,
    /// What was told, in order.
    pub(super) facts: Vec<Fact>,
    last_step: Time,
    /// What is not told yet, for something earlier may still come in: events of several threads.
    pending: Vec<Fact>,
    pub(super) adverts: Vec<Advert>,
    pub(super) pings: Vec<Echo>,
    last_answer: Option<Ping>,
    silent: bool,
    states: BTreeMap<(usize, usize), StateKind>,
    /// Programs that ended: which process, and whether well.
    pub(super) exits: BTreeMap<u32, bool>,
    /// Each complaint once.
    complaints: BTreeSet<(usize, String)>,
    /// What each router's program said last.
    pub(super) last_line: BTreeMap<usize, String>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(players: &'a Players) -> Self {
        Self {
            players,
            facts: Vec::new(),
            last_step: Time::ZERO,
            pending: Vec::new(),
            adverts: Vec::new(),
            pings: Vec::new(),
            last_answer: None,
            silent: false,
            states: BTreeMap::new(),
            exits: BTreeMap::new(),
            complaints: BTreeSet::new(),
            last_line: BTreeMap::new(),
        }
    }

    pub(super) fn note(&mut self, at: Time, what: Happening) {
        if let Happening::Step(step) = what {
            self.last_step = at;
            self.states.retain(|(router, _), _| step != Step::Kill(*router));
        }
        self.pending.push(Fact { at, what });
    }

    /// What can be told: whatever comes in from now on happened later.
    pub(super) fn news(&mut self, now: Time) -> Vec<Fact> {
        self.listen(now);
        self.take_pending(now.earlier_by(DELAY))
    }

    /// What is left to tell.
    pub(super) fn rest(&mut self) -> Vec<Fact> {
        self.take_pending(Time::from_nanos(u64::MAX))
    }

    fn take_pending(&mut self, until: Time) -> Vec<Fact> {
        let step = self.last_step;
        self.pending.sort_by_key(|fact| place(fact, step));
        let ready = self.pending.partition_point(|fact| place(fact, step) <= until);
        let news: Vec<Fact> = self.pending.drain(..ready).collect();
        self.facts.extend(news.iter().cloned());
        news
    }

    /// Requests without an answer are given up late; that none is answered shows at once.
    fn listen(&mut self, now: Time) {
        let Some(last) = self.last_answer else { return };
        if !self.silent && now - arrival(&last).unwrap_or(last.sent) > QUIET {
            self.silent = true;
            let mut at = last.sent + PING_INTERVAL;
            // A request on its way is lost because of what the demo does right then.
            if self.last_step - at < BEHIND * 4 {
                at = at.max(self.last_step);
            }
            self.note(at, Happening::Silence);
        }
    }

    /// Nobody asks any more.
    pub(super) fn stop_listening(&mut self) {
        self.last_answer = None;
    }

    pub(super) fn take(&mut self, event: Event) {
        let at = event.at;
        match event.what {
            What::Advert {
                node,
                mac,
                source,
                vrid,
                priority,
                ..
            } => {
                let of_router = |router| {
                    let mut groups = self.players.groups.iter();
                    groups.position(|group| {
                        mac == simulate::mac(router, group.lan)
                            && (group.vrid, group.family) == (vrid, Family::of(source))
                    })
                };
                if let Some(router) = self.players.router(&node)
                    && let Some(group) = of_router(router)
                {
                    self.advert(Advert {
                        at,
                        router,
                        group,
                        priority,
                    });
                }
            }
            What::Announcement { node, address, mac } => {
                if let Some(router) = self.players.router(&node) {
                    self.announcement(at, router, address, mac);
                }
            }
            What::Ping(ping) => self.ping(ping),
            What::Line { node, text, .. } => {
                if let Some(router) = self.players.router(&node) {
                    self.line(at, router, &text);
                    self.last_line.insert(router, text);
                }
            }
            What::Exit {
                node,
                process,
                status,
            } => {
                self.exits.insert(process, status.success());
                if let Some(router) = self.players.router(&node) {
                    let how = status.to_string();
                    self.note(at, Happening::Ended { router, how });
                }
            }
        }
    }

    fn advert(&mut self, advert: Advert) {
        self.adverts.push(advert);
        let Advert {
            at,
            router,
            group,
            priority,
        } = advert;
        self.note(
            at,
            Happening::Advert {
                router,
                group,
                priority,
            },
        );
    }

    fn announcement(&mut self, at: Time, router: usize, address: std::net::IpAddr, mac: MacAddr) {
        let burst = self
            .pending
            .iter_mut()
            .rev()
            .find_map(|fact| match &mut fact.what {
                Happening::Announced {
                    router: by,
                    address: of,
                    frames,
                    ..
                } if (*by, *of) == (router, address) && at - fact.at <= BURST => Some(frames),
                _ => None,
            });
        match burst {
            Some(frames) => *frames += 1,
            None => self.note(
                at,
                Happening::Announced {
                    router,
                    address,
                    mac,
                    frames: 1,
                },
            ),
        }
    }

    fn ping(&mut self, ping: Ping) {
        let answered = arrival(&ping);
        self.pings.push(Echo {
            sent: ping.sent,
            answered,
        });
        let Some(at) = answered else { return };
        if self.last_answer.is_some_and(|last| last.sent > ping.sent) {
            return;
        }
        let last = self.last_answer.replace(ping);
        let was_silent = std::mem::take(&mut self.silent);
        let after = last.map(|last| Silence {
            lasted: at - (last.sent + PING_INTERVAL),
            lost: usize::from(ping.sequence.wrapping_sub(last.sequence).saturating_sub(1)),
        });
        if was_silent || after.is_none() {
            self.note(at, Happening::Answer { after });
        }
    }

    fn line(&mut self, at: Time, router: usize, text: &str) {
        match logs::read(text) {
            Some(Line::State {
                instance,
                state,
                reason,
            }) => {
                let Some(group) = self.players.group(router, instance) else {
                    return;
                };
                let reason = match reason {
                    Some(reason) => reason.to_owned(),
                    None => self.reason(at, router, group, state),
                };
                let from = self.states.insert((router, group), state);
                let to = state;
                self.note(
                    at,
                    Happening::State {
                        router,
                        group,
                        from,
                        to,
                        reason,
                    },
                );
            }
            Some(Line::Complaint(text)) => {
                // kad counts what it does not repeat.
                let kind = text.split(" (and ").next().unwrap_or(text).to_owned();
                if self.complaints.insert((router, kind)) {
                    let text = text.to_owned();
                    self.note(at, Happening::Note { router, text });
                }
            }
            None => {}
        }
    }

    /// Why a router that does not say so has changed its state, as far as the wire tells.
    fn reason(&self, at: Time, router: usize, group: usize, state: StateKind) -> String {
        let of_others =
            |advert: &&Advert| advert.group == group && advert.router != router && advert.at <= at;
        let Some(last) = self.adverts.iter().rev().find(of_others) else {
            return match state {
                StateKind::Master => "no advert of another router seen".to_owned(),
                _ => "started".to_owned(),
            };
        };
        let (other, ago) = (self.players.name(last.router), seconds(at - last.at));
        let ours = self
            .players
            .groups
            .get(group)
            .and_then(|group| group.member(router));
        let ours = ours.map(|member| member.priority).unwrap_or_default();
        match (state, last.priority) {
            (StateKind::Master, Priority::RELEASE) => format!("{other} resigned {ago} ago (priority 0)"),
            (StateKind::Master, theirs) if theirs.get() < ours => {
                format!("{other} has priority {theirs}, lower than {ours}")
            }
            (StateKind::Master, _) => format!("{other} silent for {ago}"),
            (_, theirs) if at - last.at < RECENT => format!("{other} has priority {theirs}, ours is {ours}"),
            _ => "started".to_owned(),
        }
    }
}

/// Where a fact is told. A takeover is on the wire before the log says so and why.
fn place(fact: &Fact, last_step: Time) -> Time {
    match fact.what {
        Happening::State {
            to: StateKind::Master,
            ..
        } => fact.at.earlier_by(BEHIND).max(last_step.min(fact.at)),
        _ => fact.at,
    }
}

fn arrival(ping: &Ping) -> Option<Time> {
    ping.answered.map(|took| ping.sent + took)
}

/// How often the client asks.
pub(super) const PING_INTERVAL: Duration = Duration::from_millis(10);
/// How long something is held back before it is told.
const DELAY: Duration = Duration::from_millis(150);
/// Announcements that are so close together are one burst.
const BURST: Duration = Duration::from_millis(60);
/// How much later than a frame a line about it may come in.
const BEHIND: Duration = Duration::from_millis(5);
/// As many requests without an answer as no busy machine explains.
const QUIET: Duration = Duration::from_millis(120);
/// An advert that still is a reason.
const RECENT: Duration = Duration::from_millis(200);
