//! Every word of keepalived.conf, in its block: the one table that the parser, its diagnostics and its
//! documentation are made from.

mod checker;
mod global;
mod root;
mod tracking;
mod vrrp;

use std::borrow::Cow;

/// One keyword of one block.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Keyword {
    /// How it is written today.
    pub name: &'static str,
    /// How else it was or may be written.
    pub aliases: &'static [&'static str],
    /// Its arguments.
    pub takes: Takes,
    /// What stands in its braces, if it takes any.
    pub block: Option<Block>,
    /// What kad does about it.
    pub status: Status,
    /// What counts without it, as a person would write it; empty where nothing does.
    pub default: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Whether it may stand in its block more than once, each time adding something.
    pub repeats: bool,
    /// Whether its block is taken in by itself as soon as it is complete, since there may be very many of it in the
    /// block around.
    pub(crate) apart: bool,
}

/// The arguments of a keyword.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Takes {
    /// None: its being there says it all.
    Nothing,
    /// `on`, `true`, `yes`, `off`, `false`, `no`, or nothing, which is `on`.
    Switch,
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// The same, or nothing.
    OptionalNumber(i64, i64),
    /// Whole seconds from the first to the second.
    WholeSeconds(u32, u32),
    /// Seconds with up to six decimals; the limits are in microseconds.
    Seconds(u64, u64),
    /// The same, or nothing.
    OptionalSeconds(u64, u64),
    /// Whole milliseconds from the first to the second.
    Milliseconds(u32, u32),
    /// Whole microseconds from the first to the second.
    Microseconds(u32, u32),
    /// A whole number from the first to the second, and perhaps `reverse`.
    Weight(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Anything else, as its usage: `NAME [PORT]`. What stands before the first bracket must be there; `...` is
    /// more of the same.
    Words(&'static str),
}

/// What a duration is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Millisecond,
    Microsecond,
}

