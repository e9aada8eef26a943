//! The users and groups that scripts are to run as: does this machine know them?

use kaconf::{Code, Diagnostic, ScriptUser, Span};
use nix::unistd::{Gid, Group, Uid, User};

/// What this machine does not know of a user and its group.
pub(super) fn problem(user: &ScriptUser, span: Span) -> Option<Diagnostic> {
    let missing = if !is_user(&user.user) {
        format!("user `{}`", user.user)
    } else if let Some(group) = user.group.as_ref().filter(|group| !is_group(group)) {
        format!("group `{group}`")
    } else {
        return None;
    };
    let message = format!("this machine has no {missing}");
    Some(
        Diagnostic::warning(Code::UserMissing, message)
            .at(span)
            .help("scripts that should run so are not run"),
    )
}

/// A name, or a number that somebody has.
fn is_user(name: &str) -> bool {
    let by_name = User::from_name(name);
    let by_number = || name.parse().ok().map(|id| User::from_uid(Uid::from_raw(id)));
    is_known(by_name.as_ref()) || by_number().is_some_and(|user| is_known(user.as_ref()))
}

fn is_group(name: &str) -> bool {
    let by_name = Group::from_name(name);
    let by_number = || name.parse().ok().map(|id| Group::from_gid(Gid::from_raw(id)));
    is_known(by_name.as_ref()) || by_number().is_some_and(|group| is_known(group.as_ref()))
}

/// Where nobody can be asked, nobody is missing.
fn is_known<T, E>(answer: Result<&Option<T>, E>) -> bool {
    answer.map_or(true, Option::is_some)
}
