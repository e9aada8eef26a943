//! What `keepalived -t` says.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::{CONFIG_ID, MAIN};
use crate::support::KEEPALIVED;

#[derive(Debug)]
pub(crate) struct Answer {
    /// Nothing if a signal ended it.
    pub exit: Option<i32>,
    pub complaints: Vec<Complaint>,
}

#[derive(Debug)]
pub(crate) struct Complaint {
    /// Where, if it says so.
    pub at: Option<Place>,
    pub text: String,
}

/// A line of a file of the case, by the file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub file: String,
    pub line: usize,
}

impl Answer {
    /// Whether it has nothing to say against the file.
    pub(crate) fn is_fine(&self) -> bool {
        self.exit == Some(0) && self.complaints.is_empty()
    }
}

pub(crate) fn ask(file: &Path) -> Answer {
    let mut command = Command::new(KEEPALIVED);
    command.arg("-t").arg("-i").arg(CONFIG_ID).arg("-f").arg(file);
    // Where a core would be left, were one wanted.
    let output = command.current_dir("/").stdin(Stdio::null()).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    Answer {
        exit: output.status.code(),
        complaints: text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(complaint)
            .collect(),
    }
}

/// `(FILE: Line N) text`, `(Line N) text` or `text`.
fn complaint(line: &str) -> Complaint {
    let located = line.strip_prefix('(').and_then(|rest| {
        let (place, text) = rest.split_once(") ")?;
        let (file, number) = place.rsplit_once("Line ")?;
        let file = file.trim_end_matches([':', ' ']);
        let file = Path::new(file)
            .file_name()
            .map_or(MAIN.into(), |name| name.to_string_lossy());
        let at = Place {
            file: file.into_owned(),
            line: number.parse().ok()?,
        };
        Some((at, text))
    });
    match located {
        Some((at, text)) => Complaint {
            at: Some(at),
            text: text.to_owned(),
        },
        None => Complaint {
            at: None,
            text: line.to_owned(),
        },
    }
}
