use std::path::{Path, PathBuf};

use super::frame::Frame;
use super::{Entry, Line, PieceKind, Reader};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// A file to be read.
pub(super) struct Waiting {
    pub(super) path: PathBuf,
    /// The pattern that matched it; `None` is the configuration's first file.
    pub(super) site: Option<Span>,
}

/// What an `include` may fail to find without a word.
struct Strictness {
    keyword: &'static str,
    /// Every pattern, even one without wildcards, must match a file.
    must_match: bool,
    /// A pattern with wildcards must match a file.
    wildcard_must_match: bool,
}

/// Each way to write `include`.
const VARIANTS: &[Strictness] = &[
    Strictness {
        keyword: "include",
        must_match: false,
        wildcard_must_match: false,
    },
    Strictness {
        keyword: "includer",
        must_match: false,
        wildcard_must_match: false,
    },
    Strictness {
        keyword: "includem",
        must_match: true,
        wildcard_must_match: false,
    },
    Strictness {
        keyword: "includew",
        must_match: false,
        wildcard_must_match: true,
    },
    Strictness {
        keyword: "includeb",
        must_match: true,
        wildcard_must_match: false,
    },
    Strictness {
        keyword: "includea",
        must_match: true,
        wildcard_must_match: true,
    },
];

pub(super) fn is_include(line: &Line) -> bool {
    strictness(line).is_some()
}

fn strictness(line: &Line) -> Option<&'static Strictness> {
    let (_, text) = line.first_word()?;
    VARIANTS.iter().find(|variant| variant.keyword == text)
}

impl Reader {
    /// Queues the files that an `include` line asks for.
    pub(super) fn include(&mut self, line: &Line, session: &mut Session<'_>) {
        let Some(strictness) = strictness(line) else {
            return;
        };
        let Some((pattern, span)) = pattern(line) else {
            let message = format!("`{}` lacks the path to include", strictness.keyword);
            let at = line
                .first_word()
                .map_or(Span::NOWHERE, |(piece, _)| line.span(piece));
            session.report(Diagnostic::error(Code::MissingArgument, message).at(at));
            return;
        };
        let mut files = Vec::new();
        for alternative in alternatives(&pattern) {
            self.find(&alternative, span, strictness, &mut files, session);
        }
        let waiting = files.into_iter().rev().map(|path| {
            Entry::Waiting(Waiting {
                path,
                site: Some(span),
            })
        });
        self.stack.extend(waiting);
    }

    /// Adds what a pattern without alternatives matches.
    fn find(
        &self,
        pattern: &str,
        span: Span,
        strictness: &Strictness,
        files: &mut Vec<PathBuf>,
        session: &mut Session<'_>,
    ) {
        let path = self.directory().join(pattern);
        match session.loader.glob(&path) {
            Ok(found) if found.is_empty() => {
                let wild = pattern.contains(['*', '?', '[']);
                let strict = if wild {
                    strictness.wildcard_must_match
                } else {
                    strictness.must_match
                };
                let message = format!("nothing matches {}", path.display());
                let make = if strict {
                    Diagnostic::error
                } else {
                    Diagnostic::warning
                };
                session.report(make(Code::NothingIncluded, message).at(span));
            }
            Ok(found) => files.extend(found),
            Err(error) => {
                let message = format!("cannot look for {}: {error}", path.display());
                session.report(Diagnostic::warning(Code::InvalidPattern, message).at(span));
            }
        }
    }

    /// The directory of the file being read.
    pub(super) fn directory(&self) -> &Path {
        let open = self.stack.iter().rev().find_map(|entry| match entry {
            Entry::Open(frame) => frame.path.parent(),
            _ => None,
        });
        open.unwrap_or(Path::new(""))
    }

