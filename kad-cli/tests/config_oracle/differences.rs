//! Where kad says something else than keepalived.

/// Differences of one kind.
pub(crate) struct Class {
    /// The heading.
    pub title: &'static str,
    /// Why it is so.
    pub reason: &'static str,
    /// Whether kad does find fault with the file, only not with this line.
    pub elsewhere: bool,
    /// Cases, and the lines in them: `LINE`, `FILE:LINE`, or `-` where keepalived names no line.
    pub places: &'static [(&'static str, &'static str)],
}

/// What is so on purpose.
pub(crate) const DELIBERATE: &[Class] = &[];

/// What kad has yet to say.
pub(crate) const NOT_YET: &[(&str, &str)] = &[];
