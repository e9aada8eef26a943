use std::path::PathBuf;
use std::sync::Arc;

use super::line::{Line, Origin, Piece, PieceKind};
use super::text::{Text, file_span};
use crate::lexer::{self, Token, TokenKind};
use crate::session::Session;
use crate::source::{Source, range};
use crate::{Code, Diagnostic, ExpansionId, SourceId, Span};

/// A file that is being read, some lines at a time.
pub(super) struct Frame {
    pub(super) path: PathBuf,
    source: SourceId,
    text: Arc<String>,
    /// Where the text starts that is not in `tokens` yet.
    rest: usize,
    tokens: Vec<Token>,
    next: usize,
    /// The first token of the line read last.
    first: usize,
    /// Whether `tokens` may hold a use of the macro language.
    macros: bool,
    /// What has been reported once for this file and need not be again.
    reported: Vec<Code>,
}

impl Frame {
    pub(super) fn new(source: &Source, id: SourceId) -> Self {
        Frame {
            path: source.path().to_owned(),
            source: id,
            text: source.shared_text(),
            rest: 0,
            tokens: Vec::new(),
            next: 0,
            first: 0,
            macros: false,
            reported: Vec::new(),
        }
    }

    fn origin(&self) -> Origin {
        Origin::File {
            source: self.source,
            text: Arc::clone(&self.text),
            expansion: ExpansionId::NONE,
        }
    }

    /// Reads the next line; false at the end of the file.
    pub(super) fn next(&mut self, line: &mut Line, session: &mut Session<'_>) -> bool {
        line.clear();
        if !line.origin.is_file(self.source) {
            line.origin = self.origin();
        }
        if self.next >= self.tokens.len() && !self.refill(session) {
            return false;
        }
        self.first = self.next;
        while let Some(&token) = self.tokens.get(self.next) {
            self.next += 1;
            match token.kind {
                TokenKind::Word => self.word(token, line),
                TokenKind::Quoted => push(PieceKind::Word, token, line),
                TokenKind::Open => push(PieceKind::Open, token, line),
                TokenKind::Close => push(PieceKind::Close, token, line),
                TokenKind::Blank | TokenKind::Comment => {}
                TokenKind::Newline => {
                    self.check_newline(token, session);
                    break;
                }
                TokenKind::Unterminated => {
                    self.report_quote(token, session);
                    push(PieceKind::Word, token, line);
                }
                TokenKind::OddBlank => self.check_blank(token, session),
            }
        }
        true
    }

    /// Makes tokens of the next lines; false at the end of the file.
    fn refill(&mut self, session: &mut Session<'_>) -> bool {
        self.tokens.clear();
        self.next = 0;
        let text = Arc::clone(&self.text);
        while let Some(chunk) = lexer::chunk(&text, self.rest) {
            let start = self.rest;
            self.rest += chunk.len();
            if chunk.len() <= session.options.limits.line_length.max(lexer::LONGEST_OF_MANY) {
                lexer::push_tokens(chunk, start, &mut self.tokens);
                self.macros = chunk.contains(['$', '~']);
                return true;
            }
            let limit = session.options.limits.line_length;
            let message = format!("this line has {} bytes; at most {limit} are read", chunk.len());
            let at = u32::try_from(start).unwrap_or(u32::MAX);
            session.report(Diagnostic::error(Code::LineTooLong, message).at(self.span(at, at)));
        }
        false
    }

    /// Whether the line read last may hold a use of the macro language.
    pub(super) fn has_macros(&self) -> bool {
        let tokens = self.tokens.get(self.first..self.next).unwrap_or_default();
        self.macros
            && tokens.iter().any(|token| {
                let text = self.text.get(range(token.start, token.end)).unwrap_or_default();
                token.kind != TokenKind::Comment && text.contains(['$', '~'])
            })
    }

