//! Why a world cannot be made, or something in it cannot be done.

use std::io;

use thiserror::Error;

use crate::rtnl;

/// What went wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No root, and no user namespaces.
    #[error(
        "network namespaces need root, or unprivileged user namespaces, which this machine does not allow: {0} \
         (see the sysctls user.max_user_namespaces, kernel.unprivileged_userns_clone and \
         kernel.apparmor_restrict_unprivileged_userns)"
    )]
    NoNamespaces(#[source] io::Error),
    /// The user namespace cannot be set up.
    #[error("setting up a user namespace: {0}")]
    UserNamespace(#[source] io::Error),
    /// Netlink does not work.
    #[error("rtnetlink: {0}")]
    Netlink(#[from] rtnl::Error),
    /// There is no such interface.
    #[error("there is no interface {0}")]
    NoInterface(String),
    /// A program cannot be started.
    #[error("starting {program}: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A socket cannot be opened.
    #[error("{what}: {source}")]
    Socket {
        /// What for.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}
