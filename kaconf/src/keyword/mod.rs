//! Every word of keepalived.conf, in its block: the one table that the parser, its diagnostics and its
//! documentation are made from.

mod checker;
mod global;
mod root;
mod tracking;
mod vrrp;

/// One keyword of one block.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Keyword {
    /// How it is written today.
    pub name: &'static str,
    /// How else it was or may be written.
    pub aliases: &'static [&'static str],
    /// Its arguments: `NAME [PORT]`. What stands before the first bracket must be there.
    pub usage: &'static str,
    /// What stands in its braces, if it takes any.
    pub block: Option<Block>,
    /// What kad does about it.
    pub status: Status,
}

/// What kad does about a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It is in the model.
    Typed,
    /// It may stand there and changes nothing, because ...
    NoEffect(&'static str),
    /// kad does not do this yet, and says so.
    NotYet,
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
            Block::VirtualServerGroup | Block::VirtualIpaddress | Block::UnicastPeer | Block::List => {
                return Content::Lines;
            }
        })
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
        self.name == name || self.aliases.contains(&name)
    }

    /// The arguments that must be there.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.usage
            .split_whitespace()
            .take_while(|argument| !argument.starts_with('['))
    }

    const fn new(name: &'static str, usage: &'static str, status: Status) -> Self {
        Keyword {
            name,
            aliases: &[],
            usage,
            block: None,
            status,
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
}

/// A keyword that is in the model.
const fn typed(name: &'static str, usage: &'static str) -> Keyword {
    Keyword::new(name, usage, Status::Typed)
}

/// A keyword that kad does not heed yet.
const fn later(name: &'static str, usage: &'static str) -> Keyword {
    Keyword::new(name, usage, Status::NotYet)
}

/// A keyword that changes nothing.
const fn idle(name: &'static str, usage: &'static str, because: &'static str) -> Keyword {
    Keyword::new(name, usage, Status::NoEffect(because))
}

#[cfg(test)]
mod tests;
