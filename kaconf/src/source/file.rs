use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{Merged, Span, index, range};

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    /// Not `Arc<str>`, which would be a copy of what was read.
    text: Arc<String>,
    /// The bytes that are no UTF-8, each replaced in `text` by [`Source::REPLACEMENT`], in order.
    raw: Vec<(u32, u8)>,
    /// The offset of each line's first byte; made when the first diagnostic asks.
    lines: OnceLock<Vec<u32>>,
    included_from: Option<Span>,
}

impl Source {
    /// What stands in [`text`](Self::text) for a byte that is no UTF-8; one byte, so that offsets stay the file's.
    pub const REPLACEMENT: char = '\u{1a}';

    pub(super) fn new(path: PathBuf, bytes: Vec<u8>, included_from: Option<Span>) -> Self {
        let (text, raw) = decode(bytes);
        Source {
            path,
            text: Arc::new(text),
            raw,
            lines: OnceLock::new(),
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

    /// The same file in another map.
    pub(super) fn moved(&self, merged: Merged) -> Self {
        Source {
            included_from: self.included_from.map(|span| merged.span(span)),
            ..self.clone()
        }
    }

    pub(crate) fn shared_text(&self) -> Arc<String> {
        Arc::clone(&self.text)
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
    pub fn line(&self, offset: u32) -> (usize, Range<usize>) {
        let number = self.lines().partition_point(|&start| start <= offset).max(1);
        (number, self.line_range(number))
    }

    /// The range of the text of a line (from 1), without its line end.
    pub fn line_range(&self, number: usize) -> Range<usize> {
        let start_of = |line: usize| {
            self.lines()
                .get(line)
                .map_or(self.text.len(), |&start| index(start))
        };
        let (start, end) = (start_of(number.saturating_sub(1)), start_of(number));
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end_matches(['\r', '\n']).len()
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| line_starts(self.text.as_bytes()))
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
            *byte = u8::try_from(Source::REPLACEMENT).unwrap_or(b'?');
        }
        at = end;
    }
    (String::from_utf8(bytes).unwrap_or_default(), raw)
}

/// Where lines start, by the line ends of the grammar: any number of CR and LF, or one CR.
fn line_starts(text: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    let mut returns = 0;
    for (at, &byte) in (1u32..).zip(text) {
        match byte {
            b'\r' => returns += 1,
            b'\n' => {
                returns = 0;
                starts.push(at);
            }
            _ => starts.extend((at - returns..at).filter(|_| returns > 0)),
        }
        if byte != b'\r' {
            returns = 0;
        }
    }
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX) + 1;
    starts.extend(end - returns..end);
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::new(PathBuf::from("f"), bytes.to_vec(), None)
    }

    #[test]
    fn bytes_that_are_no_text_keep_their_place() {
        let source = source(b"ab\xc4\xe3 \xe9\nc\xff");
        assert_eq!(source.text(), "ab\x1a\x1a \x1a\nc\x1a");
        assert_eq!(source.bytes(0, 9), b"ab\xc4\xe3 \xe9\nc\xff");
        assert_eq!(source.bytes(3, 5), b"\xe3 ");
    }

    #[test]
    fn lines_by_any_line_end() {
        let source = source(b"a\nbc\r\nd\re\r\r\n\nf");
        let lines: Vec<_> = (0..=7)
            .map(|line| &source.text()[source.line_range(line)])
            .collect();
        assert_eq!(lines, ["", "a", "bc", "d", "e", "", "f", ""]);
        assert_eq!(source.line(0), (1, 0..1));
        assert_eq!(source.line(5), (2, 2..4));
        assert_eq!(source.line(99), (6, 13..14));
    }
}
