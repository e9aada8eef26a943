use std::borrow::Cow;

use super::vocabulary::{self, Unheeded};
use super::{Node, Statement, Tree, Word};
use crate::expand::{Line, Piece, PieceKind};
use crate::keyword::{Block, Content, Keyword, Status};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// Builds trees out of lines, and keeps out of them what the keyword table does not know or kad does not do.
///
/// There is no recursion: what is open stands on a stack.
pub(crate) struct Builder<'f> {
    pub(super) tree: Tree,
    /// The blocks that are open, the innermost last.
    pub(super) open: Vec<Level>,
    /// The last statement, as long as the next piece may be its brace.
    pending: Option<Pending>,
    unheeded: Unheeded,
    /// Gets each outermost statement when it is complete, and before that what stands apart in it.
    complete: &'f mut dyn FnMut(Statement<'_>, &mut Session<'_>),
}

/// A pair of braces of which only the first was seen.
pub(super) struct Level {
    pub(super) inside: Inside,
    /// The statement's first word, or the brace if it has none.
    pub(super) opened: Span,
    pub(super) name: Name,
}

pub(super) enum Inside {
    /// A block of the tree, and the node that it belongs to.
    Known { block: Block, node: usize },
    /// A block that is left out whole, and how many braces deeper than its own the text is.
    Skipped { deeper: usize },
}

/// A statement that may or may not have a block.
pub(super) struct Pending {
    pub(super) meaning: Meaning,
    pub(super) span: Span,
    pub(super) name: Name,
    /// The node, if it is in the tree.
    pub(super) node: Option<usize>,
    pub(super) words: usize,
    pub(super) last: Span,
}

/// A first word: mostly a keyword, so that nothing need be copied.
pub(super) type Name = Cow<'static, str>;

#[derive(Clone, Copy)]
pub(super) enum Meaning {
    Keyword(&'static Keyword),
    Unknown,
    /// A line of a block that holds no keywords.
    Line,
    /// Something in a block that is left out.
    Skipped,
}

impl Meaning {
    /// The word that means this.
    fn name(self, text: &str) -> Name {
        match self {
            Meaning::Keyword(keyword) => match keyword.spelling(text) {
                Some(spelling) => Cow::Borrowed(spelling),
                None => Cow::Owned(text.to_owned()),
            },
            Meaning::Skipped => Cow::Borrowed(""),
            Meaning::Unknown | Meaning::Line => Cow::Owned(text.to_owned()),
        }
    }
}

impl<'f> Builder<'f> {
    pub(crate) fn new(complete: &'f mut dyn FnMut(Statement<'_>, &mut Session<'_>)) -> Self {
        Builder {
            tree: Tree::default(),
            open: Vec::new(),
            pending: None,
            unheeded: Unheeded::default(),
            complete,
        }
    }

    /// Takes the next line.
    pub(crate) fn line(&mut self, line: &Line, session: &mut Session<'_>) {
        let mut pieces = line.pieces.as_slice();
        while let Some((&first, rest)) = pieces.split_first() {
            match first.kind {
                PieceKind::Word => {
                    let count = pieces
                        .iter()
                        .take_while(|piece| piece.kind == PieceKind::Word)
                        .count();
                    let (words, rest) = pieces.split_at(count);
                    self.words(line, words, session);
                    pieces = rest;
                }
                PieceKind::Open => {
                    self.open(line.span(first), session);
                    pieces = rest;
                }
                PieceKind::Close => {
                    self.close(line.span(first), session);
                    pieces = rest;
                }
            }
        }
    }

    /// Ends the configuration.
    pub(crate) fn finish(mut self, session: &mut Session<'_>) {
        self.settle(None, session);
        if let Some(level) = self.open.first() {
            session.report(
                Diagnostic::error(
                    Code::MissingClose,
                    format!("the block `{}` is not closed", level.name),
                )
                .label(level.opened, "opened here"),
            );
        }
        while !self.open.is_empty() {
            self.pop(session);
        }
        self.emit(session);
        self.unheeded.report(session);
    }

