//! Tokens to the lines that take effect: conditions decided, includes followed, variables and sequences expanded.
//!
//! Each word keeps its place in the file it came from.

mod condition;
mod frame;
mod include;
mod line;
mod macros;
mod predefined;
mod scan;
mod sequence;
mod text;

use std::path::Path;

use frame::Frame;
pub(crate) use line::{Line, Origin, Piece, PieceKind, unquoted};

use crate::session::Session;
use include::Waiting;
use macros::{Lines, Macros};
use sequence::Sequence;
use text::Text;

/// Yields the lines of a configuration, one by one.
#[derive(Default)]
pub(crate) struct Reader {
    /// The file being read is the last one.
    stack: Vec<Entry>,
    files: usize,
    bytes: u64,
    macros: Macros,
}

enum Entry {
    /// A file that is being read.
    Open(Frame),
    /// A file to be read when those above it are done.
    Waiting(Waiting),
    /// Lines that a variable stands for.
    Lines(Lines),
    /// A line to be read once for each value.
    Sequence(Sequence),
}

impl Reader {
    /// A reader of one file and what it includes.
    pub(crate) fn new(path: &Path) -> Self {
        let first = Waiting {
            path: path.to_owned(),
            site: None,
        };
        Reader {
            stack: vec![Entry::Waiting(first)],
            ..Reader::default()
        }
    }

    /// Reads the next line with anything on it into `line`; false at the end of everything.
    pub(crate) fn next(&mut self, line: &mut Line, session: &mut Session<'_>) -> bool {
        while !self.stack.is_empty() {
            if !self.step(line, session) || line.pieces.is_empty() {
                continue;
            }
            if include::is_include(line) {
                self.include(line, session);
                continue;
            }
            if let [first, second, ..] = *line.pieces
                && line.raw(first) == "random_seed"
            {
                self.seed(line.text(second));
            }
            return true;
        }
        false
    }

    /// Takes one step on top of the stack; whether a line came of it.
    fn step(&mut self, line: &mut Line, session: &mut Session<'_>) -> bool {
        let (text, depth) = match self.stack.last_mut() {
            None => return false,
            Some(Entry::Open(frame)) => {
                let more = frame.next(line, session);
                if more && !self.macros.is_unfinished() && !frame.has_macros() {
                    return condition::holds(line, session);
                }
                if !more {
                    self.macros.finish();
                }
                (more.then(|| frame.line_text()), 0)
            }
            Some(Entry::Waiting(_)) => {
                self.open(session);
                return false;
            }
            Some(Entry::Lines(lines)) => {
                let text = lines.texts.next().filter(|_| !self.macros.is_exhausted());
                (text, lines.depth)
            }
            Some(Entry::Sequence(_)) => match self.next_of_sequence(session) {
                Some((text, depth)) => (Some(text), depth),
                None => (None, 0),
            },
        };
        match text {
            Some(text) => self.text(&text.trimmed(), depth, line, session),
            None => {
                self.stack.pop();
                false
            }
        }
    }

    /// Reads a text in which the macro language may be used; whether a line came of it.
    fn text(&mut self, text: &Text, depth: usize, line: &mut Line, session: &mut Session<'_>) -> bool {
        line.clear();
        if depth == 0 && self.macros.is_unfinished() {
            self.macros.continued(text);
            return false;
        }
        let Some(text) = condition::held(text.clone(), session) else {
            return false;
        };
        if let Some(name) = scan::defined_name(text.as_str()) {
            self.macros.definition(name, &text, depth == 0);
            return false;
        }
        if self.sequence(&text, depth, session) || self.whole_line(&text, depth, session) {
            return false;
        }
        let expanded = self.expand(&text, depth, session);
        expanded.pieces(line, session);
        condition::holds(line, session)
    }
}
