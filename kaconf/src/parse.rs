use std::path::Path;

use crate::{Code, Config, Diagnostic, Loader, Severity, SourceMap};

/// Reads a configuration and everything it includes.
///
/// Never stops at the first problem: `config` is what could be understood, `diagnostics` is what could not, in
/// the order of the files.
pub fn parse(loader: &dyn Loader, path: &Path, options: &Options) -> Parsed {
    let mut sources = SourceMap::default();
    let mut diagnostics = Vec::new();
    match loader.read(path, options.limits.file_size) {
        Ok(bytes) => {
            sources.add(path.to_owned(), bytes, None);
        }
        Err(error) => diagnostics.push(Diagnostic::new(
            Severity::Error,
            Code::Unreadable,
            format!("cannot read {}: {error}", path.display()),
        )),
    }
    Parsed {
        config: Config::default(),
        diagnostics,
        sources,
    }
}

/// What a parse depends on besides the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What `@id` lines are compared with; without it, every `@id` line is left out.
    pub config_id: Option<String>,
    /// What a file may cost.
    pub limits: Limits,
}

/// What a file may cost. Beyond a limit there is a diagnostic, never a crash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one file.
    pub file_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { file_size: 256 << 20 }
    }
}

/// What came out of a parse.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What could be understood.
    pub config: Config,
    /// What could not, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for showing the diagnostics.
    pub sources: SourceMap,
}

impl Parsed {
    /// Whether any diagnostic is an error: such a configuration must not be started.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}
