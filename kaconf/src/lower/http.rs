//! `HTTP_GET`, `SSL_GET` and their `url`s.

use super::checker::Typed;
use super::hex::nibble;
use super::setting::lower as lower_settings;
use super::{Value, choice, choices, settings, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{
    Block, Code, Contact, Diagnostic, HttpCheck, HttpProtocol, Keyword, RegexOption, Spanned, StatusCodes,
    Url,
};

settings!(Url, Block::Url, {
    "path" => path,
    "digest" => digest,
    "status_code" => status_code,
    "virtualhost" => virtualhost,
    "regex" => regex,
    "regex_no_match" => regex_no_match,
    "regex_options" => regex_options,
    "regex_stack" => regex_stack,
    "regex_min_offset" => regex_min_offset,
    "regex_max_offset" => regex_max_offset,
    "tls_compliant" => tls_compliant,
});

choices!(HttpProtocol { V1_0 = "1.0", V1_0Close = "1.0C", V1_1 = "1.1" });
choices!(RegexOption {
    AllowEmptyClass = "allow_empty_class",
    AltBsux = "alt_bsux",
    AutoCallout = "auto_callout",
    Caseless = "caseless",
    DollarEndonly = "dollar_endonly",
    Dotall = "dotall",
    Dupnames = "dupnames",
    Extended = "extended",
    Firstline = "firstline",
    MatchUnsetBackref = "match_unset_backref",
    Multiline = "multiline",
    NeverUcp = "never_ucp",
    NeverUtf = "never_utf",
    NoAutoCapture = "no_auto_capture",
    NoAutoPossess = "no_auto_possess",
    NoDotstarAnchor = "no_dotstar_anchor",
    NoStartOptimize = "no_start_optimize",
    Ucp = "ucp",
    Ungreedy = "ungreedy",
    Utf = "utf",
    NeverBackslashC = "never_backslash_c",
    AltCircumflex = "alt_circumflex",
    AltVerbnames = "alt_verbnames",
    UseOffsetLimit = "use_offset_limit",
    ExtendedMore = "extended_more",
    Literal = "literal",
    MatchInvalidUtf = "match_invalid_utf",
});

/// The checker; `None` without a `url`.
pub(super) fn read(block: Statement<'_>, session: &mut Session<'_>) -> Option<Typed<HttpCheck>> {
    let mut typed: Typed<HttpCheck> = Typed::default();
    typed.own.tls = block.name() == "SSL_GET";
    let faulty = lower_settings(&mut typed, block, session, special);
    if typed.own.urls.is_empty() {
        if !faulty.contains("url") {
            let message = format!("`{}` has no `url`: it fetches nothing", block.name());
            session.report(
                Diagnostic::error(Code::IncompleteChecker, message)
                    .at(block.span())
                    .help("add `url { path / }` on lines of its own; keepalived crashes over this"),
            );
        }
        return None;
    }
    typed.own.urls.shrink_to_fit();
    Some(typed)
}

fn special(
    typed: &mut Typed<HttpCheck>,
    statement: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<bool> {
    match statement.name() {
        "url" => {
            let url = url(statement, session);
            let sound = url.is_some();
            typed.own.urls.extend(url);
            Some(sound)
        }
        "http_protocol" if statement.arg().text == "1.0c" => {
            let value = Some(HttpProtocol::V1_0Close);
            super::setting::keep(&mut typed.own.http_protocol, value, statement, session)
        }
        "retry" => {
            report_old_retry(statement, session);
            None
        }
        _ => None,
    }
}

/// Nearly every old file has it.
fn report_old_retry(statement: Statement<'_>, session: &mut Session<'_>) {
    let Some(word) = statement
        .words()
        .next()
        .filter(|word| word.text == "nb_get_retry")
    else {
        return;
    };
    session.report(
        Diagnostic::warning(Code::Deprecated, "`nb_get_retry` is out of use")
            .at(word.span)
            .suggest(word.span, "retry", "write `retry`"),
    );
}

fn url(block: Statement<'_>, session: &mut Session<'_>) -> Option<Url> {
    let mut url = Url::new(Spanned::default());
    let faulty = lower_settings(&mut url, block, session, super::setting::nothing_special);
    if !url.path.is_written() {
        if !faulty.contains("path") {
            session.report(
                Diagnostic::error(
                    Code::IncompleteChecker,
                    "`url` has no `path`: nothing says what to fetch",
                )
                .at(block.span())
                .help("add `path /`, or the path of a page that says whether the server is well"),
            );
        }
        return None;
    }
    check_regex(&url, session);
    url.status_code.shrink_to_fit();
    Some(url)
}

fn check_regex(url: &Url, session: &mut Session<'_>) {
    let options = url.regex_options.first().map(|option| option.span);
    let needs = [
        ("regex_no_match", Some(url.regex_no_match.span)),
        ("regex_options", options),
        ("regex_stack", url.regex_stack.map(|stack| stack.span)),
        ("regex_min_offset", Some(url.regex_min_offset.span)),
        ("regex_max_offset", url.regex_max_offset.map(|offset| offset.span)),
    ];
    for (name, span) in needs {
        if let Some(span) = span.filter(|span| url.regex.is_none() && !span.is_nowhere()) {
            let message = format!("`{name}` has no effect: this `url` has no `regex`");
            session.report(Diagnostic::warning(Code::WithoutEffect, message).at(span));
        }
    }
}

/// Fills in what a checker and its URLs do not say.
pub(super) fn fill(check: &mut HttpCheck, contact: &Contact) {
    if check.virtualhost.is_none() {
        check.virtualhost.clone_from(&contact.virtualhost);
    }
    for url in &mut check.urls {
        url.tls_compliant.inherit(&check.tls_compliant);
        if url.virtualhost.is_none() {
            url.virtualhost.clone_from(&check.virtualhost);
        }
    }
}

/// `digest`: 32 hexadecimal digits.
impl Value for [u8; 16] {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let arg = statement.arg();
        let nibbles: Option<Vec<u8>> = arg.text.bytes().map(nibble).collect();
        let nibbles = nibbles.filter(|nibbles| nibbles.len() == 32);
        let Some(nibbles) = nibbles else {
            let message = format!("`digest` is 32 hexadecimal digits, not `{}`", arg.text);
            session.report(
                Diagnostic::error(Code::InvalidDigest, message)
                    .at(arg.span)
                    .help("it is the MD5 sum of the page's body"),
            );
            return None;
        };
        let mut digest = [0; 16];
        for (byte, pair) in digest.iter_mut().zip(nibbles.chunks(2)) {
            *byte = pair.iter().fold(0, |byte, nibble| byte << 4 | nibble);
        }
        Some(digest)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        let digits: String = self.iter().map(|byte| format!("{byte:02x}")).collect();
        out.statement(keyword.name, |out| out.word(digits));
    }
}

/// `regex_stack START MAX`.
impl Value for (u32, u32) {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let (start, max) = (statement.args().next()?, statement.args().nth(1)?);
        let first = value::number(statement.name(), start, 1, u32::MAX.into(), session)?;
        let last = value::number(statement.name(), max, 1, u32::MAX.into(), session)?;
        if first > last {
            let message = format!("a stack of {first} bytes is larger than its greatest size, {last}");
            session.report(Diagnostic::error(Code::OutOfRange, message).at(max.span));
            return None;
        }
        Some((first, last))
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(self.0);
            out.word(self.1);
        });
    }
}

