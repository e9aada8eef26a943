use std::time::Duration;

use super::{Spanned, Weight};

/// One `vrrp_track_process`: something is well while enough processes of a program run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackProcess {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `process`: the program, by path or name, and perhaps its arguments.
    pub process: Spanned<Vec<String>>,
    /// `param_match`: how the arguments are compared; `None` is exactly, if there are any.
    pub param_match: Option<Spanned<ParamMatch>>,
    /// `weight`, -254..=254. Default 0: without enough processes there is a fault.
    pub weight: Spanned<Weight>,
    /// `quorum`: how many are enough, 1..=65535. Default 1.
    pub quorum: Spanned<u16>,
    /// `quorum_max`: how many are too many; `None` is no such number.
    pub quorum_max: Option<Spanned<u16>>,
    /// `fork_delay`: how long there must be enough, up to an hour. `delay` sets this and the next.
    pub fork_delay: Spanned<Duration>,
    /// `terminate_delay`: how long there must be too few, up to an hour.
    pub terminate_delay: Spanned<Duration>,
    /// `full_command`: the whole command line is compared, not the program's name only.
    pub full_command: Spanned<bool>,
}

impl TrackProcess {
    /// A program of which nothing else is said.
    pub fn new(name: Spanned<String>, process: Spanned<Vec<String>>) -> Self {
        TrackProcess {
            name,
            process,
            param_match: None,
            weight: Weight::default().into(),
            quorum: 1.into(),
            quorum_max: None,
            fork_delay: Duration::ZERO.into(),
            terminate_delay: Duration::ZERO.into(),
            full_command: false.into(),
        }
    }
}

/// `param_match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamMatch {
    /// Without a word: all arguments, and no more.
    Exact,
    /// `initial`: the process' first arguments are these, the last of them perhaps longer.
    Initial,
    /// `partial`: the process' first arguments are these.
    Partial,
}
