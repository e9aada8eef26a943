//! What a brace that is not there does not break.

use super::build::{Builder, Inside, Level, Meaning, Pending};
use crate::keyword::{Block, Content, Keyword, Status, Takes};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

impl Builder<'_> {
    /// A block without its first brace: if its content follows, goes on as if the brace were there; if nothing
    /// follows, nothing is lost, and keepalived does not mind.
    pub(super) fn brace_forgotten(
        &mut self,
        keyword: &'static Keyword,
        block: Block,
        pending: &Pending,
        next: Option<(&str, Span)>,
        session: &mut Session<'_>,
    ) {
        let list_on_line = keyword.takes == Takes::Nothing && pending.words > 1;
        let message = format!("the block `{}` lacks its opening brace", keyword.name);
        let make = if next.is_some() {
            Diagnostic::error
        } else {
            Diagnostic::warning
        };
        let mut diagnostic = make(Code::MissingOpen, message).at(pending.span);
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
            None if follows => self.skip(pending.span, pending.name.clone()),
            Some(node) => self.tree.truncate(node),
            None => {}
        }
    }

    /// Closes everything before an outermost block that starts its line and is unknown here: some brace was forgotten.
    /// Whether it was so.
    pub(super) fn close_forgotten(&mut self, text: &str, span: Span, session: &mut Session<'_>) -> bool {
        let Some(level) = self.open.first() else {
            return false;
        };
        let outermost = Block::Root
            .keyword(text)
            .is_some_and(|keyword| keyword.block.is_some());
        if !outermost || level.opened.source != span.source {
            return false;
        }
        let place = session.sources.location(span);
        if place.is_none_or(|place| place.column != 1) {
            return false;
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
            self.pop(session);
        }
        true
    }

    /// Closes a list of lines when a brace shows that its last line is a block of the surrounding one.
    pub(super) fn leave_list(&mut self, pending: Pending, session: &mut Session<'_>) -> Pending {
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
        let typed = matches!(keyword.status, Status::Works | Status::Parsed);
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
}
