use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::shared::common;
use super::{Command, Schedule, ScriptUser, Shared, Spanned, Weight};

/// One checker of a real server, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Checker {
    /// Where it stands. Two checkers are equal wherever they stand.
    pub keyword: Spanned<()>,
    /// When it checks.
    pub schedule: Shared<Schedule>,
    /// `log_all_failures`: log each failed try and not only the last. Default `checker_log_all_failures`.
    pub log_all_failures: Spanned<bool>,
    /// What it does.
    pub check: Check,
}

/// What a checker does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Check {
    /// `TCP_CHECK`: connects.
    Tcp(TcpCheck),
    /// `HTTP_GET`, `SSL_GET`: fetches.
    Http(Box<HttpCheck>),
    /// `SMTP_CHECK`: greets.
    Smtp(Box<SmtpCheck>),
    /// `MISC_CHECK`: runs a command.
    Misc(Box<MiscCheck>),
    /// `DNS_CHECK`: asks.
    Dns(Box<DnsCheck>),
    /// `UDP_CHECK`: sends a datagram.
    Udp(Box<UdpCheck>),
    /// `PING_CHECK`: sends an echo request.
    Ping(Box<PingCheck>),
    /// `FILE_CHECK`: follows a `track_file`.
    File(Box<FileCheck>),
    /// `BFD_CHECK`: follows a `bfd_instance`.
    Bfd(Box<BfdCheck>),
}

/// Where a checker connects to, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// `connect_ip`. Default the real server's address.
    pub connect_ip: Spanned<IpAddr>,
    /// `connect_port`. Default the real server's port.
    pub connect_port: Spanned<u16>,
    /// `connect_timeout`: of each step. Default the real server's.
    pub connect_timeout: Spanned<Duration>,
    /// From where.
    pub origin: Shared<Origin>,
}

/// Where a checker connects from, if not from where the kernel would.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Origin {
    /// `bindto`: the address.
    pub bindto: Option<Spanned<IpAddr>>,
    /// `bind_port`: the port.
    pub bind_port: Option<Spanned<u16>>,
    /// `bind_if`: the interface.
    pub bind_if: Option<Spanned<String>>,
    /// `fwmark`: the mark of its packets; 0 (the default) is none.
    pub fwmark: Spanned<u32>,
}

common!(Origin);

/// `TCP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TcpCheck {
    /// Where to.
    pub connection: Connection,
}

/// `PING_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PingCheck {
    /// Where to; the port counts for nothing.
    pub connection: Connection,
}

/// `HTTP_GET`, `SSL_GET`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HttpCheck {
    /// Whether it is `SSL_GET`.
    pub tls: bool,
    /// Where to.
    pub connection: Connection,
    /// Each `url`; there is at least one, and each must succeed.
    pub urls: Vec<Url>,
    /// `virtualhost`. Default the real server's; `None` is its address and port.
    pub virtualhost: Option<Spanned<String>>,
    /// `http_protocol`. Default 1.0.
    pub http_protocol: Spanned<HttpProtocol>,
    /// `enable_sni`: name the host in the TLS handshake.
    pub enable_sni: Spanned<bool>,
    /// `sni_name`: name this one.
    pub sni_name: Option<Spanned<String>>,
    /// `fast_recovery`: while it is down, try all URLs one after the other.
    pub fast_recovery: Spanned<bool>,
    /// `tls_compliant`: the server must close TLS in order.
    pub tls_compliant: Spanned<bool>,
}

/// `http_protocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HttpProtocol {
    /// `1.0`.
    #[default]
    V1_0,
    /// `1.0C`: with `Connection: close`.
    V1_0Close,
    /// `1.1`.
    V1_1,
}

/// One `url`. All that it asks for must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Url {
    /// `path`: what is fetched.
    pub path: Spanned<String>,
    /// `digest`: the MD5 sum of the body.
    pub digest: Option<Spanned<[u8; 16]>>,
    /// `status_code`: any of these; empty is 200 to 299 if there is neither `digest` nor `regex`, or else any.
    pub status_code: Vec<Spanned<StatusCodes>>,
    /// `virtualhost`. Default the checker's.
    pub virtualhost: Option<Spanned<String>>,
    /// `regex`: what the body must match.
    pub regex: Option<Spanned<String>>,
    /// `regex_no_match`: it must not match.
    pub regex_no_match: Spanned<bool>,
    /// `regex_options`: names of PCRE2's options.
    pub regex_options: Vec<Spanned<RegexOption>>,
    /// `regex_stack`: the bytes that PCRE2's stack has at first and at most.
    pub regex_stack: Option<Spanned<(u32, u32)>>,
    /// `regex_min_offset`: a match may begin here at the earliest. Default 0.
    pub regex_min_offset: Spanned<u32>,
    /// `regex_max_offset`: and here at the latest.
    pub regex_max_offset: Option<Spanned<u32>>,
    /// `tls_compliant`. Default the checker's.
    pub tls_compliant: Spanned<bool>,
}

impl Url {
    /// A URL of which nothing is said but its path.
    pub fn new(path: Spanned<String>) -> Self {
        Url {
            path,
            digest: None,
            status_code: Vec::new(),
            virtualhost: None,
            regex: None,
            regex_no_match: false.into(),
            regex_options: Vec::new(),
            regex_stack: None,
            regex_min_offset: 0.into(),
            regex_max_offset: None,
            tls_compliant: false.into(),
        }
    }
}

