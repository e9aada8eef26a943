//! The page of a code, for a terminal.

use std::fmt::Write;

use kaconf::Code;

/// What a code means, why it hurts and how to mend it, without the marks of Markdown.
pub(super) fn page(code: Code) -> String {
    plain(kaconf::explain(code), code)
}

fn plain(markdown: &str, code: Code) -> String {
    let mut text = format!("{code} ({}): {}\n\n", code.name(), code.title());
    let mut in_example = false;
    for line in markdown.lines().skip_while(|line| line.starts_with('#')) {
        match line.strip_prefix("```") {
            Some("keepalived,wrong") => text.push_str("\nWrong:\n\n"),
            Some("keepalived,right") => text.push_str("\nRight:\n\n"),
            Some(_) => {}
            None if in_example && !line.is_empty() => _ = writeln!(text, "    {line}"),
            None => _ = writeln!(text, "{line}"),
        }
        in_example ^= line.starts_with("```");
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_plain_text() {
        let markdown = "## KA0107: a title\nIt means.\n\nTo mend it: do.\n```keepalived,wrong\na {\n}\n```\n\
                        ```keepalived,right\nb\n```";
        assert_eq!(
            plain(markdown, Code::PasswordTruncated),
            "KA0107 (password-truncated): a password is longer than 8 bytes\n\nIt means.\n\nTo mend it: do.\n\n\
             Wrong:\n\n    a {\n    }\n\nRight:\n\n    b"
        );
    }
}
