use std::sync::Arc;

use crate::source::range;
use crate::{ExpansionId, SourceId, Span};

/// One line as it takes effect, comments left out.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) pieces: Vec<Piece>,
    /// Where the pieces come from that were not made.
    pub(crate) origin: Origin,
    /// Where the others come from.
    pub(crate) made: Vec<Origin>,
}

/// A word or a brace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Which of the line's `made` it is of; `None` is the line's own origin.
    pub(crate) made: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Word,
    Open,
    Close,
}

/// Where text comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Ranges of a file.
    File {
        source: SourceId,
        text: Arc<String>,
        expansion: ExpansionId,
    },
    /// Ranges of a text that was made from what stands at a span.
    Made { span: Span, text: Arc<String> },
}

impl Line {
    pub(crate) fn new() -> Self {
        let origin = Origin::Made {
            span: Span::NOWHERE,
            text: Arc::default(),
        };
        Line {
            pieces: Vec::new(),
            origin,
            made: Vec::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        self.made.clear();
    }

    /// Adds a word whose text is not what the file says at `span`.
    pub(crate) fn push_made(&mut self, text: &str, span: Span) {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let made = Some(self.made.len());
        self.pieces.push(Piece {
            kind: PieceKind::Word,
            start: 0,
            end,
            made,
        });
        self.made.push(Origin::Made {
            span,
            text: Arc::new(text.to_owned()),
        });
    }

    pub(crate) fn origin(&self, piece: Piece) -> &Origin {
        piece
            .made
            .and_then(|made| self.made.get(made))
            .unwrap_or(&self.origin)
    }

    /// The text of a piece, quotes included.
    pub(crate) fn raw(&self, piece: Piece) -> &str {
        self.origin(piece).text(piece.start, piece.end)
    }

    /// The text of a piece, without quotes.
    pub(crate) fn text(&self, piece: Piece) -> &str {
        unquoted(self.raw(piece))
    }

    pub(crate) fn span(&self, piece: Piece) -> Span {
        self.origin(piece).span(piece.start, piece.end)
    }

    /// The first piece and its text, if it is a word without quotes.
    pub(crate) fn first_word(&self) -> Option<(Piece, &str)> {
        let &first = self
            .pieces
            .first()
            .filter(|piece| piece.kind == PieceKind::Word)?;
        Some((first, self.raw(first)))
    }
}

impl Origin {
    /// The text of a range, quotes included.
    pub(crate) fn text(&self, start: u32, end: u32) -> &str {
        let (Origin::File { text, .. } | Origin::Made { text, .. }) = self;
        text.get(range(start, end)).unwrap_or_default()
    }

    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        match *self {
            Origin::File {
                source, expansion, ..
            } => Span {
                source,
                start,
                end,
                expansion,
            },
            Origin::Made { span, .. } => span,
        }
    }

    /// Whether it is a file's own text.
    pub(super) fn is_file(&self, id: SourceId) -> bool {
        matches!(*self, Origin::File { source, expansion: ExpansionId::NONE, .. } if source == id)
    }

    /// Whether ranges of one are ranges of the other.
    pub(crate) fn is(&self, other: &Origin) -> bool {
        match (self, other) {
            (
                Origin::File {
                    source, expansion, ..
                },
                Origin::File {
                    source: s,
                    expansion: e,
                    ..
                },
            ) => source == s && expansion == e,
            _ => false,
        }
    }
}

/// The text between quotes, or as it is.
pub(crate) fn unquoted(text: &str) -> &str {
    match text.strip_prefix('"') {
        Some(inside) => inside.strip_suffix('"').unwrap_or(inside),
        None => text,
    }
}
