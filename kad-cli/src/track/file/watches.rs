//! Which directories are watched for which files.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};

/// Watches directories rather than files, so that a file may be replaced, removed and made again; and where there is no
/// such directory, what is there of the way to it.
#[derive(Debug)]
pub(super) struct Watches {
    inotify: Inotify,
    paths: Vec<PathBuf>,
    /// The places of the files that a watch is for.
    users: HashMap<WatchDescriptor, BTreeSet<usize>>,
}

impl Watches {
    /// A path's place is its number from now on.
    pub(super) fn new(paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let mut watches = Self {
            inotify,
            paths: paths.into_iter().map(absolute).collect(),
            users: HashMap::new(),
        };
        (0..watches.paths.len()).for_each(|place| watches.watch(place));
        Ok(watches)
    }

    /// The places of the files that may have changed.
    pub(super) fn read(&mut self) -> BTreeSet<usize> {
        let mut touched = BTreeSet::new();
        loop {
            match self.inotify.read_events() {
                Ok(events) => events.iter().for_each(|event| self.take(event, &mut touched)),
                Err(Errno::EINTR) => {}
                Err(_) => break,
            }
        }
        for place in &touched {
            self.watch(*place);
        }
        touched
    }

    fn take(&mut self, event: &InotifyEvent, touched: &mut BTreeSet<usize>) {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            touched.extend(0..self.paths.len());
            return;
        }
        let Some(users) = self.users.get(&event.wd) else {
            return;
        };
        let concerned = users.iter().filter(|place| {
            let path = self.paths.get(**place);
            path.is_some_and(|path| concerns(path, event.name.as_deref()))
        });
        touched.extend(concerned);
        if event.mask.contains(AddWatchFlags::IN_IGNORED) {
            self.users.remove(&event.wd);
        }
    }

    /// Watches what there is to watch for a file, now that something may have changed.
    fn watch(&mut self, place: usize) {
        let Some(path) = self.paths.get(place).cloned() else {
            return;
        };
        for users in self.users.values_mut() {
            users.remove(&place);
        }
        // What comes into being between the look and the watch is found by a second look.
        let mut last = None;
        while let Some(directory) = nearest(&path).filter(|found| last.as_ref() != Some(found)) {
            self.add(&directory, place);
            last = Some(directory);
        }
        // A symbolic link on the way may be turned, and behind it the content is somewhere else.
        for link in path.ancestors().filter(|step| step.is_symlink()) {
            if let Some(directory) = link.parent() {
                self.add(directory, place);
            }
        }
        if let Some(directory) = path.canonicalize().ok().as_deref().and_then(Path::parent) {
            self.add(directory, place);
        }
        for (unused, _) in self.users.extract_if(|_, users| users.is_empty()) {
            // The kernel may have removed it already, with its directory.
            let _ = self.inotify.rm_watch(unused);
        }
    }

    fn add(&mut self, directory: &Path, place: usize) {
        match self.inotify.add_watch(directory, events()) {
            Ok(wd) => {
                self.users.entry(wd).or_default().insert(place);
            }
            // It has just gone, or may not be looked at: nearer ones are tried, and a look at the file says so too.
            Err(errno) => tracing::debug!("inotify: {}: {errno}", directory.display()),
        }
    }
}

impl AsFd for Watches {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The directory of a file, or what there is of the way to it.
fn nearest(path: &Path) -> Option<PathBuf> {
    let mut directories = path.ancestors().skip(1);
    directories
        .find(|directory| directory.is_dir())
        .map(Path::to_path_buf)
}

/// Whether what happened to `name` in a watched directory matters for a file. Links may lead anywhere.
fn concerns(path: &Path, name: Option<&OsStr>) -> bool {
    let Some(name) = name else { return true };
    path.components().any(|part| part.as_os_str() == name) || path.is_symlink() || is_behind_a_link(path)
}

fn is_behind_a_link(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real != path)
}

/// What is written is read when its writer is done: until then it may be half of it.
fn events() -> AddWatchFlags {
    AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_MOVE
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_ONLYDIR
}
