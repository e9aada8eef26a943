//! What a person sees, one snapshot for each kind of problem.

mod common;

use std::collections::BTreeSet;

use common::{instance_text, parsed, rendered};
use kaconf::Code;

/// A name, and a whole file.
fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let mut cases: Vec<(&'static str, Vec<u8>)> = CASES
        .iter()
        .map(|&(name, text)| (name, text.as_bytes().to_vec()))
        .collect();
    cases.extend(
        IN_INSTANCE
            .iter()
            .map(|&(name, body)| (name, instance_text(body).into_bytes())),
    );
    cases.extend(
        ADDRESSES
            .iter()
            .map(|&(name, line)| (name, instance_text("").replace("10.0.0.10/24", line).into_bytes())),
    );
    let many: Vec<_> = (0..=255).map(|n| format!("10.0.{n}.1")).collect();
    cases.push((
        "too_many_addresses",
        instance_text("")
            .replace("10.0.0.10/24", &many.join("\n"))
            .into_bytes(),
    ));
    cases.push((
        "not_utf8",
        b"global_defs {\n    router_id \xc4\xe3\"\xa3\"\n}\n".to_vec(),
    ));
    cases
}

#[test]
fn as_a_person_sees_them() {
    for (name, text) in cases() {
        insta::with_settings!({ description => String::from_utf8_lossy(&text), omit_expression => true }, {
            insta::assert_snapshot!(name, rendered(&parsed(text)));
        });
    }
}

#[test]
fn every_code_that_a_text_can_cause_has_a_case() {
    let seen: BTreeSet<_> = cases()
        .into_iter()
        .flat_map(|(_, text)| parsed(text).diagnostics)
        .map(|diagnostic| diagnostic.code)
        .collect();
    let elsewhere = BTreeSet::from([
        Code::Unreadable,
        Code::FileTooLarge,
        Code::LineTooLong,
        Code::IncludeTooDeep,
        Code::TooManyFiles,
        Code::TooDeep,
        Code::TooManyProblems,
        // Not reported by anything yet.
        Code::NoEffect,
        Code::OptionNotSupportedYet,
        Code::Refused,
        Code::DuplicateName,
        Code::InvalidKey,
    ]);
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code) && !elsewhere.contains(code))
        .filter(|code| code.number() < FIRST_OF_OTHERS && !OF_VIRTUAL_SERVERS.contains(&code.number()))
        .collect();
    assert_eq!(missing, [&Code::ExtraWords; 0]);
}

/// From here on the codes are those of programs that look at more than one configuration, or at the machine.
const FIRST_OF_OTHERS: u16 = 220;
/// These have a file of tests of their own.
const OF_VIRTUAL_SERVERS: std::ops::Range<u16> = 170..220;

