//! What `kad check` says.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::bench::CONFIG_ID;
use crate::keepalived::Place;
use crate::support::KAD;

#[derive(Debug)]
pub(crate) struct Finding {
    pub at: Option<Place>,
    pub error: bool,
    pub code: String,
    pub message: String,
}

pub(crate) fn ask(file: &Path) -> Vec<Finding> {
    let mut command = Command::new(KAD);
    command.args(["check", "--json", "-i", CONFIG_ID]).arg(file);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "kad check --json {}: {error}: {}",
            String::from_utf8_lossy(&std::fs::read(file).unwrap()),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let findings: Vec<Finding> = answer["files"][0]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(finding)
        .filter(|finding| finding.code != NO_EFFECT)
        .collect();
    let status = i32::from(findings.iter().any(|finding| finding.error));
    assert_eq!(
        output.status.code(),
        Some(status),
        "{}: {findings:?}",
        file.display()
    );
    findings
}

fn finding(diagnostic: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let place = |label: &Value| Place {
        file: Path::new(label["file"].as_str().unwrap())
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned(),
        line: usize::try_from(label["line"].as_u64().unwrap()).unwrap(),
    };
    Finding {
        at: diagnostic["labels"].get(0).map(place),
        error: diagnostic["severity"] == "error",
        code: text(&diagnostic["code"]),
        message: text(&diagnostic["message"]),
    }
}

/// That kad does nothing with a keyword is no answer to what keepalived says of its arguments.
const NO_EFFECT: &str = "KA0042";
