use super::{Block, Keyword, idle, later};

pub(super) const SSL: &[Keyword] = &[
    later("password", "PASSWORD"),
    later("ca", "PATH"),
    later("certificate", "PATH"),
    later("key", "PATH"),
];

pub(super) const VIRTUAL_SERVER: &[Keyword] = &[
    // What checkers inherit.
    later("delay_loop", "SECONDS"),
    later("retry", "N"),
    later("delay_before_retry", "SECONDS"),
    later("connect_timeout", "SECONDS"),
    later("warmup", "SECONDS"),
    later("alpha", "[BOOL]"),
    later("omega", "[BOOL]"),
    // Scheduling.
    later("lb_algo", "SCHEDULER").or(&["lvs_sched"]),
    idle(
        "hashed",
        "",
        "the kernel decides by the scheduler whether a service is hashed",
    ),
    later("ops", ""),
    later("flag-1", ""),
    later("flag-2", ""),
    later("flag-3", ""),
    later("sh-port", ""),
    later("sh-fallback", ""),
    later("mh-port", ""),
    later("mh-fallback", ""),
    later("lb_kind", "NAT|DR|TUN [type TYPE [OPTION...]]").or(&["lvs_method"]),
    later("persistence_timeout", "[SECONDS]"),
    later("persistence_granularity", "MASK"),
    later("persistence_engine", "NAME"),
    later("protocol", "TCP|UDP|SCTP"),
    later("ip_family", "inet|inet6"),
    later("weight", "N"),
    later("virtualhost", "HOST"),
    // The pool.
    later("quorum", "N"),
    later("hysteresis", "N"),
    later("quorum_up", "COMMAND [USER [GROUP]]"),
    later("quorum_down", "COMMAND [USER [GROUP]]"),
    later("sorry_server", "IP [PORT]"),
    later("sorry_server_inhibit", ""),
    later("sorry_server_lvs_method", "NAT|DR|TUN [type TYPE [OPTION...]]"),
    later("inhibit_on_failure", "[BOOL]"),
    later("ha_suspend", ""),
    later("smtp_alert", "[BOOL]"),
    later("snmp_name", "NAME"),
    later("real_server", "IP [PORT]").with(Block::RealServer),
];

pub(super) const REAL_SERVER: &[Keyword] = &[
    later("weight", "N"),
    later("lvs_method", "NAT|DR|TUN [type TYPE [OPTION...]]"),
    later("inhibit_on_failure", "[BOOL]"),
    later("notify_up", "COMMAND [USER [GROUP]]"),
    later("notify_down", "COMMAND [USER [GROUP]]"),
    later("uthreshold", "N"),
    later("lthreshold", "N"),
    later("alpha", "[BOOL]"),
    later("retry", "N"),
    later("delay_before_retry", "SECONDS"),
    later("delay_loop", "SECONDS"),
    later("warmup", "SECONDS"),
    later("connect_timeout", "SECONDS"),
    later("virtualhost", "HOST"),
    later("smtp_alert", "[BOOL]"),
    later("snmp_name", "NAME"),
    later("HTTP_GET", "").with(Block::HttpGet),
    later("SSL_GET", "").with(Block::HttpGet),
    later("TCP_CHECK", "").with(Block::TcpCheck),
    later("SMTP_CHECK", "").with(Block::SmtpCheck),
    later("MISC_CHECK", "").with(Block::MiscCheck),
    later("DNS_CHECK", "").with(Block::DnsCheck),
    later("UDP_CHECK", "").with(Block::UdpCheck),
    later("PING_CHECK", "").with(Block::PingCheck),
    later("FILE_CHECK", "").with(Block::FileCheck),
    later("BFD_CHECK", "").with(Block::BfdCheck),
];

/// The keywords that every checker with a socket has, before its own.
macro_rules! network_checker {
    ($($own:expr),* $(,)?) => {
        &[
            later("connect_ip", "IP"),
            later("connect_port", "PORT"),
            later("bindto", "IP"),
            later("bind_port", "PORT"),
            later("bind_if", "IF"),
            later("connect_timeout", "SECONDS"),
            later("fwmark", "N"),
            later("delay_before_retry", "SECONDS"),
            later("delay_loop", "SECONDS"),
            later("warmup", "SECONDS"),
            later("alpha", "[BOOL]"),
            later("log_all_failures", "[BOOL]"),
            $($own),*
        ]
    };
}

pub(super) const HTTP_GET: &[Keyword] = network_checker![
    later("retry", "N").or(&["nb_get_retry"]),
    later("url", "").with(Block::Url),
    later("virtualhost", "HOST"),
    later("http_protocol", "1.0|1.0C|1.1"),
    later("enable_sni", ""),
    later("sni_name", "NAME"),
    later("fast_recovery", "[BOOL]"),
    later("tls_compliant", "[BOOL]"),
];

pub(super) const URL: &[Keyword] = &[
    later("path", "PATH"),
    later("digest", "MD5"),
    later("status_code", "CODE [CODE...]"),
    later("virtualhost", "HOST"),
    later("regex", "REGEX"),
    later("regex_no_match", ""),
    later("regex_options", "OPTION [OPTION...]"),
    later("regex_stack", "START MAX"),
    later("regex_min_offset", "N"),
    later("regex_max_offset", "N"),
    later("tls_compliant", "[BOOL]"),
];

pub(super) const TCP_CHECK: &[Keyword] = network_checker![later("retry", "N")];

pub(super) const SMTP_CHECK: &[Keyword] = network_checker![
    later("retry", "N"),
    later("helo_name", "NAME"),
    later("host", "").with(Block::SmtpHost)
];

pub(super) const SMTP_HOST: &[Keyword] = &[
    later("connect_ip", "IP"),
    later("connect_port", "PORT"),
    later("bindto", "IP"),
    later("bind_port", "PORT"),
    later("bind_if", "IF"),
    later("connect_timeout", "SECONDS"),
    later("fwmark", "N"),
];

pub(super) const MISC_CHECK: &[Keyword] = &[
    later("misc_path", "COMMAND"),
    later("misc_timeout", "SECONDS"),
    later("misc_dynamic", "[BOOL]"),
    later("user", "USER [GROUP]"),
    later("retry", "N"),
    later("delay_before_retry", "SECONDS"),
    later("delay_loop", "SECONDS"),
    later("warmup", "SECONDS"),
    later("alpha", "[BOOL]"),
    later("log_all_failures", "[BOOL]"),
];

pub(super) const DNS_CHECK: &[Keyword] =
    network_checker![later("retry", "N"), later("type", "TYPE"), later("name", "NAME")];

pub(super) const UDP_CHECK: &[Keyword] = network_checker![
    later("retry", "N"),
    later("payload", "HEX [HEX...]"),
    later("require_reply", "[HEX...]"),
    later("min_reply_length", "N"),
    later("max_reply_length", "N"),
];

pub(super) const PING_CHECK: &[Keyword] = network_checker![later("retry", "N")];

pub(super) const FILE_CHECK: &[Keyword] = &[
    later("track_file", "NAME"),
    later("weight", "N [reverse]"),
    later("alpha", "[BOOL]"),
    later("delay_loop", "SECONDS"),
];

pub(super) const BFD_CHECK: &[Keyword] = &[later("name", "NAME"), later("alpha", "[BOOL]")];
