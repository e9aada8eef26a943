//! Any bytes as a configuration: nothing panics, and all that comes of it can be shown.
#![no_main]

use std::path::Path;

use kaconf::{MemoryLoader, Options, one_line, outline, parse, render};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let loader = MemoryLoader::with("k.conf", data);
    let mut options = Options::default();
    options.limits.expansions = 200;
    options.limits.diagnostics = 50;
    let parsed = parse(&loader, Path::new("k.conf"), &options);
    for diagnostic in &parsed.diagnostics {
        one_line(diagnostic, &parsed.sources);
        render(diagnostic, &parsed.sources, false);
    }
    for block in &outline(&parsed.config, false).blocks {
        block.settings.iter().for_each(|setting| drop(setting.text()));
    }
});
