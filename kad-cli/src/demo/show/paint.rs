//! Colours of a terminal.

/// Colours text, if anybody can see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) on: bool,
}

/// SGR parameters (ECMA-48 section 8.3.117).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Colour {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Blue,
}

impl Paint {
    pub(super) fn paint(self, colour: Colour, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", colour.parameters())
        } else {
            text.to_owned()
        }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint(Colour::Bold, text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint(Colour::Dim, text)
    }
}

impl Colour {
    fn parameters(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Green => "1;32",
            Self::Yellow => "33",
            Self::Blue => "34",
        }
    }
}
