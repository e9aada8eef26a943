//! The timeline as a picture.

use std::time::Duration;

use vrrp_engine::Time;

use super::look::{BLUE, EDGE, FAINT, GREEN, GRID, INK, LABEL, NAME, PAPER, RED, SMALL, TITLE, YELLOW};
use super::sentences;
use super::shapes::{Anchor, Drawing, Font, Rect};
use super::spans::{Phase, spans};
use crate::demo::facts::{Fact, Happening, Outcome};
use crate::demo::players::Players;
use crate::simulate::Group;
use crate::simulate::Step;

/// An SVG picture: a lane for each router, the client's pings, and the outage beside what the timers allow.
pub(in crate::demo) fn draw(players: &Players, outcome: &Outcome) -> String {
    let groups: Vec<(usize, &Group)> = players.shown().collect();
    let lanes: usize = groups.iter().map(|(_, group)| group.members.len()).sum();
    let headings = if groups.len() > 1 { groups.len() } else { 0 };
    let bottom = TOP + number(lanes) * LANE + number(headings) * HEADING + CLIENT_HEIGHT;
    let title = format!("{} outlives its machine", players.target);
    let picture = Picture {
        players,
        outcome,
        seconds: (outcome.end - outcome.start).as_secs_f64().max(0.1),
        bottom,
    };
    let mut drawing = Drawing::new(WIDTH, bottom + FOOT, &title, PAPER, EDGE);
    picture.head(&mut drawing, &title);
    picture.axis(&mut drawing);
    picture.steps(&mut drawing);
    let mut y = TOP;
    for (place, group) in groups {
        if headings > 0 {
            drawing.write(LEFT + 6.0, y + 12.0, Anchor::Start, SMALL, &heading(group));
            y += HEADING;
        }
        for member in &group.members {
            picture.lane(&mut drawing, y, member.router, place);
            y += LANE;
        }
    }
    picture.client(&mut drawing, y);
    picture.legend(&mut drawing);
    drawing.finish()
}

pub(super) struct Picture<'a> {
    players: &'a Players,
    pub(super) outcome: &'a Outcome,
    seconds: f64,
    /// Where the axis is.
    bottom: f64,
}

