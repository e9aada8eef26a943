use super::Takes::*;
use super::{Keyword, later};

#[rustfmt::skip]
pub(super) const VRRP_SCRIPT: &[Keyword] = &[
    later("script", Words("COMMAND"), "", ""),
    later("interval", Words("SECONDS"), "", ""),
    later("timeout", Words("SECONDS"), "", ""),
    later("weight", Words("N [reverse]"), "", ""),
    later("rise", Words("N"), "", ""),
    later("fall", Words("N"), "", ""),
    later("user", Words("USER [GROUP]"), "", ""),
    later("init_fail", Nothing, "", ""),
];

#[rustfmt::skip]
pub(super) const TRACK_FILE: &[Keyword] = &[
    later("file", Words("PATH"), "", ""),
    later("weight", Words("N [reverse]"), "", ""),
    later("init_file", Words("[VALUE] [overwrite]"), "", ""),
];

#[rustfmt::skip]
pub(super) const TRACK_PROCESS: &[Keyword] = &[
    later("process", Words("COMMAND [ARGUMENT...]"), "", ""),
    later("param_match", Words("[initial|partial]"), "", ""),
    later("weight", Words("N [reverse]"), "", ""),
    later("quorum", Words("N"), "", ""),
    later("quorum_max", Words("N"), "", ""),
    later("delay", Words("SECONDS"), "", ""),
    later("fork_delay", Words("SECONDS"), "", ""),
    later("terminate_delay", Words("SECONDS"), "", ""),
    later("full_command", Nothing, "", ""),
];

#[rustfmt::skip]
pub(super) const BFD_INSTANCE: &[Keyword] = &[
    later("neighbor_ip", Words("IP"), "", "").or(&["neighbour_ip"]),
    later("source_ip", Words("IP"), "", ""),
    later("min_rx", Words("MILLISECONDS"), "", ""),
    later("min_tx", Words("MILLISECONDS"), "", ""),
    later("idle_tx", Words("MILLISECONDS"), "", ""),
    later("multiplier", Words("N"), "", ""),
    later("passive", Nothing, "", ""),
    later("ttl", Words("N"), "", ""),
    later("hoplimit", Words("N"), "", ""),
    later("max_hops", Words("N"), "", ""),
    later("multihop", Switch, "", ""),
    later("weight", Words("N [reverse]"), "", ""),
    later("vrrp", Nothing, "", ""),
    later("checker", Nothing, "", ""),
];
