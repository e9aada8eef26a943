//! What the tests share.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;

use kaconf::{MemoryLoader, Options, Parsed, Severity, VrrpInstance, one_line, parse, render};

/// Parses a text as the file `k.conf`.
pub(crate) fn parsed(text: impl Into<Vec<u8>>) -> Parsed {
    parse(
        &MemoryLoader::with("k.conf", text),
        Path::new("k.conf"),
        &Options::default(),
    )
}

/// A file with one instance, sound but for what `body` makes of it.
pub(crate) fn instance_text(body: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n{body}\n    virtual_ipaddress {{\n        \
         10.0.0.10/24\n    }}\n}}\n"
    )
}

/// The one instance of a text that kaconf has nothing to say about.
pub(crate) fn silent(text: impl Into<Vec<u8>>) -> VrrpInstance {
    let parsed = parsed(text);
    assert_eq!(lines(&parsed), [""; 0]);
    only(parsed)
}

/// The one instance of a text without errors.
pub(crate) fn warned(text: impl Into<Vec<u8>>) -> VrrpInstance {
    let parsed = parsed(text);
    assert!(!parsed.has_errors(), "{:#?}", lines(&parsed));
    only(parsed)
}

fn only(parsed: Parsed) -> VrrpInstance {
    let mut instances = parsed.config.instances.into_iter();
    let instance = instances.next().expect("an instance");
    assert!(instances.next().is_none());
    instance
}

/// Each diagnostic in one line.
pub(crate) fn lines(parsed: &Parsed) -> Vec<String> {
    parsed
        .diagnostics
        .iter()
        .map(|diagnostic| one_line(diagnostic, &parsed.sources))
        .collect()
}

/// Each error as `line: code`.
pub(crate) fn errors(parsed: &Parsed) -> Vec<String> {
    codes(parsed, Severity::Error)
}

/// Each warning as `line: code`.
pub(crate) fn warnings(parsed: &Parsed) -> Vec<String> {
    codes(parsed, Severity::Warning)
}

fn codes(parsed: &Parsed, severity: Severity) -> Vec<String> {
    let of = parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == severity);
    of.map(|diagnostic| {
        let place = diagnostic.span().and_then(|span| parsed.sources.location(span));
        format!("{}: {}", place.map_or(0, |place| place.line), diagnostic.code)
    })
    .collect()
}

/// Every diagnostic as a person sees it.
pub(crate) fn rendered(parsed: &Parsed) -> String {
    let all = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| render(diagnostic, &parsed.sources, false));
    all.collect::<Vec<_>>().join("\n\n")
}
