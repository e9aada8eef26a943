//! `kad config`: what counts, and where it comes from.

use std::path::Path;

use kaconf::{FsLoader, Options, Outline, Parsed, Setting, SourceMap, Span};
use serde::Serialize;

use crate::cli::ConfigArgs;
use crate::exit::Status;
use crate::run::host_name;

/// Prints the effective configuration. It goes to `show`, and what is wrong with the file to `complain`.
pub fn run(args: &ConfigArgs, show: &mut dyn FnMut(&str), complain: &mut dyn FnMut(&str)) -> Status {
    let options = Options {
        config_id: args.config_id.clone().or_else(host_name),
        ..Options::default()
    };
    let parsed = kaconf::parse(&FsLoader, &args.file, &options);
    for diagnostic in parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
    {
        complain(&kaconf::one_line(diagnostic, &parsed.sources));
    }
    if parsed.sources.sources().next().is_none() {
        return Status::CannotRun;
    }
    let outline = kaconf::outline(&parsed.config, args.show_secrets);
    if args.json {
        show(&document(&args.file, &outline, &parsed.sources));
    } else {
        text(&outline, &parsed).iter().for_each(|line| show(line));
    }
    if parsed.has_errors() {
        Status::Failed
    } else {
        Status::Fine
    }
}

/// A configuration that can be read again, with a comment behind each value.
fn text(outline: &Outline, parsed: &Parsed) -> Vec<String> {
    let mut lines = Vec::new();
    block(outline, 0, &parsed.sources, &mut lines);
    let column = |line: &Line| line.text.chars().count();
    let widest = lines.iter().filter(|line| !line.comment.is_empty()).map(column);
    let width = widest.filter(|width| *width <= WIDEST).max().unwrap_or_default();
    let whole = lines.into_iter().map(|line| match line.comment.as_str() {
        "" => line.text,
        comment => format!("{:<width$}  # {comment}", line.text),
    });
    whole.collect()
}

struct Line {
    text: String,
    /// Where it comes from; may be empty.
    comment: String,
}

fn block(outline: &Outline, depth: usize, sources: &SourceMap, lines: &mut Vec<Line>) {
    for setting in &outline.settings {
        statement(setting, depth, sources, lines);
    }
    for inner in &outline.blocks {
        let first = lines.is_empty();
        let mut plain = |depth, text: String| {
            lines.push(Line {
                text: indented(depth, &text),
                comment: String::new(),
            });
        };
        if depth == 0 && !first {
            plain(0, String::new());
        }
        plain(depth, format!("{} {{", inner.header));
        block(inner, depth + 1, sources, lines);
        lines.push(Line {
            text: indented(depth, "}"),
            comment: String::new(),
        });
    }
}

/// What has no spelling, for it is said by saying nothing, is a comment.
fn statement(setting: &Setting, depth: usize, sources: &SourceMap, lines: &mut Vec<Line>) {
    let text = setting.text();
    let mut comment = origin(setting, sources);
    if text.is_empty() {
        lines.push(Line {
            text: indented(depth, &format!("# {}", setting.keyword.name)),
            comment: if setting.span.is_nowhere() {
                "not set".to_owned()
            } else {
                format!("not set: {comment}")
            },
        });
        return;
    }
    for line in text.lines() {
        lines.push(Line {
            text: indented(depth, line),
            comment: std::mem::take(&mut comment),
        });
    }
}

fn indented(depth: usize, text: &str) -> String {
    format!("{:width$}{text}", "", width = depth * 4)
}

/// `default`, `a.conf:3`, `a.conf:3 (vrrp_garp_master_delay)`.
fn origin(setting: &Setting, sources: &SourceMap) -> String {
    let Some(place) = sources.location(setting.span) else {
        return "default".to_owned();
    };
    let place = format!("{}:{}", place.path.display(), place.line);
    match inherited_from(setting, sources) {
        Some(keyword) => format!("{place} ({keyword})"),
        None => place,
    }
}

/// The keyword at the place where the value is written, if that is another: that of another block.
fn inherited_from(setting: &Setting, sources: &SourceMap) -> Option<String> {
    let source = sources.source(setting.span.source)?;
    let (_, range) = source.line(setting.span.start);
    let line = source.text().get(range)?;
    let word = line.split_ascii_whitespace().next()?;
    let (keyword, text) = (setting.keyword, setting.text());
    let is_own = word == keyword.name || keyword.aliases.contains(&word) || text.lines().count() > 1;
    let is_keyword = word.contains('_')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (!is_own && is_keyword).then(|| word.to_owned())
}

fn document(file: &Path, outline: &Outline, sources: &SourceMap) -> String {
    let document = Document {
        version: VERSION,
        file: file.display().to_string(),
        root: json(outline, sources),
    };
    serde_json::to_string_pretty(&document).expect("strings, numbers and lists of them")
}

#[derive(Serialize)]
struct Document {
    version: u32,
    file: String,
    #[serde(flatten)]
    root: JsonBlock,
}

#[derive(Serialize)]
struct JsonBlock {
    /// Empty outside all blocks.
    header: String,
    settings: Vec<JsonSetting>,
    blocks: Vec<JsonBlock>,
}

#[derive(Serialize)]
struct JsonSetting {
    keyword: &'static str,
    /// The statement; null if its absence says the same.
    statement: Option<String>,
    /// Whether the block would have the same without it.
    is_default: bool,
    /// Null if no file says it.
    from: Option<From>,
}

#[derive(Serialize)]
struct From {
    file: String,
    line: usize,
    column: usize,
    /// The keyword there, if it is another.
    keyword: Option<String>,
}

fn json(outline: &Outline, sources: &SourceMap) -> JsonBlock {
    let setting = |setting: &Setting| {
        let text = setting.text();
        JsonSetting {
            keyword: setting.keyword.name,
            statement: (!text.is_empty()).then(|| text.into_owned()),
            is_default: setting.is_default,
            from: from(setting.span, sources).map(|from| From {
                keyword: inherited_from(setting, sources),
                ..from
            }),
        }
    };
    JsonBlock {
        header: outline.header.clone(),
        settings: outline.settings.iter().map(setting).collect(),
        blocks: outline.blocks.iter().map(|inner| json(inner, sources)).collect(),
    }
}

fn from(span: Span, sources: &SourceMap) -> Option<From> {
    let place = sources.location(span)?;
    Some(From {
        file: place.path.display().to_string(),
        line: place.line,
        column: place.column,
        keyword: None,
    })
}

/// Lines that are longer do not push all comments to the right.
const WIDEST: usize = 48;
/// Rises when a field changes its meaning or goes; a new field does not raise it.
const VERSION: u32 = 1;
