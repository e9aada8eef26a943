//! Any text: its tokens, put together again, are the text.
#![no_main]

use kaconf::tokenize;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut end = 0;
    for token in tokenize(text) {
        assert_eq!(token.start, end, "no gap and no overlap");
        assert!(token.end > token.start && text.is_char_boundary(token.end as usize));
        end = token.end;
    }
    assert_eq!(end as usize, text.len());
});
