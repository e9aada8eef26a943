//! Defaults, inheritance, and what values become.

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::{instance_text, parsed, silent, warned};
use kaconf::{
    Broadcast, Config, Family, Garp, GlobalDefs, InitialState, Scope, UnicastPeer, VirtualAddress,
    VrrpInstance, VrrpVersion,
};

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn body(body: &str) -> VrrpInstance {
    silent(instance_text(body))
}

fn global(body: &str) -> Config {
    let parsed = parsed(format!("global_defs {{\n{body}\n}}\n") + &instance_text(""));
    assert!(parsed.diagnostics.is_empty(), "{:#?}", common::lines(&parsed));
    parsed.config
}

#[test]
fn an_instance_that_says_little() {
    let mut expected = VrrpInstance::new("VI_1".to_owned().into(), 51.into());
    expected.interface = Some("eth0".to_owned().into());
    let mut vip = VirtualAddress::new(ip("10.0.0.10").into());
    vip.prefix_len = 24;
    expected.virtual_ipaddress = vec![vip];
    assert_eq!(body(""), expected);
    assert_eq!(parsed(instance_text("")).config.global, GlobalDefs::default());
}

#[test]
fn an_instance_that_says_everything() {
    let instance = body(
        "state MASTER\npriority 150\nversion 3\nadvert_int 0.25\ndown_timer_adverts 4\ngarp_master_delay 0\n\
         garp_master_repeat 2\ngarp_master_refresh 60\ngarp_master_refresh_repeat 3\ngarp_lower_prio_delay 7\n\
         garp_lower_prio_repeat 0\nmcast_src_ip 10.0.0.1\nmcast_dst_ip 224.0.0.19\nv3_checksum_as_v2\n\
         skip_check_adv_addr off\ndebug 2",
    );
    assert_eq!(instance.state, InitialState::Master);
    assert_eq!(instance.priority, 150);
    assert_eq!(instance.version, VrrpVersion::V3);
    assert_eq!(instance.advert_int, Duration::from_millis(250));
    assert_eq!(instance.down_timer_adverts, 4);
    assert_eq!(instance.source.map(|source| source.value), Some(ip("10.0.0.1")));
    assert_eq!(instance.mcast_dst_ip, ip("224.0.0.19"));
    assert!(*instance.v3_checksum_as_v2 && !*instance.skip_check_adv_addr);
    assert_eq!(instance.debug, 2);
    assert_eq!(instance.garp.master_delay, Duration::ZERO);
    assert_eq!(instance.garp.master_repeat, 2);
    assert_eq!(instance.garp.master_refresh, Duration::from_secs(60));
    assert_eq!(instance.garp.master_refresh_repeat, 3);
    assert_eq!(instance.garp.lower_prio_delay, Duration::from_secs(7));
    assert_eq!(instance.garp.lower_prio_repeat, 0);
}

#[test]
fn priority_and_state_decide_each_other() {
    let of = |text| {
        let instance = warned(instance_text(text));
        (*instance.state, *instance.priority)
    };
    assert_eq!(of(""), (InitialState::Backup, 100));
    assert_eq!(of("state MASTER"), (InitialState::Master, 255));
    assert_eq!(of("state MASTER\npriority 100"), (InitialState::Master, 100));
    assert_eq!(of("priority 255"), (InitialState::Master, 255));
    assert_eq!(of("state BACKUP\npriority 255"), (InitialState::Backup, 255));
}

#[test]
fn preemption() {
    assert!(*body("nopreempt").nopreempt);
    assert!(!*body("nopreempt\npreempt").nopreempt);
    assert_eq!(
        body("preempt_delay 2.5").preempt_delay,
        Duration::from_millis(2500)
    );
    let cleared = warned(instance_text(
        "state MASTER\npriority 1\nnopreempt\npreempt_delay 5",
    ));
    assert!(!*cleared.nopreempt && cleared.preempt_delay.is_zero());
    let delay_cleared = warned(instance_text("nopreempt\npreempt_delay 5"));
    assert!(*delay_cleared.nopreempt && delay_cleared.preempt_delay.is_zero());
    assert!(!*warned(instance_text("priority 255\nnopreempt")).nopreempt);
}

#[test]
fn intervals_as_their_version_can_say_them() {
    let seconds = |text: &str| warned(instance_text(text)).advert_int.as_secs_f64();
    assert_eq!(seconds("advert_int 0.3"), 1.0);
    assert_eq!(seconds("advert_int 1.4"), 1.0);
    assert_eq!(seconds("advert_int 1.5"), 2.0);
    assert_eq!(seconds("advert_int 255"), 255.0);
    assert_eq!(seconds("version 3\nadvert_int 0.01"), 0.01);
    assert_eq!(seconds("version 3\nadvert_int 0.555"), 0.56);
    assert_eq!(seconds("version 3\nadvert_int 255"), 40.95);
}

