use super::Takes::*;
use super::{Block, Keyword, idle, later};

#[rustfmt::skip]
pub(super) const SSL: &[Keyword] = &[
    later("password", Words("PASSWORD"), "", ""),
    later("ca", Words("PATH"), "", ""),
    later("certificate", Words("PATH"), "", ""),
    later("key", Words("PATH"), "", ""),
];

#[rustfmt::skip]
pub(super) const VIRTUAL_SERVER: &[Keyword] = &[
    // What checkers inherit.
    later("delay_loop", Words("SECONDS"), "", ""),
    later("retry", Words("N"), "", ""),
    later("delay_before_retry", Words("SECONDS"), "", ""),
    later("connect_timeout", Words("SECONDS"), "", ""),
    later("warmup", Words("SECONDS"), "", ""),
    later("alpha", Switch, "", ""),
    later("omega", Switch, "", ""),
    // Scheduling.
    later("lb_algo", Words("SCHEDULER"), "", "").or(&["lvs_sched"]),
    idle("hashed", Nothing, "the kernel decides by the scheduler whether a service is hashed"),
    later("ops", Nothing, "", ""),
    later("flag-1", Nothing, "", ""),
    later("flag-2", Nothing, "", ""),
    later("flag-3", Nothing, "", ""),
    later("sh-port", Nothing, "", ""),
    later("sh-fallback", Nothing, "", ""),
    later("mh-port", Nothing, "", ""),
    later("mh-fallback", Nothing, "", ""),
    later("lb_kind", Words("NAT|DR|TUN [type TYPE [OPTION...]]"), "", "").or(&["lvs_method"]),
    later("persistence_timeout", Words("[SECONDS]"), "", ""),
    later("persistence_granularity", Words("MASK"), "", ""),
    later("persistence_engine", Words("NAME"), "", ""),
    later("protocol", Words("TCP|UDP|SCTP"), "", ""),
    later("ip_family", Words("inet|inet6"), "", ""),
    later("weight", Words("N"), "", ""),
    later("virtualhost", Words("HOST"), "", ""),
    // The pool.
    later("quorum", Words("N"), "", ""),
    later("hysteresis", Words("N"), "", ""),
    later("quorum_up", Words("COMMAND [USER [GROUP]]"), "", ""),
    later("quorum_down", Words("COMMAND [USER [GROUP]]"), "", ""),
    later("sorry_server", Words("IP [PORT]"), "", ""),
    later("sorry_server_inhibit", Nothing, "", ""),
    later("sorry_server_lvs_method", Words("NAT|DR|TUN [type TYPE [OPTION...]]"), "", ""),
    later("inhibit_on_failure", Switch, "", ""),
    later("ha_suspend", Nothing, "", ""),
    later("smtp_alert", Switch, "", ""),
    later("snmp_name", Words("NAME"), "", ""),
    later("real_server", Words("IP [PORT]"), "", "").with(Block::RealServer),
];

#[rustfmt::skip]
pub(super) const REAL_SERVER: &[Keyword] = &[
    later("weight", Words("N"), "", ""),
    later("lvs_method", Words("NAT|DR|TUN [type TYPE [OPTION...]]"), "", ""),
    later("inhibit_on_failure", Switch, "", ""),
    later("notify_up", Words("COMMAND [USER [GROUP]]"), "", ""),
    later("notify_down", Words("COMMAND [USER [GROUP]]"), "", ""),
    later("uthreshold", Words("N"), "", ""),
    later("lthreshold", Words("N"), "", ""),
    later("alpha", Switch, "", ""),
    later("retry", Words("N"), "", ""),
    later("delay_before_retry", Words("SECONDS"), "", ""),
    later("delay_loop", Words("SECONDS"), "", ""),
    later("warmup", Words("SECONDS"), "", ""),
    later("connect_timeout", Words("SECONDS"), "", ""),
    later("virtualhost", Words("HOST"), "", ""),
    later("smtp_alert", Switch, "", ""),
    later("snmp_name", Words("NAME"), "", ""),
    later("HTTP_GET", Nothing, "", "").with(Block::HttpGet),
    later("SSL_GET", Nothing, "", "").with(Block::HttpGet),
    later("TCP_CHECK", Nothing, "", "").with(Block::TcpCheck),
    later("SMTP_CHECK", Nothing, "", "").with(Block::SmtpCheck),
    later("MISC_CHECK", Nothing, "", "").with(Block::MiscCheck),
    later("DNS_CHECK", Nothing, "", "").with(Block::DnsCheck),
    later("UDP_CHECK", Nothing, "", "").with(Block::UdpCheck),
    later("PING_CHECK", Nothing, "", "").with(Block::PingCheck),
    later("FILE_CHECK", Nothing, "", "").with(Block::FileCheck),
    later("BFD_CHECK", Nothing, "", "").with(Block::BfdCheck),
];

