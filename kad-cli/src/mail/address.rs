//! Mail addresses.

use std::fmt;

use thiserror::Error;

/// A mail address that can stand in a command and in a header without changing what they say.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Address(String);

impl Address {
    /// Checks an address. What follows the rules of RFC 5321 section 4.1.2 but is never met in practice, such as a
    /// local part in quotes with blanks, is refused too.
    pub fn new(text: &str) -> Result<Self, InvalidAddress> {
        let invalid = |reason| InvalidAddress {
            text: text.escape_debug().to_string(),
            reason,
        };
        if text.is_empty() {
            return Err(invalid("is empty"));
        }
        if text.len() > LONGEST {
            return Err(invalid("is longer than the 254 bytes of a mail address"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "has a blank, a control character or a letter beyond ASCII",
            ));
        }
        if text.contains(FORBIDDEN) {
            return Err(invalid(
                "has one of < > , ; ( ) \" \\, so that it is not a plain user@host",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Not an address that mail can be sent to or from.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the mail address {text} {reason}")]
pub struct InvalidAddress {
    text: String,
    reason: &'static str,
}

/// RFC 5321 section 4.5.3.1.3: a path has 256 bytes, two of which are its brackets.
const LONGEST: usize = 254;
/// What would end a path or split a header's list.
const FORBIDDEN: [char; 9] = ['<', '>', ',', ';', '(', ')', '"', '\\', '\0'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_pass_and_others_are_refused_with_the_reason() {
        for good in ["root", "a@b", "first.last+tag@[192.0.2.1]", "x!y%z@example.org"] {
            assert_eq!(Address::new(good).unwrap().as_str(), good);
        }
        for (bad, reason) in [
            ("", "empty"),
            ("a@b\r\nDATA", "blank"),
            ("a b@c", "blank"),
            ("müller@example.org", "beyond ASCII"),
            ("a@b>", "plain user@host"),
            ("a,b@c", "plain user@host"),
            (&"a".repeat(255), "longer"),
        ] {
            let error = Address::new(bad).unwrap_err().to_string();
            assert!(error.contains(reason), "{bad:?}: {error}");
            assert!(!error.contains('\n'), "{error:?}");
        }
    }
}
