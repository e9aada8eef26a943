use super::{Spanned, Weight};

/// One `track_file`: a file with a number in it, which counts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackFile {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `file`: its path.
    pub file: Spanned<String>,
    /// `weight`, -254..=254, by which the number is multiplied. Default 1; with 0 a number that is not 0 is a fault.
    pub weight: Spanned<Weight>,
    /// `init_file`: the file is made at the start.
    pub init_file: Option<Spanned<InitFile>>,
}

impl TrackFile {
    /// A file of which nothing else is said.
    pub fn new(name: Spanned<String>, file: Spanned<String>) -> Self {
        TrackFile {
            name,
            file,
            weight: Weight::new(1).into(),
            init_file: None,
        }
    }
}

/// `init_file [VALUE] [overwrite]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InitFile {
    /// What is written into it. Default 0.
    pub value: i32,
    /// `overwrite`: also if it is there.
    pub overwrite: bool,
}
