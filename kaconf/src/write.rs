//! Statements back to text.

use std::fmt;
use std::io::Write as _;

use crate::lower::Settings;

/// Text in the making, indented by its blocks.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: Vec<u8>,
    depth: usize,
    secrets: bool,
}

impl Writer {
    /// A writer that shows secrets, or `********`.
    pub(crate) fn new(secrets: bool) -> Self {
        Writer {
            secrets,
            ..Writer::default()
        }
    }

    /// The text.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.text
    }

    /// A statement without a block.
    pub(crate) fn statement(&mut self, keyword: &str, words: impl FnOnce(&mut Self)) {
        self.line(|out| {
            out.push(keyword);
            words(out);
        });
    }

    /// A line of a block of lines: the first word is written as the others are.
    pub(crate) fn line(&mut self, words: impl FnOnce(&mut Self)) {
        for _ in 0..self.depth {
            self.push("    ");
        }
        words(self);
        self.push("\n");
    }

    /// A block; nothing else may stand on its first and last line.
    pub(crate) fn block(&mut self, keyword: &str, arguments: &[&str], content: impl FnOnce(&mut Self)) {
        self.line(|out| {
            out.header(keyword, arguments);
            out.push(" {");
        });
        self.depth += 1;
        content(self);
        self.depth -= 1;
        self.line(|out| out.push("}"));
    }

    /// What a block's first line begins with.
    pub(crate) fn header(&mut self, keyword: &str, arguments: &[&str]) {
        self.push(keyword);
        arguments.iter().for_each(|argument| self.quoted(argument));
    }

    /// Every setting of a model that is there.
    pub(crate) fn settings<M: Settings>(&mut self, model: &M) {
        model.fields(&mut |keyword, field| field.write(keyword, self));
    }

    /// A word as it is: a keyword, a number, an address.
    pub(crate) fn word(&mut self, word: impl fmt::Display) {
        self.separate();
        // Writing to memory cannot fail.
        let _ = write!(self.text, "{word}");
    }

    /// A word of any characters but a double quote and a line's end, in quotes if it needs them.
    pub(crate) fn quoted(&mut self, word: &str) {
        self.bytes(word.as_bytes());
    }

    /// Several such words.
    pub(crate) fn words<const N: usize>(&mut self, words: [&str; N]) {
        words.iter().for_each(|word| self.quoted(word));
    }

    /// The same, of bytes that may be no text.
    pub(crate) fn bytes(&mut self, word: &[u8]) {
        self.separate();
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"#!{}\"\\$~@".contains(byte);
        if !word.is_empty() && word.iter().all(is_plain) {
            self.text.extend(word);
        } else {
            self.text.push(b'"');
            self.text.extend(word);
            self.text.push(b'"');
        }
    }

    /// A word that nobody should see.
    pub(crate) fn secret(&mut self, word: &[u8]) {
        self.bytes(if self.secrets { word } else { b"********" });
    }

    fn push(&mut self, text: &str) {
        self.text.extend(text.as_bytes());
    }

    fn separate(&mut self) {
        if self.text.last().is_some_and(|last| !last.is_ascii_whitespace()) {
            self.push(" ");
        }
    }
}
