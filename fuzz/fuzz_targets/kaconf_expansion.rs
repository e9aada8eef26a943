//! Any bytes that may include themselves and their neighbour and use variables and sequences: what they cost is bounded.
#![no_main]

use std::path::Path;

use kaconf::{MemoryLoader, Options, parse};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
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
    assert!(parsed.sources.sources().count() <= 16);
    // What is said once at most comes on top of the limit.
    assert!(parsed.diagnostics.len() <= 20 + 10 + data.len());
});
