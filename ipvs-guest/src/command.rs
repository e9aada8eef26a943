use std::process::{Command, Stdio};

/// What a program writes to its standard output. The words of `line` are its name and its arguments; for one with spaces
/// in it use [`Command`]. It runs in the network namespace of the calling thread.
///
/// # Panics
/// If it cannot be run or fails; what it wrote to standard error is in the message.
pub fn output(line: &str) -> String {
    let mut words = line.split_whitespace();
    let output = Command::new(words.next().expect("a program is named"))
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("`{line}` cannot be run: {error}"));
    assert!(
        output.status.success(),
        "`{line}` ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
