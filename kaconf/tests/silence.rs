//! Warnings that a comment silences.

mod common;

use common::{instance_text, parsed, warnings};
use kaconf::Code;

const LONG: &str = "    authentication {\n        auth_type PASS\n        auth_pass 123456789";

fn with(comment_above: &str, comment_behind: &str) -> Vec<String> {
    let long = LONG.replace("        auth_pass", &format!("{comment_above}        auth_pass"));
    warnings(&parsed(instance_text(&format!("{long}{comment_behind}\n    }}"))))
}

#[test]
fn a_comment_on_the_line_or_above_it() {
    assert_eq!(with("", ""), ["6: KA0107"]);
    assert_eq!(with("", " # kad: allow password-truncated"), [""; 0]);
    assert_eq!(with("", "   !kad: allow KA0107"), [""; 0]);
    assert_eq!(with("# kad: allow password-truncated\n# why\n", ""), [""; 0]);
    assert_eq!(
        with("# kad: allow empty-value, password-truncated\n", ""),
        [""; 0]
    );
}

#[test]
fn only_where_it_says_and_what_it_says() {
    assert_eq!(with("# kad: allow password-truncated\n\n", ""), ["8: KA0107"]);
    assert_eq!(with("", " # kad: allow empty-value"), ["6: KA0107"]);
    assert_eq!(with("", " # kad: allow passwd"), ["6: KA0107", "6: KA0056"]);
}

#[test]
fn a_whole_file() {
    assert_eq!(with("# kad: allow-file password-truncated\n\n", ""), [""; 0]);
}

#[test]
fn errors_stay() {
    let text = instance_text("    priority 0 # kad: allow out-of-range");
    assert!(parsed(text).has_errors());
}

#[test]
fn from_outside_the_file() {
    let text = instance_text(&format!("{LONG}\n    }}"));
    let mut allowed = parsed(text.clone());
    allowed.allow(Code::PasswordTruncated);
    assert!(allowed.diagnostics.is_empty());
    let mut denied = parsed(text);
    denied.deny(Code::PasswordTruncated);
    assert!(denied.has_errors());
}
