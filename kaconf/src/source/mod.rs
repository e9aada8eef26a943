//! The files of a configuration, and places in them.

mod file;
mod span;

use std::path::PathBuf;

pub use file::Source;
pub use span::{Expansion, ExpansionId, Location, SourceId, Span};
pub(crate) use span::{index, range};

/// Every file of a configuration, and how its parts came to stand where they were read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
    expansions: Vec<Expansion>,
}

impl SourceMap {
    /// Adds a file; `None` if it, or the number of files, is beyond what 32 bits can count.
    pub(crate) fn add(
        &mut self,
        path: PathBuf,
        bytes: Vec<u8>,
        included_from: Option<Span>,
    ) -> Option<SourceId> {
        u32::try_from(bytes.len()).ok().filter(|&len| len < u32::MAX)?;
        let id = u32::try_from(self.sources.len())
            .ok()
            .filter(|&id| id < u32::MAX)?;
        self.sources.push(Source::new(path, bytes, included_from));
        Some(SourceId(id))
    }

    /// The file of an id; `None` if the id is of another map.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(index(id.0))
    }

    /// Every file, in the order it was read.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// Notes the use of a macro.
    pub(crate) fn expand(&mut self, of: String, site: Span) -> ExpansionId {
        let id = ExpansionId::nth(self.expansions.len());
        if id != ExpansionId::NONE {
            self.expansions.push(Expansion { of, site });
        }
        id
    }

    /// What an expansion id stands for.
    pub fn expansion(&self, id: ExpansionId) -> Option<&Expansion> {
        self.expansions.get(index(id.0))
    }

    /// The text of a span as the file has it.
    pub fn text(&self, span: Span) -> &str {
        let text = self
            .source(span.source)
            .and_then(|source| source.text().get(range(span.start, span.end)));
        text.unwrap_or_default()
    }

    /// The bytes of a span as the file has them, UTF-8 or not.
    pub fn bytes(&self, span: Span) -> Vec<u8> {
        self.source(span.source)
            .map(|source| source.bytes(span.start, span.end))
            .unwrap_or_default()
    }

    /// The file, line and column of a span's start.
    pub fn location(&self, span: Span) -> Option<Location<'_>> {
        let source = self.source(span.source)?;
        let (line, range) = source.line(span.start);
        let before = source
            .text()
            .get(range.start..index(span.start))
            .unwrap_or_default();
        Some(Location {
            path: source.path(),
            line,
            column: before.chars().count() + 1,
        })
    }

    /// What sorts spans in the order in which their text was read: an included file in the place of its include.
    pub(crate) fn order(&self, span: Span) -> Vec<u32> {
        let mut path = vec![span.start];
        let mut outer = self.outer(span);
        while let Some(site) = outer {
            path.push(site.start);
            outer = self.outer(site);
        }
        path.reverse();
        path
    }

    /// The place that brought a span's text to where it was read: the use of a macro, or the include.
    pub(crate) fn outer(&self, span: Span) -> Option<Span> {
        match self.expansion(span.expansion) {
            Some(expansion) => Some(expansion.site),
            None => self.source(span.source)?.included_from(),
        }
    }
}
