//! Any bytes as a configuration: the text that is printed of it means the same.
#![no_main]

use std::path::Path;

use kaconf::{Config, MemoryLoader, Options, parse, print};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let first = meaning(data.to_vec());
    let printed = print(&first);
    let second = meaning(printed.clone());
    assert!(
        first == second,
        "printed as\n{}",
        String::from_utf8_lossy(&printed)
    );
});

fn meaning(text: Vec<u8>) -> Config {
    let mut options = Options::default();
    options.limits.expansions = 200;
    parse(&MemoryLoader::with("k.conf", text), Path::new("k.conf"), &options).config
}
