use std::fmt;
use std::path::{Path, PathBuf};

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// An expansion of a [`SourceMap`], or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpansionId(u32);

impl ExpansionId {
    /// The text stands in the file as it is.
    pub const NONE: ExpansionId = ExpansionId(u32::MAX);
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
}

/// One use of a `$NAME` or of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// Of what, as a person would write it: `$NAME` or `~SEQ(i, 1, 3)`.
    pub of: String,
    /// Where it was used.
    pub site: Span,
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    /// The bytes that are no UTF-8, each replaced in `text` by [`Source::REPLACEMENT`], in order.
    raw: Vec<(u32, u8)>,
    /// The offset of each line's first byte.
    lines: Vec<u32>,
    included_from: Option<Span>,
}

impl Source {
    /// What stands in [`text`](Self::text) for a byte that is no UTF-8; one byte, so that offsets stay the file's.
    pub const REPLACEMENT: u8 = 0x1a;

    fn new(path: PathBuf, bytes: Vec<u8>, included_from: Option<Span>) -> Self {
        let (text, raw) = decode(bytes);
        let lines = line_starts(text.as_bytes());
        Source {
            path,
            text,
            raw,
            lines,
            included_from,
        }
    }

    /// The path it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text, with [`REPLACEMENT`](Self::REPLACEMENT) for each byte that is no UTF-8.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's own bytes in a range.
    pub fn bytes(&self, start: u32, end: u32) -> Vec<u8> {
        let mut bytes = self
            .text
            .as_bytes()
            .get(range(start, end))
            .unwrap_or_default()
            .to_vec();
        let first = self.raw.partition_point(|&(at, _)| at < start);
        for &(at, byte) in self.raw.iter().skip(first).take_while(|&&(at, _)| at < end) {
            if let Some(slot) = bytes.get_mut(index(at - start)) {
                *slot = byte;
            }
        }
        bytes
    }

    /// The `include` that asked for this file.
    pub fn included_from(&self) -> Option<Span> {
        self.included_from
    }

    /// The line (from 1) of an offset, and the range of that line's text without its line end.
    pub fn line(&self, offset: u32) -> (usize, std::ops::Range<usize>) {
        let number = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines.get(number - 1).map_or(0, |&start| index(start));
        let end = self
            .lines
            .get(number)
            .map_or(self.text.len(), |&start| index(start));
        let text = self.text.get(start..end).unwrap_or_default();
        (number, start..start + text.trim_end_matches(['\r', '\n']).len())
    }
}

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

    /// What an expansion id stands for.
    pub fn expansion(&self, id: ExpansionId) -> Option<&Expansion> {
        self.expansions.get(index(id.0))
    }

    /// The text of a span as the file has it.
    pub fn text(&self, span: Span) -> &str {
        self.source(span.source)
            .and_then(|source| source.text.get(range(span.start, span.end)))
            .unwrap_or_default()
    }

    /// The file, line and column of a span's start.
    pub fn location(&self, span: Span) -> Option<Location<'_>> {
        let source = self.source(span.source)?;
        let (line, range) = source.line(span.start);
        let before = source
            .text
            .get(range.start..index(span.start))
            .unwrap_or_default();
        Some(Location {
            path: &source.path,
            line,
            column: before.chars().count() + 1,
        })
    }
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

/// Splits bytes into text of the same length and what did not fit into it.
fn decode(bytes: Vec<u8>) -> (String, Vec<(u32, u8)>) {
    let mut bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, Vec::new()),
        Err(error) => error.into_bytes(),
    };
    let mut raw = Vec::new();
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(bytes.get(at..).unwrap_or_default()) {
        let start = at + error.valid_up_to();
        let end = error.error_len().map_or(bytes.len(), |len| start + len);
        for (offset, byte) in bytes.iter_mut().enumerate().take(end).skip(start) {
            raw.extend(u32::try_from(offset).map(|offset| (offset, *byte)));
            *byte = Source::REPLACEMENT;
        }
        at = end;
    }
    (String::from_utf8(bytes).unwrap_or_default(), raw)
}

fn line_starts(text: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    let ends = text.iter().enumerate().filter(|&(at, &byte)| match byte {
        b'\n' => true,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    starts.extend(ends.filter_map(|(at, _)| u32::try_from(at + 1).ok()));
    starts
}

fn range(start: u32, end: u32) -> std::ops::Range<usize> {
    index(start)..index(end)
}

/// An offset as an index; a `usize` has at least 32 bits wherever this runs.
fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
