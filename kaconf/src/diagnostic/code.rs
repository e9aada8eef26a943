use std::fmt;

/// A kind of problem, with a number that never changes its meaning: `KA0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A file cannot be read.
    Unreadable = 1,
}

impl Code {
    /// The number.
    pub fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KA{:04}", self.number())
    }
}
