//! Comments that silence a warning: `# kad: allow password-truncated`.
//!
//! Such a comment counts for its own line, or, alone on its line, for the next line that is no comment;
//! `# kad: allow-file NAME` counts for its whole file. Several names are separated by commas or blanks.

use super::{Code, Diagnostic, Severity};
use crate::source::Source;
use crate::{SourceId, SourceMap, Span};

/// The requests of all files.
pub(crate) struct Silence<'s> {
    sources: &'s SourceMap,
    asked: Vec<Asked>,
    /// A warning for each name that is no diagnostic's.
    pub(crate) unknown: Vec<Diagnostic>,
}

struct Asked {
    source: SourceId,
    line: usize,
    whole_file: bool,
    code: Code,
}

impl<'s> Silence<'s> {
    pub(crate) fn of(sources: &'s SourceMap) -> Self {
        let mut silence = Silence {
            sources,
            asked: Vec::new(),
            unknown: Vec::new(),
        };
        for (id, source) in sources.with_ids() {
            for (line, request) in requests(source) {
                for name in request.names() {
                    silence.ask(id, source, line, request.whole_file, name);
                }
            }
        }
        silence
    }

    fn ask(&mut self, id: SourceId, source: &Source, line: usize, whole_file: bool, name: &str) {
        if let Some(code) = Code::from_name(name) {
            self.asked.push(Asked {
                source: id,
                line,
                whole_file,
                code,
            });
            return;
        }
        let range = source.line_range(line);
        let offset = range.start + offset_in(source.text().get(range).unwrap_or_default(), name);
        let start = u32::try_from(offset).unwrap_or(u32::MAX);
        let end = u32::try_from(offset + name.len()).unwrap_or(u32::MAX);
        self.unknown.push(unknown(name, Span::in_file(id, start, end)));
    }

    /// Whether a comment asks for silence about a diagnostic. An error cannot be silenced.
    pub(crate) fn covers(&self, diagnostic: &Diagnostic) -> bool {
        let Some(span) = diagnostic
            .span()
            .filter(|_| diagnostic.severity == Severity::Warning)
        else {
            return false;
        };
        let mut asked = self
            .asked
            .iter()
            .filter(|asked| asked.code == diagnostic.code && asked.source == span.source);
        asked.any(|asked| {
            asked.whole_file
                || self.sources.source(span.source).is_some_and(|source| {
                    let (line, _) = source.line(span.start);
                    asked.line == line || is_above(source, asked.line, line)
                })
        })
    }
}

/// Whether all lines from one to before another are comments.
fn is_above(source: &Source, comment: usize, line: usize) -> bool {
    let is_comment = |line| {
        let text = source.text().get(source.line_range(line));
        text.is_some_and(|text| text.trim_start().starts_with(['#', '!']))
    };
    comment < line && (comment..line).all(is_comment)
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let message = format!("no diagnostic is called `{name}`: this silences nothing");
    let diagnostic = Diagnostic::warning(Code::UnknownLint, message).at(span);
    let nearest = Code::ALL
        .iter()
        .min_by_key(|code| strsim::damerau_levenshtein(code.name(), name));
    match nearest.filter(|code| strsim::damerau_levenshtein(code.name(), name) <= name.len() / 3) {
        Some(code) => diagnostic.suggest(span, code.name(), format!("did you mean `{}`?", code.name())),
        None => {
            diagnostic.help("names stand in `kad check --json`, and numbers such as KA0107 will do as well")
        }
    }
}

/// What a comment asks for.
struct Request<'t> {
    whole_file: bool,
    list: &'t str,
}

impl<'t> Request<'t> {
    fn names(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let list = self.list;
        list.split([',', ' ', '\t']).filter(|name| !name.is_empty())
    }
}

/// The request in a line's comment, if there is one.
fn request(line: &str) -> Option<Request<'_>> {
    let (before, rest) = line.split_once(MARK)?;
    before.trim_end().ends_with(['#', '!']).then_some(())?;
    let rest = rest.trim_start();
    let (whole_file, list) = match rest.strip_prefix("allow-file") {
        Some(list) => (true, list),
        None => (false, rest.strip_prefix("allow")?),
    };
    list.starts_with([' ', '\t'])
        .then_some(Request { whole_file, list })
}

fn requests(source: &Source) -> impl Iterator<Item = (usize, Request<'_>)> {
    let places = source.text().match_indices(MARK);
    places.filter_map(|(at, _)| {
        let (line, range) = source.line(u32::try_from(at).unwrap_or(u32::MAX));
        Some((line, request(source.text().get(range)?)?))
    })
}

fn offset_in(line: &str, name: &str) -> usize {
    let after = line.find(MARK).unwrap_or_default();
    let rest = line.get(after..).unwrap_or_default();
    after + rest.find(name).unwrap_or_default()
}

const MARK: &str = "kad:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_request() {
        let names = |line| request(line).map(|request| request.names().collect::<Vec<_>>());
        assert_eq!(names("x # kad: allow a, b"), Some(vec!["a", "b"]));
        assert_eq!(names("!kad: allow-file a"), Some(vec!["a"]));
        for line in [
            "# kad allow a",
            "kad: allow a",
            "# kad: allowed a",
            "# kad: deny a",
        ] {
            assert!(names(line).is_none(), "{line}");
        }
    }
}