/// What kad does about a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It does what it says.
    Works,
    /// It is in the model, and kad does not heed it yet, and says so.
    Parsed,
    /// It may stand there and changes nothing, because ...
    NoEffect(&'static str),
    /// It is ignored, with an error, because ...
    Refused(&'static str),
}

/// What may stand inside a pair of braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as its keyword is")]
pub enum Block {
    Root,
    GlobalDefs,
    GarpGroup,
    TrackGroup,
    VrrpScript,
    TrackFile,
    TrackProcess,
    VrrpSyncGroup,
    VrrpInstance,
    Authentication,
    AuthHmac,
    BfdInstance,
    VirtualServerGroup,
    VirtualServer,
    RealServer,
    HttpGet,
    Url,
    TcpCheck,
    SmtpCheck,
    SmtpHost,
    MiscCheck,
    DnsCheck,
    UdpCheck,
    PingCheck,
    FileCheck,
    BfdCheck,
    Ssl,
    VirtualIpaddress,
    UnicastPeer,
    /// Lines of `track_interface`, `track_script` and so on.
    Tracked,
    /// Lines of `virtual_routes` and `static_routes`.
    Routes,
    /// Lines of `virtual_rules` and `static_rules`.
    Rules,
    /// Names, one on each line.
    Members,
    /// Lines of `interface_up_down_delays`.
    InterfaceDelays,
    /// Lines of `notification_email`.
    Addressees,
    /// Lines that are no keywords, of a kind that kad does not read yet.
    List,
}

/// What may be found in a block.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Statements that begin with one of these keywords.
    Keywords(&'static [Keyword]),
    /// Lines whose first word is a value.
    Lines,
}

impl Block {
    /// Every block that holds keywords.
    pub const WITH_KEYWORDS: &[Block] = &[
        Block::Root,
        Block::GlobalDefs,
        Block::GarpGroup,
        Block::TrackGroup,
        Block::VrrpScript,
        Block::TrackFile,
        Block::TrackProcess,
        Block::VrrpSyncGroup,
        Block::VrrpInstance,
        Block::Authentication,
        Block::AuthHmac,
        Block::BfdInstance,
        Block::VirtualServer,
        Block::RealServer,
        Block::HttpGet,
        Block::Url,
        Block::TcpCheck,
        Block::SmtpCheck,
        Block::SmtpHost,
        Block::MiscCheck,
        Block::DnsCheck,
        Block::UdpCheck,
        Block::PingCheck,
        Block::FileCheck,
        Block::BfdCheck,
        Block::Ssl,
    ];

    /// What may stand in it.
    pub fn content(self) -> Content {
        Content::Keywords(match self {
            Block::Root => root::ROOT,
            Block::GlobalDefs => global::GLOBAL_DEFS,
            Block::GarpGroup => root::GARP_GROUP,
            Block::TrackGroup => root::TRACK_GROUP,
            Block::VrrpScript => tracking::VRRP_SCRIPT,
            Block::TrackFile => tracking::TRACK_FILE,
            Block::TrackProcess => tracking::TRACK_PROCESS,
            Block::BfdInstance => tracking::BFD_INSTANCE,
            Block::VrrpSyncGroup => vrrp::SYNC_GROUP,
            Block::VrrpInstance => vrrp::INSTANCE,
            Block::Authentication => vrrp::AUTHENTICATION,
            Block::AuthHmac => vrrp::AUTH_HMAC,
            Block::VirtualServer => checker::VIRTUAL_SERVER,
            Block::RealServer => checker::REAL_SERVER,
            Block::HttpGet => checker::HTTP_GET,
            Block::Url => checker::URL,
            Block::TcpCheck => checker::TCP_CHECK,
            Block::SmtpCheck => checker::SMTP_CHECK,
            Block::SmtpHost => checker::SMTP_HOST,
            Block::MiscCheck => checker::MISC_CHECK,
            Block::DnsCheck => checker::DNS_CHECK,
            Block::UdpCheck => checker::UDP_CHECK,
            Block::PingCheck => checker::PING_CHECK,
            Block::FileCheck => checker::FILE_CHECK,
            Block::BfdCheck => checker::BFD_CHECK,
            Block::Ssl => checker::SSL,
            Block::VirtualServerGroup
            | Block::VirtualIpaddress
            | Block::UnicastPeer
            | Block::Tracked
            | Block::Addressees
            | Block::Routes
            | Block::Rules
            | Block::Members
            | Block::InterfaceDelays
            | Block::List => {
                return Content::Lines;
            }
        })
    }

    /// The keywords that open such a block; none for what stands outside all blocks.
    pub fn openers(self) -> impl Iterator<Item = &'static str> {
        let parents = Block::WITH_KEYWORDS.iter().flat_map(|parent| parent.keywords());
        parents.filter_map(move |keyword| (keyword.block == Some(self)).then_some(keyword.name))
    }

    /// The keyword of this block that is written so.
    pub fn keyword(self, name: &str) -> Option<&'static Keyword> {
        self.keywords().iter().find(|keyword| keyword.is(name))
    }

    /// The keywords of this block; none if it holds lines.
    pub fn keywords(self) -> &'static [Keyword] {
        match self.content() {
            Content::Keywords(keywords) => keywords,
            Content::Lines => &[],
        }
    }
}

impl Keyword {
    /// Whether `name` is this keyword, or an alias of it.
    pub fn is(&self, name: &str) -> bool {
        self.spelling(name).is_some()
    }

    /// Its own spelling of `name`, if it is this keyword or an alias of it.
    pub(crate) fn spelling(&self, name: &str) -> Option<&'static str> {
        if self.name == name {
            return Some(self.name);
        }
        self.aliases.iter().copied().find(|&alias| alias == name)
    }

    /// How it is written, arguments and braces and all.
    pub fn usage(&self) -> String {
        let mut usage = self.name.to_owned();
        let arguments = self.takes.usage();
        if !arguments.is_empty() {
            usage.push(' ');
            usage.push_str(&arguments);
        }
        if self.block.is_some() {
            usage.push_str(" { ... }");
        }
        usage
    }

    const fn new(
        name: &'static str,
        takes: Takes,
        status: Status,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Keyword {
            name,
            aliases: &[],
            takes,
            block: None,
            status,
            default,
            about,
            repeats: false,
            apart: false,
        }
    }

    const fn or(self, aliases: &'static [&'static str]) -> Self {
        Keyword { aliases, ..self }
    }

    const fn with(self, block: Block) -> Self {
        Keyword {
            block: Some(block),
            ..self
        }
    }

    const fn apart(self) -> Self {
        Keyword { apart: true, ..self }
    }

    const fn repeats(self) -> Self {
        Keyword {
            repeats: true,
            ..self
        }
    }
}

