//! What scripts write to standard error: the first lines go to the log, the rest nowhere.

use std::collections::HashMap;
use std::io::{self, Read};
use std::time::Duration;

use mio::unix::pipe::Receiver;
use vrrp_engine::Time;

/// What is left after reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    /// Nothing for now.
    None,
    /// Perhaps more.
    More,
    /// Nothing, for ever.
    Ended,
}

/// A script's standard error.
#[derive(Debug)]
pub(super) struct Chatter {
    pub(super) pipe: Receiver,
    program: String,
    line: Vec<u8>,
    lines: u32,
}

impl Chatter {
    pub(super) fn new(program: &str, pipe: Receiver) -> Self {
        Self {
            pipe,
            program: program.to_owned(),
            line: Vec::new(),
            lines: 0,
        }
    }

    /// Reads what is there. Who writes faster than it is read must not hold up anything else.
    pub(super) fn read(&mut self, now: Time, allowance: &mut Allowance) -> Rest {
        let mut buffer = [0; 4096];
        for _ in 0..MOST_READS {
            match self.pipe.read(&mut buffer) {
                Ok(0) => {
                    self.end_line(now, allowance);
                    return Rest::Ended;
                }
                Ok(count) => self.take(now, buffer.get(..count).unwrap_or_default(), allowance),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Rest::None,
                Err(_) => return Rest::Ended,
            }
        }
        Rest::More
    }

    fn take(&mut self, now: Time, bytes: &[u8], allowance: &mut Allowance) {
        for byte in bytes {
            if *byte == b'\n' {
                self.end_line(now, allowance);
            } else if self.line.len() < LONGEST {
                self.line.push(*byte);
            }
        }
    }

    fn end_line(&mut self, now: Time, allowance: &mut Allowance) {
        let line = std::mem::take(&mut self.line);
        let text = printable(&line);
        if text.is_empty() {
            return;
        }
        self.lines = self.lines.saturating_add(1);
        if self.lines > MOST_LINES || !allowance.take(now, &self.program) {
            return;
        }
        let more = if self.lines == MOST_LINES {
            " (what follows is left out)"
        } else {
            ""
        };
        tracing::info!("{}: {text}{more}", self.program);
    }
}

/// A log is read by terminals.
fn printable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.trim_end().chars().map(shown).collect()
}

/// How many lines of each program still go to the log.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    spent: HashMap<String, (Time, u32)>,
}

impl Allowance {
    fn take(&mut self, now: Time, program: &str) -> bool {
        if self.spent.len() >= MOST_PROGRAMS {
            self.spent.retain(|_, (since, _)| now - *since < PERIOD);
        }
        if self.spent.len() >= MOST_PROGRAMS && !self.spent.contains_key(program) {
            return false;
        }
        let (since, count) = self.spent.entry(program.to_owned()).or_insert((now, 0));
        if now - *since >= PERIOD {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        if *count == PER_PERIOD {
            tracing::info!(
                "{program}: writes much to standard error; left out for {}",
                wait(*since, now)
            );
        }
        *count < PER_PERIOD
    }
}

fn wait(since: Time, now: Time) -> String {
    format!("{} s", PERIOD.saturating_sub(now - since).as_secs().max(1))
}

/// Lines of one run that go to the log.
const MOST_LINES: u32 = 10;
/// Bytes of one line that do.
const LONGEST: usize = 400;
/// Lines of one program in a period, whatever the number of its runs.
const PER_PERIOD: u32 = 20;
const PERIOD: Duration = Duration::from_secs(60);
const MOST_PROGRAMS: usize = 1000;
/// As much as a pipe holds.
const MOST_READS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_says_much_is_left_out_for_a_while() {
        let mut allowance = Allowance::default();
        let at = |secs| Time::ZERO + Duration::from_secs(secs);
        let passed = (0..100).filter(|_| allowance.take(at(1), "/bin/x")).count();
        assert_eq!(passed, 19);
        assert!(allowance.take(at(1), "/bin/y"), "another is not meant");
        assert!(!allowance.take(at(60), "/bin/x"));
        assert!(allowance.take(at(61), "/bin/x"));
    }

    #[test]
    fn what_would_move_a_cursor_is_not_shown() {
        assert_eq!(printable(b"a\x1b[2Jb\r"), "a [2Jb");
        assert_eq!(printable(b"\xff"), "\u{fffd}");
    }
}
