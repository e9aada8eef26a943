use crate::session::Session;
use crate::source::Source;
use crate::tree::{Arg, Statement};
use crate::{AuthKind, Authentication, Code, Diagnostic, Password, Spanned};

/// An `authentication` block; `None` if it asks for nothing.
pub(super) fn lower(block: Statement<'_>, session: &mut Session<'_>) -> Option<Spanned<Authentication>> {
    let (mut kind, mut password) = (None, None);
    let mut sound = true;
    for statement in block.children() {
        if statement.is_broken() {
            sound = false;
            continue;
        }
        match statement.name() {
            "auth_type" => {
                let read = auth_type(statement.arg(), session);
                sound &= read.is_some();
                kind = read.or(kind);
            }
            _ => password = Some(auth_pass(statement.arg(), session)),
        }
    }
    match (kind, password) {
        (Some(kind), Some(password)) if !password.as_bytes().is_empty() => {
            Some(Spanned::new(Authentication::new(kind, password), block.span()))
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

fn auth_type(arg: Arg<'_>, session: &mut Session<'_>) -> Option<AuthKind> {
    match arg.text {
        "PASS" => return Some(AuthKind::Pass),
        "AH" => return Some(AuthKind::Ah),
        _ => {}
    }
    let message = format!("`auth_type` is PASS or AH, not `{}`", arg.text);
    let mut diagnostic = Diagnostic::error(Code::InvalidChoice, message).at(arg.span);
    let likely = arg.text.trim_end_matches(';').to_ascii_uppercase();
    if likely == "PASS" || likely == "AH" {
        diagnostic = diagnostic.suggest(arg.span, likely.clone(), format!("write `{likely}`"));
    }
    session.report(diagnostic);
    None
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
