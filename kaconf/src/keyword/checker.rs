use super::Takes::*;
use super::{Block, Keyword, Takes, idle, parsed};
use crate::{HttpProtocol, Protocol, RecordType, Scheduler};

#[rustfmt::skip]
pub(super) const SSL: &[Keyword] = &[
    parsed("password", Words("PASSWORD"), "", "what the client's private key is encrypted with"),
    parsed("ca", Words("PATH"), "", "a file of certificates that are trusted"),
    parsed("certificate", Words("PATH"), "", "a file with the client's certificate"),
    parsed("key", Words("PATH"), "", "a file with the client's private key"),
];

#[rustfmt::skip]
pub(super) const VIRTUAL_SERVER: &[Keyword] = &[
    // What checkers inherit.
    parsed("delay_loop", LOOP, "60", "the time between checks"),
    parsed("retry", Number(1, MOST), "1; 3 in DNS_CHECK and 0 in MISC_CHECK", "how often a failed check is tried again before the server is down"),
    parsed("delay_before_retry", LOOP, "1; 3 in HTTP_GET and SSL_GET, delay_loop in DNS_CHECK", "the time before a failed check is tried again"),
    parsed("connect_timeout", TIMEOUT, "5", "how long each step of a check may take"),
    parsed("warmup", WARMUP, "delay_loop", "the first checks are spread over it at random"),
    parsed("alpha", Switch, "off", "real servers are down until their checks succeed"),
    parsed("omega", Switch, "off", "run the scripts for going down at the end of the program too"),
    // Scheduling.
    parsed("lb_algo", OneOf(Scheduler::WORDS), "wlc", "how connections are distributed").or(&["lvs_sched"]),
    idle("hashed", Nothing, "the kernel decides by the scheduler whether a service is hashed"),
    parsed("ops", Nothing, "", "each UDP packet is scheduled by itself"),
    parsed("flag-1", Nothing, "", "the scheduler's first flag").or(&["sh-fallback", "mh-fallback"]),
    parsed("flag-2", Nothing, "", "the scheduler's second flag").or(&["sh-port", "mh-port"]),
    parsed("flag-3", Nothing, "", "the scheduler's third flag"),
    parsed("lb_kind", METHOD, "NAT", "how packets reach the real servers").or(&["lvs_method"]),
    parsed("persistence_timeout", OptionalNumber(1, 2_678_400), "", "how many seconds a client stays with its real server; 360 if none are given"),
    parsed("persistence_granularity", Words("MASK"), "", "which clients are one: a netmask, or a prefix length over IPv6"),
    parsed("persistence_engine", Words("NAME"), "", "the kernel's module that knows clients by something else: sip"),
    parsed("protocol", OneOf(Protocol::WORDS), "UDP", "what is balanced"),
    parsed("ip_family", OneOf(&["inet", "inet6"]), "that of the real servers", "the family of a service of firewall marks"),
    parsed("weight", Number(1, WEIGHT), "1", "the weight of real servers that do not say"),
    parsed("virtualhost", Words("HOST"), "", "the host that HTTP checks ask for"),
    // The pool.
    parsed("quorum", Number(1, MOST), "1", "the least sum of the weights of living real servers"),
    parsed("hysteresis", Number(0, MOST), "0", "how far above the quorum it comes back and below it goes"),
    parsed("quorum_up", Words("COMMAND [USER [GROUP]]"), "", "what runs when the quorum is met"),
    parsed("quorum_down", Words("COMMAND [USER [GROUP]]"), "", "what runs when the quorum is missed"),
    parsed("sorry_server", Words("IP [PORT]"), "", "who serves while the quorum is missed"),
    parsed("sorry_server_inhibit", Nothing, "", "the sorry server stays with weight 0 while it is not needed"),
    parsed("sorry_server_lvs_method", METHOD, "lb_kind", "how packets reach the sorry server"),
    parsed("inhibit_on_failure", Switch, "off", "a failed real server keeps its place with weight 0"),
    parsed("ha_suspend", Nothing, "", "check only while this machine has the service's address"),
    parsed("smtp_alert", Switch, "smtp_alert_checker, or else smtp_alert, or else off", "send a mail when the quorum is met or missed"),
    parsed("snmp_name", Words("NAME"), "", "its name in SNMP"),
    parsed("real_server", Words("IP [PORT]"), "", "a server of the pool").with(Block::RealServer).repeats().apart(),
];

