//! What can go wrong.

use std::fmt;
use std::io;

use nix::errno::Errno;
use thiserror::Error;

/// Why netlink could not be used, or what the kernel did not do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No socket.
    #[error("cannot open a socket: {0}")]
    Open(#[source] io::Error),
    /// The requests did not leave.
    #[error("cannot send: {0}")]
    Send(#[source] io::Error),
    /// The answers cannot be read.
    #[error("cannot receive: {0}")]
    Receive(#[source] io::Error),
    /// The kernel was asked, and refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The kernel was asked, and has not answered.
    #[error("no answer from the kernel")]
    TimedOut,
}

/// Why the kernel refused a request: an error number, and often its reason in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    errno: Errno,
    message: Option<String>,
}

impl Refusal {
    pub(super) fn new(errno: Errno, message: Option<String>) -> Self {
        Self { errno, message }
    }

    /// The error number (errno(3)).
    pub fn errno(&self) -> i32 {
        // The enum's discriminants are the numbers.
        self.errno as i32
    }

    /// The kernel's own words (NLMSGERR_ATTR_MSG in linux/netlink.h).
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether what was to be made is there already.
    pub fn is_exists(&self) -> bool {
        self.errno == Errno::EEXIST
    }

    /// Whether what was to be removed or changed, or its interface, is not there.
    pub fn is_missing(&self) -> bool {
        matches!(
            self.errno,
            Errno::EADDRNOTAVAIL | Errno::ENODEV | Errno::ENOENT | Errno::ESRCH | Errno::ENXIO
        )
    }

    /// Whether the kernel does not know what it was asked for.
    pub fn is_unsupported(&self) -> bool {
        matches!(self.errno, Errno::EOPNOTSUPP | Errno::EPROTONOSUPPORT)
    }

    /// Whether this process may not do it: CAP_NET_ADMIN is needed.
    pub fn is_permission(&self) -> bool {
        matches!(self.errno, Errno::EPERM | Errno::EACCES)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.errno.desc(), self.errno())?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_refusal_is_told_apart() {
        let kinds = |errno| {
            let refusal = Refusal::new(errno, None);
            (refusal.is_exists(), refusal.is_missing(), refusal.is_permission())
        };
        assert_eq!(kinds(Errno::EEXIST), (true, false, false));
        assert_eq!(kinds(Errno::EADDRNOTAVAIL), (false, true, false));
        assert_eq!(kinds(Errno::ENODEV), (false, true, false));
        assert_eq!(kinds(Errno::EPERM), (false, false, true));
        assert_eq!(kinds(Errno::EINVAL), (false, false, false));
    }

    #[test]
    fn number_and_words_are_shown() {
        let refusal = Refusal::new(Errno::EINVAL, Some("Nexthop has invalid gateway".to_owned()));
        assert_eq!(
            refusal.to_string(),
            "Invalid argument (22): Nexthop has invalid gateway"
        );
        assert_eq!(
            Refusal::new(Errno::EPERM, None).to_string(),
            "Operation not permitted (1)"
        );
    }
}
