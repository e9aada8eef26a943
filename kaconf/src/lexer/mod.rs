//! Text to tokens.

mod plain;

use pest::Parser;

/// One piece of a file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The offset of its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// A run of blanks.
    Blank,
    /// A character that looks blank and is not: a no-break space, a byte order mark.
    OddBlank,
    /// The end of a line.
    Newline,
    /// `{`
    Open,
    /// `}`
    Close,
    /// Text outside quotes. A backslash before `#`, `!`, `"` or a backslash is still in it.
    Word,
    /// Text in double quotes, quotes included.
    Quoted,
    /// A double quote without its partner, and the rest of its line.
    Unterminated,
    /// `#` or `!` and the rest of its line.
    Comment,
}

/// Splits text into tokens; their concatenation is the text. Of text beyond 4 GiB, the first 4 GiB.
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(chunk) = chunk(text, from) {
        push_tokens(chunk, from, &mut tokens);
        from += chunk.len();
    }
    with_blanks(&tokens, from)
}

/// The next whole lines of `text` from `from` on, a bounded number of them. A very long line comes alone.
///
/// No token spans lines, so a text may be cut at any line end; small chunks keep pest's queue small, and fast.
pub(crate) fn chunk(text: &str, from: usize) -> Option<&str> {
    let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
    let (head, tail) = rest
        .as_bytes()
        .split_at_checked(CHUNK)
        .unwrap_or((rest.as_bytes(), &[]));
    let is_end = |&byte: &u8| byte == b'\n';
    let after = tail
        .iter()
        .position(is_end)
        .map_or(rest.len(), |at| head.len() + at + 1);
    if after > LONGEST_OF_MANY
        && let Some(before) = head.iter().rposition(is_end)
    {
        return rest.get(..=before);
    }
    rest.get(..after)
}

/// Adds the tokens of a chunk that starts at offset `base`, blanks left out.
pub(crate) fn push_tokens(chunk: &str, base: usize, tokens: &mut Vec<Token>) {
    let mut at = 0;
    while at < chunk.len() {
        at = plain::push_lines(chunk, at, base, tokens);
        let special = plain::special_lines(chunk, at);
        push_grammar(chunk.get(at..special).unwrap_or_default(), base + at, tokens);
        at = special;
    }
}

#[derive(pest_derive::Parser)]
#[grammar = "lexer/keepalived.pest"]
struct Grammar;

fn push_grammar(text: &str, base: usize, tokens: &mut Vec<Token>) {
    if text.is_empty() {
        return;
    }
    let pairs = Grammar::parse(Rule::tokens, text).into_iter().flatten();
    for pair in pairs.flat_map(pest::iterators::Pair::into_inner) {
        if let Some(kind) = kind(pair.as_rule()) {
            let span = pair.as_span();
            push(kind, base + span.start(), base + span.end(), tokens);
        }
    }
}

fn push(kind: TokenKind, start: usize, end: usize, tokens: &mut Vec<Token>) {
    if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
        tokens.push(Token { kind, start, end });
    }
}

fn kind(rule: Rule) -> Option<TokenKind> {
    Some(match rule {
        Rule::word => TokenKind::Word,
        Rule::quoted => TokenKind::Quoted,
        Rule::unterminated => TokenKind::Unterminated,
        Rule::comment => TokenKind::Comment,
        Rule::open => TokenKind::Open,
        Rule::close => TokenKind::Close,
        Rule::newline => TokenKind::Newline,
        Rule::odd_blank => TokenKind::OddBlank,
        Rule::tokens | Rule::blank | Rule::escape | Rule::bare | Rule::inside | Rule::EOI => return None,
    })
}

/// Fills what no token claims.
fn with_blanks(tokens: &[Token], end: usize) -> Vec<Token> {
    let mut filled = Vec::with_capacity(tokens.len() * 2);
    let mut at = 0;
    for &token in tokens {
        if token.start > at {
            filled.push(Token {
                kind: TokenKind::Blank,
                start: at,
                end: token.start,
            });
        }
        filled.push(token);
        at = token.end;
    }
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    if end > at {
        filled.push(Token {
            kind: TokenKind::Blank,
            start: at,
            end,
        });
    }
    filled
}

/// A chunk of more bytes than this is one line.
pub(crate) const LONGEST_OF_MANY: usize = 2 * CHUNK;

const CHUNK: usize = 32 << 10;

#[cfg(test)]
mod tests;
