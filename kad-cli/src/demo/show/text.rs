//! For people: a timeline in a terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};

use super::paint::{Colour, Paint};
use super::spans::Phase;
use super::{boxes, lanes, sentences, table};
use crate::demo::facts::{Fact, Happening, Outcome, Teller, Waiting};
use crate::demo::players::Players;
use crate::demo::step::Check;
use crate::demo::words::{count, seconds};
use crate::simulate::Step;

/// Writes lines of about a hundred columns.
#[derive(Debug)]
pub(in crate::demo) struct Text {
    paint: Paint,
    start: Time,
    /// Of each router in each group.
    phases: BTreeMap<(usize, usize), Phase>,
    /// When the line that shows the time pass was last written; it is the last line on the screen.
    passing: Option<Time>,
}

impl Teller for Text {
    fn begin(&mut self, players: &Players, start: Time, takes: Duration) -> Vec<String> {
        self.start = start;
        let title = format!("  {} outlives its machine", players.target);
        let mut lines = vec![String::new(), self.paint.bold(&title), String::new()];
        lines.extend(boxes::draw(players, self.paint));
        lines.push(String::new());
        let explained = sentences::introduction(players, takes);
        lines.extend(
            explained
                .iter()
                .flat_map(|text| wrap(text, WIDTH - 2))
                .map(|line| format!("  {line}")),
        );
        lines.push(String::new());
        let routers: String = players
            .routers
            .iter()
            .map(|router| format!("{:<COLUMN$}", router.name))
            .collect();
        lines.push(self.paint.dim(&format!("seconds  {routers}what happens")));
        lines
    }

    fn tell(&mut self, players: &Players, fact: &Fact) -> Vec<String> {
        for (group, it) in players.groups.iter().enumerate() {
            for member in &it.members {
                let phase = self.phases.entry((member.router, group)).or_default();
                *phase = phase.after(fact, member.router, group);
            }
        }
        let lines = match &fact.what {
            Happening::Step(step) => self.heading(players, *step),
            Happening::Checked(check) => self.check(players, check),
            what => match self.happening(players, what) {
                Some((who, colour, text)) => self.line(players, fact.at, who, colour, &text),
                None => Vec::new(),
            },
        };
        self.over_the_passing_line(lines)
    }

    fn wait(&mut self, players: &Players, now: Time, waiting: &Waiting) -> Vec<String> {
        if !self.paint.on || self.passing.is_some_and(|last| now - last < REDRAW) {
            return Vec::new();
        }
        let elapsed = now - waiting.since;
        let share = (elapsed.as_secs_f64() / waiting.wait.as_secs_f64().max(0.001)).min(1.0);
        let bar = bar(share);
        let what = match waiting.next {
            Some(next) => format!(
                "{} takes over after {}",
                players.name(next),
                seconds(waiting.wait)
            ),
            None => format!("nothing is to happen for {}", seconds(waiting.wait)),
        };
        let indent = self.columns(players).1;
        let line = self
            .paint
            .dim(&format!("{:indent$}{} {bar} {what}", "", seconds(elapsed)));
        let lines = self.over_the_passing_line(vec![line]);
        self.passing = Some(now);
        lines
    }

    fn end(&mut self, players: &Players, outcome: &Outcome) -> Vec<String> {
        let mut lines = vec![String::new()];
        lines.extend(lanes::draw(players, outcome, self.paint));
        lines.push(String::new());
        lines.extend(table::draw(players, outcome, self.paint));
        lines.push(String::new());
        let colour = if outcome.is_fine() {
            Colour::Green
        } else {
            Colour::Red
        };
        let verdict = sentences::verdict(players, outcome);
        let verdict = verdict.iter().flat_map(|text| wrap(text, WIDTH - 2));
        lines.extend(verdict.map(|line| self.paint.paint(colour, &format!("  {line}"))));
        lines.push(String::new());
        self.over_the_passing_line(lines)
    }
}

impl Text {
    pub(in crate::demo) fn new(terminal: bool) -> Self {
        Self {
            paint: Paint { on: terminal },
            start: Time::ZERO,
            phases: BTreeMap::new(),
            passing: None,
        }
    }

    /// A line that shows the time pass is drawn over by whatever comes next.
    fn over_the_passing_line(&mut self, mut lines: Vec<String>) -> Vec<String> {
        if let Some(first) = lines.first_mut()
            && self.passing.take().is_some()
        {
            first.insert_str(0, ONE_UP_AND_CLEAR);
        }
        lines
    }

    fn heading(&self, players: &Players, step: Step) -> Vec<String> {
        let (title, more) = sentences::step(players, step);
        let rule = "─".repeat(WIDTH.saturating_sub(title.chars().count() + 7));
        let title = format!(
            "  {} {} {}",
            self.paint.dim("──"),
            self.paint.bold(&title),
            self.paint.dim(&rule)
        );
        let mut lines = vec![String::new(), title];
        lines.extend(
            wrap(&more, WIDTH - 5)
                .iter()
                .map(|line| self.paint.dim(&format!("     {line}"))),
        );
        lines
    }