impl Picture<'_> {
    pub(super) fn x(&self, at: Time) -> f64 {
        LEFT + (at - self.outcome.start).as_secs_f64() / self.seconds * (WIDTH - LEFT - RIGHT)
    }

    pub(super) fn between(&self, y: f64, from: Time, to: Time, height: f64) -> Rect {
        let x = self.x(from);
        Rect {
            x,
            y,
            width: (self.x(to) - x).max(1.0),
            height,
        }
    }

    fn head(&self, drawing: &mut Drawing, title: &str) {
        drawing.write(LEFT, 32.0, Anchor::Start, TITLE, title);
        let verdict = if self.outcome.is_fine() {
            sentences::verdict(self.players, self.outcome).join(" ")
        } else {
            "This run did not go as the files say.".to_owned()
        };
        drawing.write(LEFT, 52.0, Anchor::Start, SMALL, &verdict);
    }

    fn axis(&self, drawing: &mut Drawing) {
        let apart = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];
        let apart = apart.into_iter().find(|apart| self.seconds / apart <= 20.0);
        let apart = Duration::from_secs_f64(apart.unwrap_or(300.0));
        for place in 0.. {
            let after = apart * place;
            if after.as_secs_f64() > self.seconds {
                break;
            }
            let x = self.x(self.outcome.start + after);
            drawing.upright(x, TOP - 6.0, self.bottom, GRID, "");
            let text = format!("{} s", after.as_secs_f64());
            drawing.write(x, self.bottom + 16.0, Anchor::Middle, SMALL, &text);
        }
    }

    /// What the demo did, above the lanes.
    fn steps(&self, drawing: &mut Drawing) {
        // Steps that come close together share the first one's words.
        let mut free = 0.0;
        for fact in &self.outcome.facts {
            let Happening::Step(step) = fact.what else {
                continue;
            };
            if step == Step::End {
                continue;
            }
            let x = self.x(fact.at);
            drawing.upright(x, TOP - 12.0, self.bottom - OUTAGES, INK, "2 3");
            let title = step.title(self.players);
            let width = number(title.chars().count()) * SIGN;
            let start = x.min(WIDTH - width - 4.0);
            if start >= free {
                drawing.write(start, TOP - 16.0, Anchor::Start, LABEL, &title);
                free = start + width;
            }
        }
    }

    fn lane(&self, drawing: &mut Drawing, y: f64, router: usize, group: usize) {
        self.label(drawing, y, self.players.name(router), self.daemon(router));
        for span in spans(self.outcome, router, group) {
            let (fill, ink) = match span.phase {
                Phase::Off => continue,
                Phase::Dead => (RED, "#ffffff"),
                Phase::Backup => (BLUE, INK),
                Phase::Master => (GREEN, "#ffffff"),
                Phase::Fault => (YELLOW, INK),
            };
            let rect = self.between(y, span.from, span.to, BAR);
            drawing.rect(rect, 4.0, fill);
            let word = span.phase.word();
            let fits = |word: &&str| number(word.len()) * SIGN + 12.0 < rect.width;
            if let Some(word) = [word, word.get(..1).unwrap_or(word)].into_iter().find(fits) {
                let font = Font { fill: ink, ..LABEL };
                drawing.write(rect.x + 6.0, y + 16.0, Anchor::Start, font, word);
            }
        }
        let facts = self.outcome.facts.iter();
        let adverts = facts.filter(|fact| is_advert(fact, router, group));
        drawing.ticks(adverts.map(|fact| self.x(fact.at)), y + BAR + 2.0, 6.0, INK);
        self.announcements(drawing, y + BAR + 3.0, router, group);
    }

    fn announcements(&self, drawing: &mut Drawing, y: f64, router: usize, group: usize) {
        let addresses = self
            .players
            .groups
            .get(group)
            .map(|group| group.addresses.as_slice());
        let mut last: Option<Time> = None;
        for fact in &self.outcome.facts {
            if let Happening::Announced {
                router: by,
                address,
                mac,
                frames,
            } = &fact.what
                && *by == router
                && addresses.unwrap_or_default().contains(address)
                // One mark for all addresses of a burst.
                && last.is_none_or(|last| fact.at - last > TOGETHER)
            {
                last = Some(fact.at);
                let title = format!("{frames} x {address} is at {mac}");
                drawing.triangle(self.x(fact.at), y, YELLOW, &title);
            }
        }
    }

    fn legend(&self, drawing: &mut Drawing) {
        let y = self.bottom + 42.0;
        let mut x = LEFT;
        drawing.ticks([x + 2.0].into_iter(), y - 8.0, 8.0, INK);
        drawing.write(x + 10.0, y, Anchor::Start, SMALL, "advert on the wire");
        x += 140.0;
        drawing.triangle(x + 4.0, y - 8.0, YELLOW, "announcement");
        drawing.write(
            x + 14.0,
            y,
            Anchor::Start,
            SMALL,
            "gratuitous ARP or unsolicited NA",
        );
        x += 230.0;
        let sign = |x: f64, y: f64, width: f64, height: f64| Rect { x, y, width, height };
        drawing.rect(sign(x, y - 8.0, 14.0, 8.0), 1.0, GREEN);
        drawing.write(x + 20.0, y, Anchor::Start, SMALL, "pings answered");
        x += 130.0;
        drawing.rect(sign(x, y - 10.0, 14.0, 12.0), 1.0, RED);
        let lost = format!(
            "lost: {} of {}",
            self.outcome.pings_lost(),
            self.outcome.pings.len()
        );
        drawing.write(x + 20.0, y, Anchor::Start, SMALL, &lost);
        x += 150.0;
        drawing.outline(sign(x, y - 8.5, 20.0, 8.0), 2.0, FAINT);
        drawing.write(x + 26.0, y, Anchor::Start, SMALL, "what the RFC's timers allow");
    }

    fn daemon(&self, router: usize) -> &str {
        self.players
            .routers
            .get(router)
            .map_or("", |router| router.daemon)
    }

    pub(super) fn label(&self, drawing: &mut Drawing, y: f64, name: &str, more: &str) {
        drawing.write(LEFT - 12.0, y + 11.0, Anchor::End, NAME, name);
        drawing.write(LEFT - 12.0, y + 24.0, Anchor::End, SMALL, more);
    }
}

fn heading(group: &Group) -> String {
    let addresses: Vec<String> = group.addresses.iter().take(2).map(ToString::to_string).collect();
    let longest = group.members.iter().map(|member| member.interval).max();
    format!(
        "{}: {}, an advert {}",
        group.name,
        addresses.join(", "),
        sentences::every(longest.unwrap_or_default())
    )
}

fn is_advert(fact: &Fact, router: usize, group: usize) -> bool {
    matches!(fact.what, Happening::Advert { router: by, group: of, .. } if (by, of) == (router, group))
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

pub(super) const WIDTH: f64 = 980.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 32.0;
const TOP: f64 = 92.0;
const BAR: f64 = 24.0;
const LANE: f64 = 48.0;
/// About what a sign of a bold word takes.
const SIGN: f64 = 9.0;
const HEADING: f64 = 20.0;
const CLIENT_HEIGHT: f64 = 72.0;
/// What of it is below the pings.
const OUTAGES: f64 = 46.0;
const FOOT: f64 = 60.0;
const TOGETHER: Duration = Duration::from_millis(100);
