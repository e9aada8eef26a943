use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};

use super::secret::masked;
use super::{Diagnostic, Label, Severity, Suggestion};
use crate::source::{Source, index};
use crate::{SourceMap, Span};

/// A diagnostic as rustc shows its own: the message, the lines it is about, and what to do. Several lines.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut groups = vec![problem(diagnostic, sources)];
    groups.extend(
        diagnostic
            .suggestion
            .iter()
            .filter_map(|suggestion| remedy(suggestion, sources)),
    );
    renderer.render(&groups)
}

/// A diagnostic in one line: `/etc/keepalived.conf:3:14: error[KA0071]: ...`.
pub fn one_line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = diagnostic.span().and_then(|span| sources.location(span));
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    format!("{place}{level}[{}]: {}", diagnostic.code, diagnostic.message)
}

fn problem<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(
        level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code.to_string()),
    );
    for window in windows(&diagnostic.labels, sources) {
        group = window.add_to(group);
    }
    for note in diagnostic
        .span()
        .into_iter()
        .flat_map(|span| chain(span, sources))
    {
        group = group.element(Level::NOTE.message(note));
    }
    group.elements(
        diagnostic
            .help
            .iter()
            .map(|help| Level::HELP.message(help.as_str())),
    )
}

fn remedy<'a>(suggestion: &'a Suggestion, sources: &'a SourceMap) -> Option<Group<'a>> {
    let source = sources.source(suggestion.span.source)?;
    let (first, last) = lines(suggestion.span, source);
    let text = shown_text(source, first, last)?;
    let span = within(suggestion.span, &text);
    let text = source.text().get(text)?;
    // What would stand there instead holds the secret, too.
    let title = Group::with_title(Level::HELP.secondary_title(suggestion.message.as_str()));
    if matches!(masked(text), Cow::Owned(_)) {
        return Some(title);
    }
    let snippet = Snippet::source(text)
        .line_start(first)
        .patch(Patch::new(span, suggestion.replacement.as_str()));
    Some(title.element(snippet))
}

/// Labels of one file that are near enough to be shown together.
struct Window<'a> {
    source: &'a Source,
    first: usize,
    last: usize,
    /// Whether the first label is the diagnostic's.
    primary: bool,
    labels: Vec<&'a Label>,
}

impl<'a> Window<'a> {
    fn add_to(&self, group: Group<'a>) -> Group<'a> {
        let path = self.source.path().to_string_lossy();
        let text = shown_text(self.source, self.first, self.last);
        let Some((range, text)) =
            text.and_then(|range| Some((range.clone(), self.source.text().get(range)?)))
        else {
            return group.element(Origin::path(path).line(self.first));
        };
        let annotations = self.labels.iter().enumerate().map(|(at, label)| {
            let kind = if at == 0 && self.primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let text = Some(label.text.as_str()).filter(|text| !text.is_empty());
            kind.span(within(label.span, &range)).label(text)
        });
        group.element(
            Snippet::source(masked(text))
                .line_start(self.first)
                .path(path)
                .fold(true)
                .annotations(annotations),
        )
    }
}

/// The windows that show all labels, the first label's first.
fn windows<'a>(labels: &'a [Label], sources: &'a SourceMap) -> Vec<Window<'a>> {
    let mut windows: Vec<Window<'a>> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let Some(source) = sources.source(label.span.source) else {
            continue;
        };
        let (first, last) = lines(label.span, source);
        let near = windows.iter_mut().find(|window| {
            std::ptr::eq(window.source, source) && first <= window.last + NEAR && last + NEAR >= window.first
        });
        match near {
            Some(window) => {
                window.first = window.first.min(first);
                window.last = window.last.max(last);
                window.labels.push(label);
            }
            None => windows.push(Window {
                source,
                first,
                last,
                primary: at == 0,
                labels: vec![label],
            }),
        }
    }
    windows
}

/// How the text came to stand where it was read, the innermost step first.
fn chain(span: Span, sources: &SourceMap) -> Vec<String> {
    let mut notes = Vec::new();
    let mut at = span;
    while let Some(outer) = sources.outer(at) {
        let place = sources
            .location(outer)
            .map(|place| place.to_string())
            .unwrap_or_default();
        notes.push(match sources.expansion(at.expansion) {
            Some(expansion) => format!("in the expansion of `{}` at {place}", expansion.of),
            None => format!("included from {place}"),
        });
        at = outer;
    }
    let middle = notes.len().saturating_sub(LONG_CHAIN);
    if middle > 0 {
        let left_out = format!("and {} more steps", middle + 1);
        notes.splice(LONG_CHAIN / 2..LONG_CHAIN / 2 + middle + 1, [left_out]);
    }
    notes
}

fn lines(span: Span, source: &Source) -> (usize, usize) {
    let (first, _) = source.line(span.start);
    let (last, _) = source.line(span.end.max(span.start + 1) - 1);
    (first, last.max(first))
}

/// The range of some lines; `None` if that is more than a person would read.
fn shown_text(source: &Source, first: usize, last: usize) -> Option<Range<usize>> {
    let range = source.line_range(first).start..source.line_range(last).end;
    (range.len() <= (last - first + 1) * LONG_LINE).then_some(range)
}

fn within(span: Span, range: &Range<usize>) -> Range<usize> {
    let at = |offset: u32| index(offset).clamp(range.start, range.end) - range.start;
    at(span.start)..at(span.end)
}

/// Labels at most this many lines apart are shown in one window.
const NEAR: usize = 30;
/// Of more steps than this, those in the middle are not shown.
const LONG_CHAIN: usize = 8;
/// Lines longer than this on average are not shown.
const LONG_LINE: usize = 1000;
