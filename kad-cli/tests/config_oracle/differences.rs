//! Where kad says something else than keepalived, on purpose, and why.

/// Differences of one kind.
pub(crate) struct Class {
    /// The heading.
    pub(crate) title: &'static str,
    /// Why it is so.
    pub(crate) reason: &'static str,
    /// Whether kad does find fault with the file, only not with this line.
    pub(crate) elsewhere: bool,
    /// Where.
    pub(crate) places: &'static [Entry],
}

/// A case, and the line in it: `LINE`, `FILE:LINE`, or `-` where keepalived names no line.
pub(crate) type Entry = (&'static str, &'static str);

/// What is so on purpose.
pub(crate) const DELIBERATE: &[Class] = &[
    Class {
        title: "Keywords that came after 2.2.7",
        reason: "kad knows the keywords of later versions too, and their values, where 2.2.7 has never heard of them.",
        elsewhere: false,
        places: NEWER,
    },
    Class {
        title: "What follows a block that is unknown, misplaced or has lost a brace",
        reason: "keepalived reads on inside a block that it does not know as if it were outside, takes its \
                 closing brace for that of the block around it, and complains about everything from there \
                 on. kad says once what is wrong, skips the block whole, and goes on behind it.",
        elsewhere: true,
        places: CASCADE,
    },
    Class {
        title: "What is wrong with a block as a whole",
        reason: "keepalived finds out at the closing brace. kad shows the beginning of the block, or the \
                 line in it that is to blame.",
        elsewhere: true,
        places: WHOLE,
    },
    Class {
        title: "What another fault has led to",
        reason: "A block that is faulty is left out, and keepalived complains again wherever its name is \
                 used, or about the same missing interface each time that it is named. kad says what has to \
                 be mended, once.",
        elsewhere: true,
        places: CONSEQUENCE,
    },
    Class {
        title: "Which of two that do not fit is shown",
        reason: "Where the family of an address is not that of the instance, keepalived goes by what it has \
                 read first. kad goes by the first virtual address, and shows what does not fit that.",
        elsewhere: true,
        places: FIRST,
    },
    Class {
        title: "A second list",
        reason: "Of two lists of members keepalived ignores the second whole. kad takes both as one, and \
                 complains about those that are there twice.",
        elsewhere: true,
        places: TWICE,
    },
    Class {
        title: "A faulty line of a variable",
        reason: "keepalived complains about the line that uses the variable. kad shows the text in the \
                 definition that is faulty, and how it got there.",
        elsewhere: true,
        places: VARIABLE,
    },
    Class {
        title: "A backslash at the end of a line",
        reason: "keepalived makes one word of it and the word before. kad takes it for a word of its own, \
                 and complains about the line that follows.",
        elsewhere: true,
        places: BACKSLASH,
    },
    Class {
        title: "A byte order mark at the start of a file",
        reason: "keepalived takes it for a part of the first word, and loses the first block over it. kad \
                 warns about the mark, and reads the block.",
        elsewhere: true,
        places: BOM,
    },
    Class {
        title: "Old words",
        reason: "keepalived calls some of its old names deprecated. They mean what they always meant, so kad takes them \
                 without a word.",
        elsewhere: false,
        places: OLD,
    },
    Class {
        title: "Keywords without effect in kad",
        reason: "What kad does not need it does not look at closely: the arguments of \
                 `linkbeat_interfaces`, and whether `hashed` goes with the scheduler.",
        elsewhere: false,
        places: IDLE,
    },
    Class {
        title: "A group that tracks the interface of a member",
        reason: "keepalived counts the interface as tracked twice. It is no mistake: the other members of \
                 the group are to hear of it.",
        elsewhere: false,
        places: OWN,
    },
    Class {
        title: "What cannot work",
        reason: "keepalived takes these without a word; then the kernel refuses the rule, or something else \
                 happens than the line says: a range that ends before it begins, a netmask with holes, half \
                 a byte, a switch that is neither on nor off. kad does not start on a guess.",
        elsewhere: false,
        places: GUESS,
    },
    Class {
        title: "Routes without an interface",
        reason: "keepalived knows a route of its own by the interface, and does not notice when another one is removed. kad \
                 knows all of its routes, and puts them back.",
        elsewhere: false,
        places: ROUTES,
    },
    Class {
        title: "A prefix length on a peer",
        reason: "keepalived does not take `peer ADDRESS/LENGTH`, which `ip addr` does. kad takes the address.",
        elsewhere: false,
        places: PEER,
    },
    Class {
        title: "Names of hosts",
        reason: "keepalived asks a name server while it reads the file. `kad check` does not: what a name \
                 stands for is another thing tomorrow, and checking a file needs no network.",
        elsewhere: false,
        places: RESOLVE,
    },
];

