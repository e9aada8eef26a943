//! The list of differences, to be held against what was found.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::differences::DELIBERATE;

/// A case's name, and `LINE`, `FILE:LINE` or `-`.
pub(crate) type Place = (String, String);

/// Every place in the list; none is there twice.
pub(crate) fn all() -> BTreeSet<Place> {
    let listed = DELIBERATE.iter().flat_map(|class| class.places);
    let mut all = BTreeSet::new();
    for (case, place) in listed {
        let new = all.insert(((*case).to_owned(), (*place).to_owned()));
        assert!(new, "{case} {place} is listed twice");
    }
    all
}

/// The message for entries that no difference answers to.
pub(crate) fn stale(places: &[&Place]) -> String {
    places.iter().fold(String::new(), |mut story, (case, place)| {
        let _ = writeln!(story, "(\"{case}\", \"{place}\") is listed, and does not differ");
        story
    })
}
