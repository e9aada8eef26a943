//! One statement of the outermost level with everything in its braces, as it stands after expansion.
//!
//! A block of which there may be very many in the block around it (`real_server`) is handed over by itself.

mod build;
mod recover;
mod vocabulary;

pub(crate) use build::Builder;

use std::borrow::Cow;

use crate::Span;
use crate::expand::{Origin, unquoted};
use crate::keyword::{Keyword, Takes};

/// A statement and its block, flat: statements in the order of the text, each knowing where its subtree ends.
///
/// Reused for one outermost statement after the other, so that a file of any size needs the memory of its largest
/// block.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    words: Vec<Word>,
    origins: Vec<Origin>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// Its keyword, unless its block holds plain lines.
    keyword: Option<&'static Keyword>,
    first_word: usize,
    last_word: usize,
    /// It lacks an argument that it must have.
    broken: bool,
    /// One past the last node of its subtree.
    end: usize,
}

/// A word: a range of the text of its origin. Quotes are still round it.
#[derive(Clone, Copy, Debug)]
struct Word {
    start: u32,
    end: u32,
    origin: u32,
}

impl Tree {
    fn clear(&mut self) {
        self.nodes.clear();
        self.words.clear();
        self.origins.clear();
    }

    /// The outermost statement.
    fn root(&self) -> Option<Statement<'_>> {
        self.statement(0)
    }

    /// The index of an origin, added if the last one is another.
    fn intern(&mut self, origin: &Origin) -> u32 {
        if !self.origins.last().is_some_and(|last| last.is(origin)) {
            self.origins.push(origin.clone());
        }
        u32::try_from(self.origins.len() - 1).unwrap_or(u32::MAX)
    }

    /// Takes a node and all after it out.
    fn truncate(&mut self, node: usize) {
        if let Some(&Node { first_word, .. }) = self.nodes.get(node) {
            // The words before it are of its origin or of earlier ones.
            if let Some(&Word { origin, .. }) = self.words.get(first_word) {
                self.origins.truncate(crate::source::index(origin) + 1);
            }
            self.words.truncate(first_word);
            self.nodes.truncate(node);
        }
    }

    fn set_broken(&mut self, node: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.broken = true;
        }
    }

    fn set_keyword(&mut self, node: usize, keyword: &'static Keyword) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.keyword = Some(keyword);
        }
    }

    fn statement(&self, index: usize) -> Option<Statement<'_>> {
        self.nodes.get(index).map(|node| Statement {
            tree: self,
            index,
            node,
        })
    }

    fn arg(&self, word: Word) -> Arg<'_> {
        match self.origin(word) {
            Some(origin) => Arg {
                text: unquoted(origin.text(word.start, word.end)),
                span: origin.span(word.start, word.end),
            },
            None => Arg {
                text: "",
                span: Span::NOWHERE,
            },
        }
    }

    fn origin(&self, word: Word) -> Option<&Origin> {
        self.origins.get(crate::source::index(word.origin))
    }
}

/// A statement of a [`Tree`].
#[derive(Clone, Copy)]
pub(crate) struct Statement<'t> {
    tree: &'t Tree,
    index: usize,
    node: &'t Node,
}

impl<'t> Statement<'t> {
    /// The keyword's name; empty if its block holds plain lines.
    pub(crate) fn name(self) -> &'static str {
        self.node.keyword.map_or("", |keyword| keyword.name)
    }

    /// The keyword; none if its block holds plain lines.
    pub(crate) fn keyword(self) -> Option<&'static Keyword> {
        self.node.keyword
    }

    /// The keyword's arguments, as the table has them.
    pub(crate) fn takes(self) -> Takes {
        self.node.keyword.map_or(Takes::Nothing, |keyword| keyword.takes)
    }

    /// Whether it lacks an argument that it must have, which is reported.
    pub(crate) fn is_broken(self) -> bool {
        self.node.broken
    }

    /// Every word, the keyword's own first.
    pub(crate) fn words(self) -> impl ExactSizeIterator<Item = Arg<'t>> + Clone {
        let words = self
            .tree
            .words
            .get(self.node.first_word..self.node.last_word)
            .unwrap_or_default();
        words.iter().map(move |&word| self.tree.arg(word))
    }

    /// The words after the keyword.
    pub(crate) fn args(self) -> impl ExactSizeIterator<Item = Arg<'t>> + Clone {
        self.words().skip(1)
    }

    /// The arguments as they stand, with all blanks and quotes between them.
    pub(crate) fn raw_args(self) -> Cow<'t, str> {
        let words = self.tree.words.get(self.node.first_word + 1..self.node.last_word);
        let words = words.unwrap_or_default();
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Cow::Borrowed("");
        };
        let raw = |word: &Word| {
            self.tree
                .origin(*word)
                .map_or("", |origin| origin.text(word.start, word.end))
        };
        match self.tree.origin(*first) {
            Some(origin) if words.iter().all(|word| word.origin == first.origin) => {
                Cow::Borrowed(origin.text(first.start, last.end))
            }
            _ => Cow::Owned(words.iter().map(raw).collect::<Vec<_>>().join(" ")),
        }
    }

    /// The first argument; empty if there is none.
    pub(crate) fn arg(self) -> Arg<'t> {
        self.args().next().unwrap_or(Arg {
            text: "",
            span: self.span(),
        })
    }

    /// The keyword's place.
    pub(crate) fn span(self) -> Span {
        self.words().next().map_or(Span::NOWHERE, |word| word.span)
    }

    /// What a diagnostic about its value points at: the first argument, or the keyword if there is none.
    pub(crate) fn place(self) -> Span {
        self.arg().span
    }

    /// The statements in its braces.
    pub(crate) fn children(self) -> impl Iterator<Item = Statement<'t>> {
        let end = self.node.end;
        let first = self
            .tree
            .statement(self.index + 1)
            .filter(|child| child.index < end);
        std::iter::successors(first, move |child| {
            self.tree
                .statement(child.node.end)
                .filter(|next| next.index < end)
        })
    }
}

/// A word as the lowering sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg<'t> {
    /// The text, without quotes.
    pub(crate) text: &'t str,
    /// Where it stands, quotes included.
    pub(crate) span: Span,
}
