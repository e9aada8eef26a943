//! Which warnings are to be heard, and how loudly.

use kaconf::{Code, Parsed};

use crate::cli::CheckArgs;

/// What a command line makes of warnings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Levels<'a> {
    allow: &'a [Code],
    deny: &'a [Code],
}

impl<'a> Levels<'a> {
    pub(super) fn of(args: &'a CheckArgs) -> Self {
        Self {
            allow: &args.allow,
            deny: &args.deny,
        }
    }

    pub(super) fn apply(self, parsed: &mut Parsed) {
        self.allow.iter().for_each(|code| parsed.allow(*code));
        self.deny.iter().for_each(|code| parsed.deny(*code));
    }
}
