use std::time::Duration;

use super::{Command, ScriptUser, Spanned, Weight};

/// One `vrrp_script`: a command whose exit status says whether something is well.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VrrpScript {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `script`.
    pub script: Spanned<Command>,
    /// `interval`: how often it runs. Default 1 s.
    pub interval: Spanned<Duration>,
    /// `timeout`: how long it may take. Default `interval`.
    pub timeout: Spanned<Duration>,
    /// `weight`, -253..=253. Default 0: without success there is a fault.
    pub weight: Spanned<Weight>,
    /// `rise`: how many successes in a row make it well. Default 1.
    pub rise: Spanned<u32>,
    /// `fall`: how many failures in a row make it not well. Default 1.
    pub fall: Spanned<u32>,
    /// `user`; `None` is `script_user`.
    pub user: Option<Spanned<ScriptUser>>,
    /// `init_fail`: not well until `rise` successes, rather than unknown until the first result.
    pub init_fail: Spanned<bool>,
}

impl VrrpScript {
    /// A script of which nothing else is said.
    pub fn new(name: Spanned<String>, script: Spanned<Command>) -> Self {
        VrrpScript {
            name,
            script,
            interval: Duration::from_secs(1).into(),
            timeout: Duration::from_secs(1).into(),
            weight: Weight::default().into(),
            rise: 1.into(),
            fall: 1.into(),
            user: None,
            init_fail: false.into(),
        }
    }
}
