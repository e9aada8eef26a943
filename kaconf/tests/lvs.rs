//! Virtual servers: defaults, inheritance, and what values become.

mod common;

use std::mem::size_of;
use std::net::IpAddr;
use std::time::Duration;

use common::{errors, lines, parsed, warnings};
use kaconf::{
    Check, Checker, Connection, Endpoint, Family, Forwarding, Protocol, RealServer, Schedule, Scheduler,
    Service, Tunnel, TunnelChecksum, VirtualServer,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// A sound virtual server but for what stands in it and its real server.
fn text(virtual_server: &str, real_server: &str) -> String {
    format!(
        "virtual_server 10.0.0.1 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{virtual_server}\nreal_server 10.0.1.1 8080 \
         {{\n{real_server}\n}}\n}}\n"
    )
}

/// The one virtual server of a text about which there is nothing to say but that kad does not balance yet.
fn server(virtual_server: &str, real_server: &str) -> VirtualServer {
    let parsed = parsed(text(virtual_server, real_server));
    assert_eq!(
        lines(&parsed)
            .iter()
            .filter(|line| !line.contains("KA0042"))
            .count(),
        0,
        "{:#?}",
        lines(&parsed)
    );
    parsed.config.virtual_servers.into_iter().next().expect("one")
}

fn connection(checker: &Checker) -> &Connection {
    checker.check.connection().expect("one that connects")
}

#[test]
fn what_a_virtual_server_is_without_a_word() {
    let server = server("", "TCP_CHECK {\n}");
    assert_eq!(
        server.service.value,
        Service::Address(Endpoint {
            address: ip("10.0.0.1"),
            port: 80
        })
    );
    assert_eq!(server.family, Some(Family::Ipv4));
    assert_eq!(server.protocol, Protocol::Tcp);
    assert_eq!(server.scheduler, Scheduler::RoundRobin);
    assert_eq!(
        (server.quorum.value, server.hysteresis.value, server.weight.value),
        (1, 0, 1)
    );
    assert_eq!(*server.schedule, Schedule::default());
    let real = &server.real_servers[0];
    assert_eq!(
        real.endpoint.value,
        Endpoint {
            address: ip("10.0.1.1"),
            port: 8080
        }
    );
    assert_eq!((real.weight.value, real.method.value), (1, Forwarding::Nat));
    let checker = &real.checkers[0];
    assert_eq!(connection(checker).connect_ip, ip("10.0.1.1"));
    assert_eq!(connection(checker).connect_port, 8080);
    assert_eq!(connection(checker).connect_timeout, seconds(5));
    assert_eq!(checker.schedule.retry, 1);
    assert_eq!(checker.schedule.delay_before_retry, seconds(1));
    assert_eq!(checker.schedule.warmup, seconds(60));
}

#[test]
fn checkers_inherit_from_both() {
    let server = server(
        "delay_loop 10\nretry 4\nconnect_timeout 2\nweight 7\nalpha\ninhibit_on_failure",
        "delay_loop 5\nTCP_CHECK {\nconnect_port 81\n}\nTCP_CHECK {\nretry 0\nconnect_timeout 1.5\nwarmup 0\n}",
    );
    let real = &server.real_servers[0];
    assert_eq!(real.weight, 7);
    assert!(real.inhibit_on_failure.value);
    let [first, second] = &*real.checkers else {
        panic!("two checkers")
    };
    assert_eq!(first.schedule.delay_loop, seconds(5));
    assert_eq!(first.schedule.warmup, seconds(5));
    assert_eq!(
        (first.schedule.retry.value, first.schedule.alpha.value),
        (4, true)
    );
    assert_eq!(connection(first).connect_timeout, seconds(2));
    assert_eq!(connection(first).connect_port, 81);
    assert_eq!(
        (second.schedule.retry.value, second.schedule.warmup.value),
        (0, Duration::ZERO)
    );
    assert_eq!(connection(second).connect_timeout, Duration::from_millis(1500));
}

#[test]
fn what_follows_a_real_server_counts_for_it_too() {
    let text = text("", "TCP_CHECK {\n}").replacen("}\n}\n}\n", "}\n}\ndelay_loop 7\nweight 3\n}\n", 1);
    let server = &parsed(text).config.virtual_servers[0];
    assert_eq!(server.real_servers[0].weight, 3);
    assert_eq!(server.real_servers[0].checkers[0].schedule.delay_loop, seconds(7));
}

#[test]
fn each_kind_of_checker_has_its_own_retries() {
    let kinds = |virtual_server: &str| {
        let server = server(
            virtual_server,
            "HTTP_GET {\nurl {\npath /\n}\n}\nDNS_CHECK {\n}\nTCP_CHECK {\n}\nHTTP_GET {\nurl {\npath /\n}\n}",
        );
        let checkers = server.real_servers[0].checkers.iter();
        checkers
            .map(|checker| {
                (
                    checker.schedule.retry.value,
                    checker.schedule.delay_before_retry.value,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        kinds("delay_loop 9"),
        [(1, seconds(3)), (3, seconds(9)), (1, seconds(1)), (1, seconds(3))]
    );
    assert_eq!(kinds("retry 1\ndelay_before_retry 1"), [(1, seconds(1)); 4]);
}

#[test]
fn direct_routing_has_the_port_of_the_service_and_checks_the_one_that_is_written() {
    let parsed = parsed(text("", "TCP_CHECK {\n}").replace("NAT", "DR"));
    assert_eq!(warnings(&parsed), ["1: KA0042", "6: KA0172"]);
    let real = &parsed.config.virtual_servers[0].real_servers[0];
    assert_eq!(real.endpoint.port, 80);
    assert_eq!(connection(&real.checkers[0]).connect_port, 8080);
}

#[test]
fn ways_to_a_real_server() {
    let method = |words: &str| {
        server("", &format!("lvs_method {words}\nTCP_CHECK {{\n}}")).real_servers[0]
            .method
            .value
    };
    assert_eq!(method("NAT"), Forwarding::Nat);
    let tunnel = |words: &str| {
        let text = text("", &format!("lvs_method {words}\nTCP_CHECK {{\n}}")).replace(" 8080", "");
        let parsed = parsed(text);
        parsed.config.virtual_servers[0].real_servers[0].method.value
    };
    assert_eq!(tunnel("TUN"), Forwarding::Tunnel(Tunnel::IpIp));
    assert_eq!(
        tunnel("TUN type gue port 99 remcsum"),
        Forwarding::Tunnel(Tunnel::Gue {
            port: 99,
            checksum: TunnelChecksum::Remote
        })
    );
    assert_eq!(
        tunnel("TUN type gre csum"),
        Forwarding::Tunnel(Tunnel::Gre(TunnelChecksum::Full))
    );
    for words in [
        "TUN type gue",
        "TUN type gre port 3",
        "TUN type x",
        "NAT type gre",
        "TUN type gre remcsum",
        "TUN csum",
    ] {
        let parsed = parsed(text("", &format!("lvs_method {words}\nTCP_CHECK {{\n}}")));
        assert_eq!(errors(&parsed).len(), 1, "{words}: {:#?}", lines(&parsed));
    }
}

#[test]
fn fifty_thousand_real_servers_fit_in_memory() {
    assert!(size_of::<RealServer>() <= 192, "{}", size_of::<RealServer>());
    assert!(size_of::<Checker>() <= 152, "{}", size_of::<Checker>());
    assert!(size_of::<Check>() <= 104, "{}", size_of::<Check>());
    let server = server("", "TCP_CHECK {\n}");
    assert_eq!(server.real_servers.capacity(), 1);
}

/// Parses, prints, and parses again.
fn holds(text: &str) {
    let first = parsed(text);
    let printed = kaconf::print(&first.config);
    let second = parsed(printed.clone());
    let printed = String::from_utf8_lossy(&printed);
    assert!(!first.config.virtual_servers.is_empty(), "{:#?}", lines(&first));
    assert_eq!(errors(&first), [""; 0], "{:#?}", lines(&first));
    assert_eq!(errors(&second), [""; 0], "{printed}{:#?}", lines(&second));
    assert_eq!(second.config, first.config, "{printed}");
    assert_eq!(String::from_utf8_lossy(&kaconf::print(&second.config)), printed);
}

#[test]
fn what_is_printed_means_the_same() {
    holds(&text("", "TCP_CHECK {\n}"));
    holds(&text(
        "delay_loop 5\nwarmup 5\nretry 1",
        "delay_loop 6\nDNS_CHECK {\n}\nHTTP_GET {\nurl {\npath /\n}\n}",
    ));
    holds(&text(
        "",
        "retry 1\ndelay_before_retry 1\nDNS_CHECK {\n}\nHTTP_GET {\nurl {\npath /\n}\n}",
    ));
    holds(&text(
        "warmup 3",
        "delay_loop 9\nDNS_CHECK {\ntype MX\nname a.example\ndelay_loop 4\n}",
    ));
    let followed = "track_file f {\nfile /f\n}\nbfd_instance b {\nneighbor_ip 10.0.0.9\n}\n".to_owned();
    holds(
        &(followed
            + &text(
                "quorum_up \"/bin/a 'b c'\" user group\nquorum_down /bin/d",
                "delay_loop 9\nwarmup 60\nnotify_up /bin/u\nnotify_down /bin/w nobody\nFILE_CHECK {\ntrack_file f\nweight 3 \
                 reverse\nalpha\n}\nBFD_CHECK {\nname b\n}\nMISC_CHECK {\nmisc_path \"/bin/m -x\"\nuser nobody\nmisc_timeout \
                 3\nmisc_dynamic\nretry 0\n}",
            )),
    );
    for alert in ["on", "off"] {
        holds(&format!(
            "global_defs {{\nsmtp_alert_checker {alert}\nchecker_log_all_failures {alert}\n}}\n{}",
            text("", "TCP_CHECK {\n}\nTCP_CHECK {\nlog_all_failures\n}")
        ));
        holds(&text(
            &format!("smtp_alert {alert}"),
            &format!("smtp_alert {alert}\nTCP_CHECK {{\n}}"),
        ));
    }
    holds(&text("", "TCP_CHECK {\n}").replace("NAT", "DR"));
    holds(
        &text("lb_algo mh\nmh-port\nmh-fallback", "TCP_CHECK {\n}")
            .replace("NAT", "TUN type gue port 9 csum"),
    );
    holds(&text(
        "persistence_timeout\npersistence_granularity 255.255.255.0\npersistence_engine sip\nquorum 1\nhysteresis 0\nomega\n\
         sorry_server 10.0.1.9\nsorry_server_inhibit\nsorry_server_lvs_method DR\nha_suspend\nsnmp_name \"a b\"",
        "weight 0\nuthreshold 9\nlthreshold 3\nsnmp_name c\nalpha\nsmtp_alert off\nPING_CHECK {\nbindto 10.0.0.3\nbind_if e0\n}",
    ));
    holds(&text(
        "virtualhost v.example",
        "virtualhost w.example\nSSL_GET {\nenable_sni\nsni_name s.example\nhttp_protocol 1.0c\ntls_compliant\nfwmark 7\n\
         bind_port 99\nurl {\npath \"/a b\"\ndigest 0123456789abcdef0123456789ABCDEF\nstatus_code 200 300-305\nvirtualhost x\n}\n\
         url {\npath /\nregex \"^a+$\"\nregex_no_match\nregex_options caseless multiline\nregex_stack 100 200\n\
         regex_min_offset 3\nregex_max_offset 9\ntls_compliant off\n}\n}",
    ));
    holds(&text(
        "",
        "SMTP_CHECK {\nhelo_name h.example\nconnect_timeout 3\nhost {\nconnect_ip 10.0.2.1\nconnect_port 26\n}\nhost {\n}\n}\n\
         UDP_CHECK {\npayload 00ff 1a\nrequire_reply X1 aX\nmin_reply_length 2\nmax_reply_length 4\n}\nUDP_CHECK {\nrequire_reply\n}",
    ));
    holds(
        "virtual_server fwmark 3 {\nip_family inet6\nlb_algo rr\nlb_kind DR\nreal_server 2001:db8::1 {\nTCP_CHECK {\nconnect_port 80\n}\n}\n}",
    );
    holds(
        "virtual_server fwmark 3 {\nlb_algo rr\nlb_kind DR\nreal_server 10.0.0.1 80 {\nTCP_CHECK {\n}\n}\n}",
    );
    holds(
        "SSL {\npassword \"p q\"\nca /c\n}\nvirtual_server_group G {\n10.0.0.1-9 80\n10.1.0.0/24\n10.2.0.1\n2001:db8::1-f 80\n\
         fwmark 3 inet6\n}\nvirtual_server group G {\nlb_algo rr\nlb_kind NAT\nprotocol SCTP\nreal_server 10.3.0.1 80 {\nTCP_CHECK \
         {\n}\n}\n}",
    );
}

#[test]
fn mail_and_logs_as_global_defs_say() {
    let alerts = |global: &str| {
        let text = format!("global_defs {{\n{global}\n}}\n{}", text("", "TCP_CHECK {\n}"));
        let server = parsed(text).config.virtual_servers.swap_remove(0);
        (server.smtp_alert.value, server.real_servers[0].smtp_alert.value)
    };
    assert_eq!(alerts(""), (false, true));
    assert_eq!(alerts("smtp_alert off"), (false, false));
    assert_eq!(alerts("smtp_alert\nsmtp_alert_checker off"), (false, false));
    assert_eq!(alerts("smtp_alert off\nsmtp_alert_checker"), (true, true));
}

#[test]
fn what_follows_nothing_is_left_out() {
    let faults = text(
        "",
        "FILE_CHECK {\ntrack_file f\n}\nBFD_CHECK {\nname b\n}\nTCP_CHECK {\n}",
    );
    let parsed = parsed(faults);
    assert_eq!(errors(&parsed), ["8: KA0058", "11: KA0058"]);
    assert_eq!(parsed.config.virtual_servers[0].real_servers[0].checkers.len(), 1);
}

#[test]
fn commands_of_servers() {
    let text = text(
        "quorum_up /bin/up",
        "notify_down \"/bin/down x\" user\nMISC_CHECK {\nmisc_path /bin/check\ndelay_loop 7\n}",
    );
    let parsed = parsed(text);
    assert_eq!(warnings(&parsed), ["1: KA0042", "5: KA0134"]);
    let server = &parsed.config.virtual_servers[0];
    let programs: Vec<_> = server.commands().map(|(_, command)| command.program()).collect();
    assert_eq!(programs, ["/bin/up", "/bin/down", "/bin/check"]);
    let checker = &server.real_servers[0].checkers[0];
    assert_eq!(
        (checker.schedule.retry.value, checker.schedule.warmup.value),
        (0, seconds(7))
    );
}

#[test]
fn real_servers_stay_with_their_virtual_server_when_a_brace_is_forgotten() {
    let first =
        "virtual_server 10.0.0.1 80 {\n    real_server 10.0.1.1 80 {\n        TCP_CHECK {\n        }\n";
    let text = format!(
        "{first}{}",
        text("", "TCP_CHECK {\n}").replace("0.1 80", "0.2 80")
    );
    let parsed = parsed(text);
    assert_eq!(errors(&parsed), ["1: KA0049"]);
    let servers = &parsed.config.virtual_servers;
    let ports: Vec<_> = servers
        .iter()
        .map(|server| (server.real_servers.len(), server.real_servers[0].endpoint.port))
        .collect();
    assert_eq!(ports, [(1, 80), (1, 8080)]);
}

#[test]
fn real_servers_of_a_virtual_server_that_is_none_belong_to_nobody() {
    let text =
        text("", "TCP_CHECK {\n}").replace("10.0.0.1 80", "10.0.0.300 80") + &text("", "TCP_CHECK {\n}");
    let parsed = parsed(text);
    assert_eq!(errors(&parsed), ["1: KA0074"]);
    assert_eq!(parsed.config.virtual_servers.len(), 1);
    assert_eq!(parsed.config.virtual_servers[0].real_servers.len(), 1);
}

#[test]
fn real_servers_from_a_sequence() {
    let line = "~SEQ(port, 1, 20000) real_server 10.0.1.1 $port { TCP_CHECK { } }";
    let text =
        format!("virtual_server 10.0.0.1 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nalpha\n{line}\n}}\n");
    let parsed = parsed(text);
    assert_eq!(warnings(&parsed), ["1: KA0042"]);
    let servers = &parsed.config.virtual_servers[0].real_servers;
    assert_eq!(servers.len(), 20_000);
    for (server, port) in servers.iter().zip(1..) {
        assert_eq!(server.endpoint.port, port);
        assert_eq!(connection(&server.checkers[0]).connect_port, port);
        assert!(server.checkers[0].schedule.alpha.value);
    }
}
