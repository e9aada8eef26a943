use std::ops::Range;

use super::line::{Line, Origin, Piece, PieceKind};
use crate::lexer::{self, TokenKind};
use crate::session::Session;
use crate::source::index;
use crate::{ExpansionId, SourceId, Span};

/// A piece of a line, comments left out, each part of which knows where it comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    text: String,
    /// What the grammar sees: `text`, with a plain character for each byte that has lost its meaning.
    mask: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug)]
struct Part {
    /// One past its last byte in the text.
    end: usize,
    span: Span,
    /// Whether it is what stands at the span, byte for byte.
    verbatim: bool,
}

impl Text {
    /// A text that no file has, made from what stands at `span`; nothing in it has a meaning.
    pub(super) fn made(text: &str, span: Span) -> Self {
        let mut made = Text::default();
        made.push_made(text, span);
        made
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds what a file says at `span`.
    pub(super) fn push_verbatim(&mut self, text: &str, span: Span) {
        self.text.push_str(text);
        self.mask.extend(text.chars().map(harmless));
        self.push_part(span, true);
    }

    pub(super) fn push_made(&mut self, text: &str, span: Span) {
        self.text.push_str(text);
        self.mask.extend(text.chars().map(harmless));
        self.push_part(span, false);
    }

    /// Adds another text; of it, braces are no longer braces if `plain`.
    pub(super) fn push(&mut self, other: &Text, plain: bool) {
        let base = self.text.len();
        self.text.push_str(&other.text);
        match plain {
            true => self.mask.extend(
                other
                    .mask
                    .chars()
                    .map(|c| if matches!(c, '{' | '}') { 'x' } else { c }),
            ),
            false => self.mask.push_str(&other.mask),
        }
        let parts = other.parts.iter().map(|part| Part {
            end: base + part.end,
            ..*part
        });
        self.parts.extend(parts);
    }

    fn push_part(&mut self, span: Span, verbatim: bool) {
        let end = self.text.len();
        match self.parts.last_mut() {
            Some(last)
                if verbatim
                    && last.verbatim
                    && last.span.end == span.start
                    && last.span.source == span.source
                    && last.span.expansion == span.expansion =>
            {
                last.span.end = span.end;
                last.end = end;
            }
            _ => self.parts.push(Part { end, span, verbatim }),
        }
    }

    /// A part of the text.
    pub(super) fn slice(&self, range: Range<usize>) -> Text {
        let parts = self.parts_in(range.clone()).map(|(part, start, within)| Part {
            end: within.end - range.start,
            span: part.within(start, within),
            verbatim: part.verbatim,
        });
        let parts = parts.collect();
        Text {
            text: self.text.get(range.clone()).unwrap_or_default().to_owned(),
            mask: self.mask.get(range).unwrap_or_default().to_owned(),
            parts,
        }
    }

    pub(super) fn trimmed(&self) -> Text {
        let start = self.text.len() - self.text.trim_start_matches(is_blank).len();
        let end = self.text.trim_end_matches(is_blank).len();
        self.slice(start..end.max(start))
    }

    /// The same text as it stands where a macro was used.
    #[must_use]
    pub(super) fn expanded(mut self, expansion: ExpansionId) -> Text {
        for part in &mut self.parts {
            part.span.expansion = expansion;
        }
        self
    }

    /// Where a range of the text comes from; what the first part says if several do.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.parts_in(range)
            .map(|(part, start, within)| part.within(start, within))
            .reduce(Span::to)
            .unwrap_or(Span::NOWHERE)
    }

    /// The parts that a range touches, where each begins, and what the range has of it.
    fn parts_in(&self, range: Range<usize>) -> impl Iterator<Item = (&Part, usize, Range<usize>)> {
        let first = self.parts.partition_point(|part| part.end <= range.start);
        let before = first.checked_sub(1).and_then(|before| self.parts.get(before));
        let mut start = before.map_or(0, |part| part.end);
        self.parts.iter().skip(first).map_while(move |part| {
            let begin = std::mem::replace(&mut start, part.end);
            let within = begin.max(range.start)..part.end.min(range.end);
            (within.start < within.end).then_some((part, begin, within))
        })
    }

    /// The words and braces of the text.
    pub(super) fn pieces(&self, line: &mut Line, session: &Session<'_>) {
        line.clear();
        let mut tokens = Vec::new();
        lexer::push_tokens(&self.mask, 0, &mut tokens);
        for token in tokens {
            let kind = match token.kind {
                TokenKind::Word | TokenKind::Quoted | TokenKind::Unterminated => PieceKind::Word,
                TokenKind::Open => PieceKind::Open,
                TokenKind::Close => PieceKind::Close,
                TokenKind::Blank | TokenKind::OddBlank | TokenKind::Newline | TokenKind::Comment => continue,
            };
            self.piece(kind, index(token.start)..index(token.end), line, session);
        }
    }

    fn piece(&self, kind: PieceKind, range: Range<usize>, line: &mut Line, session: &Session<'_>) {
        let span = self.span(range.clone());
        let text = self.text.get(range.clone()).unwrap_or_default();
        let file = self
            .is_verbatim(&range)
            .then(|| session.sources.source(span.source))
            .flatten();
        let Some(file) = file else {
            line.push_made(text, span);
            if let Some(piece) = line.pieces.last_mut() {
                piece.kind = kind;
            }
            return;
        };
        let origin = Origin::File {
            source: span.source,
            text: file.shared_text(),
            expansion: span.expansion,
        };
        if !line.made.last().is_some_and(|last| last.is(&origin)) {
            line.made.push(origin);
        }
        line.pieces.push(Piece {
            kind,
            start: span.start,
            end: span.end,
            made: Some(line.made.len() - 1),
        });
    }

    /// Whether a range lies in one part that is what a file says.
    fn is_verbatim(&self, range: &Range<usize>) -> bool {
        let part = self.parts.partition_point(|part| part.end <= range.start);
        self.parts
            .get(part)
            .is_some_and(|part| part.verbatim && range.end <= part.end)
    }
}

impl Part {
    /// The span of a range of the text, of a part that begins at `start`.
    fn within(&self, start: usize, range: Range<usize>) -> Span {
        if !self.verbatim {
            return self.span;
        }
        let at = |offset: usize| {
            let offset = u32::try_from(offset - start).unwrap_or(u32::MAX);
            self.span.start.saturating_add(offset)
        };
        Span {
            start: at(range.start),
            end: at(range.end),
            ..self.span
        }
    }
}

/// Comments are gone, so what would begin one does not.
fn harmless(character: char) -> char {
    match character {
        '#' | '!' => 'x',
        '\n' | '\r' => ' ',
        other => other,
    }
}

pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\x0b' | '\x0c')
}

/// The span of a range of a file's own text.
pub(super) fn file_span(source: SourceId, start: u32, end: u32) -> Span {
    Span {
        source,
        start,
        end,
        expansion: ExpansionId::NONE,
    }
}
