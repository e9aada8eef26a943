use std::fmt;
use std::ops::Range;
use std::path::Path;

/// A file of a [`SourceMap`](crate::SourceMap).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub(super) u32);

/// An expansion of a [`SourceMap`](crate::SourceMap), or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpansionId(pub(super) u32);

impl ExpansionId {
    /// The text stands in the file as it is.
    pub const NONE: ExpansionId = ExpansionId(u32::MAX);

    /// The id of the `n`th expansion, as far as 32 bits can count.
    pub(super) fn nth(n: usize) -> Self {
        u32::try_from(n).map_or(Self::NONE, ExpansionId)
    }
}

/// A range of bytes of one file, and the expansion that put it where it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The macro whose use brought this text to where it was read.
    pub expansion: ExpansionId,
}

impl Span {
    /// The place of what no file says.
    pub const NOWHERE: Span = Span {
        source: SourceId(u32::MAX),
        start: 0,
        end: 0,
        expansion: ExpansionId::NONE,
    };

    /// A range of a file that no macro brought to where it was read.
    pub(crate) fn in_file(source: SourceId, start: u32, end: u32) -> Span {
        Span {
            source,
            start,
            end,
            expansion: ExpansionId::NONE,
        }
    }

    /// Whether no file says it.
    pub fn is_nowhere(self) -> bool {
        self.source == Self::NOWHERE.source
    }

    /// From this span's start to `other`'s end, if both are of one text; else this span.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.source == other.source && self.expansion == other.expansion && other.end >= self.start {
            Span {
                end: other.end,
                ..self
            }
        } else {
            self
        }
    }

    /// The empty span at this span's end.
    #[must_use]
    pub fn after(self) -> Span {
        Span {
            start: self.end,
            ..self
        }
    }
}

/// Where the files of one [`SourceMap`](crate::SourceMap) went in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    pub(super) sources: u32,
    pub(super) expansions: u32,
}

impl Merged {
    /// A span of the map that was merged, in the map that it went to.
    #[must_use]
    pub fn span(self, span: Span) -> Span {
        if span.is_nowhere() {
            return span;
        }
        let expansion = match span.expansion {
            ExpansionId::NONE => ExpansionId::NONE,
            ExpansionId(id) => ExpansionId(id.saturating_add(self.expansions)),
        };
        Span {
            source: SourceId(span.source.0.saturating_add(self.sources)),
            expansion,
            ..span
        }
    }
}

/// One use of a `$NAME` or of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// Of what, as a person would write it: `$NAME` or `~SEQ(i, 1, 3)`.
    pub of: String,
    /// Where it was used.
    pub site: Span,
}

/// A place as a person writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file.
    pub path: &'a Path,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// A pair of offsets as a range of indices.
pub(crate) fn range(start: u32, end: u32) -> Range<usize> {
    index(start)..index(end)
}

/// An offset as an index; a `usize` has at least 32 bits wherever this runs.
pub(crate) fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
