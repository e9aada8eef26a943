//! What is wrong with a configuration, as data.

mod code;

pub use code::Code;

use crate::Span;

/// One thing that is wrong, or likely to hurt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is.
    pub code: Code,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// The places, the primary one first. Empty if there is none to show (a file that cannot be read).
    pub labels: Vec<Label>,
    /// What to know or to do.
    pub help: Vec<String>,
    /// A text that would mend it.
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// A problem without a place.
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            severity,
            code,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            suggestion: None,
        }
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
    /// What to replace; an empty range is an insertion.
    pub span: Span,
    /// By what.
    pub replacement: String,
}
