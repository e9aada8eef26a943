//! The whole run in a few lines of a terminal.

use std::time::Duration;

use vrrp_engine::Time;

use super::paint::{Colour, Paint};
use super::spans::{Phase, spans};
use crate::demo::facts::Outcome;
use crate::demo::players::Players;

/// A lane for each router of the first groups, one for the client, and the seconds above.
pub(super) fn draw(players: &Players, outcome: &Outcome, paint: Paint) -> Vec<String> {
    let lanes = Lanes { outcome, paint };
    let mut lines = vec![lanes.axis()];
    for (number, group) in players.shown() {
        for member in &group.members {
            let name = players.name(member.router);
            let label = match players.groups.len() {
                1 => name.to_owned(),
                _ => format!("{name} {}", group.name),
            };
            lines.push(lanes.line(&label, &lanes.router(member.router, number)));
        }
    }
    lines.push(lanes.line("client", &lanes.client()));
    lines.push(String::new());
    lines.push(lanes.legend());
    lines
}

struct Lanes<'a> {
    outcome: &'a Outcome,
    paint: Paint,
}

type Cell = (char, Colour);

impl Lanes<'_> {
    fn router(&self, router: usize, group: usize) -> Vec<Cell> {
        let spans = spans(self.outcome, router, group);
        let at = |from: Time, to: Time| {
            let middle = from + (to - from) / 2;
            let span = spans.iter().find(|span| span.from <= middle && middle < span.to);
            cell(span.map(|span| span.phase).unwrap_or_default())
        };
        self.cells(at)
    }

    /// A cell is lost if anything in it was.
    fn client(&self) -> Vec<Cell> {
        let at = |from: Time, to: Time| {
            let mut within = self.outcome.pings.iter();
            let mut within = within
                .by_ref()
                .filter(|ping| from <= ping.sent && ping.sent < to)
                .peekable();
            if within.peek().is_none() {
                (' ', Colour::Dim)
            } else if within.any(|ping| ping.answered.is_none()) {
                LOST
            } else {
                ANSWERED
            }
        };
        self.cells(at)
    }

    fn cells(&self, at: impl Fn(Time, Time) -> Cell) -> Vec<Cell> {
        let step = self.step();
        let starts = (0..WIDTH).map(|place| self.outcome.start + step * place);
        starts.map(|from| at(from, from + step)).collect()
    }

    fn step(&self) -> Duration {
        ((self.outcome.end - self.outcome.start) / WIDTH).max(Duration::from_millis(1))
    }

    fn line(&self, label: &str, cells: &[Cell]) -> String {
        let end = cells
            .iter()
            .rposition(|(sign, _)| *sign != ' ')
            .map_or(0, |last| last + 1);
        let cells = cells.get(..end).unwrap_or_default();
        let runs = cells.chunk_by(|one, other| one.1 == other.1);
        let painted = runs.map(|run| {
            let text: String = run.iter().map(|(sign, _)| sign).collect();
            let colour = run.first().map_or(Colour::Dim, |(_, colour)| *colour);
            self.paint.paint(colour, &text)
        });
        let painted: String = painted.collect();
        format!("  {label:<LABEL$}{painted}")
    }

    /// A number wherever there is room for one.
    fn axis(&self) -> String {
        let total = (self.outcome.end - self.outcome.start).as_secs_f64();
        let apart = [1, 2, 5, 10, 20, 30, 60, 120, 300];
        let mut apart = apart.into_iter().map(Duration::from_secs);
        let apart = apart.find(|apart| total / apart.as_secs_f64() <= NUMBERS);
        let apart = apart.unwrap_or(Duration::from_secs(600));
        let mut line = String::new();
        for number in 0.. {
            let place = (apart * number).as_nanos() / self.step().as_nanos().max(1);
            let Some(place) = usize::try_from(place).ok().filter(|place| *place < SIGNS) else {
                break;
            };
            line = format!("{line:<place$}{} s", (apart * number).as_secs());
        }
        format!("  {:<LABEL$}{}", "", self.paint.dim(&line))
    }

    fn legend(&self) -> String {
        let signs = [
            (cell(Phase::Master), "MASTER"),
            (cell(Phase::Backup), "BACKUP"),
            (cell(Phase::Dead), "dead"),
            (ANSWERED, "ping answered"),
            (LOST, "lost"),
        ];
        let signs = signs
            .map(|((sign, colour), word)| format!("{} {word}", self.paint.paint(colour, &sign.to_string())));
        format!("  {:<LABEL$}{}", "", signs.join("   "))
    }
}

fn cell(phase: Phase) -> Cell {
    match phase {
        Phase::Off => (' ', Colour::Dim),
        Phase::Dead => ('x', Colour::Red),
        Phase::Backup => ('░', Colour::Blue),
        Phase::Master => ('█', Colour::Green),
        Phase::Fault => ('?', Colour::Yellow),
    }
}

const ANSWERED: Cell = ('▪', Colour::Green);
const LOST: Cell = ('×', Colour::Red);
const SIGNS: usize = 80;
const WIDTH: u32 = 80;
const LABEL: usize = 12;
const NUMBERS: f64 = 10.0;
