//! Secrets in lines that are shown: diagnostics go to logs, and to whoever helps.

use std::borrow::Cow;

/// The lines with a star for each byte of a secret, so that places in them stay what they are.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    if !text.split_inclusive('\n').any(|line| secret(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (open, hidden) = line.split_at(secret(line).unwrap_or(line.len()));
        shown.push_str(open);
        let star = |byte: u8| {
            if byte.is_ascii_whitespace() {
                byte.into()
            } else {
                '*'
            }
        };
        shown.extend(hidden.bytes().map(star));
    }
    Cow::Owned(shown)
}

/// Where the secret in a line begins, if there is one.
fn secret(line: &str) -> Option<usize> {
    let mut words = line.split_ascii_whitespace();
    let open = match words.next()? {
        "auth_pass" | "password" => 0,
        // A number goes before it; a path is none.
        "key" => 1,
        _ => return None,
    };
    let word = words.nth(open)?;
    if word.trim_start_matches('"').starts_with("file:") {
        return None;
    }
    Some(word.as_ptr().addr() - line.as_ptr().addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_stars_and_places_stay() {
        let text = " auth_pass s3cret # ours\nkey 1 hex:00ff\n key 2 \"a b\"\nstate MASTER";
        let stars = " auth_pass ****** * ****\nkey 1 ********\n key 2 ** **\nstate MASTER";
        assert_eq!(masked(text), stars);
        let octets = "auth_pass \u{e4}";
        assert_eq!(masked(octets).len(), octets.len());
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for text in [
            "key 1 file:/etc/key",
            "key /etc/ssl/key.pem",
            "auth_pass",
            "auth_type PASS",
            "",
        ] {
            assert!(matches!(masked(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
