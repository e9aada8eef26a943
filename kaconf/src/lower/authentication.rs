use super::{Value, choices};
use crate::session::Session;
use crate::source::{Source, index};
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{AuthKind, Authentication, Code, Diagnostic, Keyword, Password};

/// An `authentication` block; `None` if it asks for nothing.
impl Value for Authentication {
    fn read(block: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        read(block, session)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.block(keyword.name, &[], |out| {
            out.statement("auth_type", |out| out.word(self.kind.word()));
            out.statement("auth_pass", |out| out.secret(self.password.as_bytes()));
        });
    }
}

choices!(AuthKind { Pass = "PASS", Ah = "AH" });

fn read(block: Statement<'_>, session: &mut Session<'_>) -> Option<Authentication> {
    let (mut kind, mut password) = (None, None);
    let mut sound = true;
    for statement in block.children() {
        if statement.is_broken() {
            sound = false;
            continue;
        }
        match statement.name() {
            "auth_type" => {
                let read = AuthKind::read(statement, session);
                sound &= read.is_some();
                kind = read.or(kind);
            }
            _ => password = Some(auth_pass(statement.arg(), session)),
        }
    }
    match (kind, password) {
        (Some(kind), Some(password)) if !password.as_bytes().is_empty() => {
            Some(Authentication::new(kind, password))
        }
        (kind, password) => {
            if sound {
                let missing = match (kind, password) {
                    (None, None) => "`auth_type` and `auth_pass`",
                    (None, Some(_)) => "`auth_type`",
                    (Some(_), _) => "`auth_pass`",
                };
                let message = format!("without {missing} adverts are not authenticated");
                session.report(Diagnostic::warning(Code::IncompleteAuthentication, message).at(block.span()));
            }
            None
        }
    }
}

fn auth_pass(arg: Arg<'_>, session: &mut Session<'_>) -> Password {
    let bytes = if arg.text.contains(Source::REPLACEMENT) {
        let bytes = session.sources.bytes(arg.span);
        let inside = bytes
            .strip_prefix(b"\"")
            .and_then(|bytes| bytes.strip_suffix(b"\""));
        inside.unwrap_or(&bytes).to_vec()
    } else {
        arg.text.as_bytes().to_vec()
    };
    check_cut(arg, session);
    if bytes.len() > Password::MAX_LEN {
        let message = format!(
            "this password has {} bytes, and VRRP has room for {}: the rest is cut off",
            bytes.len(),
            Password::MAX_LEN
        );
        session.report(
            Diagnostic::warning(Code::PasswordTruncated, message)
                .at(arg.span)
                .help("every router of the group cuts it in the same place, so they still agree"),
        );
    }
    Password::truncated(&bytes)
}

/// A `#` or `!` ends a word wherever it stands, and begins a comment.
fn check_cut(arg: Arg<'_>, session: &mut Session<'_>) {
    let source = session.sources.source(arg.span.source);
    let next = source.and_then(|source| source.text().get(index(arg.span.end)..)?.chars().next());
    if let Some(character @ ('#' | '!')) = next {
        let message = format!("this password ends before the `{character}`, which begins a comment");
        session.report(
            Diagnostic::warning(Code::PasswordCut, message)
                .at(arg.span.after())
                .help("keepalived cuts it in the same place; in double quotes it would be whole, on every router"),
        );
    }
}
