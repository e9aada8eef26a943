use super::{Keyword, later};

pub(super) const VRRP_SCRIPT: &[Keyword] = &[
    later("script", "COMMAND"),
    later("interval", "SECONDS"),
    later("timeout", "SECONDS"),
    later("weight", "N [reverse]"),
    later("rise", "N"),
    later("fall", "N"),
    later("user", "USER [GROUP]"),
    later("init_fail", ""),
];

pub(super) const TRACK_FILE: &[Keyword] = &[
    later("file", "PATH"),
    later("weight", "N [reverse]"),
    later("init_file", "[VALUE] [overwrite]"),
];

pub(super) const TRACK_PROCESS: &[Keyword] = &[
    later("process", "COMMAND [ARGUMENT...]"),
    later("param_match", "[initial|partial]"),
    later("weight", "N [reverse]"),
    later("quorum", "N"),
    later("quorum_max", "N"),
    later("delay", "SECONDS"),
    later("fork_delay", "SECONDS"),
    later("terminate_delay", "SECONDS"),
    later("full_command", ""),
];

pub(super) const BFD_INSTANCE: &[Keyword] = &[
    later("neighbor_ip", "IP").or(&["neighbour_ip"]),
    later("source_ip", "IP"),
    later("min_rx", "MILLISECONDS"),
    later("min_tx", "MILLISECONDS"),
    later("idle_tx", "MILLISECONDS"),
    later("multiplier", "N"),
    later("passive", ""),
    later("ttl", "N"),
    later("hoplimit", "N"),
    later("max_hops", "N"),
    later("multihop", "[BOOL]"),
    later("weight", "N [reverse]"),
    later("vrrp", ""),
    later("checker", ""),
];
