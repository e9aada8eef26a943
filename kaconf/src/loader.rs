use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Where files come from. A parse touches the outside world through this and nothing else.
pub trait Loader {
    /// The whole content of a file; with more than `limit` bytes, an error of kind
    /// [`FileTooLarge`](io::ErrorKind::FileTooLarge) instead.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// The paths that a shell pattern (`*`, `?`, `[...]`) matches, sorted. A pattern without wildcards matches
    /// the file of that name, if there is one.
    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>>;

    /// What `${_ENV NAME}` stands for; nothing unless a loader knows better.
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    /// What `${_PWD}` makes of a directory; the same unless a loader knows better.
    fn absolute(&self, directory: &Path) -> PathBuf {
        directory.to_owned()
    }

    /// What `${_RANDOM}` starts from where no `random_seed` says so; always the same unless a loader knows better.
    fn seed(&self) -> u64 {
        0
    }
}

/// The machine's file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FsLoader;

impl Loader for FsLoader {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        use std::io::Read;

        let file = std::fs::File::open(path)?;
        let size = file.metadata()?.len().min(limit);
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        within(limit, bytes)
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let matches = glob::glob_with(text(pattern)?, SHELL).map_err(invalid)?;
        let mut paths = Vec::new();
        for path in matches {
            paths.push(path?);
        }
        paths.sort();
        Ok(paths)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn absolute(&self, directory: &Path) -> PathBuf {
        std::path::absolute(directory.join(""))
            .map_or_else(|_| directory.to_owned(), |path| path.components().collect())
    }

    fn seed(&self) -> u64 {
        use std::hash::{BuildHasher, RandomState};

        RandomState::new().hash_one(std::process::id())
    }
}

/// Files that exist only in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    files: BTreeMap<PathBuf, Vec<u8>>,
    variables: BTreeMap<String, String>,
}

impl MemoryLoader {
    /// A loader with one file.
    pub fn with(path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        let mut loader = MemoryLoader::default();
        loader.add(path, content);
        loader
    }

    /// Adds a file, or replaces it.
    pub fn add(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> &mut Self {
        self.files.insert(path.into(), content.into());
        self
    }

    /// Sets an environment variable, for `${_ENV NAME}`.
    pub fn set_variable(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

impl Loader for MemoryLoader {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        within(limit, bytes.clone())
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let pattern = glob::Pattern::new(text(pattern)?).map_err(invalid)?;
        Ok(self
            .files
            .keys()
            .filter(|path| pattern.matches_path_with(path, SHELL))
            .cloned()
            .collect())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

fn within(limit: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    match u64::try_from(bytes.len()) {
        Ok(len) if len <= limit => Ok(bytes),
        _ => Err(io::ErrorKind::FileTooLarge.into()),
    }
}

fn text(pattern: &Path) -> io::Result<&str> {
    pattern
        .to_str()
        .ok_or_else(|| invalid("the pattern is not UTF-8"))
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// As glob(3) without flags: a wildcard matches neither `/` nor a leading dot.
const SHELL: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};