impl Takes {
    /// The arguments as a manual writes them: `NAME [PORT]`.
    pub fn usage(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Takes::Nothing => "",
            Takes::Switch => "[BOOL]",
            Takes::Number(..) => "N",
            Takes::OptionalNumber(..) => "[N]",
            Takes::WholeSeconds(..) | Takes::Seconds(..) => "SECONDS",
            Takes::OptionalSeconds(..) => "[SECONDS]",
            Takes::Milliseconds(..) => "MILLISECONDS",
            Takes::Microseconds(..) => "MICROSECONDS",
            Takes::Weight(..) => "N [reverse]",
            Takes::OneOf(words) => return Cow::Owned(words.join("|")),
            Takes::Words(usage) => usage,
        })
    }

    /// What values a number or a word may have, as a person writes it: `1 to 255`; empty where the usage says it all.
    pub fn limits(self) -> String {
        let seconds = |micros: u64| {
            let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        match self {
            Takes::Number(low, high) | Takes::OptionalNumber(low, high) | Takes::Weight(low, high) => {
                format!("{low} to {high}")
            }
            Takes::WholeSeconds(low, high)
            | Takes::Milliseconds(low, high)
            | Takes::Microseconds(low, high) => {
                format!("{low} to {high}")
            }
            Takes::Seconds(low, high) | Takes::OptionalSeconds(low, high) => {
                format!("{} to {}, decimals", seconds(low), seconds(high))
            }
            Takes::Nothing | Takes::Switch | Takes::OneOf(_) | Takes::Words(_) => String::new(),
        }
    }

    /// The arguments that must be there.
    pub fn required(self) -> Vec<String> {
        let usage = self.usage();
        let required = usage
            .split_whitespace()
            .take_while(|argument| !argument.starts_with('['));
        required.map(str::to_owned).collect()
    }

    /// The least and the greatest number, where it is one; the limits of seconds are in whole seconds.
    pub(crate) fn range(self) -> (i64, i64) {
        match self {
            Takes::Number(low, high) | Takes::OptionalNumber(low, high) | Takes::Weight(low, high) => {
                (low, high)
            }
            Takes::WholeSeconds(low, high)
            | Takes::Milliseconds(low, high)
            | Takes::Microseconds(low, high) => (low.into(), high.into()),
            Takes::Nothing
            | Takes::Switch
            | Takes::Seconds(..)
            | Takes::OptionalSeconds(..)
            | Takes::OneOf(_)
            | Takes::Words(_) => (i64::MIN, i64::MAX),
        }
    }

    /// What its duration is counted in, where it is one.
    pub(crate) fn unit(self) -> Unit {
        match self {
            Takes::Milliseconds(..) => Unit::Millisecond,
            Takes::Microseconds(..) => Unit::Microsecond,
            _ => Unit::Second,
        }
    }

    /// How many arguments there must be, and how many there may be, if that is limited.
    pub(crate) fn count(self) -> (usize, Option<usize>) {
        match self {
            Takes::Nothing => (0, Some(0)),
            Takes::Switch | Takes::OptionalNumber(..) | Takes::OptionalSeconds(..) => (0, Some(1)),
            Takes::Weight(..) => (1, Some(2)),
            Takes::Words(usage) => {
                let arguments = || usage.split_ascii_whitespace();
                let required = arguments()
                    .take_while(|argument| !argument.starts_with('['))
                    .count();
                (required, (!usage.contains("...")).then(|| arguments().count()))
            }
            Takes::Number(..)
            | Takes::WholeSeconds(..)
            | Takes::Seconds(..)
            | Takes::Milliseconds(..)
            | Takes::Microseconds(..)
            | Takes::OneOf(_) => (1, Some(1)),
        }
    }
}

/// A keyword that does what it says.
const fn works(name: &'static str, takes: Takes, default: &'static str, about: &'static str) -> Keyword {
    Keyword::new(name, takes, Status::Works, default, about)
}

/// A keyword that is in the model and that kad does not heed yet.
const fn parsed(name: &'static str, takes: Takes, default: &'static str, about: &'static str) -> Keyword {
    Keyword::new(name, takes, Status::Parsed, default, about)
}

/// A keyword that changes nothing.
const fn idle(name: &'static str, takes: Takes, because: &'static str) -> Keyword {
    Keyword::new(name, takes, Status::NoEffect(because), "", because)
}

#[cfg(test)]
mod tests;
