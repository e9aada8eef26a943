//! What is wrong with a configuration, as data.

mod code;
mod explain;
mod render;
mod secret;
mod silence;
mod sink;

pub use code::Code;
pub use explain::explain;
pub use render::{one_line, render};
pub(crate) use silence::Silence;
pub(crate) use sink::{Sink, sort};

use crate::Span;

/// One thing that is wrong, or likely to hurt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is.
    pub code: Code,
    /// One sentence, lower case, without a full stop. Never holds a secret.
    pub message: String,
    /// The places, the primary one first. Empty if there is none to show (a file that cannot be read).
    pub labels: Vec<Label>,
    /// What to know or to do.
    pub help: Vec<String>,
    /// A text that would mend it.
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// A problem that forbids starting.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Error, code, message.into())
    }

    /// A problem that does not.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: Code, message: String) -> Self {
        Diagnostic {
            severity,
            code,
            message,
            labels: Vec::new(),
            help: Vec::new(),
            suggestion: None,
        }
    }

    /// Points at a place; the first one is where the problem is.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        if !span.is_nowhere() {
            self.labels.push(Label {
                span,
                text: text.into(),
            });
        }
        self
    }

    /// Points at a place without a word.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Adds something to know or to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Says what text would mend it.
    #[must_use]
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>, message: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion {
            span,
            replacement: replacement.into(),
            message: message.into(),
        });
        self
    }

    /// Where the problem is.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Whether a configuration with this problem must not be started.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The configuration works, though perhaps not as meant.
    Warning,
    /// The configuration must not be started.
    Error,
}

/// A place that matters to a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it has to do with the problem; may be empty.
    pub text: String,
}

/// A text that would mend a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to replace; an empty span is an insertion.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// What that would do, as an imperative.
    pub message: String,
}