const NEWER: &[Entry] = &[
    ("checkers/SSL_GET with sni_name, which is newer", "7"),
    ("checkers/SSL_GET with tls_compliant", "7"),
    ("global/json_version, which is newer", "3"),
    ("global/random_seed", "1"),
    ("global/use_symlink_paths, which is newer", "1"),
    ("global/vrrp_delay_after_boot, which is newer", "3"),
    ("instance/auth_hmac, which is newer", "10"),
    ("instance/auth_hmac, which is newer", "11"),
    ("instance/auth_hmac, which is newer", "4"),
    ("instance/auth_hmac, which is newer", "5"),
    ("instance/auth_hmac, which is newer", "6"),
    ("instance/auth_hmac, which is newer", "8"),
    ("instance/auth_hmac, which is newer", "9"),
    ("instance/no_virtual_ipaddress", "-"),
    ("instance/no_virtual_ipaddress", "4"),
    ("instance/no_virtual_ipaddress beside addresses", "4"),
    ("instance/owner_ignore_adverts, which is newer", "4"),
    ("instance/timer_expired_backup, which is newer", "5"),
    ("instance/v3_checksum_as_v2, which is newer", "4"),
    ("language/the environment", "2"),
    ("language/the environment", "3"),
    ("tracking/bfd multihop, which is newer", "3"),
    ("tracking/script interval with a fraction", "7"),
];

const CASCADE: &[Entry] = &[
    ("checkers/TCP_CHECK with an unknown block", "12"),
    ("checkers/checker in lower case", "10"),
    ("global/an unknown block", "4"),
    ("global/an unknown block", "6"),
    ("global/globals misspelt", "2"),
    ("global/globals misspelt", "3"),
    ("group/a second block of members", "10"),
    ("instance/an unknown block", "10"),
    ("instance/an unknown block", "5"),
    ("instance/an unknown block", "7"),
    ("instance/an unknown block", "8"),
    ("instance/an unknown block", "9"),
    ("instance/auth_pass with a brace", "10"),
    ("instance/auth_pass with a brace", "9"),
    ("instance/misspelt keyword of the block", "2"),
    ("instance/misspelt keyword of the block", "3"),
    ("instance/misspelt keyword of the block", "4"),
    ("instance/misspelt keyword of the block", "5"),
    ("instance/misspelt keyword of the block", "6"),
    ("instance/misspelt keyword of the block", "7"),
    ("instance/track_interface as a statement", "5"),
    ("instance/track_interface as a statement", "6"),
    ("language/a template left as it was", "3"),
    ("language/a variable with arguments", "8"),
    ("language/an instance within a virtual server", "10"),
    ("language/an instance within a virtual server", "11"),
    ("language/an instance within a virtual server", "13"),
    ("language/an instance within a virtual server", "14"),
    ("language/an instance within a virtual server", "8"),
    ("language/an instance within a virtual server", "9"),
    ("language/an opening brace alone", "2"),
    ("language/an opening brace alone", "3"),
    ("language/an unknown block at the root", "2"),
    ("language/an unknown block at the root", "3"),
    ("language/an unknown block with blocks in it", "2"),
    ("language/an unknown block with blocks in it", "3"),
    ("language/an unknown block with blocks in it", "4"),
    ("language/an unknown block with blocks in it", "5"),
    ("language/keywords in capitals", "2"),
    ("language/keywords in capitals", "3"),
    ("lvs/an unknown block", "10"),
    ("lvs/an unknown block", "11"),
    ("lvs/an unknown block", "12"),
    ("lvs/an unknown block", "8"),
    ("lvs/an unknown block", "9"),
    ("lvs/real server at top level", "9"),
    ("lvs/real server unknown checker", "10"),
    ("lvs/server without its brace", "2"),
    ("lvs/server without its brace", "3"),
    ("lvs/server without its brace", "4"),
    ("lvs/server without its brace", "5"),
    ("lvs/server without its brace", "6"),
    ("lvs/server without its brace", "7"),
    ("tracking/script with its name glued", "2"),
    ("tracking/script with its name glued", "3"),
    ("tracking/script with its name glued", "4"),
    ("tracking/track_script at the root", "2"),
    ("tracking/track_script at the root", "3"),
];

