//! A shortcut past the grammar for lines of nothing but ASCII words, blanks and braces.
//!
//! Most lines of a large file are such, and here they cost a fifth of what pest takes. The grammar stays the
//! definition; a test holds the shortcut to it.

use super::{Token, TokenKind, push};

/// Adds the tokens of the plain lines at `at`; the offset of the first line that is not plain.
pub(super) fn push_lines(chunk: &str, mut at: usize, base: usize, tokens: &mut Vec<Token>) -> usize {
    let bytes = chunk.as_bytes();
    while at < bytes.len() {
        let before = tokens.len();
        match push_line(bytes, at, base, tokens) {
            Some(next) => at = next,
            None => {
                tokens.truncate(before);
                break;
            }
        }
    }
    at
}

/// The end of the lines at `at` that are not plain.
pub(super) fn special_lines(chunk: &str, mut at: usize) -> usize {
    let bytes = chunk.as_bytes();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let len = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(rest.len(), |end| end + 1);
        if !rest.iter().take(len).any(|&byte| class(byte) == Class::Special) {
            break;
        }
        at += len;
    }
    at
}

/// Adds the tokens of the line at `at`; the offset of the next line, or `None` if the line is not plain.
fn push_line(bytes: &[u8], mut at: usize, base: usize, tokens: &mut Vec<Token>) -> Option<usize> {
    while let Some(&byte) = bytes.get(at) {
        let start = base + at;
        at += 1;
        match class(byte) {
            Class::Blank => {}
            Class::Newline => {
                push(TokenKind::Newline, start, start + 1, tokens);
                return Some(at);
            }
            Class::Open => push(TokenKind::Open, start, start + 1, tokens),
            Class::Close => push(TokenKind::Close, start, start + 1, tokens),
            Class::Special => return None,
            Class::Word => {
                let rest = bytes.get(at..).unwrap_or_default();
                at += rest
                    .iter()
                    .position(|&byte| class(byte) != Class::Word)
                    .unwrap_or(rest.len());
                push(TokenKind::Word, start, base + at, tokens);
            }
        }
    }
    Some(at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Blank,
    Newline,
    Open,
    Close,
    Special,
}

fn class(byte: u8) -> Class {
    match byte {
        b' ' | b'\t' => Class::Blank,
        b'\n' => Class::Newline,
        b'{' => Class::Open,
        b'}' => Class::Close,
        b'"' | b'#' | b'!' | b'\\' | 0..=31 | 127..=255 => Class::Special,
        _ => Class::Word,
    }
}
