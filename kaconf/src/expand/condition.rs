use super::Line;
use crate::session::Session;

/// Whether a line takes effect; takes its `@id` off it.
///
/// `@id` keeps a line where the configuration's id is `id`, `@^id` where it is not. A condition is for one line: a
/// block that depends on one has it before each line, the closing brace's too.
pub(super) fn holds(line: &mut Line, session: &Session<'_>) -> bool {
    let Some((_, text)) = line.first_word() else {
        return true;
    };
    let Some(condition) = text.strip_prefix('@') else {
        return true;
    };
    let own = session.options.config_id.as_deref();
    let holds = match condition.strip_prefix('^') {
        Some(id) => own != Some(id),
        None => own == Some(condition),
    };
    if holds {
        line.pieces.remove(0);
    }
    holds
}
