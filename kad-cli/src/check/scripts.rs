//! Whether a script can be run, and by whom it can be changed.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// What is wrong with a program that a configuration names.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScriptProblem {
    /// A part of its path is not there.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// No directory of PATH has it.
    #[error("no directory of PATH has a program {0}")]
    NotOnPath(String),
    /// It has no permission for anybody to execute it.
    #[error("{} may be executed by nobody", .0.display())]
    NotExecutable(PathBuf),
    /// It is no regular file.
    #[error("{} is {what}, not a program", path.display())]
    NotAFile {
        /// Where the path leads to.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// Others than root can change it, or put something else in its place.
    #[error("{} can be changed by {who}, not only by root", path.display())]
    Writable {
        /// The very part of the path that can be changed.
        path: PathBuf,
        /// By whom.
        who: String,
    },
    /// A part of its path cannot be looked at.
    #[error("{} cannot be looked at: {source}", path.display())]
    Unknown {
        /// The part.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Looks at every part of the way to a program, through symbolic links, and answers with everything that is wrong.
///
/// A name without a slash is looked for in the directories of `search` (as in PATH). That somebody else than root can
/// change a part of the way matters where root runs the program (keepalived's `enable_script_security`).
pub fn script_problems(program: &str, search: &OsStr) -> Vec<ScriptProblem> {
    let path = if program.contains('/') {
        PathBuf::from(program)
    } else {
        let found = std::env::split_paths(search)
            .map(|directory| directory.join(program))
            .find(|path| is_program(path));
        match found {
            Some(path) => path,
            None => return vec![ScriptProblem::NotOnPath(program.to_owned())],
        }
    };
    let mut problems = Vec::new();
    match follow(&path, &mut problems) {
        Ok((path, metadata)) => problems.extend(unfit(path, &metadata)),
        Err(problem) => problems.push(problem),
    }
    problems
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.mode() & ANY_EXECUTE != 0)
}

/// Goes the way, step by step. Answers with where it ends.
fn follow(path: &Path, problems: &mut Vec<ScriptProblem>) -> Result<(PathBuf, Metadata), ScriptProblem> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut at = PathBuf::from("/");
    let mut metadata = look(&at)?;
    problems.extend(changeable(&at, &metadata));
    let mut ahead = steps(&path);
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        if step == ".." {
            at.pop();
            metadata = look(&at)?;
            continue;
        }
        let next = at.join(&step);
        let found = look(&next)?;
        if !found.is_symlink() {
            problems.extend(changeable(&next, &found));
            (at, metadata) = (next, found);
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            let source = io::Error::from_raw_os_error(nix::errno::Errno::ELOOP as i32);
            return Err(ScriptProblem::Unknown { path: next, source });
        }
        let target = fs::read_link(&next).map_err(|source| ScriptProblem::Unknown {
            path: next.clone(),
            source,
        })?;
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        for step in steps(&target).into_iter().rev() {
            ahead.push_front(step);
        }
    }
    Ok((at, metadata))
}

fn steps(path: &Path) -> VecDeque<OsString> {
    let named = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    named.collect()
}

fn look(path: &Path) -> Result<Metadata, ScriptProblem> {
    fs::symlink_metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ScriptProblem::Missing(path.to_owned()),
        _ => ScriptProblem::Unknown {
            path: path.to_owned(),
            source,
        },
    })
}

/// In a directory with the sticky bit nobody can replace what is another's.
fn changeable(path: &Path, metadata: &Metadata) -> Option<ScriptProblem> {
    let mode = metadata.mode();
    let is_sticky = metadata.is_dir() && mode & STICKY != 0;
    let who = if metadata.uid() != ROOT && mode & OWNER_WRITE != 0 {
        format!("its owner (user {})", metadata.uid())
    } else if metadata.gid() != ROOT && mode & GROUP_WRITE != 0 && !is_sticky {
        format!("its group ({})", metadata.gid())
    } else if mode & OTHERS_WRITE != 0 && !is_sticky {
        "anybody".to_owned()
    } else {
        return None;
    };
    let path = path.to_owned();
    Some(ScriptProblem::Writable { path, who })
}

