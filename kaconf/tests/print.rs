//! Models to text and back.

mod common;

use common::{instance_text, lines, parsed};
use kaconf::{Config, outline, print};

/// What a parse makes of the printed text.
fn again(config: &Config) -> Config {
    let text = print(config);
    let parsed = parsed(text.clone());
    assert!(
        !parsed.has_errors(),
        "{}\n{:#?}",
        String::from_utf8_lossy(&text),
        lines(&parsed)
    );
    parsed.config
}

fn holds(text: &str) {
    let parsed = parsed(text);
    assert_eq!(
        again(&parsed.config),
        parsed.config,
        "{}",
        String::from_utf8_lossy(&print(&parsed.config))
    );
}

#[test]
fn what_is_printed_means_the_same() {
    holds("");
    holds("global_defs {\nshutdown_script /bin/a\0b\n}\n");
    holds("random_seed 7\nglobal_defs {\nrouter_id \"a # b\"\nvrrp_version 3\nvrrp_garp_master_delay 0\n}\n");
    holds(&instance_text(
        "state MASTER\npriority 100\nno_accept\nadvert_int 2",
    ));
    holds(&instance_text(
        "authentication {\nauth_type PASS\nauth_pass \"a b#\"\n}",
    ));
    holds(&instance_text(
        "nopreempt\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2 min_ttl 3\n}",
    ));
    holds(&instance_text(
        "use_vmac v0 eth1 02:00:00:00:00 group 3\ntrack_interface {\neth0 weight -5 reverse\neth1\n}",
    ));
    holds(&instance_text(&format!(
        "version 3\nauth_hmac {{\nkey 1 {}\nkey 2 file:/k\nactive_key 2\nmode permissive\n}}",
        "k".repeat(32)
    )));
    holds(&(String::from("vrrp_sync_group G {\ngroup {\nVI_1\n}\nsmtp_alert\n}\n") + &instance_text("")));
}

#[test]
fn only_what_differs_from_the_default_is_printed() {
    let text = print(&parsed(instance_text("priority 100\nadvert_int 2\nversion 2")).config);
    assert_eq!(
        String::from_utf8_lossy(&text),
        "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    advert_int 2\n    \
         virtual_ipaddress {\n        10.0.0.10/24\n    }\n}\n"
    );
}

#[test]
fn an_outline_shows_no_secret_unless_asked() {
    let config = parsed(instance_text(
        "authentication {\nauth_type PASS\nauth_pass hunter2\n}",
    ))
    .config;
    let shown = |secrets| {
        format!(
            "{:?}",
            outline(&config, secrets).blocks[1]
                .settings
                .iter()
                .map(|setting| setting.text().into_owned())
                .collect::<Vec<_>>()
        )
    };
    assert!(!shown(false).contains("hunter2"));
    assert!(shown(true).contains("hunter2"));
}
