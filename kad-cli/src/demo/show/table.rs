//! What was to happen, and what did.

use super::paint::{Colour, Paint};
use crate::demo::facts::Outcome;
use crate::demo::players::Players;
use crate::demo::step::Check;
use crate::demo::words::millis;
use crate::simulate::Step;

/// A line for each step.
pub(super) fn draw(players: &Players, outcome: &Outcome, paint: Paint) -> Vec<String> {
    let head = [
        "master when",
        "files say",
        "seen",
        "timers say",
        "it took",
        "no answer",
        "pings lost",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(outcome.checks.iter().map(|check| row(players, check)));
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, width))| {
                if column < WORDS {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        cells.join("   ")
    });
    let marks = std::iter::once(None).chain(outcome.checks.iter().map(|check| Some(check.is_fine())));
    lines
        .zip(marks)
        .map(|(line, mark)| match mark {
            None => paint.dim(&format!("    {line}")),
            Some(true) => format!("  {} {line}", paint.paint(Colour::Green, "✓")),
            Some(false) => format!(
                "  {} {}",
                paint.paint(Colour::Red, "✗"),
                paint.paint(Colour::Red, &line)
            ),
        })
        .collect()
}

fn row(players: &Players, check: &Check) -> [String; COLUMNS] {
    let numbers = &check.numbers;
    let pinged = check.step != Step::End && numbers.pings_sent > 0;
    let dash = || "-".to_owned();
    [
        check.step.title(players),
        check.expected.clone(),
        check.seen.clone(),
        check
            .timers
            .as_ref()
            .map_or_else(dash, |timers| millis(timers.wait)),
        check.took.map_or_else(dash, millis),
        numbers.outage.map_or_else(dash, |outage| millis(outage.lasted)),
        if pinged {
            format!("{} of {}", numbers.pings_lost, numbers.pings_sent)
        } else {
            dash()
        },
    ]
}

const COLUMNS: usize = 7;
/// The columns with words come first, then those with numbers.
const WORDS: usize = 3;