#[rustfmt::skip]
pub(super) const REAL_SERVER: &[Keyword] = &[
    parsed("weight", Number(0, WEIGHT), "the virtual server's", "its share of the connections; 0 is no new ones"),
    parsed("lvs_method", METHOD, "lb_kind", "how packets reach it"),
    parsed("inhibit_on_failure", Switch, "the virtual server's", "when failed it keeps its place with weight 0"),
    parsed("notify_up", Words("COMMAND [USER [GROUP]]"), "", "what runs when it comes up"),
    parsed("notify_down", Words("COMMAND [USER [GROUP]]"), "", "what runs when it goes down"),
    parsed("uthreshold", Number(0, MOST), "0", "with so many connections it gets no new ones; 0 is no limit"),
    parsed("lthreshold", Number(0, MOST), "0", "and again when it has fewer than these"),
    parsed("alpha", Switch, "the virtual server's", "it is down until its checks succeed"),
    parsed("retry", Number(1, MOST), "the virtual server's", "how often a failed check is tried again before it is down"),
    parsed("delay_before_retry", LOOP, "the virtual server's", "the time before a failed check is tried again"),
    parsed("delay_loop", LOOP, "the virtual server's", "the time between checks"),
    parsed("warmup", WARMUP, "the virtual server's", "the first checks are spread over it at random"),
    parsed("connect_timeout", TIMEOUT, "the virtual server's", "how long each step of a check may take"),
    parsed("virtualhost", Words("HOST"), "the virtual server's", "the host that HTTP checks ask for"),
    parsed("smtp_alert", Switch, "smtp_alert_checker, or else smtp_alert, or else on", "send a mail when it comes or goes"),
    parsed("snmp_name", Words("NAME"), "", "its name in SNMP"),
    parsed("HTTP_GET", Nothing, "", "fetch pages").with(Block::HttpGet).repeats(),
    parsed("SSL_GET", Nothing, "", "fetch pages over TLS").with(Block::HttpGet).repeats(),
    parsed("TCP_CHECK", Nothing, "", "connect").with(Block::TcpCheck).repeats(),
    parsed("SMTP_CHECK", Nothing, "", "greet a mail server").with(Block::SmtpCheck).repeats(),
    parsed("MISC_CHECK", Nothing, "", "run a command").with(Block::MiscCheck).repeats(),
    parsed("DNS_CHECK", Nothing, "", "ask a name server").with(Block::DnsCheck).repeats(),
    parsed("UDP_CHECK", Nothing, "", "send a datagram").with(Block::UdpCheck).repeats(),
    parsed("PING_CHECK", Nothing, "", "send an echo request").with(Block::PingCheck).repeats(),
    parsed("FILE_CHECK", Nothing, "", "follow the value in a file").with(Block::FileCheck).repeats(),
    parsed("BFD_CHECK", Nothing, "", "follow a BFD session").with(Block::BfdCheck).repeats(),
];

/// The keywords that every checker with a socket has, before its own.
macro_rules! network_checker {
    ($($own:expr),* $(,)?) => {
        &[
            parsed("connect_ip", Words("IP"), "the real server's address", "what it connects to"),
            parsed("connect_port", Number(1, PORT), "the real server's port", "the port that it connects to"),
            parsed("bindto", Words("IP"), "", "the address that it connects from"),
            parsed("bind_port", Number(1, PORT), "", "the port that it connects from"),
            parsed("bind_if", Words("IF"), "", "the interface that it connects through"),
            parsed("connect_timeout", TIMEOUT, "the real server's", "how long each step may take"),
            parsed("fwmark", Number(0, MOST), "0", "the firewall mark on its packets"),
            parsed("delay_before_retry", LOOP, "the real server's", "the time before a failed check is tried again"),
            parsed("delay_loop", LOOP, "the real server's", "the time between checks"),
            parsed("warmup", WARMUP, "the real server's", "the first check is at random within it"),
            parsed("alpha", Switch, "the real server's", "the real server is down until it succeeds"),
            parsed("log_all_failures", Switch, "checker_log_all_failures", "log each failed try and not only the last"),
            $($own),*
        ]
    };
}

/// `retry` of a checker.
const RETRY: Keyword = parsed(
    "retry",
    Number(0, MOST),
    "the real server's",
    "how often a failed check is tried again before the server is down",
);

#[rustfmt::skip]
pub(super) const HTTP_GET: &[Keyword] = network_checker![
    RETRY.or(&["nb_get_retry"]),
    parsed("url", Nothing, "", "what is fetched; each must succeed").with(Block::Url).repeats(),
    parsed("virtualhost", Words("HOST"), "the real server's", "the host that it asks for"),
    parsed("http_protocol", OneOf(HttpProtocol::WORDS), "1.0", "the version of HTTP; C adds `Connection: close`"),
    parsed("enable_sni", Nothing, "", "name the host in the TLS handshake"),
    parsed("sni_name", Words("NAME"), "", "name this host in the TLS handshake"),
    parsed("fast_recovery", Switch, "off", "while it is down, try all URLs one after the other"),
    parsed("tls_compliant", Switch, "off", "the server must close TLS in order"),
];