    /// Opens the file that waits on top of the stack.
    pub(super) fn open(&mut self, session: &mut Session<'_>) {
        let Some(Entry::Waiting(waiting)) = self.stack.pop() else {
            return;
        };
        if !self.may_open(&waiting, session) {
            return;
        }
        self.files += 1;
        let limits = &session.options.limits;
        let limit = limits
            .file_size
            .min(limits.total_size - self.bytes.min(limits.total_size));
        match session.loader.read(&waiting.path, limit) {
            Ok(bytes) => self.push(bytes, waiting, session),
            Err(error) => {
                let (code, message) = if error.kind() == std::io::ErrorKind::FileTooLarge {
                    let message = format!(
                        "{} has more than the {limit} bytes allowed",
                        waiting.path.display()
                    );
                    (Code::FileTooLarge, message)
                } else {
                    (
                        Code::Unreadable,
                        format!("cannot read {}: {error}", waiting.path.display()),
                    )
                };
                session.report(Diagnostic::error(code, message).at(waiting.site.unwrap_or(Span::NOWHERE)));
            }
        }
    }

    fn push(&mut self, bytes: Vec<u8>, waiting: Waiting, session: &mut Session<'_>) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let nul = bytes
            .iter()
            .position(|&byte| byte == 0)
            .and_then(|at| u32::try_from(at).ok());
        let Some(id) = session.sources.add(waiting.path, bytes, waiting.site) else {
            return;
        };
        let Some(source) = session.sources.source(id) else {
            return;
        };
        self.stack.push(Entry::Open(Frame::new(source, id)));
        if let Some(at) = nul {
            let span = Span {
                source: id,
                start: at,
                end: at + 1,
                expansion: crate::ExpansionId::NONE,
            };
            session.report(Diagnostic::warning(Code::NulByte, "this line holds a NUL byte").at(span));
        }
    }

    fn may_open(&self, waiting: &Waiting, session: &mut Session<'_>) -> bool {
        let limits = &session.options.limits;
        let open = || {
            self.stack.iter().filter_map(|entry| match entry {
                Entry::Open(frame) => Some(frame),
                _ => None,
            })
        };
        let (code, message) = if open().any(|frame| frame.path == waiting.path) {
            (
                Code::IncludeTooDeep,
                format!("{} includes itself", waiting.path.display()),
            )
        } else if open().count() > limits.include_depth {
            (
                Code::IncludeTooDeep,
                format!("includes are nested more than {} deep", limits.include_depth),
            )
        } else if self.files >= limits.files {
            (
                Code::TooManyFiles,
                format!("more than {} files are included", limits.files),
            )
        } else {
            return true;
        };
        session.report(Diagnostic::error(code, message).at(waiting.site.unwrap_or(Span::NOWHERE)));
        false
    }
}

/// The rest of an include line: a pattern may have braces in it, which are no blocks.
fn pattern(line: &Line) -> Option<(String, Span)> {
    let (&first, &last) = (line.pieces.get(1)?, line.pieces.last()?);
    let span = line.span(first).to(line.span(last));
    let mut text = String::new();
    let mut end = first.start;
    let mut before = PieceKind::Open;
    for &piece in line.pieces.iter().skip(1) {
        let apart = match piece.made {
            None => piece.start > end,
            Some(_) => piece.kind == PieceKind::Word && before == PieceKind::Word,
        };
        if apart {
            break;
        }
        before = piece.kind;
        text.push_str(line.text(piece));
        end = piece.end;
    }
    Some((text, span))
}

/// Each pattern that one with `{a,b}` in it stands for. At most [`MAX_ALTERNATIVES`].
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut left = vec![pattern.to_owned()];
    while let Some(pattern) = left.pop() {
        match split(&pattern) {
            Some((before, inside, after)) if done.len() + left.len() < MAX_ALTERNATIVES => {
                let parts = inside.split(',').rev();
                left.extend(parts.map(|part| format!("{before}{part}{after}")));
            }
            _ => done.push(pattern),
        }
    }
    done
}

/// What stands before, inside and after the first pair of braces without a pair in it.
fn split(pattern: &str) -> Option<(&str, &str, &str)> {
    let (head, after) = pattern.split_once('}')?;
    let (before, inside) = head.rsplit_once('{')?;
    Some((before, inside, after))
}

const MAX_ALTERNATIVES: usize = 256;
