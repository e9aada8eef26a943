use std::time::Duration;

use super::Spanned;

/// What stands outside all blocks and concerns the daemon as a whole.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Daemon {
    /// `net_namespace`: the network namespace that it runs in; `None` is the one it is started in.
    pub net_namespace: Option<Spanned<String>>,
    /// `net_namespace_ipvs`: the one whose IPVS it uses; `None` is the same.
    pub net_namespace_ipvs: Option<Spanned<IpvsNamespace>>,
    /// `instance`: a name that tells several daemons of one machine apart.
    pub instance: Option<Spanned<String>>,
    /// `use_pid_dir`: pid files are in a directory of their own.
    pub use_pid_dir: Spanned<bool>,
    /// `child_wait_time`: how long the parent waits for its children at the end. Default 5 s.
    pub child_wait_time: Spanned<Duration>,
    /// `use_symlink_paths`: paths of scripts keep their symbolic links.
    pub use_symlink_paths: Spanned<bool>,
}

impl Default for Daemon {
    fn default() -> Self {
        Daemon {
            net_namespace: None,
            net_namespace_ipvs: None,
            instance: None,
            use_pid_dir: false.into(),
            child_wait_time: Duration::from_secs(5).into(),
            use_symlink_paths: false.into(),
        }
    }
}

/// `net_namespace_ipvs [NAME]`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct IpvsNamespace {
    /// The namespace; `None` is the machine's own.
    pub name: Option<String>,
}