    /// The line read last as a text, without its comment.
    pub(super) fn line_text(&self) -> Text {
        let mut line = Text::default();
        let tokens = self.tokens.get(self.first..self.next).unwrap_or_default();
        let mut at = tokens.first().map_or(0, |first| first.start);
        for token in tokens {
            if matches!(token.kind, TokenKind::Newline | TokenKind::Comment) {
                break;
            }
            self.push_text(at, token.start, &mut line);
            at = token.end;
            let (text, span) = (
                self.slice(token.start, token.end),
                self.span(token.start, token.end),
            );
            match token.kind {
                TokenKind::OddBlank => line.push_made(" ", span),
                TokenKind::Word => match unescaped(text) {
                    Some(unescaped) => line.push_made(&unescaped, span),
                    None => line.push_verbatim(text, span),
                },
                _ => line.push_verbatim(text, span),
            }
        }
        line
    }

    fn push_text(&self, start: u32, end: u32, line: &mut Text) {
        if start < end {
            line.push_verbatim(self.slice(start, end), self.span(start, end));
        }
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(range(start, end)).unwrap_or_default()
    }

    /// A word as it stands, or without the backslashes that kept a character from its meaning.
    fn word(&self, token: Token, line: &mut Line) {
        let text = self.text.get(range(token.start, token.end)).unwrap_or_default();
        match unescaped(text) {
            Some(unescaped) => line.push_made(&unescaped, self.span(token.start, token.end)),
            None => push(PieceKind::Word, token, line),
        }
    }

    fn check_newline(&mut self, token: Token, session: &mut Session<'_>) {
        let text = self.text.get(range(token.start, token.end)).unwrap_or_default();
        if text == "\r" && self.first(Code::LoneCarriageReturn) {
            session.report(
                Diagnostic::warning(
                    Code::LoneCarriageReturn,
                    "a carriage return without a line feed ends this line",
                )
                .at(self.span(token.start, token.start))
                .help("keepalived takes it for a blank, and so the next line for the rest of this one"),
            );
        }
    }

    fn check_blank(&mut self, token: Token, session: &mut Session<'_>) {
        let text = Arc::clone(&self.text);
        let text = text.get(range(token.start, token.end)).unwrap_or_default();
        if token.start == 0 && text == "\u{feff}" {
            session.report(
                Diagnostic::warning(Code::ByteOrderMark, "this file starts with a byte order mark")
                    .at(self.span(0, token.end))
                    .help("kad skips it, but keepalived takes it for a part of the first word"),
            );
        } else if self.first(Code::OddBlank) {
            let character = text.chars().next().map_or(0, u32::from);
            session.report(
                Diagnostic::warning(
                    Code::OddBlank,
                    format!("the character U+{character:04X} is not a blank"),
                )
                .label(self.span(token.start, token.end), "looks like one")
                .help("kad takes it for a blank here and in the rest of the file, but keepalived does not"),
            );
        }
    }

    fn report_quote(&self, token: Token, session: &mut Session<'_>) {
        let span = self.span(token.start, token.end);
        session.report(
            Diagnostic::error(Code::UnterminatedQuote, "this quote is not closed on its line")
                .label(
                    Span {
                        end: token.start + 1,
                        ..span
                    },
                    "opened here",
                )
                .suggest(span.after(), "\"", "close it"),
        );
    }

    fn first(&mut self, code: Code) -> bool {
        let first = !self.reported.contains(&code);
        if first {
            self.reported.push(code);
        }
        first
    }

    fn span(&self, start: u32, end: u32) -> Span {
        file_span(self.source, start, end)
    }
}

fn push(kind: PieceKind, token: Token, line: &mut Line) {
    line.pieces.push(Piece {
        kind,
        start: token.start,
        end: token.end,
        made: None,
    });
}

/// The text with `\#` and `\!` as `#` and `!`, if it has any.
fn unescaped(text: &str) -> Option<String> {
    text.contains('\\').then_some(())?;
    let mut changed = false;
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match (character, rest.clone().next()) {
            ('\\', Some(next @ ('#' | '!'))) => {
                result.push(next);
                rest.next();
                changed = true;
            }
            ('\\', Some(next @ ('\\' | '"'))) => {
                result.extend(['\\', next]);
                rest.next();
            }
            _ => result.push(character),
        }
    }
    changed.then_some(result)
}
