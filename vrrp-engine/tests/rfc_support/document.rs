//! docs/rfc.md as data.

use std::path::{Path, PathBuf};

/// A demand of an RFC.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Where it stands in the document.
    pub(crate) line: usize,
    pub(crate) rfc: u32,
    pub(crate) section: String,
    pub(crate) level: String,
    pub(crate) demand: String,
    pub(crate) verdict: Verdict,
    pub(crate) tests: Vec<Citation>,
    /// The last cell without the citations.
    pub(crate) reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// A test holds it.
    Held,
    /// Deliberately not done as the RFC says; a test shows what is done.
    Deviates,
    /// It is no matter of the protocol's own code.
    Elsewhere,
}

/// `path::function`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Citation {
    path: PathBuf,
    function: String,
}

/// All rows of the document.
pub(crate) fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(workspace().join("docs/rfc.md")).expect("docs/rfc.md is there");
    let mut rfc = 0;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("## RFC ") {
            rfc = heading
                .split(':')
                .next()
                .and_then(|number| number.parse().ok())
                .expect("a number");
        }
        let is_head = line.starts_with("| Section |") || line.starts_with("|---");
        if line.starts_with('|') && !is_head && rfc != 0 {
            rows.push(row(number + 1, rfc, line));
        }
    }
    rows
}

fn row(line: usize, rfc: u32, text: &str) -> Row {
    let cells: Vec<&str> = text.trim().trim_matches('|').split('|').map(str::trim).collect();
    let [section, level, demand, verdict, test] = cells[..] else {
        panic!("line {line} has {} cells: {text}", cells.len());
    };
    assert!(
        cells.iter().all(|cell| !cell.is_empty()),
        "line {line} has an empty cell: {text}"
    );
    let quoted: Vec<&str> = test.split('`').skip(1).step_by(2).collect();
    Row {
        line,
        rfc,
        section: section.to_owned(),
        level: level.to_owned(),
        demand: demand.to_owned(),
        verdict: match verdict {
            "held" => Verdict::Held,
            "deviates" => Verdict::Deviates,
            "elsewhere" => Verdict::Elsewhere,
            other => panic!("line {line} has the verdict {other:?}"),
        },
        tests: quoted
            .iter()
            .filter_map(|quoted| Citation::parse(quoted))
            .collect(),
        reason: test.split('`').step_by(2).collect(),
    }
}

impl Citation {
    fn parse(text: &str) -> Option<Self> {
        let (path, function) = text.split_once(".rs::")?;
        Some(Self {
            path: format!("{path}.rs").into(),
            function: function.to_owned(),
        })
    }

    /// Whether there is such a function, and it is a test.
    pub(crate) fn exists(&self) -> bool {
        let Ok(text) = std::fs::read_to_string(workspace().join(&self.path)) else {
            return false;
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let named = format!("fn {}(", self.function);
        let Some(at) = lines.iter().position(|line| line.starts_with(&named)) else {
            return false;
        };
        lines[at.saturating_sub(3)..at].contains(&"#[test]")
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate is in the workspace's folder")
}
