use std::path::Path;

use crate::diagnostic::{Silence, sort};
use crate::expand::{Line, Reader};
use crate::lower::Draft;
use crate::session::Session;
use crate::tree::{Builder, Statement};
use crate::{Code, Config, Diagnostic, Loader, Severity, SourceMap};

/// Reads a configuration and everything it includes.
///
/// Never stops at the first problem: `config` is what could be understood, `diagnostics` is what could not, in
/// the order of the text.
pub fn parse(loader: &dyn Loader, path: &Path, options: &Options) -> Parsed {
    let mut session = Session::new(loader, options);
    let mut draft = Draft::default();
    let mut complete =
        |statement: Statement<'_>, session: &mut Session<'_>| draft.statement(statement, session);
    let mut builder = Builder::new(&mut complete);
    let mut reader = Reader::new(path);
    let mut line = Line::new();
    while reader.next(&mut line, &mut session) {
        builder.line(&line, &mut session);
    }
    builder.finish(&mut session);
    let config = draft.resolve(&mut session);
    let diagnostics = session.sink.into_sorted(&session.sources);
    Parsed {
        config,
        diagnostics,
        sources: session.sources,
    }
}

/// What a parse depends on besides the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What `@id` lines are compared with; without it, every `@id` line is left out and every `@^id` line kept.
    pub config_id: Option<String>,
    /// What a configuration may cost.
    pub limits: Limits,
}

/// What a configuration may cost. Beyond a limit there is a diagnostic, never a crash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one file. Default 64 MiB.
    pub file_size: u64,
    /// Bytes of all files together. Default 256 MiB.
    pub total_size: u64,
    /// Bytes of one line; 64 KiB are always read. Default 256 KiB.
    pub line_length: usize,
    /// Files of one configuration. Default 10,000.
    pub files: usize,
    /// How deep an included file may include others. Default 32.
    pub include_depth: usize,
    /// Uses of variables, and lines made by sequences, in one configuration. Default 131,072.
    pub expansions: usize,
    /// Bytes that these make. Default 64 MiB.
    pub expanded_size: usize,
    /// How deep a variable's value may use others. Default 32.
    pub expansion_depth: usize,
    /// How deep blocks may be nested. Default 32; no valid configuration needs more than 6.
    pub nesting: usize,
    /// How many diagnostics are kept. Default 1,000.
    pub diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_size: 64 << 20,
            total_size: 256 << 20,
            line_length: 256 << 10,
            files: 10_000,
            include_depth: 32,
            expansions: 1 << 17,
            expanded_size: 64 << 20,
            expansion_depth: 32,
            nesting: 32,
            diagnostics: 1_000,
        }
    }
}

/// What came out of a parse.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What could be understood.
    pub config: Config,
    /// What could not, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for showing the diagnostics.
    pub sources: SourceMap,
}

impl Parsed {
    /// Adds what somebody else found: sorted in, and silenced where a comment asks for it.
    pub fn add(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        let silence = Silence::of(&self.sources);
        let heard = found.into_iter().filter(|found| !silence.covers(found));
        self.diagnostics.extend(heard);
        sort(&mut self.diagnostics, &self.sources);
    }

    /// Takes out the warnings of a kind.
    pub fn allow(&mut self, code: Code) {
        self.diagnostics
            .retain(|diagnostic| diagnostic.code != code || diagnostic.is_error());
    }

    /// Makes the warnings of a kind errors.
    pub fn deny(&mut self, code: Code) {
        let denied = self
            .diagnostics
            .iter_mut()
            .filter(|diagnostic| diagnostic.code == code);
        denied.for_each(|diagnostic| diagnostic.severity = Severity::Error);
    }

    /// Whether any diagnostic is an error: such a configuration must not be started.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}
