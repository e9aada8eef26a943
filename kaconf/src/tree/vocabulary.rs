//! What is said about words: unknown ones, misplaced ones, missing ones, ones that kad does not heed yet.

use crate::expand::{Line, Piece};
use crate::keyword::{Block, Keyword, Status, Takes};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// Checks the number of a statement's words; whether those are there that must be.
pub(super) fn check_words(
    keyword: &Keyword,
    block: Block,
    line: &Line,
    words: &[Piece],
    session: &mut Session<'_>,
) -> bool {
    let arguments = words.len() - 1;
    let (required, most) = keyword.takes.count();
    if arguments < required {
        let missing = keyword.takes.required().into_iter().nth(arguments);
        report_missing(keyword, &missing.unwrap_or_default(), line, words, session);
        return false;
    }
    let Some(most) = most.filter(|&most| arguments > most) else {
        return true;
    };
    let extra = words.iter().skip(1 + most);
    if keyword.block.is_some() && keyword.takes == Takes::Words("NAME") {
        if let Some(&first) = extra.clone().next() {
            let message = format!("`{}` takes one name and nothing else", keyword.name);
            session.report(
                Diagnostic::error(Code::ExtraWords, message)
                    .at(line.span(first))
                    .help("a name with blanks in it must stand in double quotes"),
            );
        }
        return true;
    }
    if keyword.takes == Takes::Nothing {
        check_flag(keyword, line, words, session);
    }
    let lost = extra
        .copied()
        .find(|&word| block.keyword(line.text(word)).is_some());
    if let Some(word) = lost {
        let message = format!(
            "`{}` is ignored here: a line holds one statement",
            line.text(word)
        );
        session.report(
            Diagnostic::warning(Code::LostStatement, message)
                .at(line.span(word))
                .help("write it on a line of its own"),
        );
    }
    true
}

/// `nopreempt off` is `nopreempt`: a keyword without arguments is there or is not.
fn check_flag(keyword: &Keyword, line: &Line, words: &[Piece], session: &mut Session<'_>) {
    let Some(&word) = words.get(1) else { return };
    if matches!(line.text(word), "off" | "no" | "false" | "0") {
        let message = format!(
            "`{} {}` turns it on: the keyword alone counts, whatever follows",
            keyword.name,
            line.text(word)
        );
        session.report(
            Diagnostic::warning(Code::FlagTurnedOff, message)
                .at(line.span(word))
                .help("without the whole line it is off"),
        );
    }
}

fn report_missing(keyword: &Keyword, missing: &str, line: &Line, words: &[Piece], session: &mut Session<'_>) {
    let place = words.last().map_or(Span::NOWHERE, |&last| line.span(last));
    let message = format!("`{}` lacks its argument {missing}", keyword.name);
    session.report(
        Diagnostic::error(Code::MissingArgument, message)
            .label(place, "expected after this")
            .help(format!("it is written `{}`", keyword.usage()))
            .help("keepalived exits over this, on a reload too, and leaves its addresses behind"),
    );
}

/// Says what is wrong with a word that is no keyword of its block.
pub(super) fn report_unknown(
    block: Option<Block>,
    name: &str,
    span: Span,
    opens: bool,
    session: &mut Session<'_>,
) {
    let Some(block) = block else { return };
    let full = session.sink.is_full();
    let elsewhere = if full { Vec::new() } else { homes(name) };
    let (code, message) = if elsewhere.is_empty() {
        let kind = if opens { "block" } else { "keyword" };
        let code = if opens {
            Code::UnknownBlock
        } else {
            Code::UnknownKeyword
        };
        (code, format!("unknown {kind} `{name}`{}", place(block)))
    } else {
        (
            Code::MisplacedKeyword,
            format!("`{name}` has no meaning{}", place(block)),
        )
    };
    let make = if opens {
        Diagnostic::error
    } else {
        Diagnostic::warning
    };
    let label = if opens {
        "ignored with everything in its braces"
    } else {
        "this line is ignored"
    };
    let mut diagnostic = make(code, message).label(span, label);
    if full {
        // Only the number and the severity of what comes now are kept.
    } else if elsewhere.is_empty() {
        diagnostic = with_guess(diagnostic, block, name, span, opens);
    } else if let Some(own) = modern(block, name) {
        diagnostic = diagnostic.suggest(span, own, format!("write `{own}`, which means the same"));
    } else {
        diagnostic = diagnostic.help(format!("it belongs {}", elsewhere.join(", or ")));
    }
    session.report(diagnostic);
}

/// The keyword of a block that means what another block has an old word for.
fn modern(block: Block, name: &str) -> Option<&'static str> {
    let mut others = Block::WITH_KEYWORDS.iter().flat_map(|other| other.keywords());
    let other = others.find(|keyword| keyword.aliases.contains(&name))?;
    block.keyword(other.name).map(|own| own.name)
}