#[test]
fn globals_reach_instances_that_do_not_say_otherwise() {
    let config = global(
        "vrrp_version 3\nvrrp_mcast_group4 224.0.0.20\nvrrp_down_timer_adverts 5\nvrrp_skip_check_adv_addr\n\
         v3_checksum_as_v2 yes\nvrrp_garp_master_refresh 30\nvrrp_garp_interval 0.001\nvrrp_gna_interval 2",
    );
    let instance = &config.instances[0];
    assert_eq!(instance.version, VrrpVersion::V3);
    assert_eq!(instance.mcast_dst_ip, ip("224.0.0.20"));
    assert_eq!(instance.down_timer_adverts, 5);
    assert!(*instance.skip_check_adv_addr && *instance.v3_checksum_as_v2);
    assert_eq!(instance.garp.master_refresh, Duration::from_secs(30));
    assert_eq!(config.global.garp_interval, Duration::from_millis(1));
    assert_eq!(config.global.gna_interval, Duration::from_secs(2));
}

#[test]
fn answering_a_lower_priority_inherits_from_becoming_master_globally() {
    let config = global("vrrp_garp_master_delay 9\nvrrp_garp_master_repeat 2");
    assert_eq!(config.global.garp.lower_prio_delay, Duration::from_secs(9));
    assert_eq!(config.instances[0].garp.lower_prio_repeat, 2);
    let own = body("garp_master_delay 7").garp;
    assert_eq!(
        (*own.master_delay, *own.lower_prio_delay),
        (Duration::from_secs(7), Garp::DEFAULT_DELAY)
    );
}

#[test]
fn ipv6_decides_version_and_group() {
    let instance = silent(instance_text("").replace("10.0.0.10/24", "fe80::1\n2001:db8::1/64"));
    assert_eq!(instance.family, Family::Ipv6);
    assert_eq!(instance.version, VrrpVersion::V3);
    assert_eq!(instance.mcast_dst_ip, ip("ff02::12"));
    assert_eq!(instance.virtual_ipaddress[0].prefix_len, 128);
    let native = silent(instance_text("native_ipv6").replace("10.0.0.10/24", "fe80::1"));
    assert!(*native.native_ipv6);
    assert!(!*silent(instance_text("native_ipv6 off")).native_ipv6);
}

#[test]
fn address_options() {
    let text = "10.0.0.10/24 brd + dev eth0.7 scope site label eth0:1\n10.0.0.11 brd 10.0.0.255 scope 17\n\
                10.0.0.12 brd - scope link";
    let vips = silent(instance_text("").replace("10.0.0.10/24", text)).virtual_ipaddress;
    assert_eq!(vips[0].broadcast, Some(Broadcast::Plus));
    assert_eq!(vips[0].dev.as_ref().map(|dev| dev.as_str()), Some("eth0.7"));
    assert_eq!(vips[0].scope, Some(Scope::SITE));
    assert_eq!(vips[0].label.as_deref(), Some("eth0:1"));
    assert_eq!(
        vips[1].broadcast,
        Some(Broadcast::Address([10, 0, 0, 255].into()))
    );
    assert_eq!(vips[1].scope, Some(Scope(17)));
    assert_eq!(vips[2].broadcast, Some(Broadcast::Minus));
    assert_eq!(vips[2].scope, Some(Scope::LINK));
    assert_eq!(vips[2].dev, None);
}

#[test]
fn faulty_addresses_are_left_out_and_the_others_stay() {
    let text = "10.0.0.10\n10.0.0.11 brd x\n10.0.0.12/99\n10.0.0.13 foo";
    let parsed = parsed(instance_text("").replace("10.0.0.10/24", text));
    let vips = &parsed.config.instances[0].virtual_ipaddress;
    let left: Vec<_> = vips
        .iter()
        .map(|vip| format!("{}/{}", vip.address, vip.prefix_len))
        .collect();
    assert_eq!(left, ["10.0.0.10/32", "10.0.0.12/32", "10.0.0.13/32"]);
}

#[test]
fn unicast() {
    let instance = silent(
        "vrrp_instance A {\nvirtual_router_id 1\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2 min_ttl 5 max_ttl 255\n\
         10.0.0.3\n}\nvirtual_ipaddress { 10.0.0.10 }\n}",
    );
    let mut first = UnicastPeer::new(ip("10.0.0.2").into());
    (first.min_ttl, first.max_ttl) = (Some(5), Some(255));
    assert_eq!(
        instance.unicast_peer,
        [first, UnicastPeer::new(ip("10.0.0.3").into())]
    );
    assert_eq!(instance.interface, None);
}

#[test]
fn version_3_drops_authentication() {
    let text = "version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}";
    assert_eq!(warned(instance_text(text)).authentication, None);
}

#[test]
fn spans_point_into_the_file() {
    let parsed = parsed(instance_text("    priority 7"));
    let instance = &parsed.config.instances[0];
    let text = |span| parsed.sources.text(span);
    assert_eq!(text(instance.name.span), "VI_1");
    assert_eq!(text(instance.virtual_router_id.span), "51");
    assert_eq!(text(instance.virtual_ipaddress[0].address.span), "10.0.0.10/24");
    let place = parsed
        .sources
        .location(instance.virtual_router_id.span)
        .expect("a place");
    assert_eq!(place.to_string(), "k.conf:3:23");
}

#[test]
fn secrets_are_not_shown() {
    let instance = body("authentication {\nauth_type PASS\nauth_pass s3cret\n}");
    assert!(!format!("{instance:?}").contains("s3cret"));
}
