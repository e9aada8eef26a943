//! Whom a program runs as.

use std::collections::BTreeSet;
use std::ffi::CString;

use kaconf::ScriptUser;
use nix::errno::Errno;
use nix::unistd::{Gid, Group, Uid, User, getegid, geteuid, getgrouplist, getgroups};
use thiserror::Error;

/// A user, a group, and the supplementary groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// The user's number.
    pub uid: u32,
    /// The group's.
    pub gid: u32,
    /// The supplementary groups'.
    pub groups: Vec<u32>,
}

/// Why nobody can be found by that name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum UserError {
    /// No such user.
    #[error("this machine has no user `{0}`")]
    NoUser(String),
    /// No such group.
    #[error("this machine has no group `{0}`")]
    NoGroup(String),
    /// The user data base does not answer.
    #[error("user `{user}` cannot be looked up: {reason}")]
    Unknown {
        /// Who was looked up.
        user: String,
        /// Why it failed.
        reason: Errno,
    },
}

impl Credentials {
    /// Those of this process.
    pub fn current() -> Self {
        let groups = getgroups().unwrap_or_default();
        Self {
            uid: geteuid().as_raw(),
            gid: getegid().as_raw(),
            groups: groups.into_iter().map(Gid::as_raw).collect(),
        }
    }

    /// Those of a user by name or number, with all of its groups if that is wanted.
    pub fn of(user: &ScriptUser, supplementary: bool) -> Result<Self, UserError> {
        let found = find_user(&user.user)?;
        let gid = match (&user.group, &found) {
            (Some(group), _) => find_group(group)?,
            (None, Found::User(user)) => user.gid.as_raw(),
            // A number that nobody has is a group of the same number.
            (None, Found::Number(number)) => *number,
        };
        let groups = match &found {
            Found::User(user) if supplementary => supplementary_groups(user, gid),
            _ => vec![gid],
        };
        let uid = match found {
            Found::User(user) => user.uid.as_raw(),
            Found::Number(number) => number,
        };
        Ok(Self { uid, gid, groups })
    }

    /// Whether nothing is to be done to become the other. Whether the group is named again among the supplementary ones
    /// makes no difference.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let all = |it: &Self| BTreeSet::from_iter(it.groups.iter().copied().chain([it.gid]));
        self.is_same_user(other) && all(self) == all(other)
    }

    /// Whether a process of these needs no right to become what is wanted.
    pub(super) fn is_same_user(&self, other: &Self) -> bool {
        (self.uid, self.gid) == (other.uid, other.gid)
    }
}

enum Found {
    User(Box<User>),
    Number(u32),
}

fn find_user(name: &str) -> Result<Found, UserError> {
    let unknown = |reason| UserError::Unknown {
        user: name.to_owned(),
        reason,
    };
    if let Some(user) = User::from_name(name).map_err(unknown)? {
        return Ok(Found::User(Box::new(user)));
    }
    let number: u32 = name.parse().map_err(|_| UserError::NoUser(name.to_owned()))?;
    let user = User::from_uid(Uid::from_raw(number)).map_err(unknown)?;
    Ok(user.map_or(Found::Number(number), |user| Found::User(Box::new(user))))
}

fn find_group(name: &str) -> Result<u32, UserError> {
    let unknown = |reason| UserError::Unknown {
        user: name.to_owned(),
        reason,
    };
    if let Some(group) = Group::from_name(name).map_err(unknown)? {
        return Ok(group.gid.as_raw());
    }
    name.parse().map_err(|_| UserError::NoGroup(name.to_owned()))
}

fn supplementary_groups(user: &User, gid: u32) -> Vec<u32> {
    let name = CString::new(user.name.as_str()).ok();
    let groups = name.and_then(|name| getgrouplist(&name, Gid::from_raw(gid)).ok());
    groups.map_or_else(
        || vec![gid],
        |groups| groups.into_iter().map(Gid::as_raw).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_there_by_name_and_by_number() {
        let root = |user: &str| Credentials::of(&ScriptUser::new(user.to_owned()), false).unwrap();
        assert_eq!((root("root").uid, root("root").gid), (0, 0));
        assert_eq!(root("0"), root("root"));
    }

    #[test]
    fn who_is_not_there_is_named() {
        let of = |user: &str, group: Option<&str>| {
            let mut user = ScriptUser::new(user.to_owned());
            user.group = group.map(str::to_owned);
            Credentials::of(&user, true)
        };
        assert_eq!(
            of("nobody-at-all", None),
            Err(UserError::NoUser("nobody-at-all".to_owned()))
        );
        assert_eq!(
            of("root", Some("no-group")),
            Err(UserError::NoGroup("no-group".to_owned()))
        );
        let number = of("4000000", None).unwrap();
        assert_eq!((number.uid, number.gid), (4_000_000, 4_000_000));
    }
}