/// The keywords that every checker with a socket has, before its own.
macro_rules! network_checker {
    ($($own:expr),* $(,)?) => {
        &[
            later("connect_ip", Words("IP"), "", ""),
            later("connect_port", Words("PORT"), "", ""),
            later("bindto", Words("IP"), "", ""),
            later("bind_port", Words("PORT"), "", ""),
            later("bind_if", Words("IF"), "", ""),
            later("connect_timeout", Words("SECONDS"), "", ""),
            later("fwmark", Words("N"), "", ""),
            later("delay_before_retry", Words("SECONDS"), "", ""),
            later("delay_loop", Words("SECONDS"), "", ""),
            later("warmup", Words("SECONDS"), "", ""),
            later("alpha", Switch, "", ""),
            later("log_all_failures", Switch, "", ""),
            $($own),*
        ]
    };
}

#[rustfmt::skip]
pub(super) const HTTP_GET: &[Keyword] = network_checker![
    later("retry", Words("N"), "", "").or(&["nb_get_retry"]),
    later("url", Nothing, "", "").with(Block::Url),
    later("virtualhost", Words("HOST"), "", ""),
    later("http_protocol", Words("1.0|1.0C|1.1"), "", ""),
    later("enable_sni", Nothing, "", ""),
    later("sni_name", Words("NAME"), "", ""),
    later("fast_recovery", Switch, "", ""),
    later("tls_compliant", Switch, "", ""),
];

#[rustfmt::skip]
pub(super) const URL: &[Keyword] = &[
    later("path", Words("PATH"), "", ""),
    later("digest", Words("MD5"), "", ""),
    later("status_code", Words("CODE [CODE...]"), "", ""),
    later("virtualhost", Words("HOST"), "", ""),
    later("regex", Words("REGEX"), "", ""),
    later("regex_no_match", Nothing, "", ""),
    later("regex_options", Words("OPTION [OPTION...]"), "", ""),
    later("regex_stack", Words("START MAX"), "", ""),
    later("regex_min_offset", Words("N"), "", ""),
    later("regex_max_offset", Words("N"), "", ""),
    later("tls_compliant", Switch, "", ""),
];

#[rustfmt::skip]
pub(super) const TCP_CHECK: &[Keyword] = network_checker![later("retry", Words("N"), "", "")];

#[rustfmt::skip]
pub(super) const SMTP_CHECK: &[Keyword] = network_checker![
    later("retry", Words("N"), "", ""),
    later("helo_name", Words("NAME"), "", ""),
    later("host", Nothing, "", "").with(Block::SmtpHost)
];

#[rustfmt::skip]
pub(super) const SMTP_HOST: &[Keyword] = &[
    later("connect_ip", Words("IP"), "", ""),
    later("connect_port", Words("PORT"), "", ""),
    later("bindto", Words("IP"), "", ""),
    later("bind_port", Words("PORT"), "", ""),
    later("bind_if", Words("IF"), "", ""),
    later("connect_timeout", Words("SECONDS"), "", ""),
    later("fwmark", Words("N"), "", ""),
];

#[rustfmt::skip]
pub(super) const MISC_CHECK: &[Keyword] = &[
    later("misc_path", Words("COMMAND"), "", ""),
    later("misc_timeout", Words("SECONDS"), "", ""),
    later("misc_dynamic", Switch, "", ""),
    later("user", Words("USER [GROUP]"), "", ""),
    later("retry", Words("N"), "", ""),
    later("delay_before_retry", Words("SECONDS"), "", ""),
    later("delay_loop", Words("SECONDS"), "", ""),
    later("warmup", Words("SECONDS"), "", ""),
    later("alpha", Switch, "", ""),
    later("log_all_failures", Switch, "", ""),
];

#[rustfmt::skip]
pub(super) const DNS_CHECK: &[Keyword] =
    network_checker![later("retry", Words("N"), "", ""), later("type", Words("TYPE"), "", ""), later("name", Words("NAME"), "", "")];

#[rustfmt::skip]
pub(super) const UDP_CHECK: &[Keyword] = network_checker![
    later("retry", Words("N"), "", ""),
    later("payload", Words("HEX [HEX...]"), "", ""),
    later("require_reply", Words("[HEX...]"), "", ""),
    later("min_reply_length", Words("N"), "", ""),
    later("max_reply_length", Words("N"), "", ""),
];

#[rustfmt::skip]
pub(super) const PING_CHECK: &[Keyword] = network_checker![later("retry", Words("N"), "", "")];

#[rustfmt::skip]
pub(super) const FILE_CHECK: &[Keyword] = &[
    later("track_file", Words("NAME"), "", ""),
    later("weight", Words("N [reverse]"), "", ""),
    later("alpha", Switch, "", ""),
    later("delay_loop", Words("SECONDS"), "", ""),
];

#[rustfmt::skip]
pub(super) const BFD_CHECK: &[Keyword] = &[later("name", Words("NAME"), "", ""), later("alpha", Switch, "", "")];