    fn check(&self, players: &Players, check: &Check) -> Vec<String> {
        let indent = self.columns(players).1;
        let (mark, colour) = if check.is_fine() {
            ("✓", Colour::Green)
        } else {
            ("✗", Colour::Red)
        };
        let text = wrap(
            &sentences::check(players, check),
            WIDTH.saturating_sub(indent + 2).max(NARROW),
        );
        let lines = text.iter().enumerate().map(|(place, line)| {
            let mark = if place == 0 { mark } else { " " };
            self.paint.paint(colour, &format!("{:indent$}{mark} {line}", ""))
        });
        let mut lines: Vec<String> = lines.collect();
        let counted = sentences::numbers(players, check);
        lines.push(self.paint.dim(&format!("{:indent$}  {counted}", "")));
        lines
    }

    fn happening<'a>(
        &self,
        players: &'a Players,
        what: &Happening,
    ) -> Option<(&'a str, Option<Colour>, String)> {
        let target = players.target;
        Some(match what {
            Happening::State {
                router,
                group,
                from,
                to,
                reason,
            } if players.shown().any(|(shown, _)| shown == *group) => {
                let colour = match to {
                    StateKind::Master => Some(Colour::Green),
                    StateKind::Fault => Some(Colour::Yellow),
                    StateKind::Backup | StateKind::Initialize => None,
                };
                let text = sentences::state(players, *group, *from, *to, reason);
                (players.name(*router), colour, text)
            }
            Happening::Announced {
                router,
                address,
                mac,
                frames,
            } if players.is_shown(address) => {
                let kind = if address.is_ipv4() {
                    "gratuitous ARP"
                } else {
                    "unsolicited NA"
                };
                let frames = count(usize::try_from(*frames).unwrap_or(usize::MAX), kind);
                let text = format!("{frames}: {address} is at {mac}");
                (players.name(*router), Some(Colour::Yellow), text)
            }
            Happening::Silence => (
                "client",
                Some(Colour::Red),
                format!("{target} does not answer any more"),
            ),
            Happening::Answer { after } => ("client", Some(Colour::Green), sentences::answer(target, *after)),
            Happening::Note { router, text } => (players.name(*router), Some(Colour::Yellow), text.clone()),
            Happening::Step(_)
            | Happening::Started { .. }
            | Happening::State { .. }
            | Happening::Announced { .. }
            | Happening::Advert { .. }
            | Happening::Ended { .. }
            | Happening::Checked(_) => return None,
        })
    }

    /// `  3.427  MASTER  BACKUP  r1     takes 10.0.0.100: ...`
    fn line(
        &self,
        players: &Players,
        at: Time,
        who: &str,
        colour: Option<Colour>,
        text: &str,
    ) -> Vec<String> {
        let (columns, indent) = self.columns(players);
        let time = self
            .paint
            .dim(&format!("{:7.3}", (at - self.start).as_secs_f64()));
        let text = wrap(text, WIDTH.saturating_sub(indent + WHO).max(NARROW));
        let lines = text.iter().enumerate().map(|(place, line)| {
            let line = colour.map_or_else(|| line.clone(), |colour| self.paint.paint(colour, line));
            if place == 0 {
                format!("{time}  {columns}{who:<WHO$}{line}")
            } else {
                format!("{:width$}{line}", "", width = indent + WHO)
            }
        });
        lines.collect()
    }

    /// What every router is at the moment, and the column after that.
    fn columns(&self, players: &Players) -> (String, usize) {
        let columns = (0..players.routers.len()).map(|router| self.column(players, router));
        (columns.collect(), TIME + players.routers.len() * COLUMN)
    }

    /// A word, or a letter for each group if there are several.
    fn column(&self, players: &Players, router: usize) -> String {
        let groups = players.shown().map(|(group, _)| group);
        let phases = groups.filter_map(|group| self.phases.get(&(router, group)));
        let phases: Vec<Phase> = phases.copied().collect();
        let (cells, width): (Vec<String>, usize) = match phases.as_slice() {
            [phase] => (
                vec![self.paint.paint(colour(*phase), phase.word())],
                phase.word().len(),
            ),
            _ => {
                let letters = phases.iter();
                let letter = |phase: &Phase| phase.word().get(..1).unwrap_or("?").to_owned();
                let painted = letters.map(|phase| self.paint.paint(colour(*phase), &letter(phase)));
                (painted.collect(), phases.len())
            }
        };
        format!(
            "{}{:pad$}",
            cells.concat(),
            "",
            pad = COLUMN.saturating_sub(width)
        )
    }
}

fn colour(phase: Phase) -> Colour {
    match phase {
        Phase::Off => Colour::Dim,
        Phase::Dead => Colour::Red,
        Phase::Backup => Colour::Blue,
        Phase::Master => Colour::Green,
        Phase::Fault => Colour::Yellow,
    }
}

/// Lines of at most `width` characters, broken between words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn bar(share: f64) -> String {
    let signs = (1..=BAR).map(|sign| {
        if f64::from(sign) <= share * f64::from(BAR) {
            '█'
        } else {
            '░'
        }
    });
    signs.collect()
}

const WIDTH: usize = 100;
const NARROW: usize = 40;
const TIME: usize = 9;
const COLUMN: usize = 8;
const WHO: usize = 7;
const BAR: u32 = 24;
const REDRAW: Duration = Duration::from_millis(90);
/// ECMA-48: CUU, then EL for the whole line.
const ONE_UP_AND_CLEAR: &str = "\x1b[1A\x1b[2K";
