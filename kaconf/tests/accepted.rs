//! Forms that keepalived takes without a word, and so does kaconf.

mod common;

use std::net::IpAddr;

use common::{instance_text, parsed, silent, warned, warnings};
use kaconf::{AuthKind, Code, InitialState, VrrpInstance};

fn body(body: &str) -> VrrpInstance {
    silent(instance_text(body))
}

fn interface(instance: &VrrpInstance) -> Option<&str> {
    instance.interface.as_ref().map(|name| name.as_str())
}

fn addresses(instance: &VrrpInstance) -> Vec<String> {
    instance
        .virtual_ipaddress
        .iter()
        .map(|vip| format!("{}/{}", vip.address, vip.prefix_len))
        .collect()
}

fn password(text: &[u8]) -> Vec<u8> {
    let mut body =
        b"vrrp_instance V {\ninterface e\nvirtual_router_id 1\nauthentication {\nauth_type PASS\nauth_pass "
            .to_vec();
    body.extend(text);
    body.extend(b"\n}\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n");
    let authentication = warned(body).authentication.expect("authentication");
    assert_eq!(authentication.kind, AuthKind::Pass);
    authentication.password.as_bytes().to_vec()
}

#[test]
fn comments_anywhere_outside_double_quotes() {
    let instance = silent(
        "! first\n# second\nvrrp_instance VI_1 {# glued\n interface eth0!glued\n virtual_router_id 3#x\n\n\
         # between {\n virtual_ipaddress { ! after a brace\n 10.0.0.10 # trailing }\n } # after\n} ! end",
    );
    assert_eq!(interface(&instance), Some("eth0"));
    assert_eq!(instance.virtual_router_id.value, 3);
    assert_eq!(addresses(&instance), ["10.0.0.10/32"]);
}

#[test]
fn passwords_end_at_comment_characters() {
    assert_eq!(password(b"ab##cd!"), b"ab");
    assert_eq!(password(b"\"ab##cd!\""), b"ab##cd!");
    assert_eq!(password(br"ab\#\!c"), b"ab#!c");
    assert_eq!(password(b"12345@$"), b"12345@$");
    assert_eq!(password(b"two words"), b"two");
    assert_eq!(password(b"\"a b\""), b"a b");
    assert_eq!(password(b"'a b'"), b"'a");
}

#[test]
fn passwords_of_any_bytes() {
    assert_eq!(password(b"a\xa3b"), b"a\xa3b");
    assert_eq!(password(b"\"\xc4\xe3 x\""), b"\xc4\xe3 x");
    assert_eq!(password("pä£".as_bytes()), "pä£".as_bytes());
}

#[test]
fn braces_wherever_people_put_them() {
    let glued = "vrrp_instance V{\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress{\n10.0.0.1\n}}";
    let below = "vrrp_instance V\n{\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress\n\n# x\n! y\n{\n10.0.0.1\n}\n}\n";
    let one_line = "vrrp_instance V { interface e\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 } }";
    let text_after_close =
        "vrrp_instance V {\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1 } interface e\n}";
    for text in [glued, below, one_line, text_after_close] {
        let instance = silent(text);
        assert_eq!(
            instance.interface.as_ref().map(|name| name.as_str()),
            Some("e"),
            "{text}"
        );
        assert_eq!(addresses(&instance), ["10.0.0.1/32"], "{text}");
    }
}

#[test]
fn blocks_follow_each_other_on_a_line() {
    let text = "global_defs { router_id x } vrrp_instance V { interface e\nvirtual_router_id 1\n\
                virtual_ipaddress { 10.0.0.1 } }";
    let parsed = parsed(text);
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(
        parsed.config.global.router_id.as_ref().map(|id| id.as_str()),
        Some("x")
    );
    assert_eq!(parsed.config.instances.len(), 1);
}

#[test]
fn quoted_names() {
    let instance = silent(
        "vrrp_instance \"the one\" {\ninterface \"bond0.1001\"\nvirtual_router_id \"1\"\n\
         virtual_ipaddress {\n\"10.0.0.1/24\" dev \"eth0\"\n}\n}",
    );
    assert_eq!(instance.name.value, "the one");
    assert_eq!(interface(&instance), Some("bond0.1001"));
    assert_eq!(addresses(&instance), ["10.0.0.1/24"]);
}

#[test]
fn names_that_are_numbers_or_not_ascii() {
    for name in ["50", "1", "a-b.c_d", "实例", "“curly”"] {
        let text = instance_text("").replace("VI_1", name);
        assert_eq!(silent(text).name.value, name);
    }
}

#[test]
fn words_after_a_complete_statement() {
    assert!(*body("nopreempt 1").nopreempt);
    assert!(*body("nopreempt please thanks").nopreempt);
    assert_eq!(
        body("garp_master_delay 5 seconds").garp,
        body("garp_master_delay 5").garp
    );
    assert_eq!(body("priority 90 80").priority, 90);
}

#[test]
fn numbers_with_a_sign_or_zeros() {
    assert_eq!(body("priority +10").priority, 10);
    assert_eq!(body("priority 0100").priority, 100);
    assert_eq!(body("advert_int 2.").advert_int.as_secs(), 2);
}