    fn words(&mut self, line: &Line, words: &[Piece], session: &mut Session<'_>) {
        let Some(&first) = words.first() else { return };
        let (text, span) = (line.text(first), line.span(first));
        self.settle(Some((text, span)), session);
        let mut meaning = self.meaning(text);
        if !matches!(meaning, Meaning::Keyword(_)) && self.close_forgotten(text, span, session) {
            meaning = self.meaning(text);
        }
        if self.open.is_empty() {
            self.emit(session);
        }
        let node = match meaning {
            Meaning::Line => Some(self.push(None, line, words)),
            Meaning::Keyword(keyword) => self.keyword(keyword, line, words, session),
            Meaning::Unknown | Meaning::Skipped => None,
        };
        let last = words.last().map_or(span, |&last| line.span(last));
        self.pending = Some(Pending {
            meaning,
            span,
            name: meaning.name(text),
            node,
            words: words.len(),
            last,
        });
    }

    fn meaning(&self, text: &str) -> Meaning {
        match self.context() {
            None => Meaning::Skipped,
            Some(block) => match block.content() {
                Content::Lines => Meaning::Line,
                Content::Keywords(_) => block.keyword(text).map_or(Meaning::Unknown, Meaning::Keyword),
            },
        }
    }

    /// The node of a statement with a known keyword, if it goes into the tree.
    fn keyword(
        &mut self,
        keyword: &'static Keyword,
        line: &Line,
        words: &[Piece],
        session: &mut Session<'_>,
    ) -> Option<usize> {
        let block = self.context()?;
        let complete = vocabulary::check_words(keyword, block, line, words, session);
        match keyword.status {
            Status::Works | Status::Parsed if complete => Some(self.push(Some(keyword), line, words)),
            Status::Works | Status::Parsed if keyword.block.is_none() => {
                let node = self.push(Some(keyword), line, words);
                self.tree.set_broken(node);
                Some(node)
            }
            _ => None,
        }
    }

    /// The block that the next statement stands in; `None` if it is left out.
    pub(super) fn context(&self) -> Option<Block> {
        match self.open.last() {
            None => Some(Block::Root),
            Some(Level {
                inside: Inside::Known { block, .. },
                ..
            }) => Some(*block),
            Some(Level {
                inside: Inside::Skipped { .. },
                ..
            }) => None,
        }
    }

    fn open(&mut self, span: Span, session: &mut Session<'_>) {
        if let Some(Level {
            inside: Inside::Skipped { deeper },
            ..
        }) = self.open.last_mut()
        {
            self.pending = None;
            *deeper += 1;
            return;
        }
        let Some(pending) = self.pending.take() else {
            session.report(
                Diagnostic::error(Code::UnexpectedOpen, "this brace belongs to no statement")
                    .at(span)
                    .help("everything up to its partner is ignored"),
            );
            self.skip(span, Cow::Borrowed("{"));
            return;
        };
        let pending = self.leave_list(pending, session);
        match (pending.meaning, pending.node) {
            (
                Meaning::Keyword(Keyword {
                    block: Some(block), ..
                }),
                Some(node),
            ) => {
                self.note(pending.meaning, pending.span);
                self.enter(*block, node, &pending, session);
            }
            (Meaning::Keyword(Keyword { block: Some(_), .. }), None) => {
                self.note(pending.meaning, pending.span);
                self.skip(pending.span, pending.name.clone());
            }
            (Meaning::Unknown, _) => {
                vocabulary::report_unknown(self.context(), &pending.name, pending.span, true, session);
                self.skip(pending.span, pending.name.clone());
            }
            _ => {
                session.report(
                    Diagnostic::error(Code::UnexpectedOpen, format!("`{}` takes no block", pending.name))
                        .label(span, "everything up to this brace's partner is ignored"),
                );
                self.skip(pending.span, pending.name.clone());
            }
        }
    }

