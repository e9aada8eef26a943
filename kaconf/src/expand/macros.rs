use std::collections::HashMap;

use super::scan::{self, Form, Use};
use super::text::Text;
use super::{Entry, Reader};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// The variables of a configuration, as far as it is read.
#[derive(Default)]
pub(super) struct Macros {
    /// The lines that each name stands for.
    definitions: HashMap<String, Vec<Text>>,
    /// A definition whose last line ended with a backslash.
    unfinished: Option<(String, Vec<Text>)>,
    uses: usize,
    bytes: usize,
    /// A limit was passed: nothing is expanded any more.
    exhausted: bool,
    /// The state of `${_RANDOM}`.
    pub(super) random: Option<u64>,
}

/// Lines that a variable stands for, still to be read.
pub(super) struct Lines {
    pub(super) texts: std::vec::IntoIter<Text>,
    pub(super) depth: usize,
}

impl Macros {
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished.is_some()
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    pub(super) fn define(&mut self, name: &str, body: Vec<Text>) {
        self.definitions.insert(name.to_owned(), body);
    }

    /// Takes in a definition; in a file, more lines may follow.
    pub(super) fn definition(&mut self, name: &str, text: &Text, in_file: bool) {
        let (value, more) = without_backslash(&text.slice(name.len() + 2..text.len()));
        if more && in_file {
            self.unfinished = Some((name.to_owned(), vec![value]));
        } else {
            self.define(name, vec![value]);
        }
    }

    /// Takes in the next line of an unfinished definition; a blank one ends it too.
    pub(super) fn continued(&mut self, text: &Text) {
        let (value, more) = without_backslash(text);
        let ends_blank = value.is_empty() && !more;
        if let Some((_, body)) = &mut self.unfinished
            && !ends_blank
        {
            body.push(value);
        }
        if !more {
            self.finish();
        }
    }

    /// Ends an unfinished definition.
    pub(super) fn finish(&mut self) {
        if let Some((name, body)) = self.unfinished.take() {
            self.define(&name, body);
        }
    }

    /// Accounts for a use; false, with one word of why, if it is too much.
    pub(super) fn charge(&mut self, bytes: usize, site: Span, session: &mut Session<'_>) -> bool {
        if self.exhausted {
            return false;
        }
        self.uses += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let limits = &session.options.limits;
        let message = if self.uses > limits.expansions {
            format!(
                "variables and sequences are expanded more than {} times",
                limits.expansions
            )
        } else if self.bytes > limits.expanded_size {
            format!(
                "variables and sequences expand to more than {} bytes",
                limits.expanded_size
            )
        } else {
            return true;
        };
        self.exhaust(message, site, session);
        false
    }

    fn exhaust(&mut self, message: String, site: Span, session: &mut Session<'_>) {
        self.exhausted = true;
        session.sink.push_anyway(
            Diagnostic::error(Code::ExpansionTooLarge, message)
                .label(site, "nothing is expanded from here on"),
        );
    }
}

impl Reader {
    /// Queues the lines that a line stands for which is one use of a variable; false if it is something else.
    pub(super) fn whole_line(&mut self, text: &Text, depth: usize, session: &mut Session<'_>) -> bool {
        let found = scan::uses(text.as_str(), false);
        let [one] = found.as_slice() else { return false };
        if one.range != (0..text.len()) {
            return false;
        }
        match self.body(text, one, depth, session) {
            Body::Lines(lines) => {
                self.push_lines(lines, depth);
                true
            }
            Body::Dropped => true,
            Body::Kept => false,
        }
    }

    /// A line with its variables replaced; what else one at its end stands for is queued.
    pub(super) fn expand(&mut self, text: &Text, depth: usize, session: &mut Session<'_>) -> Text {
        let mut more = Vec::new();
        let expanded = self.replace(text, depth, Some(&mut more), false, session);
        self.push_lines(more, depth);
        expanded
    }

    /// The arguments of a sequence with their variables replaced.
    pub(super) fn expand_arguments(&mut self, text: &Text, depth: usize, session: &mut Session<'_>) -> Text {
        self.replace(text, depth, None, true, session)
    }

    fn push_lines(&mut self, lines: Vec<Text>, depth: usize) {
        if !lines.is_empty() {
            let texts = lines.into_iter();
            self.stack.push(Entry::Lines(Lines {
                texts,
                depth: depth + 1,
            }));
        }
    }

