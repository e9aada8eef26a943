use super::{Code, Diagnostic, Silence};
use crate::SourceMap;

/// Collects diagnostics, up to a limit.
#[derive(Debug)]
pub(crate) struct Sink {
    diagnostics: Vec<Diagnostic>,
    limit: usize,
    lost: usize,
    lost_errors: bool,
}

impl Sink {
    pub(crate) fn new(limit: usize) -> Self {
        Sink {
            diagnostics: Vec::new(),
            limit,
            lost: 0,
            lost_errors: false,
        }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.limit {
            self.diagnostics.push(diagnostic);
        } else {
            self.lost += 1;
            self.lost_errors |= diagnostic.is_error();
        }
    }

    /// Takes what is said once at most, whether or not there is room.
    pub(crate) fn push_anyway(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether what comes now is only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() >= self.limit
    }

    /// Everything that no comment silences, in the order in which the text was read.
    pub(crate) fn into_sorted(mut self, sources: &SourceMap) -> Vec<Diagnostic> {
        let mut silence = Silence::of(sources);
        self.diagnostics.append(&mut silence.unknown);
        self.diagnostics.retain(|diagnostic| !silence.covers(diagnostic));
        sort(&mut self.diagnostics, sources);
        if self.lost > 0 {
            let message = format!("{} more problems are not shown", self.lost);
            let make = if self.lost_errors {
                Diagnostic::error
            } else {
                Diagnostic::warning
            };
            self.diagnostics.push(make(Code::TooManyProblems, message));
        }
        self.diagnostics
    }
}

/// Puts diagnostics into the order in which the text was read.
pub(crate) fn sort(diagnostics: &mut [Diagnostic], sources: &SourceMap) {
    diagnostics.sort_by_cached_key(|diagnostic| diagnostic.span().map(|span| sources.order(span)));
}
