//! The page of each code.

use super::Code;

/// Every page, one after the other.
const PAGES: &str = include_str!("../../diagnostics.md");

/// What a code means, why it hurts, how to mend it, and an example: a page of Markdown that begins with the heading
/// `## KA0107: ...` and ends without a line feed.
///
/// ```
/// use kaconf::{Code, explain};
///
/// assert!(explain(Code::PasswordTruncated).starts_with("## KA0107: a password is longer than 8 bytes\n"));
/// ```
#[must_use]
pub fn explain(code: Code) -> &'static str {
    page(PAGES, &code.to_string()).unwrap_or_else(|| code.title())
}

/// The section whose heading begins with a code.
fn page<'a>(pages: &'a str, code: &str) -> Option<&'a str> {
    let heading = format!("\n## {code}: ");
    let start = pages.find(&heading)? + 1;
    let section = pages.get(start..)?;
    let end = section.find("\n## ").unwrap_or(section.len());
    section.get(..end).map(str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "# Title\n\n## KA0001: one\nText.\n\n## KA0012: two\nMore.\n## KA0013: three\nEnd.\n";

    #[test]
    fn a_page_ends_where_the_next_begins() {
        assert_eq!(page(TWO, "KA0001"), Some("## KA0001: one\nText."));
        assert_eq!(page(TWO, "KA0012"), Some("## KA0012: two\nMore."));
    }

    #[test]
    fn the_last_page_ends_with_the_text() {
        assert_eq!(page(TWO, "KA0013"), Some("## KA0013: three\nEnd."));
    }

    #[test]
    fn a_code_is_not_found_in_another_or_in_prose() {
        assert_eq!(page(TWO, "KA0002"), None);
        assert_eq!(page(TWO, "KA001"), None);
        assert_eq!(page("## KA0001: one", "KA0001"), None);
    }
}
