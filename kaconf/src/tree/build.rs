use super::vocabulary::{self, Unsupported};
use super::{Node, Tree, Word};
use crate::expand::{Line, Origin, Piece, PieceKind};
use crate::keyword::{Block, Content, Keyword, Status};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// Builds trees out of lines, and keeps out of them what the keyword table does not know or kad does not do.
///
/// There is no recursion: what is open stands on a stack.
pub(crate) struct Builder<'f> {
    tree: Tree,
    /// The blocks that are open, the innermost last.
    open: Vec<Level>,
    /// The last statement, as long as the next piece may be its brace.
    pending: Option<Pending>,
    unsupported: Unsupported,
    /// Gets each outermost statement when it is complete.
    complete: &'f mut dyn FnMut(&Tree, &mut Session<'_>),
}

/// A pair of braces of which only the first was seen.
struct Level {
    inside: Inside,
    /// The statement's first word, or the brace if it has none.
    opened: Span,
    name: String,
}

enum Inside {
    /// A block of the tree, and the node that it belongs to.
    Known { block: Block, node: usize },
    /// A block that is left out whole, and how many braces deeper than its own the text is.
    Skipped { deeper: usize },
}

/// A statement that may or may not have a block.
struct Pending {
    meaning: Meaning,
    span: Span,
    name: String,
    /// The node, if it is in the tree.
    node: Option<usize>,
    words: usize,
    last: Span,
}

#[derive(Clone, Copy)]
enum Meaning {
    Keyword(&'static Keyword),
    Unknown,
    /// A line of a block that holds no keywords.
    Line,
    /// Something in a block that is left out.
    Skipped,
}

impl<'f> Builder<'f> {
    pub(crate) fn new(complete: &'f mut dyn FnMut(&Tree, &mut Session<'_>)) -> Self {
        Builder {
            tree: Tree::default(),
            open: Vec::new(),
            pending: None,
            unsupported: Unsupported::default(),
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
            self.pop();
        }
        self.emit(session);
        self.unsupported.report(session);
    }