#[test]
fn line_ends_and_blanks() {
    let text = instance_text("    priority 90");
    let plain = silent(text.clone());
    assert_eq!(silent(text.replace('\n', "\r\n")), plain);
    assert_eq!(silent(text.replace("    ", "\t")), plain);
    assert_eq!(silent(text.replace("    ", " \x0c\x0b")), plain);
    assert_eq!(silent(text.replace('\n', "  \t\n")), plain);
    assert_eq!(silent(text.trim_end().to_owned()), plain);
    assert_eq!(silent(text.replace('\n', "\r\r\n")), plain);
}

#[test]
fn comments_in_any_encoding() {
    let mut text = b"# \xd6\xd0\xce\xc4 \xff\n".to_vec();
    text.extend(instance_text("# комментарий ü").bytes());
    silent(text);
}

#[test]
fn nothing_at_all() {
    for text in ["", "\n", "# only a comment", " \t"] {
        let parsed = parsed(text);
        assert!(
            parsed.diagnostics.is_empty() && parsed.config.instances.is_empty(),
            "{text:?}"
        );
    }
}

#[test]
fn repeated_statements() {
    let repeated = parsed(instance_text("priority 50\npriority 60"));
    assert_eq!(warnings(&repeated), ["5: KA0055"]);
    assert_eq!(repeated.config.instances[0].priority, 60);
    let other = warned(instance_text("interface eth1"));
    assert_eq!(interface(&other), Some("eth1"));
    assert_eq!(
        body("state MASTER\nstate MASTER\npriority 9").state,
        InitialState::Master
    );
    let twice = body("virtual_ipaddress {\n10.0.0.9\n}");
    assert_eq!(addresses(&twice), ["10.0.0.9/32", "10.0.0.10/24"]);
    let parsed = parsed("global_defs {\nrouter_id a\nvrrp_version 3\n}\nglobal_defs {\nrouter_id b\n}");
    assert_eq!(warnings(&parsed), ["6: KA0055"]);
    assert_eq!(
        parsed.config.global.router_id.as_ref().map(|id| id.as_str()),
        Some("b")
    );
    assert_eq!(parsed.config.global.vrrp_version, kaconf::VrrpVersion::V3);
}

#[test]
fn masks_on_peers_and_sources() {
    let instance = body("unicast_src_ip 10.0.0.1/24\nunicast_peer {\n10.0.0.2/24\n10.0.0.3\n}");
    let source: IpAddr = "10.0.0.1".parse().expect("an address");
    assert_eq!(instance.source.map(|source| source.value), Some(source));
    let peers: Vec<_> = instance
        .unicast_peer
        .iter()
        .map(|peer| peer.address.to_string())
        .collect();
    assert_eq!(peers, ["10.0.0.2", "10.0.0.3"]);
}

#[test]
fn one_address_in_two_instances() {
    let text = instance_text("") + &instance_text("").replace("VI_1", "VI_2").replace("51", "52");
    let parsed = parsed(text);
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(parsed.config.instances.len(), 2);
}

#[test]
fn lines_for_another_configuration_id() {
    let text = instance_text("@VIP1@\n@\n@other priority 7\n@^other priority 8\n@VIP2 {");
    assert_eq!(silent(text).priority, 8);
}

#[test]
fn words_that_kad_does_not_heed_yet_are_one_warning_each() {
    let text = "global_defs {\nlvs_flush\nchecker_log_all_failures on\n}\n\
                virtual_server 10.0.0.9 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.0.0.2 80 {\nTCP_CHECK {\n}\n}\n}\n"
        .to_owned()
        + &instance_text("lvs_sync_daemon_interface eth0");
    let parsed = parsed(text.clone());
    let lines: Vec<_> = warnings(&parsed);
    let expected = ["2", "3", "5", "17"].map(|line| format!("{line}: KA0042"));
    assert_eq!(lines, expected);
    assert_eq!(addresses(&warned(text)), ["10.0.0.10/24"]);
}

#[test]
fn names_that_share_a_line() {
    let group = "vrrp_sync_group G {\ngroup {\nA B\n}\n}\n";
    let instances = ["A", "B"].map(|name| {
        let id = u32::from(name.as_bytes()[0]);
        format!(
            "vrrp_instance {name} {{\ninterface e\nvirtual_router_id {id}\nvirtual_ipaddress {{\n10.0.0.{id}\n}}\n}}\n"
        )
    });
    let parsed = parsed(format!("{group}{}", instances.concat()));
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    let names: Vec<_> = parsed.config.sync_groups[0]
        .group
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(names, ["A", "B"]);
}

#[test]
fn oddities_that_cost_a_warning() {
    let warns = |text: &str, code: Code| {
        let parsed = parsed(format!("global_defs {{\n{text}\n}}\n"));
        assert!(!parsed.has_errors(), "{text}: {:?}", parsed.diagnostics);
        assert!(
            parsed.diagnostics.iter().any(|it| it.code == code),
            "{text}: {:?}",
            parsed.diagnostics
        );
    };
    warns("router_id \"\"", Code::EmptyValue);
    warns("lvs_sync_daemon eth0 NOBODY", Code::UnknownName);
    warns("smtp_connect_timeout 0", Code::OutOfRange);
}