    /// `more` gets the lines after the first of a variable at the end; without it, there is no place for any.
    fn replace(
        &mut self,
        text: &Text,
        depth: usize,
        mut more: Option<&mut Vec<Text>>,
        in_arguments: bool,
        session: &mut Session<'_>,
    ) -> Text {
        let mut result = Text::default();
        let mut done = 0;
        for one in scan::uses(text.as_str(), in_arguments) {
            result.push(&text.slice(done..one.range.start), false);
            done = one.range.end;
            let lines = match self.body(text, &one, depth, session) {
                Body::Lines(lines) => lines,
                Body::Dropped => continue,
                Body::Kept => {
                    result.push(&text.slice(one.range.clone()), true);
                    continue;
                }
            };
            let at_end = text
                .as_str()
                .get(done..)
                .is_some_and(|rest| rest.trim().is_empty());
            let mut lines = lines.into_iter();
            let first = lines.next().unwrap_or_default();
            let mut room = more.as_deref_mut().filter(|_| at_end);
            let first = self.replace(&first, depth + 1, room.as_deref_mut(), in_arguments, session);
            result.push(&first, false);
            match room {
                Some(more) => more.extend(lines),
                None if lines.next().is_some() => report_cut(text, &one, session),
                None => {}
            }
            if result.len() > session.options.limits.line_length && !self.macros.exhausted {
                let limit = session.options.limits.line_length;
                let message = format!("this line expands to more than {limit} bytes");
                self.macros
                    .exhaust(message, text.span(one.range.clone()), session);
            }
        }
        result.push(&text.slice(done..text.len()), false);
        result
    }

    /// What the use of a variable stands for.
    fn body(&mut self, text: &Text, one: &Use, depth: usize, session: &mut Session<'_>) -> Body {
        let site = text.span(one.range.clone());
        let name = text.as_str().get(one.name.clone()).unwrap_or_default();
        let arguments = text
            .as_str()
            .get(one.arguments.clone())
            .unwrap_or_default()
            .trim();
        if self.macros.exhausted {
            return Body::Dropped;
        }
        if one.form == Form::Glued {
            if self.macros.definitions.contains_key(name) {
                report_glued(name, site, session);
            }
            return Body::Kept;
        }
        if one.form == Form::Braced
            && let Some(value) = self.predefined(name, arguments, site, session)
        {
            return Body::Lines(vec![Text::made(&value, site)]);
        }
        let known = self.macros.definitions.get(name);
        let Some(body) = known.filter(|_| arguments.is_empty()) else {
            if one.form == Form::Braced && !one.quoted {
                report_undefined(name, known.is_some(), site, session);
            }
            return Body::Kept;
        };
        if depth >= session.options.limits.expansion_depth {
            self.macros.exhausted = true;
            report_deep(name, site, session);
            return Body::Dropped;
        }
        let (lines, bytes) = (body.clone(), body.iter().map(Text::len).sum());
        if !self.macros.charge(bytes, site, session) {
            return Body::Dropped;
        }
        let expansion = session.sources.expand(format!("${name}"), site);
        Body::Lines(lines.into_iter().map(|line| line.expanded(expansion)).collect())
    }
}

/// What a use stands for.
enum Body {
    Lines(Vec<Text>),
    /// It stays as it is written.
    Kept,
    /// Nothing, because a limit is passed.
    Dropped,
}

/// A line without the backslash at its end, and whether there was one.
fn without_backslash(text: &Text) -> (Text, bool) {
    let text = text.trimmed();
    match text.as_str().strip_suffix('\\') {
        Some(rest) => (text.slice(0..rest.len()).trimmed(), true),
        None => (text, false),
    }
}

fn report_glued(name: &str, site: Span, session: &mut Session<'_>) {
    let message = format!("`${name}` is not expanded here, because something follows it");
    session.report(Diagnostic::warning(Code::NotExpanded, message).at(site).suggest(
        site,
        format!("${{{name}}}"),
        "write it with braces",
    ));
}

fn report_undefined(name: &str, known: bool, site: Span, session: &mut Session<'_>) {
    let message = match known {
        true => format!("`{name}` takes no arguments, so this is no use of it"),
        false => format!("`{name}` is not defined before this line"),
    };
    session.report(
        Diagnostic::error(Code::UndefinedVariable, message)
            .label(site, "left as it is")
            .help("keepalived takes these braces for those of a block; in double quotes they are none"),
    );
}

fn report_deep(name: &str, site: Span, session: &mut Session<'_>) {
    let depth = session.options.limits.expansion_depth;
    let message = format!("`${name}` is nested more than {depth} deep, or in itself");
    session.sink.push_anyway(
        Diagnostic::error(Code::ExpansionTooDeep, message).label(site, "nothing is expanded from here on"),
    );
}

fn report_cut(text: &Text, one: &Use, session: &mut Session<'_>) {
    let name = text.as_str().get(one.name.clone()).unwrap_or_default();
    session.report(
        Diagnostic::error(
            Code::NotExpanded,
            format!("`${name}` has several lines, of which only the first has a place here"),
        )
        .at(text.span(one.range.clone()))
        .help("nothing may follow a variable of several lines on its line"),
    );
}
