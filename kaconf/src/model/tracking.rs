use super::Spanned;

/// What an instance or a group watches, beside its own interface.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Tracking {
    /// `track_interface`.
    pub interfaces: Vec<Tracked>,
    /// `track_script`: each is a `vrrp_script` of the file.
    pub scripts: Vec<Tracked>,
    /// `track_process`: each is a `vrrp_track_process` of the file.
    pub processes: Vec<Tracked>,
    /// `track_file`: each is a `track_file` of the file.
    pub files: Vec<Tracked>,
    /// `track_bfd`: each is a `bfd_instance` of the file.
    pub bfd: Vec<Tracked>,
}

/// One line of a `track_*` block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracked {
    /// What is watched.
    pub name: Spanned<String>,
    /// `weight N [reverse|noreverse]`: what it adds to the priority; `None` is what the thing itself says, and 0 for an
    /// interface.
    pub weight: Option<Weight>,
    /// Whether `reverse` or `noreverse` is said here; otherwise the direction is the thing's own.
    pub has_direction: bool,
}

impl Tracked {
    /// Something watched with its own weight.
    pub fn new(name: Spanned<String>) -> Self {
        Tracked {
            name,
            weight: None,
            has_direction: false,
        }
    }

    /// What it adds, where the thing itself says `own`.
    pub fn weight_or(&self, own: Weight) -> Weight {
        match self.weight {
            Some(weight) if self.has_direction => weight,
            Some(weight) => Weight {
                reverse: own.reverse,
                ..weight
            },
            None => own,
        }
    }
}

/// What a tracker adds to a priority: a positive weight while the tracked thing is well, a negative one while it is
/// not; 0 is a fault while it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Weight {
    /// -253..=253; -254..=254 for files.
    pub value: i32,
    /// `reverse`: what would be added is taken away, and the other way round; with 0 well and not well are exchanged.
    pub reverse: bool,
}

impl Weight {
    /// A weight that is not reversed.
    pub fn new(value: i32) -> Self {
        Weight {
            value,
            reverse: false,
        }
    }
}
