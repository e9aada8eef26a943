//! Tokens to the lines that take effect: conditions decided, includes followed.
//!
//! Each word keeps its place in the file it came from.

mod condition;
mod frame;
mod include;
mod line;

use std::path::Path;

use frame::Frame;
pub(crate) use line::{Line, Origin, Piece, PieceKind, unquoted};

use crate::session::Session;
use crate::{Code, Diagnostic};
use include::Waiting;

/// Yields the lines of a configuration, one by one.
#[derive(Default)]
pub(crate) struct Reader {
    /// The file being read is the last one.
    stack: Vec<Entry>,
    files: usize,
    bytes: u64,
}

enum Entry {
    /// A file that is being read.
    Open(Frame),
    /// A file to be read when those above it are done.
    Waiting(Waiting),
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
        loop {
            match self.stack.last_mut() {
                None => return false,
                Some(Entry::Open(frame)) => {
                    if !frame.next(line, session) {
                        self.stack.pop();
                        continue;
                    }
                }
                Some(Entry::Waiting(_)) => {
                    self.open(session);
                    continue;
                }
            }
            if line.pieces.is_empty() || !condition::holds(line, session) || line.pieces.is_empty() {
                continue;
            }
            if include::is_include(line) {
                self.include(line, session);
                continue;
            }
            if Self::is_unsupported(line, session) {
                continue;
            }
            return true;
        }
    }

    /// Lines of the macro language, which kad does not expand yet.
    fn is_unsupported(line: &Line, session: &mut Session<'_>) -> bool {
        let Some((first, text)) = line.first_word() else {
            return false;
        };
        let definition = text.strip_prefix('$').is_some_and(|rest| {
            rest.split_once('=')
                .is_some_and(|(name, _)| !name.is_empty() && !name.contains(['{', '$']))
        });
        let sequence = ["~SEQ(", "~SEQx(", "~LST("]
            .iter()
            .any(|start| text.starts_with(start));
        if !definition && !sequence {
            return false;
        }
        let what = if definition {
            "a definition of a `$` variable"
        } else {
            "a `~` sequence"
        };
        session.report(
            Diagnostic::error(
                Code::NotSupportedYet,
                format!("{what} is not supported by kad yet"),
            )
            .at(line.span(first)),
        );
        true
    }
}