#[rustfmt::skip]
pub(super) const URL: &[Keyword] = &[
    parsed("path", Words("PATH"), "", "what is fetched"),
    parsed("digest", Words("MD5"), "", "the MD5 sum of the body, in 32 hexadecimal digits"),
    parsed("status_code", Words("CODE [CODE...]"), "200-299, without digest and regex", "codes and ranges of them, any of which will do"),
    parsed("virtualhost", Words("HOST"), "the checker's", "the host that it asks for"),
    parsed("regex", Words("REGEX"), "", "what the body must match"),
    parsed("regex_no_match", Nothing, "", "the body must not match it"),
    parsed("regex_options", Words("OPTION [OPTION...]"), "", "options of PCRE2"),
    parsed("regex_stack", Words("START MAX"), "", "the bytes of PCRE2's stack"),
    parsed("regex_min_offset", Number(0, MOST), "0", "where a match may begin at the earliest"),
    parsed("regex_max_offset", Number(0, MOST), "", "where a match may begin at the latest"),
    parsed("tls_compliant", Switch, "the checker's", "the server must close TLS in order"),
];

#[rustfmt::skip]
pub(super) const TCP_CHECK: &[Keyword] = network_checker![RETRY];

#[rustfmt::skip]
pub(super) const SMTP_CHECK: &[Keyword] = network_checker![
    RETRY,
    parsed("helo_name", Words("NAME"), "smtpchecker.keepalived.org", "the name that it greets with"),
    parsed("host", Nothing, "", "where it connects to instead; each must succeed").with(Block::SmtpHost).repeats(),
];

#[rustfmt::skip]
pub(super) const SMTP_HOST: &[Keyword] = &[
    parsed("connect_ip", Words("IP"), "the real server's address", "what it connects to"),
    parsed("connect_port", Number(1, PORT), "the real server's port", "the port that it connects to"),
    parsed("bindto", Words("IP"), "", "the address that it connects from"),
    parsed("bind_port", Number(1, PORT), "", "the port that it connects from"),
    parsed("bind_if", Words("IF"), "", "the interface that it connects through"),
    parsed("connect_timeout", TIMEOUT, "the checker's", "how long each step may take"),
    parsed("fwmark", Number(0, MOST), "0", "the firewall mark on its packets"),
];

#[rustfmt::skip]
pub(super) const MISC_CHECK: &[Keyword] = &[
    parsed("misc_path", Words("COMMAND"), "", "the command; exit status 0 is success"),
    parsed("misc_timeout", WARMUP, "delay_loop", "how long the command may take"),
    parsed("misc_dynamic", Switch, "off", "its exit code is the weight and 2 more"),
    parsed("user", Words("USER [GROUP]"), "script_user", "whom the command runs as"),
    RETRY,
    parsed("delay_before_retry", LOOP, "the real server's", "the time before a failed check is tried again"),
    parsed("delay_loop", LOOP, "the real server's", "the time between checks"),
    parsed("warmup", WARMUP, "the real server's", "the first check is at random within it"),
    parsed("alpha", Switch, "the real server's", "the real server is down until it succeeds"),
    parsed("log_all_failures", Switch, "checker_log_all_failures", "log each failed try and not only the last"),
];

#[rustfmt::skip]
pub(super) const DNS_CHECK: &[Keyword] = network_checker![
    RETRY,
    parsed("type", OneOf(RecordType::WORDS), "SOA", "the type of record that it asks for"),
    parsed("name", Words("NAME"), ".", "the name that it asks for"),
];

#[rustfmt::skip]
pub(super) const UDP_CHECK: &[Keyword] = network_checker![
    RETRY,
    parsed("payload", Words("HEX [HEX...]"), "", "the bytes that it sends"),
    parsed("require_reply", Words("[HEX...]"), "", "there must be a reply, and it begins so; X is any digit"),
    parsed("min_reply_length", Number(0, PORT), "0", "the least bytes of a reply"),
    parsed("max_reply_length", Number(0, PORT), "255", "the most bytes of a reply"),
];

#[rustfmt::skip]
pub(super) const PING_CHECK: &[Keyword] = network_checker![RETRY];

#[rustfmt::skip]
pub(super) const FILE_CHECK: &[Keyword] = &[
    parsed("track_file", Words("NAME"), "", "the track_file"),
    parsed("weight", Weight(-WEIGHT, WEIGHT), "the track_file's", "by how much the value in the file changes the weight"),
    parsed("alpha", Switch, "the real server's", "the real server is down until the file has been read"),
    idle("delay_loop", Words("SECONDS"), "a file is read when it changes"),
];

#[rustfmt::skip]
pub(super) const BFD_CHECK: &[Keyword] = &[
    parsed("name", Words("NAME"), "", "the bfd_instance"),
    parsed("alpha", Switch, "the real server's", "the real server is down until the session is up"),
];

const METHOD: Takes = Words("NAT|DR|TUN [type TYPE [OPTION...]]");
/// What keepalived's timers can hold, in microseconds of 64 bits.
const LOOP: Takes = Seconds(1, 18_446_744_073_709_551_614);
const WARMUP: Takes = Seconds(0, 18_446_744_073_709_551_614);
/// What 32 bits of microseconds can hold.
const TIMEOUT: Takes = Seconds(1, 4_294_967_295);
const MOST: i64 = 4_294_967_295;
const WEIGHT: i64 = 2_147_483_647;
const PORT: i64 = 65_535;
