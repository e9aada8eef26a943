//! What is wrong with virtual servers: each fault by its code and its line, and as a person sees it.

mod common;

use std::collections::BTreeSet;

use common::{errors, lines, parsed, rendered, warnings};
use kaconf::{Code, Forwarding};

/// A sound virtual server but for what is put into it, from line 5, and into its real server, after that.
fn text(outer: &str, inner: &str) -> String {
    format!(
        "virtual_server 10.0.0.1 80 {{\n    protocol TCP\n    lb_algo rr\n    lb_kind NAT\n{outer}    real_server 10.0.1.1 80 \
         {{\n{inner}    }}\n}}\n"
    )
}

const CHECK: &str = "        TCP_CHECK {\n        }\n";

/// A name, a text, and what is said of it beyond that kad does not balance yet.
fn cases() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let outer = |outer: &str| text(&format!("    {outer}\n"), CHECK);
    let inner = |inner: &str| text("", &format!("        {inner}\n"));
    let url = |line: &str| {
        inner(&format!(
            "HTTP_GET {{\n            url {{\n                path /\n                {line}\n            }}\n        }}"
        ))
    };
    let twice = outer("delay_loop 6") + &outer("delay_loop 7");
    let two = outer("quorum 1").replace("    }\n}\n", "    }\n    real_server 10.0.1.1 80 {\n    }\n}\n");
    vec![
        ("duplicate_virtual_server", twice, vec!["11: KA0170"]),
        ("duplicate_real_server", two, vec!["10: KA0171"]),
        (
            "port_forced",
            outer("delay_loop 6").replace("NAT", "DR").replace("1.1 80", "1.1 8080"),
            vec!["6: KA0172"],
        ),
        (
            "port_forced_fwmark",
            outer("delay_loop 6").replace("NAT", "DR").replace("10.0.0.1 80", "fwmark 4").replace("    protocol TCP\n", "\n"),
            vec!["6: KA0172"],
        ),
        ("quorum", outer("quorum 5\n    hysteresis 5"), vec!["5: KA0173", "6: KA0174"]),
        (
            "no_real_server",
            "virtual_server 10.0.0.1 80 {\n    protocol TCP\n    lb_algo rr\n    lb_kind NAT\n}\n".to_owned(),
            vec!["1: KA0175"],
        ),
        ("no_checker", text("", ""), vec!["1: KA0176"]),
        ("alpha_without_checker", text("    alpha\n", ""), vec!["1: KA0176", "6: KA0182"]),
        ("sorry_server", outer("sorry_server 10.0.1.1"), vec!["5: KA0177"]),
        ("flags", outer("sh-port\n    ops"), vec!["5: KA0178", "6: KA0179"]),
        (
            "suspend",
            outer("ha_suspend\n    protocol TCP").replace("10.0.0.1 80", "fwmark 4").replacen("    protocol TCP\n", "\n", 1),
            vec!["5: KA0180", "6: KA0195"],
        ),
        ("udp", outer("ops").replace("TCP\n", "UDP\n"), vec!["7: KA0181"]),
        ("no_url", inner("HTTP_GET {\n        }"), vec!["6: KA0183"]),
        ("no_path", inner("SSL_GET {\n            url {\n            }\n        }"), vec!["7: KA0183"]),
        ("no_track_file", inner("FILE_CHECK {\n        }\n        BFD_CHECK {\n        }"), vec!["6: KA0183", "8: KA0183"]),
        ("digest", url("digest abc"), vec!["9: KA0184"]),
        ("digest_of_letters", url("digest zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), vec!["9: KA0184"]),
        ("status_code", url("status_code 99 200-100 600 200-"), vec!["9: KA0185"; 4]),
        ("regex", url("regex_no_match\n                regex_options caseles"), vec!["9: KA0195", "10: KA0073"]),
        (
            "families",
            outer("sorry_server 2001:db8::9 80\n    ip_family inet6").replace("10.0.1.1", "2001:db8::1"),
            vec!["5: KA0186", "6: KA0186", "7: KA0186"],
        ),
        (
            "any_port",
            outer("delay_loop 6").replace("0.1 80", "0.1").replace("1.1 80", "1.1"),
            vec!["1: KA0187", "7: KA0187"],
        ),
        (
            "no_family",
            "virtual_server fwmark 7 {\n    lb_algo rr\n    lb_kind NAT\n}\n".to_owned(),
            vec!["1: KA0175", "1: KA0188"],
        ),
        ("no_weight", text("", &format!("        weight 0\n{CHECK}")), vec!["1: KA0189"]),
        (
            "defaults",
            "virtual_server 10.0.0.1 53 {\n    lb_algo rrr\n    real_server 10.0.1.1 53 {\n        UDP_CHECK {\n        }\n    \
             }\n}\n"
                .to_owned(),
            vec!["1: KA0190", "2: KA0073"],
        ),
        ("nb_get_retry", inner("HTTP_GET {\n            nb_get_retry 3\n            url {\n                path /\n            }\n        }"), vec!["7: KA0191"]),
        ("smtp_host", inner("SMTP_CHECK {\n            host {\n                connect_ip 10.0.2.1\n            }\n        }"), vec!["7: KA0191"]),
        ("tunnel", inner("lvs_method TUN type gue\n        TCP_CHECK {\n        }"), vec!["6: KA0192"]),
        (
            "group",
            "virtual_server_group web {\n    10.0.0.9-3 80\n    10.0.1.0/8 80\n    10.0.0.1 99999\n    fwmark 0\n    fwmark\n    \
             fwmark 1 ipv4\n    10.0.0.1 80 81\n}\nvirtual_server_group idle {\n}\nvirtual_server group wbe {\n    protocol \
             TCP\n    lb_algo rr\n    lb_kind NAT\n    real_server 10.0.1.1 80 {\n        TCP_CHECK {\n        }\n    }\n}\n"
                .to_owned(),
            vec![
                "1: KA0059", "2: KA0193", "3: KA0193", "4: KA0071", "5: KA0071", "6: KA0081", "7: KA0073", "8: KA0052", "10: KA0195",
                "10: KA0059", "12: KA0058",
            ],
        ),
        ("udp_bytes", inner("UDP_CHECK {\n            payload 0g\n            require_reply XXX\n            min_reply_length 9\n            max_reply_length 8\n        }"),
         vec!["7: KA0194", "8: KA0194", "9: KA0196"]),
        ("persistence", outer("persistence_timeout 0\n    persistence_granularity 255.0.255.0\n    sorry_server_inhibit"),
         vec!["5: KA0071", "6: KA0075", "7: KA0195"]),
        ("thresholds", text("", &format!("        lthreshold 3\n{CHECK}")), vec!["6: KA0195"]),
        ("lower_case", outer("delay_loop 6").replace("NAT", "nat"), vec!["4: KA0073"]),
        (
            "no_address",
            text("", CHECK).replace("10.0.1.1 80", "web1 80"),
            vec!["5: KA0074"],
        ),
        ("what_follows", "virtual_server group {\n}\n".to_owned(), vec!["1: KA0043"]),
    ]
}

#[test]
fn each_fault_is_found_at_its_line() {
    for (name, text, expected) in cases() {
        let parsed = parsed(text);
        let mut found: Vec<_> = warnings(&parsed).into_iter().chain(errors(&parsed)).collect();
        found.retain(|found| !found.ends_with("KA0042"));
        found.sort();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}: {:#?}", lines(&parsed));
    }
}

#[test]
fn as_a_person_sees_them() {
    for (name, text, _) in cases() {
        insta::with_settings!({ description => text.clone(), omit_expression => true }, {
            insta::assert_snapshot!(name, rendered(&parsed(text)));
        });
    }
}

#[test]
fn every_code_of_virtual_servers_has_a_case() {
    let seen: BTreeSet<_> = cases()
        .into_iter()
        .flat_map(|(_, text, _)| parsed(text).diagnostics)
        .map(|diagnostic| diagnostic.code)
        .collect();
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| (170..220).contains(&code.number()) && !seen.contains(code))
        .collect();
    assert_eq!(missing, [&Code::NoPort; 0]);
}

#[test]
fn what_is_adjusted() {
    let one = |text: String| parsed(text).config.virtual_servers.swap_remove(0);
    let server = one(text("    quorum 5\n    hysteresis 9\n    weight 3\n", CHECK));
    assert_eq!((server.quorum.value, server.hysteresis.value), (3, 2));
    let server = one(text("    sorry_server 10.0.1.9 81\n", CHECK).replace("NAT", "DR"));
    let sorry = server.sorry_server.expect("one");
    assert_eq!(
        (sorry.port, server.sorry_server_method.value),
        (80, Forwarding::Direct)
    );
    let server = one(text("", CHECK).replace("0.1 80", "0.1"));
    assert_eq!(
        server.persistence_timeout.map(|timeout| timeout.as_secs()),
        Some(360)
    );
}

#[test]
fn what_tcp_checks_do_not_know() {
    let text = text("", "        TCP_CHECK {\n            nb_get_retry 3\n        }\n");
    let parsed = parsed(text);
    assert_eq!(warnings(&parsed), ["1: KA0042", "7: KA0041"]);
    assert!(
        rendered(&parsed).contains("write `retry`"),
        "{}",
        rendered(&parsed)
    );
}
