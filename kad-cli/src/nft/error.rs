//! Why there is no filter.

use thiserror::Error;

use crate::rtnl::{self, Refusal};

/// Why there is no filter.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No socket, or it does not work.
    #[error("nfnetlink: {0}")]
    Netlink(#[from] rtnl::Error),
    /// The kernel was built without nf_tables, or may not load it.
    #[error("this kernel has no nftables (nf_tables)")]
    NoSupport,
    /// CAP_NET_ADMIN is needed.
    #[error("changing nftables needs CAP_NET_ADMIN")]
    Permission,
    /// A table of that name is there, made by another program.
    #[error("there is a table `{0}` that kad has not made; it is left alone")]
    Taken(String),
    /// A table of that name belongs to a program that runs.
    #[error("the table `{0}` belongs to another program that runs")]
    Owned(String),
    /// The kernel refuses.
    #[error("nftables: {0}")]
    Refused(Refusal),
}

impl Error {
    /// What the operator can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Taken(_) => {
                Some("if nothing needs it, `nft delete table`; or name another one with `nftables NAME`")
            }
            Self::Owned(_) => Some("name another one with `nftables NAME`"),
            _ => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_permission() {
            Self::Permission
        } else if refusal.is_unsupported() {
            Self::NoSupport
        } else {
            Self::Refused(refusal)
        }
    }
}
