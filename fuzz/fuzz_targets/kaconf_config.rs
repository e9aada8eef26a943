//! Any bytes: the tokens are the text, nothing panics, and every diagnostic can be shown.
#![no_main]

use std::path::Path;

use kaconf::{MemoryLoader, Options, one_line, parse, render, tokenize};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let mut end = 0;
        for token in tokenize(text) {
            assert_eq!(token.start, end, "no gap and no overlap");
            assert!(token.end > token.start && text.is_char_boundary(token.end as usize));
            end = token.end;
        }
        assert_eq!(end as usize, text.len());
    }
    // The file may include itself and its neighbour.
    let mut loader = MemoryLoader::with("k.conf", data);
    loader.add("n.conf", &data[data.len() / 2..]);
    loader.set_variable("V", "${A} ~SEQ(i,3) {");
    let mut options = Options {
        config_id: Some("x".to_owned()),
        ..Options::default()
    };
    options.limits.files = 16;
    options.limits.diagnostics = 20;
    options.limits.expansions = 2000;
    options.limits.expanded_size = 1 << 18;
    options.limits.line_length = 1 << 13;
    let parsed = parse(&loader, Path::new("k.conf"), &options);
    for diagnostic in &parsed.diagnostics {
        one_line(diagnostic, &parsed.sources);
        render(diagnostic, &parsed.sources, false);
    }
});