    fn words(&mut self, line: &Line, words: &[Piece], session: &mut Session<'_>) {
        let Some(&first) = words.first() else { return };
        let (text, span) = (line.text(first), line.span(first));
        self.settle(Some((text, span)), session);
        self.close_forgotten(text, span, session);
        if self.open.is_empty() {
            self.emit(session);
        }
        let meaning = self.meaning(text);
        let node = match meaning {
            Meaning::Line => Some(self.push(None, line, words)),
            Meaning::Keyword(keyword) => self.keyword(keyword, line, words, session),
            Meaning::Unknown | Meaning::Skipped => None,
        };
        let last = words.last().map_or(span, |&last| line.span(last));
        self.pending = Some(Pending {
            meaning,
            span,
            name: text.to_owned(),
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
            Status::Typed if complete => Some(self.push(Some(keyword), line, words)),
            Status::Typed if keyword.block.is_none() => {
                let node = self.push(Some(keyword), line, words);
                self.tree.set_broken(node);
                Some(node)
            }
            Status::Typed | Status::NoEffect(_) | Status::NotYet => None,
        }
    }

    /// The block that the next statement stands in; `None` if it is left out.
    fn context(&self) -> Option<Block> {
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
            self.skip(span, "{");
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
                self.enter(*block, node, &pending, session);
            }
            (Meaning::Keyword(keyword @ Keyword { block: Some(_), .. }), None) => {
                self.unsupported.note(keyword, pending.span);
                self.skip(pending.span, &pending.name);
            }
            (Meaning::Unknown, _) => {
                vocabulary::report_unknown(self.context(), &pending.name, pending.span, true, session);
                self.skip(pending.span, &pending.name);
            }
            _ => {
                session.report(
                    Diagnostic::error(Code::UnexpectedOpen, format!("`{}` takes no block", pending.name))
                        .label(span, "everything up to this brace's partner is ignored"),
                );
                self.skip(pending.span, &pending.name);
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
                self.pop();
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
                None => self.unsupported.note(keyword, pending.span),
            },
            Meaning::Line | Meaning::Skipped => {}
        }
    }

    /// A block without its first brace: if its content follows, goes on as if the brace were there.
    fn brace_forgotten(
        &mut self,
        keyword: &'static Keyword,
        block: Block,
        pending: &Pending,
        next: Option<(&str, Span)>,
        session: &mut Session<'_>,
    ) {
        let list_on_line = keyword.usage.is_empty() && pending.words > 1;
        let message = format!("the block `{}` lacks its opening brace", keyword.name);
        let mut diagnostic = Diagnostic::error(Code::MissingOpen, message).at(pending.span);
        diagnostic = if list_on_line {
            diagnostic.help(format!("a block is written `{} {{ ... }}`", keyword.name))
        } else {
            diagnostic.suggest(pending.last.after(), " {", "add the brace")
        };
        session.report(diagnostic);
        let follows = next.is_some_and(|(text, _)| match block.content() {
            Content::Keywords(_) => block.keyword(text).is_some(),
            Content::Lines => self.context().is_some_and(|outer| outer.keyword(text).is_none()),
        });
        let follows = follows && !list_on_line;
        match pending.node {
            Some(node) if follows => self.enter(block, node, pending, session),
            None if follows => self.skip(pending.span, &pending.name),
            Some(node) => self.tree.truncate(node),
            None => {}
        }
    }

    /// Closes everything before an outermost block that starts its line: some brace was forgotten.
    fn close_forgotten(&mut self, text: &str, span: Span, session: &mut Session<'_>) {
        let Some(level) = self.open.first() else { return };
        let known_here = self.context().is_some_and(|block| block.keyword(text).is_some());
        let outermost = Block::Root
            .keyword(text)
            .is_some_and(|keyword| keyword.block.is_some());
        let starts_line = session
            .sources
            .location(span)
            .is_some_and(|place| place.column == 1);
        if known_here || !outermost || !starts_line || level.opened.source != span.source {
            return;
        }
        session.report(
            Diagnostic::error(
                Code::MissingClose,
                format!("the block `{}` is not closed", level.name),
            )
            .label(level.opened, "opened here")
            .label(span, "and not closed before this"),
        );
        while !self.open.is_empty() {
            self.pop();
        }
    }

    /// Closes a list of lines when a brace shows that its last line is a block of the surrounding one.
    fn leave_list(&mut self, pending: Pending, session: &mut Session<'_>) -> Pending {
        let (Meaning::Line, Some(node)) = (pending.meaning, pending.node) else {
            return pending;
        };
        let Some((list, outer)) = self.open.split_last() else {
            return pending;
        };
        let outer = match outer.last() {
            None => Block::Root,
            Some(Level {
                inside: Inside::Known { block, .. },
                ..
            }) => *block,
            Some(_) => return pending,
        };
        let Some(keyword) = outer
            .keyword(&pending.name)
            .filter(|keyword| keyword.block.is_some())
        else {
            return pending;
        };
        session.report(
            Diagnostic::error(
                Code::MissingClose,
                format!("the block `{}` is not closed", list.name),
            )
            .label(list.opened, "opened here")
            .label(pending.span, "and not closed before this"),
        );
        self.pop_before(node);
        let typed = keyword.status == Status::Typed;
        if typed {
            self.tree.set_keyword(node, keyword);
        } else {
            self.tree.truncate(node);
        }
        Pending {
            meaning: Meaning::Keyword(keyword),
            node: typed.then_some(node),
            ..pending
        }
    }

    fn enter(&mut self, block: Block, node: usize, pending: &Pending, session: &mut Session<'_>) {
        if self.open.len() >= session.options.limits.nesting {
            let message = format!(
                "blocks are nested more than {} deep",
                session.options.limits.nesting
            );
            session.report(Diagnostic::error(Code::TooDeep, message).at(pending.span));
            self.skip(pending.span, &pending.name);
            return;
        }
        let inside = Inside::Known { block, node };
        self.open.push(Level {
            inside,
            opened: pending.span,
            name: pending.name.clone(),
        });
    }

    fn skip(&mut self, opened: Span, name: &str) {
        let inside = Inside::Skipped { deeper: 0 };
        self.open.push(Level {
            inside,
            opened,
            name: name.to_owned(),
        });
    }

    fn pop(&mut self) {
        self.pop_before(self.tree.nodes.len());
    }

    /// Closes the innermost block, which ends before a node.
    fn pop_before(&mut self, end: usize) {
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
        if !self.tree.is_empty() {
            (self.complete)(&self.tree, session);
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

impl Tree {
    /// The index of an origin, added if the last one is another.
    fn intern(&mut self, origin: &Origin) -> u32 {
        if !self.origins.last().is_some_and(|last| last.is(origin)) {
            self.origins.push(origin.clone());
        }
        u32::try_from(self.origins.len() - 1).unwrap_or(u32::MAX)
    }

    /// Takes a node and all after it out.
    fn truncate(&mut self, node: usize) {
        if let Some(first) = self.nodes.get(node) {
            self.words.truncate(first.first_word);
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
}