const CASES: &[(&str, &str)] = &[
    (
        "static_items",
        "static_ipaddress {\n    10.0.0.1/24 dev eth0 track_group G2\n}\ntrack_group G1 {\n    group {\n        VI_1\n    \
         }\n}\ntrack_group G3 {\n}\ngarp_group {\n    interface eth0\n}\ngarp_group {\n    garp_interval 1\n    interfaces {\n        \
         eth1\n        eth1\n    }\n}\ninterface_up_down_delays {\n    eth0 300\n    eth1\n}\n",
    ),
    (
        "commands",
        "global_defs {\n    enable_script_security\n}\nvrrp_script a {\n    script killall -0 haproxy\n}\nvrrp_script b \
         {\n    script \"/bin/a 'b\"\n}\nvrrp_script c {\n    script \"/usr/bin/pgrep nginx | wc -l\"\n}\nvrrp_script d \
         {\n    script 'pidof nginx'\n    rise 0\n    interval 0\n    weight 300\n}\nvrrp_script e {\n}\nvrrp_script f \
         {\n    script \"\"\n}\nvrrp_script g {\n    script bin/check\n}\nvrrp_sync_group G {\n    notify_master /bin/a x y \
         z\n    notify_stop \"/bin/a x\" root root\n}\n",
    ),
    (
        "trackers",
        "vrrp_script chk {\n    script /bin/true\n    weight -20\n}\nvrrp_script lost {\n    script \
         /bin/true\n}\nvrrp_track_process nginx {\n    process nginx\n    quorum 3\n    quorum_max 2\n}\ntrack_file drain \
         {\n    init_file 5 owerwrite\n}\nbfd_instance b {\n    multiplier 0\n}\nbfd_instance c {\n    neighbor_ip \
         10.0.0.1\n    source_ip fe80::1\n}\nvrrp_sync_group G {\n    group {\n        A\n        B\n    }\n    track_script \
         {\n        chk weight 5\n    }\n}\nvrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    \
         virtual_ipaddress { 10.0.0.1 }\n    track_script {\n        chk weight 254\n        chk\n        check\n        nginx \
         wait 3\n    }\n}\nvrrp_instance B {\n    interface eth0\n    virtual_router_id 2\n    virtual_ipaddress { \
         10.0.0.2 }\n    track_process {\n        ngnix\n    }\n    track_file {\n        file\n    }\n}\nvrrp_instance C \
         {\n    interface eth0\n    virtual_router_id 3\n    priority 255\n    virtual_ipaddress { 10.0.0.3 }\n    track_interface \
         {\n        eth1 weight -5\n    }\n}\n",
    ),
    (
        "groups",
        "vrrp_sync_group G1 {\n    group {\n        A\n        B\n        a\n        A\n    }\n}\nvrrp_sync_group G2 \
         {\n    group {\n        B\n    }\n}\nvrrp_sync_group G4 {\n}\nvrrp_sync_group G3 {\n    group {\n        C\n    }\n}\nvrrp_instance A \
         {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.1 }\n}\nvrrp_instance B {\n    \
         interface eth0\n    priority 255\n    virtual_router_id 2\n    virtual_ipaddress { 10.0.0.2 }\n}\nvrrp_instance C \
         {\n    interface eth0\n    virtual_router_id 3\n    virtual_ipaddress { 10.0.0.3 }\n}\n",
    ),
    (
        "unknown_lint",
        "# kad: allow-file pasword-truncated\nglobal_defs {\n    router_id x # kad: allow something\n}\n",
    ),
    ("byte_order_mark", "\u{feff}global_defs {\n}\n"),
    (
        "no_break_space",
        "global_defs {\n\u{a0}\u{a0}router_id x\n\u{a0}}\n",
    ),
    ("carriage_return", "global_defs {\rrouter_id x\r}\r"),
    ("nul", "global_defs {\nrouter_id a\0b\n}\n"),
    ("quote", "global_defs {\n    router_id \"the router\n}\n"),
    (
        "include_nothing",
        "include conf.d/*.conf\nincludew conf.d/*.conf\nincludem one.conf\ninclude\n",
    ),
    ("include_pattern", "include a[\n"),
    (
        "variables",
        "$VIP=10.0.0.1\n$BAD=bogus \\\n    bogus2 $X\nglobal_defs {\n    $BAD\n    router_id ${VIIP}\n    router_id ${VIP 1}\n    \
         router_id $VIP/24\n    router_id ${BAD} x\n    vrrp_version ${_RANDOM 9 1}${_RANDOM a}\n    router_id \
         ${_ENV NOTHING}\n}\n",
    ),
    ("expansion_too_large", "~SEQ(i, 1, 999999) $X=1\n"),
    (
        "nested_variables",
        "$A=bogus ${B}\n$B=${C}x\n$C=y\n$A\n$D=$D $D\nz $D\n",
    ),
    (
        "sequences",
        "~SEQ(i, 1, 2) bogus $i\n~SEQ(i) x\n~SEQ(i, 1, 0, 3) x\n~SEQ(i, x) x\n~SEQ(i, 3\n~LST(a, {1,2}) x\n~LST(a) \
         x\n~LST({a,b}, {1,2}, 3) x\n~LST({a,b}, {1,2) x\n~SEQx(i, 1, 2, 3, 4) x\n",
    ),
    (
        "value_in_expansion",
        "$BODY=vrrp_instance V${i} { \\\n  interface eth0\\\n virtual_router_id ${id} \\\n priority 900 \\\n \
         virtual_ipaddress { \\\n 10.0.0.${i} \\\n } \\\n }\n~LST({i, id}, {1, 10}, {2, 300}) $BODY\n",
    ),
    (
        "unknown_keyword",
        "global_defs {\n    routerid x\n    qwertyuiop\n    lvs_id y\n    Router_ID z\n}\n",
    ),
    (
        "unknown_at_root",
        "OS: centos7.6\nbal_defs {\n    router_id x\n}\nuser@host:/etc$ cat x\n",
    ),
    ("glued_name", "vrrp_script_chk_nginx {\n    script x\n}\n"),
    (
        "misplaced",
        "enable_script_security\nglobal_defs {\n    garp_master_delay 3\n}\ntrack_script {\n    chk\n}\n",
    ),
    (
        "nested_root_block",
        "vrrp_instance A {\n    vrrp_script chk {\n        script x\n    }\n}\n",
    ),
    ("no_name", "vrrp_instance {\n    interface eth0\n}\n"),
    (
        "name_of_two_words",
        "vrrp_instance VI 1 {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.1 }\n}\n",
    ),
    (
        "no_brace",
        "vrrp_instance A\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress\n        10.0.0.1\n    }\n}\n",
    ),
    ("no_brace_at_all", "global_defs\n"),
    ("brace_from_nowhere", "{\n    router_id x\n}\nglobal_defs {\n}\n"),
    (
        "brace_after_value",
        "global_defs {\n    router_id x {\n        y\n    }\n    vrrp_version 3\n}\n",
    ),
    ("brace_in_word", "global_defs {\n    router_id a}b\n}\n"),
    ("too_many_closed", "global_defs {\n}\n}\nvrrp_script x {\n}\n"),
    (
        "not_closed_at_end",
        "global_defs {\n    notification_email {\n        a@b\n",
    ),
    (
        "not_closed_before_next",
        "global_defs {\n    router_id x\n\nvrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.1 }\n}\n",
    ),
    (
        "list_not_closed",
        "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress {\n        10.0.0.1\n\n    authentication {\n        auth_type PASS\n        auth_pass x\n    }\n}\n",
    ),
    (
        "global_values",
        "global_defs {\n    vrrp_version 4\n    vrrp_mcast_group4 10.0.0.1\n    vrrp_mcast_group4 ff02::1\n    vrrp_mcast_group6 224.0.0.1\n    vrrp_garp_interval 0\n    vrrp_gna_interval 0.0000001\n    vrrp_garp_master_repeat 0\n    vrrp_down_timer_adverts 200\n    vrrp_skip_check_adv_addr maybe\n    v3_checksum_as_v2 ON\n    vrrp_garp_master_delay -1\n}\n",
    ),
    ("instance_of_nothing", "vrrp_instance A {\n}\n"),
    (
        "faults_are_not_missed_too",
        "vrrp_instance A {\n    interface\n    virtual_router_id x\n    virtual_ipaddress {\n        x\n    }\n}\n",
    ),
    (
        "duplicate_name",
        "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.1 }\n}\nvrrp_instance A {\n    interface eth0\n    virtual_router_id 2\n    virtual_ipaddress { 10.0.0.2 }\n}\n",
    ),
    (
        "duplicate_id",
        "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.1 }\n}\nvrrp_instance B {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.2 }\n}\nvrrp_instance C {\n    interface eth1\n    virtual_router_id 1\n    virtual_ipaddress { 10.0.0.3 }\n}\nvrrp_instance D {\n    interface eth0\n    virtual_router_id 1\n    virtual_ipaddress { fe80::1 }\n}\n",
    ),
    (
        "ipv6_version",
        "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n    version 2\n    virtual_ipaddress { fe80::1 }\n}\n",
    ),
];