/// A value that a statement has several of.
pub(super) trait Word: Sized {
    fn read(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Self>;

    fn write(&self, out: &mut Writer);
}

/// A statement of several words; a second one adds to the first.
impl<T: Word> super::Field for Vec<Spanned<T>> {
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let mut sound = true;
        for arg in statement.args() {
            match T::read(statement.name(), arg, session) {
                Some(value) => self.push(Spanned::new(value, arg.span)),
                None => sound = false,
            }
        }
        sound
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        if !self.is_empty() {
            out.statement(keyword.name, |out| {
                self.iter().for_each(|value| value.value.write(out));
            });
        }
    }

    fn span(&self) -> crate::Span {
        self.first().map_or(crate::Span::NOWHERE, |value| value.span)
    }
}

impl Word for RegexOption {
    fn read(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Self> {
        let option = RegexOption::from_word(arg.text);
        if option.is_none() {
            choice::warn(name, arg, RegexOption::WORDS, session);
        }
        option
    }

    fn write(&self, out: &mut Writer) {
        out.word(self.word());
    }
}

/// `N` or `N-M`.
impl Word for StatusCodes {
    fn read(_: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Self> {
        let (first, last) = arg.text.split_once('-').unwrap_or((arg.text, arg.text));
        let code = |text: &str| text.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
        let codes = code(first).zip(code(last)).filter(|(first, last)| first <= last);
        if codes.is_none() {
            let message = format!(
                "`{}` is no status code from 100 to 599 and no range of them",
                arg.text
            );
            session.report(
                Diagnostic::error(Code::InvalidStatusCode, message)
                    .at(arg.span)
                    .help("a range is written `200-299`, and blanks separate several"),
            );
        }
        let (first, last) = codes?;
        Some(StatusCodes { first, last })
    }

    fn write(&self, out: &mut Writer) {
        if self.first == self.last {
            out.word(self.first);
        } else {
            out.word(format_args!("{}-{}", self.first, self.last));
        }
    }
}
