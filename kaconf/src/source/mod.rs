//! The files of a configuration, and places in them.

mod file;
mod span;

use std::path::PathBuf;

pub use file::Source;
pub use span::{Expansion, ExpansionId, Location, Merged, SourceId, Span};
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

    /// Every file with its id.
    pub(crate) fn with_ids(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0..).map(SourceId).zip(&self.sources)
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

    /// Takes in all files of another configuration, so that a diagnostic can point into both. Answers with what moves the
    /// other's spans here; `None` if these are more than 32 bits can count.
    pub fn merge(&mut self, other: &SourceMap) -> Option<Merged> {
        let merged = Merged {
            sources: u32::try_from(self.sources.len()).ok()?,
            expansions: u32::try_from(self.expansions.len()).ok()?,
        };
        let longest = other.sources.len().max(other.expansions.len());
        let first = merged.sources.max(merged.expansions);
        u32::try_from(longest).ok()?.checked_add(first)?.checked_add(1)?;
        self.sources
            .extend(other.sources.iter().map(|source| source.moved(merged)));
        self.expansions
            .extend(other.expansions.iter().map(|expansion| Expansion {
                of: expansion.of.clone(),
                site: merged.span(expansion.site),
            }));
        Some(merged)
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
    pub fn outer(&self, span: Span) -> Option<Span> {
        match self.expansion(span.expansion) {
            Some(expansion) => Some(expansion.site),
            None => self.source(span.source)?.included_from(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{MemoryLoader, Options, parse};

    #[test]
    fn a_span_still_says_where_it_is_after_a_merge() {
        let mut loader = MemoryLoader::with("a.conf", "include more.conf\n$ID=999\nbogus_a\n");
        loader.add("more.conf", "vrrp_instance A {\n}\n");
        loader.add(
            "b.conf",
            "include lost.conf\n$ID=999\n\nvrrp_instance B {\nvirtual_router_id $ID\n}\n",
        );
        loader.add("lost.conf", "bogus_b\n");
        let parse = |path: &str| parse(&loader, Path::new(path), &Options::default());
        let (a, b) = (parse("a.conf"), parse("b.conf"));
        let mut both = a.sources.clone();
        let merged = both.merge(&b.sources).unwrap();
        assert_eq!(both.sources().count(), 4);
        assert!(!b.diagnostics.is_empty());
        for diagnostic in &b.diagnostics {
            let mut moved = diagnostic.clone();
            for label in &mut moved.labels {
                label.span = merged.span(label.span);
            }
            moved.suggestion = None;
            let alone = crate::Diagnostic {
                suggestion: None,
                ..diagnostic.clone()
            };
            assert_eq!(
                crate::render(&moved, &both, false),
                crate::render(&alone, &b.sources, false)
            );
        }
        let chained = |span| both.outer(merged.span(span)).is_some();
        assert!(
            b.diagnostics
                .iter()
                .filter_map(crate::Diagnostic::span)
                .any(chained)
        );
    }
}