/// Status codes from the first to the last, 100..=599.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusCodes {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

/// One of `regex_options` (pcre2api(3), `PCRE2_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as PCRE2 names it")]
pub enum RegexOption {
    AllowEmptyClass,
    AltBsux,
    AutoCallout,
    Caseless,
    DollarEndonly,
    Dotall,
    Dupnames,
    Extended,
    Firstline,
    MatchUnsetBackref,
    Multiline,
    NeverUcp,
    NeverUtf,
    NoAutoCapture,
    NoAutoPossess,
    NoDotstarAnchor,
    NoStartOptimize,
    Ucp,
    Ungreedy,
    Utf,
    NeverBackslashC,
    AltCircumflex,
    AltVerbnames,
    UseOffsetLimit,
    ExtendedMore,
    Literal,
    MatchInvalidUtf,
}

/// `SMTP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SmtpCheck {
    /// Where to. With `hosts`, what they have in common.
    pub connection: Connection,
    /// `helo_name`: how it names itself. `None` is `smtpchecker.keepalived.org`.
    pub helo_name: Option<Spanned<String>>,
    /// `host`: where to instead; each must succeed.
    pub hosts: Vec<SmtpHost>,
}

/// One `host` of `SMTP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SmtpHost {
    /// Where to.
    pub connection: Connection,
}

/// `MISC_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MiscCheck {
    /// `misc_path`: the command; exit status 0 is success.
    pub command: Spanned<Command>,
    /// `user`: whom it runs as; `None` is `script_user`.
    pub user: Option<Spanned<ScriptUser>>,
    /// `misc_timeout`: how long the command may take. Default `delay_loop`.
    pub misc_timeout: Option<Spanned<Duration>>,
    /// `misc_dynamic`: its exit code is the weight and 2 more.
    pub misc_dynamic: Spanned<bool>,
}

/// `DNS_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DnsCheck {
    /// Where to.
    pub connection: Connection,
    /// `type`: what is asked for. Default SOA.
    pub record: Spanned<RecordType>,
    /// `name`: of what. `None` is the root.
    pub name: Option<Spanned<String>>,
}

/// `type` of `DNS_CHECK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is named as it is written")]
pub enum RecordType {
    A,
    Ns,
    Cname,
    #[default]
    Soa,
    Mx,
    Txt,
    Aaaa,
    Rrsig,
    Dnskey,
}

/// `UDP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UdpCheck {
    /// Where to.
    pub connection: Connection,
    /// `payload`: what is sent. Default nothing.
    pub payload: Option<Spanned<Vec<u8>>>,
    /// `require_reply`: silence is failure, and a reply must begin so.
    pub require_reply: Option<Spanned<Vec<ReplyByte>>>,
    /// `min_reply_length`. Default 0.
    pub min_reply_length: Spanned<u16>,
    /// `max_reply_length`. Default 255.
    pub max_reply_length: Spanned<u16>,
}

/// A byte of a reply: the bits of the mask must be those of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyByte {
    /// The value; 0 where the mask is.
    pub value: u8,
    /// `f` for each digit that counts and `0` for each `X`.
    pub mask: u8,
}

/// `FILE_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FileCheck {
    /// `track_file`: the name of a `track_file`.
    pub track_file: Spanned<String>,
    /// `weight`: by how much the file's value changes the weight. `None` is as the `track_file` says.
    pub weight: Option<Spanned<Weight>>,
}

/// `BFD_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BfdCheck {
    /// `name`: the name of a `bfd_instance`.
    pub name: Spanned<String>,
}

impl Default for Connection {
    fn default() -> Self {
        Connection {
            connect_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED).into(),
            connect_port: 0.into(),
            connect_timeout: Duration::from_secs(5).into(),
            origin: Shared::default(),
        }
    }
}

impl Default for MiscCheck {
    fn default() -> Self {
        MiscCheck {
            command: Command::new(Vec::new()).into(),
            user: None,
            misc_timeout: None,
            misc_dynamic: false.into(),
        }
    }
}

impl Default for UdpCheck {
    fn default() -> Self {
        UdpCheck {
            connection: Connection::default(),
            payload: None,
            require_reply: None,
            min_reply_length: 0.into(),
            max_reply_length: 255.into(),
        }
    }
}

impl Check {
    /// Where it connects to, if it connects.
    pub fn connection(&self) -> Option<&Connection> {
        Some(match self {
            Check::Tcp(check) => &check.connection,
            Check::Http(check) => &check.connection,
            Check::Smtp(check) => &check.connection,
            Check::Dns(check) => &check.connection,
            Check::Udp(check) => &check.connection,
            Check::Ping(check) => &check.connection,
            Check::Misc(_) | Check::File(_) | Check::Bfd(_) => return None,
        })
    }

    pub(crate) fn connection_mut(&mut self) -> Option<&mut Connection> {
        Some(match self {
            Check::Tcp(check) => &mut check.connection,
            Check::Http(check) => &mut check.connection,
            Check::Smtp(check) => &mut check.connection,
            Check::Dns(check) => &mut check.connection,
            Check::Udp(check) => &mut check.connection,
            Check::Ping(check) => &mut check.connection,
            Check::Misc(_) | Check::File(_) | Check::Bfd(_) => return None,
        })
    }
}
