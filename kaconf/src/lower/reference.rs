//! Names that stand for something defined elsewhere.

use std::collections::HashSet;

use super::choice;
use super::draft::Names;
use crate::session::Session;
use crate::{Code, Diagnostic, Spanned};

/// The names of all blocks of a kind.
pub(crate) struct Known<'a> {
    kind: &'static str,
    names: HashSet<&'a str>,
    declared: &'a Names,
}

impl<'a> Known<'a> {
    /// The names of blocks whose keyword is `kind`.
    ///
    /// Those that are `declared` and yet no names have a fault that is reported, and nothing more is said about them.
    pub(crate) fn new(
        kind: &'static str,
        names: impl IntoIterator<Item = &'a str>,
        declared: &'a Names,
    ) -> Self {
        Known {
            kind,
            names: names.into_iter().collect(),
            declared,
        }
    }

    /// Whether there is such a block; if not, that is reported as an error.
    pub(crate) fn has(&self, name: &Spanned<String>, session: &mut Session<'_>) -> bool {
        self.has_or(Diagnostic::error, name, session)
    }

    /// Whether there is such a block; if not, that is reported as a warning, where keepalived says nothing.
    pub(crate) fn has_or_warn(&self, name: &Spanned<String>, session: &mut Session<'_>) -> bool {
        self.has_or(Diagnostic::warning, name, session)
    }

    fn has_or(
        &self,
        report: fn(Code, String) -> Diagnostic,
        name: &Spanned<String>,
        session: &mut Session<'_>,
    ) -> bool {
        if self.names.contains(name.as_str()) {
            return true;
        }
        if self.declared.has(self.kind, name) {
            return false;
        }
        let message = format!("there is no `{} {name}`", self.kind);
        let mut diagnostic = report(Code::UnknownName, message).label(name.span, "ignored");
        let mut names: Vec<&str> = self.names.iter().copied().take(MOST_COMPARED).collect();
        names.sort_unstable();
        match choice::likely(name, &names) {
            Some(likely) => {
                diagnostic = diagnostic.suggest(name.span, likely, format!("did you mean `{likely}`?"));
            }
            None if names.is_empty() => {
                diagnostic = diagnostic.help(format!("the file has no `{}` at all", self.kind));
            }
            None => {}
        }
        session.report(diagnostic);
        false
    }
}

/// With more names than this, not all are compared with one that is unknown.
const MOST_COMPARED: usize = 1000;
