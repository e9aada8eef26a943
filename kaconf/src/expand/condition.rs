use super::Line;
use super::text::{Text, is_blank};
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
    let holds = is_met(condition, session);
    if holds {
        line.pieces.remove(0);
    }
    holds
}

/// What a text says without the `@id` before it; `None` if that is not met.
pub(super) fn held(text: Text, session: &Session<'_>) -> Option<Text> {
    let Some(rest) = text.as_str().strip_prefix('@') else {
        return Some(text);
    };
    let condition = rest.split(is_blank).next().unwrap_or_default();
    is_met(condition, session).then(|| text.slice(condition.len() + 1..text.len()).trimmed())
}

fn is_met(condition: &str, session: &Session<'_>) -> bool {
    let own = session.options.config_id.as_deref();
    match condition.strip_prefix('^') {
        Some(id) => own != Some(id),
        None => own == Some(condition),
    }
}
