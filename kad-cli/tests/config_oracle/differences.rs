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
        reason: "kad knows the keywords of later versions too, where 2.2.7 has never heard of them.",
        elsewhere: false,
        places: NEWER,
    },
    Class {
        title: "What follows a block that is unknown, misplaced or has lost a brace",
        reason: "keepalived reads on inside a block that it does not know as if it were outside, takes \
                 its closing brace for that of the block around it, and complains about everything \
                 from there on. kad says once what is wrong, skips the block whole, and goes on behind \
                 it.",
        elsewhere: true,
        places: CASCADE,
    },
    Class {
        title: "What is wrong with a block as a whole",
        reason: "keepalived finds out at the closing brace. kad shows the beginning of the block, or \
                 the line in it that is to blame.",
        elsewhere: true,
        places: WHOLE,
    },
    Class {
        title: "A byte order mark at the start of a file",
        reason: "keepalived takes it for a part of the first word, and loses the first block over it. \
                 kad warns about the mark, and reads the block.",
        elsewhere: true,
        places: BOM,
    },
    Class {
        title: "Authentication by header",
        reason: "kad does not speak `auth_type AH` yet, and its peers would not accept adverts without \
                 it: it is better not to start than to have two masters.",
        elsewhere: false,
        places: AH,
    },
];

const NEWER: &[Entry] = &[
    ("checkers/SSL_GET with sni_name, which is newer", "7"),
    ("checkers/SSL_GET with tls_compliant", "7"),
    ("global/random_seed", "1"),
    ("instance/v3_checksum_as_v2, which is newer", "4"),
    ("language/the environment", "2"),
    ("language/the environment", "3"),
    ("tracking/bfd multihop, which is newer", "3"),
];

const CASCADE: &[Entry] = &[
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
    ("language/a template left as it was", "3"),
    ("language/a variable with arguments", "8"),
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
    ("lvs/real server at top level", "9"),
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
    ("global/notification_email as a statement", "4"),
    ("group/an empty group", "3"),
    ("language/a comment between a name and its brace", "6"),
];

const BOM: &[Entry] = &[
    ("language/a byte order mark", "2"),
    ("language/a byte order mark", "3"),
];

const AH: &[Entry] = &[("instance/authentication by header", "1")];