const IN_INSTANCE: &[(&str, &str)] = &[
    (
        "routes",
        "    virtual_routes {\n        via 10.0.0.254\n        192.0.2.0/24 gw 10.0.0.254 or 10.0.0.253\n        192.0.2.0/24 via \
         fe80::1\n        192.0.2.0/24 via router\n        network via 10.0.0.254\n        192.0.2.0/24 via 10.0.0.254 metric low\n        \
         192.0.2.0/24 dev eth0 scope planet table nowhere\n        192.0.2.0/24 via 10.0.0.254 colour blue\n        192.0.2.0/24 dev eth0 table 0\n        \
         default rtt soon\n        default encap foo 7\n        default pref highest features foo\n    }",
    ),
    (
        "rules",
        "    virtual_rules {\n        from 192.0.2.0/24 table 7\n        from 192.0.2.0/24 priority 3\n        from here table 7\n        fwmark \
         red table 7\n        sport 80 table 7\n        from 192.0.2.0/24 to 2001:db8::/32 table 7 priority 3\n        from 192.0.2.0/24 colour \
         blue\n    }",
    ),
    ("flag_turned_off", "    nopreempt off\n    use_vmac_addr no"),
    (
        "password_cut",
        "    authentication {\n        auth_type PASS\n        auth_pass ab##cd!\n    }",
    ),
    ("priority_unset", "    state MASTER"),
    (
        "strict_mode",
        "    strict_mode\n    preempt_delay 5\n    down_timer_adverts 5\n    higher_prio_send_advert\n    \
         authentication {\n        auth_type PASS\n        auth_pass x\n    }",
    ),
    ("strict_mode_alone", "    strict_mode on"),
    ("state", "    state SLAVE\n    state master\n    state MASTER;"),
    (
        "state_twice",
        "    priority 9\n    state MASTER\n    state BACKUP",
    ),
    (
        "priority",
        "    priority 0\n    priority 300\n    priority high\n    priority 0x10\n    priority 100;\n    priority = 5\n    priority -1",
    ),
    (
        "advert_int",
        "    advert_int 0\n    advert_int 300\n    advert_int 100ms\n    advert_int 5s\n    advert_int -1",
    ),
    ("advert_int_v2", "    advert_int 1.5"),
    ("advert_int_v3", "    version 3\n    advert_int 0.555"),
    ("advert_int_v3_long", "    version 3\n    advert_int 41"),
    ("version", "    version 1"),
    ("missing_argument", "    priority"),
    ("lost_statement", "    garp_master_delay 5 smtp_alert"),
    (
        "lost_password",
        "    authentication { auth_type PASS auth_pass x }",
    ),
    ("equals", "    mcast_src_ip=192.168.10.80"),
    (
        "not_yet",
        "    track_script {\n        chk\n    }\n    lvs_sync_daemon_interface eth0\n    track_script { b }\n    lvs_sync_daemon_interface eth0\n    lvs_sync_daemon_interface eth0",
    ),
    (
        "list_without_braces",
        "    track_interface eth0\n    unicast_peer 10.0.0.2\n    authentication {\n        auth_type PASS\n        auth_pass x\n    }",
    ),
    (
        "authentication_type",
        "    authentication {\n        auth_type pass\n        auth_pass x\n    }",
    ),
    (
        "authentication_unknown",
        "    authentication {\n        auth_type HMAC\n        auth_pass x\n    }",
    ),
    (
        "authentication_without_password",
        "    authentication {\n        auth_type PASS\n    }",
    ),
    ("authentication_empty", "    authentication {\n    }"),
    (
        "authentication_password_missing",
        "    authentication {\n        auth_type PASS\n        auth_pass #secret\n    }",
    ),
    (
        "authentication_v3",
        "    version 3\n    authentication {\n        auth_type PASS\n        auth_pass x\n    }",
    ),
    (
        "password_long",
        "    authentication {\n        auth_type PASS\n        auth_pass 123456789\n    }",
    ),
    (
        "nopreempt_master",
        "    state MASTER\n    priority 100\n    nopreempt\n    preempt_delay 5",
    ),
    ("nopreempt_owner", "    priority 255\n    nopreempt"),
    ("preempt_delay", "    nopreempt\n    preempt_delay 5"),
    (
        "preempt_delay_range",
        "    preempt_delay 1001\n    preempt_delay 1.5555555",
    ),
    (
        "unicast_no_peers",
        "    unicast_src_ip 10.0.0.1\n    unicast_peer {\n    }",
    ),
    (
        "peers",
        "    unicast_src_ip 10.0.0.1\n    unicast_peer {\n        10.0.0.1\n        fe80::2\n        foo\n        10.0.0.3 min_ttl 300\n        10.0.0.4 min_ttl 5 max_ttl 3\n        10.0.0.5 bla\n        10.0.0.6 min_ttl\n        10.0.0.7 10.0.0.8\n    }",
    ),
    (
        "source_family",
        "    mcast_src_ip fe80::1\n    mcast_dst_ip ff02::1\n    mcast_dst_ip 10.0.0.1",
    ),
    ("source_address", "    mcast_src_ip eth0"),
    ("native_ipv6", "    native_ipv6"),
    ("empty", "    interface \"\""),
    ("debug", "    debug\n    debug 5"),
    (
        "misspelt_block",
        "    authentcation {\n        auth_type PASS\n        auth_pass x\n    }\n    priority 50",
    ),
];

