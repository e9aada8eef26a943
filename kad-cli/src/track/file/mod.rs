//! Files with a number in them, followed by inotify(7).

mod content;
mod number;
mod watches;

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use vrrp_engine::{TrackerId, TrackerStatus};

use self::content::Content;
use self::watches::Watches;
use super::setup::FileSetup;

/// All tracked files.
#[derive(Debug)]
pub(super) struct Files {
    list: Vec<Tracked>,
    watches: Watches,
}

#[derive(Debug)]
struct Tracked {
    id: TrackerId,
    name: String,
    setup: FileSetup,
    value: i32,
    /// What was complained of last, so that it is said once.
    complaint: Option<String>,
}

impl Files {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            list: Vec::new(),
            watches: Watches::new([])?,
        })
    }

    /// Watches these from now on, by another descriptor, and makes those that are new and to be made. Answers with what is
    /// known of those that are new or changed meanwhile.
    pub(super) fn follow(
        &mut self,
        wanted: &[(TrackerId, &str, &FileSetup)],
    ) -> io::Result<Vec<(TrackerId, TrackerStatus)>> {
        let mut old = std::mem::take(&mut self.list);
        let mut new = Vec::new();
        for (id, name, setup) in wanted {
            let kept = old
                .iter()
                .position(|tracked| tracked.id == *id && tracked.setup == **setup);
            let tracked = kept.map(|place| old.swap_remove(place)).unwrap_or_else(|| {
                new.push(*id);
                Tracked::new(*id, name, setup)
            });
            self.list.push(tracked);
        }
        // Watched before it is read, so that no change is missed.
        self.watches = Watches::new(self.list.iter().map(|tracked| tracked.setup.path.clone()))?;
        let looked_at = self.list.iter_mut().filter_map(|tracked| {
            let changed = tracked.look();
            (changed || new.contains(&tracked.id)).then(|| tracked.status())
        });
        Ok(looked_at.collect())
    }

    /// Takes in what happened; answers with what changed.
    pub(super) fn handle_ready(&mut self) -> Vec<(TrackerId, TrackerStatus)> {
        let touched = self.watches.read();
        let mut changed = Vec::new();
        for place in touched {
            if let Some(tracked) = self.list.get_mut(place)
                && tracked.look()
            {
                changed.push(tracked.status());
            }
        }
        changed
    }
}

impl AsFd for Files {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watches.as_fd()
    }
}

impl Tracked {
    fn new(id: TrackerId, name: &str, setup: &FileSetup) -> Self {
        let tracked = Self {
            id,
            name: name.to_owned(),
            setup: setup.clone(),
            value: 0,
            complaint: None,
        };
        tracked.initialise();
        tracked
    }

    fn status(&self) -> (TrackerId, TrackerStatus) {
        (self.id, TrackerStatus::Value(self.value))
    }

    fn initialise(&self) {
        let Some(init) = self.setup.init else { return };
        if let Err(error) = content::initialise(&self.setup.path, init) {
            let (name, path) = (&self.name, self.setup.path.display());
            tracing::warn!("track_file {name}: {path} cannot be written at the start: {error}");
        }
    }

    /// Reads the file. Whether its value changed. What cannot be read keeps the value that it had; what is not there
    /// is 0.
    fn look(&mut self) -> bool {
        let (value, complaint) = match content::read(&self.setup.path) {
            Content::Number(value) => (value, None),
            Content::Missing => (0, None),
            Content::TooLarge => (self.value, Some("its number does not fit 32 bits".to_owned())),
            Content::Unreadable(error) => (self.value, Some(format!("it cannot be read: {error}"))),
        };
        let (name, path) = (&self.name, self.setup.path.display());
        if let Some(complaint) = complaint
            .as_ref()
            .filter(|it| Some(*it) != self.complaint.as_ref())
        {
            tracing::warn!("track_file {name}: {path} still counts as {value}: {complaint}");
        }
        self.complaint = complaint;
        let before = std::mem::replace(&mut self.value, value);
        if before != value {
            tracing::info!("track_file {name}: {before} -> {value}");
        }
        before != value
    }
}
