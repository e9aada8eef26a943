use std::ops::Range;

use super::text::is_blank;

/// A place in a text that looks like the use of a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) range: Range<usize>,
    pub(super) name: Range<usize>,
    /// What stands between the name and the closing brace.
    pub(super) arguments: Range<usize>,
    pub(super) form: Form,
    pub(super) quoted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `${NAME}`
    Braced,
    /// `$NAME` with a blank or nothing after it.
    Bare,
    /// `$NAME` with something after it, which is no use.
    Glued,
}

/// Each use in a text. In the arguments of a sequence (`in_arguments`), `,` and `)` end a name too.
pub(super) fn uses(text: &str, in_arguments: bool) -> Vec<Use> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut quoted) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => at += 1,
            b'"' => quoted = !quoted,
            b'$' => {
                if let Some(mut one) = braced(text, at).or_else(|| bare(text, at, in_arguments)) {
                    at = one.range.end - 1;
                    one.quoted = quoted;
                    found.push(one);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn braced(text: &str, at: usize) -> Option<Use> {
    let start = at + 2;
    let inside = text.get(at..)?.strip_prefix("${")?;
    let len = inside.find(['{', '}', '$', '"'])?;
    let name = name_len(inside);
    let between = inside.get(name..len)?;
    let holds = inside.get(len..)?.starts_with('}') && name > 0;
    (holds && (between.is_empty() || between.starts_with(is_blank))).then(|| Use {
        range: at..start + len + 1,
        name: start..start + name,
        arguments: start + name..start + len,
        form: Form::Braced,
        quoted: false,
    })
}

fn bare(text: &str, at: usize, in_arguments: bool) -> Option<Use> {
    let start = at + 1;
    let after = text.get(start..)?;
    let len = name_len(after);
    let next = after.get(len..)?.chars().next();
    let ends = next.is_none_or(|next| is_blank(next) || (in_arguments && matches!(next, ',' | ')')));
    (len > 0).then(|| Use {
        range: at..start + len,
        name: start..start + len,
        arguments: start + len..start + len,
        form: if ends { Form::Bare } else { Form::Glued },
        quoted: false,
    })
}

/// The name that a line `$NAME=value` defines.
pub(super) fn defined_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let len = name_len(rest);
    let name = rest.get(..len).filter(|name| !name.is_empty())?;
    rest.get(len..)?.starts_with('=').then_some(name)
}

fn name_len(text: &str) -> usize {
    text.find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(&str, Form, bool)> {
        let found = uses(text, false);
        found
            .into_iter()
            .map(|one| (&text[one.range], one.form, one.quoted))
            .collect()
    }

    #[test]
    fn what_is_a_use() {
        use Form::{Bare, Braced, Glued};
        assert_eq!(
            shown(r#"$A ${B}c "$D" ${E 1 2} $F/24 $"#),
            [
                ("$A", Bare, false),
                ("${B}", Braced, false),
                ("$D", Glued, true),
                ("${E 1 2}", Braced, false),
                ("$F", Glued, false),
            ]
        );
        assert_eq!(shown("${ A } ${A ${A${B} $ $$"), [("${B}", Braced, false)]);
        assert_eq!(shown(r#"\"${A}"#), [("${A}", Braced, false)]);
    }

    #[test]
    fn what_defines() {
        assert_eq!(defined_name("$A_1= b"), Some("A_1"));
        for text in ["$A =b", "$=b", "A=b", "${A}=b", "$A"] {
            assert_eq!(defined_name(text), None, "{text}");
        }
    }
}
