//! The client's part of the picture.

use std::time::Duration;

use vrrp_engine::Time;

use super::look::{FAINT, GREEN, INKED, RED, SMALL};
use super::shapes::{Anchor, Drawing};
use super::svg::{Picture, WIDTH};
use crate::demo::step::{Check, Outage};
use crate::demo::words::millis;

impl Picture<'_> {
    pub(super) fn client(&self, drawing: &mut Drawing, y: f64) {
        self.label(drawing, y, "client", "ping");
        for (from, to, answered) in self.runs() {
            let (fill, top, height) = if answered {
                (GREEN, 8.0, 8.0)
            } else {
                (RED, 2.0, 20.0)
            };
            drawing.rect(self.between(y + top, from, to, height), 1.0, fill);
        }
        let mut free = f64::MIN;
        for check in &self.outcome.checks {
            if let Some(outage) = check.numbers.outage.filter(|outage| outage.lasted > WORTH_A_BAR) {
                free = self.outage(drawing, y + 32.0, check, outage, free);
            }
        }
    }

    /// Requests of one kind that follow each other are one bar, so that the picture stays small.
    fn runs(&self) -> Vec<(Time, Time, bool)> {
        let pings = &self.outcome.pings;
        let runs = pings.chunk_by(|one, other| one.answered.is_some() == other.answered.is_some());
        let mut runs: Vec<_> = runs
            .filter_map(|run| {
                let (first, last) = (run.first()?, run.last()?);
                Some((first.sent, last.sent, first.answered.is_some()))
            })
            .collect();
        for place in 1..runs.len() {
            let next = runs.get(place).map(|run| run.0);
            if let (Some(run), Some(next)) = (runs.get_mut(place - 1), next) {
                run.1 = next;
            }
        }
        runs
    }

    /// How long the client had no answer, and below it how long the timers allow. Answers with where the words end.
    fn outage(&self, drawing: &mut Drawing, y: f64, check: &Check, outage: Outage, free: f64) -> f64 {
        let seen = self.between(y, outage.begun, outage.begun + outage.lasted, 9.0);
        drawing.rect(seen, 2.0, RED);
        let mut end = seen.x + seen.width;
        let allowed = check.timers.as_ref().map(|timers| timers.wait);
        if let Some(allowed) = allowed {
            let rect = self.between(y + 15.0, outage.begun, outage.begun + allowed, 9.0);
            drawing.outline(rect, 2.0, FAINT);
            end = end.max(rect.x + rect.width);
        }
        let (x, anchor, start) = if end + ROOM < WIDTH {
            (end + 6.0, Anchor::Start, end)
        } else {
            (seen.x - 6.0, Anchor::End, seen.x - ROOM)
        };
        // Where the last outage's words are, the bars must do.
        if start < free {
            return free;
        }
        let text = format!("{} of silence", millis(outage.lasted));
        drawing.write(x, y + 8.5, anchor, INKED, &text);
        if let Some(allowed) = allowed {
            let text = format!("{} by the timers", millis(allowed));
            drawing.write(x, y + 23.5, anchor, SMALL, &text);
        }
        start + ROOM
    }
}

/// Enough for the words of an outage.
const ROOM: f64 = 140.0;
const WORTH_A_BAR: Duration = Duration::from_millis(50);
