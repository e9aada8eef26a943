//! The timeline as a picture.

use std::fmt::Write;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};

use super::facts::{Fact, Happening, Outcome, readable};

/// An SVG picture: a lane for each router, the client's pings, and the outage beside what the timers allow.
pub(super) fn draw(outcome: &Outcome) -> String {
    let picture = Picture::new(outcome);
    let mut svg = String::new();
    picture.head(&mut svg);
    for (router, member) in outcome.credits.members.iter().enumerate() {
        picture.lane(&mut svg, router, &member.name);
    }
    picture.pings(&mut svg);
    picture.outage(&mut svg);
    picture.axis(&mut svg);
    picture.legend(&mut svg);
    svg.push_str("</svg>\n");
    svg
}

struct Picture<'a> {
    outcome: &'a Outcome,
    seconds: f64,
}

impl<'a> Picture<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        Self {
            outcome,
            seconds: (outcome.end - outcome.start).as_secs_f64().max(0.1),
        }
    }

    fn x(&self, at: Time) -> f64 {
        LEFT + (at - self.outcome.start).as_secs_f64() / self.seconds * (WIDTH - LEFT - RIGHT)
    }

    fn y(lane: usize) -> f64 {
        TOP + f64::from(u32::try_from(lane).unwrap_or(u32::MAX)) * LANE
    }

    fn lanes(&self) -> usize {
        self.outcome.credits.members.len()
    }

    fn height(&self) -> f64 {
        Self::y(self.lanes() + 2) + BOTTOM
    }

    fn head(&self, svg: &mut String) {
        let height = self.height();
        let target = self.outcome.credits.target;
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
             <title>{target} outlives its machine</title>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"{PAPER}\"/>\n\
             <text x=\"{LEFT}\" y=\"28\" font-size=\"16\" font-weight=\"bold\" fill=\"{INK}\">{target} outlives its machine</text>\n"
        );
    }

    fn lane(&self, svg: &mut String, router: usize, name: &str) {
        let y = Self::y(router);
        self.label(svg, y, name);
        let is_own = |fact: &&Fact| fact.who == name;
        let facts: Vec<&Fact> = self.outcome.facts.iter().filter(is_own).collect();
        let mut changes: Vec<(Time, Phase)> = facts.iter().filter_map(|fact| phase(fact)).collect();
        changes.push((self.outcome.end, Phase::Off));
        let mut current = (self.outcome.start, Phase::Off);
        for (at, next) in changes {
            self.bar(svg, y, current.0, at, current.1);
            current = (at, next);
        }
        for (at, _) in self.outcome.adverts.iter().filter(|(_, by)| *by == router) {
            let x = self.x(*at);
            let (from, to) = (y + 26.0, y + 32.0);
            let _ = writeln!(
                svg,
                "<line x1=\"{x:.1}\" y1=\"{from}\" x2=\"{x:.1}\" y2=\"{to}\" stroke=\"{INK}\" stroke-width=\"1\"/>"
            );
        }
        for fact in facts {
            self.mark(svg, y, fact);
        }
    }

    fn bar(&self, svg: &mut String, y: f64, from: Time, to: Time, phase: Phase) {
        let (x, width) = (self.x(from), self.x(to) - self.x(from));
        let (fill, text) = match phase {
            Phase::Off => return,
            Phase::Dead => (RED, "dead"),
            Phase::Waiting => (BLUE, "BACKUP"),
            Phase::Master => (GREEN, "MASTER"),
            Phase::Fault => (YELLOW, "FAULT"),
        };
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"24\" rx=\"4\" fill=\"{fill}\"/>"
        );
        if width > 52.0 {
            let (x, y) = (x + 6.0, y + 16.5);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y}\" fill=\"#ffffff\" font-size=\"12\">{text}</text>"
            );
        }
    }

    fn mark(&self, svg: &mut String, y: f64, fact: &Fact) {
        if let Happening::Announced { address, .. } = &fact.what
            && *address == self.outcome.credits.target
        {
            let x = self.x(fact.at);
            let _ = writeln!(
                svg,
                "<path d=\"M {x:.1} {} l -4 8 h 8 z\" fill=\"{YELLOW}\"><title>tells everyone</title></path>",
                y + 26.0
            );
        }
    }

    fn pings(&self, svg: &mut String) {
        let y = Self::y(self.lanes());
        self.label(svg, y, "pings");
        // Neighbours of one kind are one bar, so that the picture stays small.
        let mut runs: Vec<(Time, Time, bool)> = Vec::new();
        for (at, answered) in &self.outcome.pings {
            match runs.last_mut() {
                Some((_, to, kind)) if *kind == *answered => *to = *at,
                Some((_, to, _)) => {
                    *to = *at;
                    runs.push((*at, *at, *answered));
                }
                None => runs.push((*at, *at, *answered)),
            }
        }
        for (from, to, answered) in runs {
            let (x, width) = (self.x(from), (self.x(to) - self.x(from)).max(1.0));
            let (fill, height, top) = if answered {
                (GREEN, 6.0, y + 9.0)
            } else {
                (RED, 16.0, y + 4.0)
            };
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\"/>"
            );
        }
        let lost = self.outcome.lost();
        let (x, y) = (WIDTH - RIGHT, y + 38.0);
        let sent = self.outcome.pings.len();
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" font-size=\"11\" fill=\"{FAINT}\">{sent} pings, {lost} lost</text>"
        );
    }

    /// How long nobody spoke for the address, and below it how long the timers allow.
    fn outage(&self, svg: &mut String) {
        let Some((begun, lasted, allowed)) = self.outcome.outage else {
            return;
        };
        let y = Self::y(self.lanes() + 1);
        self.label(svg, y, "outage");
        self.span(svg, y + 2.0, begun, lasted, RED, "seen");
        self.span(
            svg,
            y + 15.0,
            begun,
            allowed,
            FAINT,
            "3 intervals and the skew, says the RFC",
        );
    }

    fn span(&self, svg: &mut String, y: f64, begun: Time, length: Duration, fill: &str, text: &str) {
        let (x, end) = (self.x(begun), self.x(begun + length));
        let (width, after, base) = (end - x, end + 6.0, y + 8.5);
        let length = readable(length);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"8\" rx=\"2\" fill=\"{fill}\"/>\n\
             <text x=\"{after:.1}\" y=\"{base}\" font-size=\"11\" fill=\"{INK}\">{length} {text}</text>"
        );
    }

    fn axis(&self, svg: &mut String) {
        let y = Self::y(self.lanes() + 2) + 4.0;
        let step = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0]
            .into_iter()
            .find(|step| self.seconds / step <= 20.0);
        let step = step.unwrap_or(300.0);
        let mut second = 0.0;
        while second <= self.seconds {
            let x = self.x(self.outcome.start + Duration::from_secs_f64(second));
            let (top, base) = (TOP - 6.0, y + 12.0);
            let _ = writeln!(
                svg,
                "<line x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{y}\" stroke=\"{FAINT}\" stroke-opacity=\"0.25\"/>\n\
                 <text x=\"{x:.1}\" y=\"{base}\" text-anchor=\"middle\" font-size=\"11\" fill=\"{FAINT}\">{second:.3} s</text>",
                second = Trimmed(second)
            );
            second += step;
        }
    }

    fn legend(&self, svg: &mut String) {
        let y = self.height() - 14.0;
        let (tick, triangle) = (LEFT, LEFT + 160.0);
        let _ = writeln!(
            svg,
            "<line x1=\"{tick}\" y1=\"{}\" x2=\"{tick}\" y2=\"{y}\" stroke=\"{INK}\"/>\n\
             <text x=\"{}\" y=\"{y}\" font-size=\"11\" fill=\"{FAINT}\">an advert on the wire</text>\n\
             <path d=\"M {triangle} {} l -4 8 h 8 z\" fill=\"{YELLOW}\"/>\n\
             <text x=\"{}\" y=\"{y}\" font-size=\"11\" fill=\"{FAINT}\">gratuitous ARP or neighbour advertisement</text>",
            y - 8.0,
            tick + 8.0,
            y - 8.0,
            triangle + 8.0
        );
    }

    fn label(&self, svg: &mut String, y: f64, text: &str) {
        let (x, y) = (LEFT - 12.0, y + 17.0);
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" fill=\"{INK}\">{text}</text>"
        );
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Off,
    Dead,
    Waiting,
    Master,
    Fault,
}

fn phase(fact: &Fact) -> Option<(Time, Phase)> {
    let phase = match &fact.what {
        Happening::Died => Phase::Dead,
        Happening::State { state, .. } => match state {
            StateKind::Master => Phase::Master,
            StateKind::Backup => Phase::Waiting,
            StateKind::Fault => Phase::Fault,
            StateKind::Initialize => Phase::Off,
        },
        _ => return None,
    };
    Some((fact.at, phase))
}

/// A number without needless decimals.
struct Trimmed(f64);

impl std::fmt::Display for Trimmed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.1}", self.0);
        f.write_str(text.strip_suffix(".0").unwrap_or(&text))
    }
}

const WIDTH: f64 = 960.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 52.0;
const LANE: f64 = 46.0;
const BOTTOM: f64 = 48.0;
const PAPER: &str = "#ffffff";
const INK: &str = "#1f2933";
const FAINT: &str = "#7b8794";
const GREEN: &str = "#2f9e5f";
const BLUE: &str = "#8fb3d9";
const RED: &str = "#d64545";
const YELLOW: &str = "#e0a000";