const WHOLE: &[Entry] = &[
    ("checkers/BFD_CHECK with nothing", "7"),
    ("checkers/FILE_CHECK of a file that is not defined", "8"),
    ("checkers/FILE_CHECK with nothing", "7"),
    ("checkers/HTTP_GET without a path", "10"),
    ("checkers/HTTP_GET without a path", "9"),
    ("checkers/HTTP_GET without a url", "8"),
    ("checkers/MISC_CHECK with misc_path and no script", "8"),
    ("checkers/MISC_CHECK without a script", "8"),
    ("checkers/SSL_GET that is empty", "7"),
    ("checkers/TCP_CHECK without braces", "7"),
    ("checkers/UDP_CHECK with bounds crossed", "10"),
    ("global/notification_email as a statement", "4"),
    ("global/notification_email that is empty", "4"),
    ("group/an empty group", "3"),
    ("instance/unicast_ttl", "8"),
    ("language/a comment between a name and its brace", "6"),
    ("lvs/group of a fwmark that is no number", "3"),
    ("lvs/group of a fwmark with an unknown family", "3"),
    ("lvs/group of a port beyond 65535", "3"),
    ("lvs/group of a range backwards", "3"),
    ("lvs/group of a range beyond 255", "3"),
    ("lvs/group of a word", "3"),
    ("lvs/group with nothing", "2"),
    ("lvs/server with a real one of the other family by NAT", "6"),
    ("lvs/sorry_server of the other family", "10"),
    ("sample/conditional_conf", "13"),
    ("static/garp_group without an interval", "3"),
    ("static/track_group without members", "3"),
    ("tracking/bfd source of the other family", "4"),
    ("tracking/bfd twice to one neighbor", "6"),
    ("tracking/bfd without a neighbor", "3"),
    ("tracking/process without a process", "3"),
    ("tracking/script without a command", "7"),
    ("tracking/track_file without a file", "3"),
];

const CONSEQUENCE: &[Entry] = &[
    ("sample/conditional_conf", "25"),
    ("sample/track_interface", "30"),
    ("sample/vrrp.localcheck", "74"),
    ("sample/vrrp.localcheck", "75"),
    ("sample/vrrp.routes", "28"),
    ("sample/vrrp.static_ipaddress", "10"),
    ("tracking/process without a process", "11"),
    ("tracking/script user that is not there", "16"),
];

const FIRST: &[Entry] = &[
    ("instance/mcast_src_ip of the other family", "6"),
    ("instance/unicast_peer of the other family", "8"),
];

const TWICE: &[Entry] = &[("group/a second block of members", "6")];

const VARIABLE: &[Entry] = &[
    ("language/a variable of several lines with a faulty one", "5"),
    ("language/a variable with a faulty value", "5"),
];

const BACKSLASH: &[Entry] = &[("language/a backslash at the end of a line", "2")];

const BOM: &[Entry] = &[
    ("language/a byte order mark", "2"),
    ("language/a byte order mark", "3"),
];

const OLD: &[Entry] = &[
    ("global/vrrp_garp_extra_if by its old name", "3"),
    ("instance/garp_extra_if by its old name", "4"),
    ("instance/lvs_sync_daemon_interface", "4"),
    ("sample/vrrp.lvs_syncd", "11"),
];

const IDLE: &[Entry] = &[
    ("global/linkbeat_interfaces by an unknown way", "2"),
    ("lvs/hashed", "5"),
];

const OWN: &[Entry] = &[
    ("group/track_interface", "-"),
    ("group/track_interface with a weight", "-"),
];

const GUESS: &[Entry] = &[
    ("addresses/rules with ports backwards", "8"),
    ("addresses/rules with uidrange backwards", "8"),
    ("checkers/UDP_CHECK with half a byte", "7"),
    ("lvs/alpha with a word", "5"),
    ("lvs/persistence_granularity with holes", "6"),
];

const RESOLVE: &[Entry] = &[("global/smtp_server that does not resolve", "3")];

const ROUTES: &[Entry] = &[
    ("addresses/routes", "8"),
    ("addresses/routes that are blackholes", "8"),
    ("addresses/routes that are unreachable", "8"),
    ("addresses/routes twice the same", "8"),
    ("addresses/routes twice the same", "9"),
    ("addresses/routes with a destination only", "8"),
    ("addresses/routes with bits beyond the prefix", "8"),
    ("addresses/routes with mtu and lock", "8"),
    ("addresses/routes with nexthops", "8"),
    ("addresses/routes with quickack", "8"),
    ("sample/track_interface", "31"),
    ("sample/vrrp.routes", "29"),
    ("sample/vrrp.routes", "31"),
    ("sample/vrrp.static_ipaddress", "25"),
    ("static/routes", "4"),
];

const PEER: &[Entry] = &[("addresses/with a peer", "6")];
