use super::Takes::*;
use super::{Keyword, parsed, works};

#[rustfmt::skip]
pub(super) const VRRP_SCRIPT: &[Keyword] = &[
    works("script", Words("COMMAND"), "", "the command; it is well if it ends with status 0"),
    works("interval", Seconds(0, LONGEST_INTERVAL), "1", "how often it runs"),
    works("timeout", Seconds(0, LONGEST_INTERVAL), "interval", "how long it may take"),
    works("weight", Weight(-253, 253), "0", "what it adds to the priority while it is well, or takes away while it is not; 0: a fault while it is not"),
    works("rise", Number(1, 2_147_483_647), "1", "how many successes in a row make it well"),
    works("fall", Number(1, 2_147_483_647), "1", "how many failures in a row make it not well"),
    works("user", Words("USER [GROUP]"), "script_user", "whom it runs as"),
    works("init_fail", Nothing, "", "not well until rise successes, rather than unknown until the first result"),
];

#[rustfmt::skip]
pub(super) const TRACK_FILE: &[Keyword] = &[
    works("file", Words("PATH"), "", "the file with a number in it"),
    works("weight", Weight(-254, 254), "1", "what the number is multiplied by; 0: a number that is not 0 is a fault"),
    works("init_file", Words("[VALUE] [overwrite]"), "", "make the file at the start, with a value"),
];

#[rustfmt::skip]
pub(super) const TRACK_PROCESS: &[Keyword] = &[
    works("process", Words("PROGRAM [ARGUMENT...]"), "", "the program, and perhaps its arguments"),
    works("param_match", Words("[initial|partial]"), "exactly, if there are any", "how the arguments are compared"),
    works("weight", Weight(-254, 254), "0", "what it adds to the priority while enough run, or takes away while they do not; 0: a fault while they do not"),
    works("quorum", Number(1, 65_535), "1", "how many processes are enough"),
    works("quorum_max", Number(0, 65_535), "", "how many processes are still not too many"),
    works("delay", Seconds(1, 3_600_000_000), "", "fork_delay and terminate_delay at once"),
    works("fork_delay", Seconds(1, 3_600_000_000), "0", "how long there must be enough"),
    works("terminate_delay", Seconds(1, 3_600_000_000), "0", "how long there must be too few"),
    works("full_command", Nothing, "", "the whole command line is compared, not the program's name only"),
];

#[rustfmt::skip]
pub(super) const BFD_INSTANCE: &[Keyword] = &[
    parsed("neighbor_ip", Words("IP"), "", "the neighbour").or(&["neighbour_ip"]),
    parsed("source_ip", Words("IP"), "the kernel's choice", "what packets are sent from"),
    parsed("min_rx", Milliseconds(1, 4_294_967), "10", "how often packets may come"),
    parsed("min_tx", Milliseconds(1, 4_294_967), "10", "how often packets are sent"),
    parsed("idle_tx", Milliseconds(1000, 4_294_967), "1000", "how often while the session is down"),
    parsed("multiplier", Number(1, 255), "5", "how many packets may be missed"),
    parsed("passive", Nothing, "", "wait for the neighbour to begin"),
    parsed("ttl", Number(1, 255), "255, or 64 over IPv6", "the TTL of packets").or(&["hoplimit"]),
    parsed("max_hops", Number(-1, 255), "0", "how many hops a packet may have come; -1 is any number"),
    parsed("multihop", Switch, "off", "packets go to port 4784 rather than 3784"),
    parsed("weight", Weight(-253, 253), "0", "what it adds to the priority while the session is up, or takes away while it is down; 0: a fault while it is down"),
    parsed("vrrp", Nothing, "", "instances may track it"),
    parsed("checker", Nothing, "", "checkers may track it; with neither, both may"),
];

/// What keepalived's timers can hold in microseconds of 32 bits.
const LONGEST_INTERVAL: u64 = 4_294_000_000;
