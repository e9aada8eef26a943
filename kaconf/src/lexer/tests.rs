use super::*;
use proptest::prelude::*;

/// The grammar alone, without the shortcut and without chunks.
fn by_grammar(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    push_grammar(text, 0, &mut tokens);
    with_blanks(&tokens, text.len())
}

fn concatenated(text: &str, tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| &text[token.start as usize..token.end as usize])
        .collect()
}

/// `kind:text` of each token but the blanks.
fn shown(text: &str) -> Vec<String> {
    let tokens = tokenize(text);
    assert_eq!(concatenated(text, &tokens), text);
    let solid = tokens.iter().filter(|token| token.kind != TokenKind::Blank);
    solid
        .map(|token| {
            format!(
                "{:?}:{}",
                token.kind,
                text[token.start as usize..token.end as usize].escape_debug()
            )
        })
        .collect()
}

#[test]
fn words_blanks_and_braces() {
    assert_eq!(
        shown("a b\t{ c}\n"),
        ["Word:a", "Word:b", "Open:{", "Word:c", "Close:}", "Newline:\\n"]
    );
    assert_eq!(
        shown("a{b}c"),
        ["Word:a", "Open:{", "Word:b", "Close:}", "Word:c"]
    );
    assert_eq!(shown("a\x0bb\x0cc"), ["Word:a", "Word:b", "Word:c"]);
}

#[test]
fn line_ends() {
    assert_eq!(shown("a\r\nb"), ["Word:a", "Newline:\\r\\n", "Word:b"]);
    assert_eq!(
        shown("a\rb\r\r\n"),
        ["Word:a", "Newline:\\r", "Word:b", "Newline:\\r\\r\\n"]
    );
}

#[test]
fn comments_start_inside_words_and_end_with_the_line() {
    assert_eq!(
        shown("3#x \"\r\ny"),
        ["Word:3", "Comment:#x \\\"", "Newline:\\r\\n", "Word:y"]
    );
    assert_eq!(shown("ab!c#d"), ["Word:ab", "Comment:!c#d"]);
    assert_eq!(
        shown(r"ab\#c\!d\\#e"),
        ["Word:ab\\\\#c\\\\!d\\\\\\\\", "Comment:#e"]
    );
}

#[test]
fn quotes_end_words() {
    assert_eq!(shown(r#"a"b c"d"#), ["Word:a", "Quoted:\\\"b c\\\"", "Word:d"]);
    assert_eq!(shown(r##""#!{}""##), ["Quoted:\\\"#!{}\\\""]);
    assert_eq!(shown("\"\""), ["Quoted:\\\"\\\""]);
    assert_eq!(
        shown("a \"b {\nc"),
        ["Word:a", "Unterminated:\\\"b {", "Newline:\\n", "Word:c"]
    );
}

#[test]
fn a_backslash_keeps_a_quote_from_counting() {
    assert_eq!(shown(r#""a\"b" c"#), [r#"Quoted:\"a\\\"b\""#, "Word:c"]);
    assert_eq!(shown(r#"\"x y\""#), [r#"Word:\\\"x"#, r#"Word:y\\\""#]);
    assert_eq!(shown("a\\"), ["Word:a\\\\"]);
    assert_eq!(shown("\"a\\"), ["Unterminated:\\\"a\\\\"]);
    assert_eq!(shown("a\\{"), ["Word:a\\\\", "Open:{"]);
}

#[test]
fn odd_blanks_are_no_words() {
    assert_eq!(
        shown("\u{feff}a\u{a0}\u{a0}b"),
        [
            "OddBlank:\\u{feff}",
            "Word:a",
            "OddBlank:\\u{a0}",
            "OddBlank:\\u{a0}",
            "Word:b"
        ]
    );
    assert_eq!(shown("a é“b”"), ["Word:a", "Word:é“b”"]);
}

#[test]
fn chunks_end_at_line_ends() {
    let text = "abc def {\n# \"\n".repeat(CHUNK / 5);
    assert_eq!(tokenize(&text), by_grammar(&text));
    assert!(chunk(&text, 0).is_some_and(|chunk| chunk.ends_with('\n') && chunk.len() < 2 * CHUNK));
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z0-9./]{1,4}",
        "[ \t\n]{1,3}",
        "[{}\"#!\\\\\r\n\x0b\x0c$@~']",
        Just("\u{a0}".to_owned()),
        Just("é".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn tokens_are_the_text_and_the_shortcut_is_the_grammar(text in texts()) {
        let tokens = tokenize(&text);
        prop_assert_eq!(concatenated(&text, &tokens), text.clone());
        prop_assert_eq!(tokens, by_grammar(&text));
    }
}