const ADDRESSES: &[(&str, &str)] = &[
    ("broadcast_outside", "10.0.0.10/24 brd 10.0.1.255"),
    ("not_a_host_address", "10.0.0.255/24"),
    ("address", "10.0.0.300"),
    ("address_mask", "10.0.0.10/255.255.255.0"),
    ("address_prefix", "10.0.0.10/33"),
    ("address_options_first", "dev eth0 10.0.0.10"),
    ("address_option_unknown", "10.0.0.10 foo"),
    ("address_option_without_value", "10.0.0.10 dev"),
    ("address_twice_dev", "10.0.0.10 dev eth0 dev eth1"),
    ("address_two_on_a_line", "10.0.0.10 10.0.0.11"),
    ("address_broadcast", "10.0.0.10 brd foo"),
    ("address_broadcast_ipv6", "fe80::1/64 brd +"),
    ("address_label", "10.0.0.10 label eth0:1234567890123"),
    ("address_label_ipv6", "fe80::1 label eth0:1"),
    ("address_scope", "10.0.0.10 scope bla"),
    ("address_family", "10.0.0.10\n        fe80::1"),
    ("address_twice", "10.0.0.10/24\n        10.0.0.10"),
    ("address_empty_length", "10.0.0.10/"),
    ("address_peer", "10.0.0.10 peer fe80::1 preferred_lft soon -nodad"),
    ("address_prose", "Indicamos la ip virtual"),
];
