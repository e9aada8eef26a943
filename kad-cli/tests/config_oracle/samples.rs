//! The sample files of Debian's package, read from where it puts them.

use std::path::Path;

use crate::cases::Case;

/// Every sample configuration; nothing if the package was installed without its documents.
pub(crate) fn all() -> Option<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in Path::new(SAMPLES).read_dir().ok()? {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("keepalived.conf") && !name.ends_with(".gz") {
            cases.push(case(
                &path,
                &format!("sample/{}", name.trim_start_matches("keepalived.conf.")),
            ));
        }
    }
    cases.push(case(Path::new(DEFAULT), "sample/etc"));
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Some(cases)
}

/// Whether a case is a sample, by its name.
pub(crate) fn is_one(name: &str) -> bool {
    name.starts_with("sample/")
}

fn case(path: &Path, name: &str) -> Case {
    Case {
        name: name.to_owned(),
        text: std::fs::read(path).unwrap(),
        also: Vec::new(),
    }
}

const SAMPLES: &str = "/usr/share/doc/keepalived/samples";
const DEFAULT: &str = "/etc/keepalived/keepalived.conf.sample";