/// What the way leads to, if it is nothing to run.
fn unfit(path: PathBuf, metadata: &Metadata) -> Option<ScriptProblem> {
    let kind = metadata.file_type();
    let what = if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if !kind.is_file() {
        "a device"
    } else if metadata.mode() & ANY_EXECUTE == 0 {
        return Some(ScriptProblem::NotExecutable(path));
    } else {
        return None;
    };
    Some(ScriptProblem::NotAFile { path, what })
}

const ROOT: u32 = 0;
const STICKY: u32 = 0o1000;
const OWNER_WRITE: u32 = 0o200;
const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const ANY_EXECUTE: u32 = 0o111;
/// As many as the kernel follows (path_resolution(7)).
const MOST_LINKS: u32 = 40;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(name)
        }

        fn file(&self, name: &str, mode: u32) -> PathBuf {
            let path = self.path(name);
            fs::write(&path, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        }

        /// What is wrong, but for what is about the way to this place and about whose it is.
        fn problems(&self, name: &str) -> Vec<String> {
            let found = script_problems(self.path(name).to_str().unwrap(), OsStr::new(""));
            let place = self.path("");
            let here = found.into_iter().filter(|problem| match problem {
                ScriptProblem::Writable { path, who } => {
                    path.starts_with(&place) && path != &place.join("") && who == "anybody"
                }
                _ => true,
            });
            let place = place.to_str().unwrap().to_owned();
            here.map(|problem| problem.to_string().replace(&place, ""))
                .collect()
        }
    }

    #[test]
    fn a_program_is_fine() {
        let place = Place::new();
        place.file("check", 0o755);
        assert_eq!(place.problems("check"), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_run_is_said() {
        let place = Place::new();
        place.file("plain", 0o644);
        fs::create_dir(place.path("dir")).unwrap();
        assert_eq!(place.problems("plain"), ["plain may be executed by nobody"]);
        assert_eq!(place.problems("dir"), ["dir is a directory, not a program"]);
        assert_eq!(place.problems("no/where"), ["no does not exist"]);
        assert!(place.problems("plain/x")[0].starts_with("plain/x cannot be looked at"));
    }

    #[test]
    fn the_very_part_that_others_can_change_is_named() {
        let place = Place::new();
        fs::create_dir(place.path("open")).unwrap();
        place.file("open/check", 0o755);
        fs::set_permissions(place.path("open"), fs::Permissions::from_mode(0o777)).unwrap();
        let said = ["open can be changed by anybody, not only by root"];
        assert_eq!(place.problems("open/check"), said);
        symlink("open/check", place.path("link")).unwrap();
        assert_eq!(place.problems("link"), said);
        fs::set_permissions(place.path("open"), fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(place.problems("open/check"), Vec::<String>::new());
        place.file("open/check", 0o757);
        assert_eq!(
            place.problems("link"),
            ["open/check can be changed by anybody, not only by root"]
        );
    }

    #[test]
    fn links_are_followed_but_not_for_ever() {
        let place = Place::new();
        place.file("check", 0o755);
        fs::create_dir(place.path("dir")).unwrap();
        symlink("../check", place.path("dir/up")).unwrap();
        symlink(place.path("dir/up"), place.path("absolute")).unwrap();
        symlink("round", place.path("round")).unwrap();
        assert_eq!(place.problems("absolute"), Vec::<String>::new());
        assert!(place.problems("round")[0].starts_with("round cannot be looked at"));
        symlink("gone", place.path("dangling")).unwrap();
        assert_eq!(place.problems("dangling"), ["gone does not exist"]);
    }

    #[test]
    fn a_bare_name_is_looked_for_on_the_path() {
        let place = Place::new();
        place.file("plain", 0o644);
        place.file("tool", 0o755);
        let search = place.path("").into_os_string();
        let missing = |name: &str| {
            let found = script_problems(name, &search);
            matches!(found[..], [ScriptProblem::NotOnPath(_)])
        };
        assert!(!missing("tool"));
        assert!(missing("plain") && missing("absent"));
    }
}