/// Adds what was probably meant.
fn with_guess(diagnostic: Diagnostic, block: Block, name: &str, span: Span, opens: bool) -> Diagnostic {
    if let Some(help) = obsolete(name) {
        return diagnostic.help(help);
    }
    if let Some((keyword, value)) = name
        .split_once('=')
        .filter(|(keyword, _)| block.keyword(keyword).is_some())
    {
        return diagnostic.suggest(
            span,
            format!("{keyword} {value}"),
            "separate the value by a blank",
        );
    }
    let glued = block.keywords().iter().find_map(|keyword| {
        let rest = name.strip_prefix(keyword.name)?.strip_prefix('_')?;
        (opens && keyword.block.is_some()).then(|| format!("{} {rest}", keyword.name))
    });
    if let Some(apart) = glued {
        return diagnostic.suggest(span, apart, "separate the name by a blank");
    }
    match nearest(block, name) {
        Some(keyword) => diagnostic.suggest(span, keyword.name, format!("did you mean `{}`?", keyword.name)),
        None => diagnostic,
    }
}

/// The keyword of a block that is most like a word, if one is like it at all.
fn nearest(block: Block, name: &str) -> Option<&'static Keyword> {
    let distance = |keyword: &&'static Keyword| {
        if keyword.name.eq_ignore_ascii_case(name) {
            0
        } else {
            strsim::damerau_levenshtein(keyword.name, name)
        }
    };
    let nearest = block.keywords().iter().min_by_key(distance)?;
    let allowed = (name.len().max(nearest.name.len()) / 3).max(1);
    (name.len() <= LONGEST_GUESS && distance(&nearest) <= allowed).then_some(nearest)
}

/// The blocks that a keyword belongs to, as places.
fn homes(name: &str) -> Vec<String> {
    let homes = Block::WITH_KEYWORDS
        .iter()
        .filter(|block| block.keyword(name).is_some());
    homes
        .take(3)
        .map(|&block| place(block).trim_start().to_owned())
        .collect()
}

/// Where a block's content stands: ` in \`vrrp_instance\``.
fn place(block: Block) -> String {
    if block == Block::Root {
        return " outside all blocks".to_owned();
    }
    let parents = Block::WITH_KEYWORDS.iter().flat_map(|parent| parent.keywords());
    let names: Vec<_> = parents
        .filter(|keyword| keyword.block == Some(block))
        .map(|keyword| format!("`{}`", keyword.name))
        .collect();
    match names.first() {
        Some(name) => format!(" in {name}"),
        None => String::new(),
    }
}

/// Words of old or foreign dialects, and what to know about them.
fn obsolete(name: &str) -> Option<&'static str> {
    Some(match name {
        "nat_mask" => "keepalived has not known it for many years; it can be removed",
        "lvs_id" => "its name today is `router_id`",
        "lvs_sync_daemon_inteface" => "an old manual's misspelling of `lvs_sync_daemon_interface`",
        _ => return None,
    })
}

/// Keywords that kad does not heed: each is reported once, at the first place it stands.
#[derive(Default)]
pub(super) struct Unheeded {
    seen: Vec<(&'static Keyword, Span, usize)>,
}

impl Unheeded {
    /// Remembers a place where a keyword stands, if kad does not heed it.
    pub(super) fn note(&mut self, keyword: &'static Keyword, span: Span) {
        if keyword.status == Status::Works {
            return;
        }
        match self
            .seen
            .iter_mut()
            .find(|(seen, ..)| std::ptr::eq(*seen, keyword))
        {
            Some((_, _, more)) => *more += 1,
            None => self.seen.push((keyword, span, 0)),
        }
    }

    pub(super) fn report(&self, session: &mut Session<'_>) {
        for &(keyword, span, more) in &self.seen {
            let diagnostic = unheeded(keyword).at(span);
            session.report(match more {
                0 => diagnostic,
                1 => diagnostic.help("it stands at one more place"),
                _ => diagnostic.help(format!("it stands at {more} more places")),
            });
        }
    }
}

fn unheeded(keyword: &Keyword) -> Diagnostic {
    let name = keyword.name;
    match keyword.status {
        Status::NoEffect(because) => {
            let message = format!("`{name}` has no effect in kad: {because}");
            Diagnostic::warning(Code::NoEffect, message)
        }
        Status::Refused(because) => {
            Diagnostic::error(Code::Refused, format!("kad does not do `{name}`: {because}"))
        }
        Status::Works | Status::Parsed => {
            let what = if keyword.block.is_some() {
                ", with everything in its braces,"
            } else {
                ""
            };
            let message = format!("`{name}`{what} has no effect yet: kad does not do this so far");
            Diagnostic::warning(Code::NotSupportedYet, message)
        }
    }
}

/// Longer words are not compared with the keywords.
const LONGEST_GUESS: usize = 60;
