use crate::diagnostic::Sink;
use crate::{Diagnostic, Loader, Options, SourceMap};

/// What every stage of one parse shares.
pub(crate) struct Session<'a> {
    pub(crate) loader: &'a dyn Loader,
    pub(crate) options: &'a Options,
    pub(crate) sources: SourceMap,
    pub(crate) sink: Sink,
}

impl<'a> Session<'a> {
    pub(crate) fn new(loader: &'a dyn Loader, options: &'a Options) -> Self {
        Session {
            loader,
            options,
            sources: SourceMap::default(),
            sink: Sink::new(options.limits.diagnostics),
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }
}