    fn close(&mut self, span: Span, session: &mut Session<'_>) {
        self.settle(None, session);
        match self.open.last_mut() {
            Some(Level {
                inside: Inside::Skipped { deeper },
                ..
            }) if *deeper > 0 => *deeper -= 1,
            Some(_) => {
                self.pop(session);
                if self.open.is_empty() {
                    self.emit(session);
                }
            }
            None => session.report(
                Diagnostic::error(Code::UnexpectedClose, "this brace closes nothing")
                    .at(span)
                    .suggest(span, "", "remove it"),
            ),
        }
    }

    /// Decides about the last statement, now that no brace can follow it.
    fn settle(&mut self, next: Option<(&str, Span)>, session: &mut Session<'_>) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        match pending.meaning {
            Meaning::Unknown => {
                vocabulary::report_unknown(self.context(), &pending.name, pending.span, false, session);
            }
            Meaning::Keyword(keyword) => match keyword.block {
                Some(block) => self.brace_forgotten(keyword, block, &pending, next, session),
                None => self.note(pending.meaning, pending.span),
            },
            Meaning::Line | Meaning::Skipped => {}
        }
    }

    /// Remembers that a keyword is not heeded, if that is so and is not said of a block around it.
    fn note(&mut self, meaning: Meaning, span: Span) {
        if let Meaning::Keyword(keyword) = meaning
            && self.open.iter().all(|level| self.is_heeded(level))
        {
            self.unheeded.note(keyword, span);
        }
    }

    fn is_heeded(&self, level: &Level) -> bool {
        match level.inside {
            Inside::Known { node, .. } => self
                .tree
                .nodes
                .get(node)
                .and_then(|node| node.keyword)
                .is_none_or(|keyword| keyword.status == Status::Works),
            Inside::Skipped { .. } => false,
        }
    }

    pub(super) fn enter(&mut self, block: Block, node: usize, pending: &Pending, session: &mut Session<'_>) {
        if self.open.len() >= session.options.limits.nesting {
            let message = format!(
                "blocks are nested more than {} deep",
                session.options.limits.nesting
            );
            session.report(Diagnostic::error(Code::TooDeep, message).at(pending.span));
            self.skip(pending.span, pending.name.clone());
            return;
        }
        let inside = Inside::Known { block, node };
        self.open.push(Level {
            inside,
            opened: pending.span,
            name: pending.name.clone(),
        });
    }

    pub(super) fn skip(&mut self, opened: Span, name: Name) {
        let inside = Inside::Skipped { deeper: 0 };
        self.open.push(Level { inside, opened, name });
    }

    /// Closes the innermost block, and hands it over if it stands apart.
    pub(super) fn pop(&mut self, session: &mut Session<'_>) {
        let apart = match self.open.last().map(|level| &level.inside) {
            Some(&Inside::Known { node, .. }) => self
                .tree
                .statement(node)
                .filter(|statement| statement.keyword().is_some_and(|keyword| keyword.apart))
                .map(|_| node),
            _ => None,
        };
        self.pop_before(self.tree.nodes.len());
        if let Some(node) = apart
            && let Some(statement) = self.tree.statement(node)
        {
            (self.complete)(statement, session);
            self.tree.truncate(node);
        }
    }

    /// Closes the innermost block, which ends before a node.
    pub(super) fn pop_before(&mut self, end: usize) {
        if let Some(Level {
            inside: Inside::Known { node, .. },
            ..
        }) = self.open.pop()
            && let Some(node) = self.tree.nodes.get_mut(node)
        {
            node.end = end;
        }
    }

    /// Hands over the outermost statement, if there is one.
    fn emit(&mut self, session: &mut Session<'_>) {
        if let Some(root) = self.tree.root() {
            (self.complete)(root, session);
            self.tree.clear();
        }
    }

    fn push(&mut self, keyword: Option<&'static Keyword>, line: &Line, words: &[Piece]) -> usize {
        let first_word = self.tree.words.len();
        for &piece in words {
            let origin = self.tree.intern(line.origin(piece));
            self.tree.words.push(Word {
                start: piece.start,
                end: piece.end,
                origin,
            });
        }
        let node = self.tree.nodes.len();
        let last_word = self.tree.words.len();
        self.tree.nodes.push(Node {
            keyword,
            first_word,
            last_word,
            broken: false,
            end: node + 1,
        });
        node
    }
}
