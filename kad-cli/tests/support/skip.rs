//! What a test does that cannot run here. Shared with the tests inside the library.
#![allow(unreachable_pub, reason = "who includes it decides")]

use std::io::Write;

/// Says that something cannot be tested here; in CI that is a failure.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "cannot run: {reason}");
    // Not by a macro, whose output the test harness would keep to itself.
    let _ = std::io::stderr().write_all(format!("SKIPPED: {reason}\n").as_bytes());
}
