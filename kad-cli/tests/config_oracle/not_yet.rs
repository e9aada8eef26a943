//! What kad has yet to say.

use crate::differences::Entry;

/// Places where keepalived complains and kad does not so far, or the other way round.
pub(crate) const NOT_YET: &[Entry] = &[("checkers/MISC_CHECK with a user that is not there", "8")];
