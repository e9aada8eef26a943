//! What becomes of the interfaces, and what is left behind.

use std::net::IpAddr;
use std::time::Duration;

use kad_cli::lab::Node;
use kad_cli::rtnl::{LinkChange, Request, StackedKind};
use nix::sys::signal::Signal;
use vrrp_engine::Time;
use vrrp_proto::MacAddr;

use crate::machine::{BASE_MAC, execute, home, link, set, setting, virtual_mac};
use crate::support::{Daemon, Lab, can_run, global_v6};

const LIMIT: Duration = Duration::from_secs(20);
const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));

fn config(lines: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.3\n priority 150\n {lines}\n \
         virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

/// A lab of one router, kad, which is master.
fn master(lines: &str, prepare: impl Fn(&Node)) -> Option<Lab> {
    if !can_run(&[Daemon::Kad]) {
        return None;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    prepare(&lab.router(1).node);
    let global = "global_defs {\n disable_local_igmp\n}\n";
    lab.start(1, &format!("{global}{}", config(lines, "10.0.0.100/24")));
    lab.wait_for_master(1, VIP, LIMIT);
    Some(lab)
}

fn stop(lab: &mut Lab) {
    lab.signal(1, Signal::SIGTERM);
    lab.watch_until("kad ends", LIMIT, |event| {
        matches!(&event.what, kad_cli::lab::What::Exit { .. })
    });
}

const SETTINGS: [&str; 8] = [
    "ipv4/conf/eth0/arp_ignore",
    "ipv4/conf/eth0/arp_filter",
    "ipv4/conf/eth0/arp_announce",
    "ipv4/conf/eth0/rp_filter",
    "ipv4/conf/lo/rp_filter",
    "ipv4/conf/default/rp_filter",
    "ipv4/conf/all/rp_filter",
    "ipv4/igmp_link_local_mcast_reports",
];

fn settings(node: &Node) -> Vec<Option<String>> {
    SETTINGS.map(|path| setting(node, path)).to_vec()
}

#[test]
fn interface_and_settings_are_there_while_kad_runs_and_as_before_at_the_end() {
    let strict = |node: &Node| set(node, "ipv4/conf/all/rp_filter", "1");
    let Some(mut lab) = master("use_vmac group 7", strict) else {
        return;
    };
    let node = lab.router(1).node.clone();
    let vmac = link(&node, "vrrp.51").unwrap();
    assert_eq!(
        vmac.kind,
        Some(StackedKind::Macvlan {
            mac: virtual_mac(1, 51)
        })
    );
    assert_eq!(vmac.base, link(&node, "eth0").map(|base| base.index));
    assert!(!vmac.hides);
    assert_eq!(home(&node, VIP).as_deref(), Some("vrrp.51"));
    let of_it = ["arp_ignore", "accept_local", "rp_filter", "promote_secondaries"];
    let of_it = of_it.map(|name| setting(&node, &format!("ipv4/conf/vrrp.51/{name}")).unwrap());
    assert_eq!(of_it, ["1", "1", "0", "1"]);
    assert_eq!(
        setting(&node, "ipv6/conf/vrrp.51/disable_ipv6").as_deref(),
        Some("1")
    );
    let found: Vec<_> = settings(&node).into_iter().map(Option::unwrap).collect();
    assert_eq!(found, ["1", "1", "2", "1", "1", "1", "0", "0"]);

    stop(&mut lab);
    assert_eq!(link(&node, "vrrp.51"), None);
    let found: Vec<_> = settings(&node).into_iter().map(Option::unwrap).collect();
    assert_eq!(found, ["0", "0", "0", "0", "0", "0", "1", "1"]);
}

#[test]
fn what_a_crash_left_behind_is_used_again_and_removed_at_the_end() {
    let Some(mut lab) = master("use_vmac", |_| {}) else {
        return;
    };
    let node = lab.router(1).node.clone();
    let before = link(&node, "vrrp.51").unwrap();
    lab.signal(1, Signal::SIGKILL);
    lab.watch_until("kad is gone", LIMIT, |event| {
        matches!(&event.what, kad_cli::lab::What::Exit { .. })
    });
    assert_eq!(home(&node, VIP).as_deref(), Some("vrrp.51"));
    lab.restart(1);
    lab.wait_for_line(1, "left over from an earlier run");
    lab.wait_for_line(1, "removed until this router is master");
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(link(&node, "vrrp.51"), Some(before));
    stop(&mut lab);
    assert_eq!(link(&node, "vrrp.51"), None);
}

#[test]
fn interface_that_is_deleted_comes_back_with_its_addresses_and_mastership_stays() {
    let Some(mut lab) = master("use_vmac", |_| {}) else {
        return;
    };
    let node = lab.router(1).node.clone();
    let first = link(&node, "vrrp.51").unwrap().index;
    let begun = kad_cli::clock::now();
    execute(&node, Request::RemoveLink { index: first });
    lab.wait_until("vrrp.51 is made anew", |_| {
        link(&node, "vrrp.51").is_some_and(|link| link.index != first)
    });
    lab.wait_until("the address is on it", |_| {
        home(&node, VIP).as_deref() == Some("vrrp.51")
    });
    lab.wait_for_line(1, "interface vrrp.51 was gone; made anew on eth0");
    lab.watch(Duration::from_secs(1));
    let adverts = lab.adverts(1, begun);
    assert!(adverts.len() >= 2, "{}", lab.story());
    let transitions = lab.lines(1).iter().filter(|line| line.contains("FAULT")).count();
    assert_eq!(transitions, 0, "{}", lab.story());
    let mac = sender(&lab, begun);
    assert_eq!(mac, Some(virtual_mac(1, 51)));
}

#[test]
fn interface_that_is_switched_off_is_switched_on_again() {
    let Some(mut lab) = master("use_vmac", |_| {}) else {
        return;
    };
    let node = lab.router(1).node.clone();
    let mut change = LinkChange::new(link(&node, "vrrp.51").unwrap().index);
    change.up = Some(false);
    execute(&node, Request::ChangeLink(change));
    lab.wait_for_line(1, "vrrp.51 was changed by another program; set right again");
    let begun = kad_cli::clock::now();
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(sender(&lab, begun), Some(virtual_mac(1, 51)));
}

#[test]
fn base_that_is_deleted_and_made_anew_gets_its_vmac_again() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let config = config("use_vmac", "10.0.0.100/24").replace("interface eth0", "interface eth1");
    let join = |lab: &mut Lab, last| {
        let (mac, address) = (MacAddr([2, 0, 0, 0, 0, last]), IpAddr::from([10, 0, 0, 31]));
        let node = lab.router(1).node.clone();
        lab.world
            .join(&node, "eth1", mac, &lab.lan, &[(address, 24)])
            .unwrap();
    };
    join(&mut lab, 0x21);
    lab.start(1, &config);
    lab.wait_for_master(1, VIP, LIMIT);
    node.remove_link("eth1").unwrap();
    lab.wait_until("the VMAC goes with its base", |_| {
        link(&node, "vrrp.51").is_none()
    });
    lab.wait_for_line(1, "FAULT");
    join(&mut lab, 0x22);
    let begun = kad_cli::clock::now();
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(home(&node, VIP).as_deref(), Some("vrrp.51"));
    assert_eq!(sender(&lab, begun), Some(virtual_mac(1, 51)));
}

#[test]
fn addresses_with_use_vmac_have_an_interface_of_their_own() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let lan = lab.world.lan().unwrap();
    let mac = MacAddr([2, 0, 0, 0, 1, 1]);
    lab.world
        .join(&node, "eth1", mac, &lan, &[(IpAddr::from([10, 0, 1, 1]), 24)])
        .unwrap();
    let addresses =
        "10.0.0.100/24\n 10.0.0.101/24 use_vmac\n 10.0.1.100/24 dev eth1 use_vmac\n 10.0.1.101/24 dev eth1";
    lab.start(
        1,
        &format!(
            "global_defs {{\n vmac_addr_prefix va\n}}\n{}",
            config("", addresses)
        ),
    );
    lab.wait_for_master(1, VIP, LIMIT);
    let at = |last: [u8; 2]| home(&node, IpAddr::from([10, 0, last[0], last[1]]));
    lab.wait_until("all addresses are there", |_| at([1, 101]).is_some());
    let homes = [[0, 100], [0, 101], [1, 100], [1, 101]].map(|last| at(last).unwrap());
    assert_eq!(homes, ["eth0", "va.51", "va1.51", "eth1"]);
    assert_eq!(sender(&lab, Time::ZERO), Some(BASE_MAC[0]));
    let base = |name| link(&node, name).unwrap().base;
    assert_eq!(base("va1.51"), Some(link(&node, "eth1").unwrap().index));
    stop(&mut lab);
    assert_eq!((link(&node, "va.51"), link(&node, "va1.51")), (None, None));
}

#[test]
fn reload_makes_changes_and_removes_interfaces() {
    let Some(mut lab) = master("use_vmac", |_| {}) else {
        return;
    };
    let node = lab.router(1).node.clone();
    let first = link(&node, "vrrp.51").unwrap();
    let custom = MacAddr([2, 0, 0, 0, 0, 51]);
    lab.reload(1, &config("use_vmac vrrp.51 02:00:00:00:00", "10.0.0.100/24"));
    lab.wait_until("it has another MAC address and the address again", |_| {
        let made = link(&node, "vrrp.51").filter(|made| made.index != first.index);
        made.is_some_and(|made| made.kind == Some(StackedKind::Macvlan { mac: custom }))
            && home(&node, VIP).as_deref() == Some("vrrp.51")
    });
    let begun = kad_cli::clock::now();
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(sender(&lab, begun), Some(custom));

    lab.reload(1, &config("", "10.0.0.100/24"));
    lab.wait_until("it is gone, and the address on eth0", |_| {
        link(&node, "vrrp.51").is_none() && home(&node, VIP).as_deref() == Some("eth0")
    });
    let begun = kad_cli::clock::now();
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(sender(&lab, begun), Some(BASE_MAC[0]));

    lab.reload(1, &config("use_vmac", "10.0.0.100/24"));
    lab.wait_until("it is made, and the address on it", |_| {
        home(&node, VIP).as_deref() == Some("vrrp.51")
    });
    let begun = kad_cli::clock::now();
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(sender(&lab, begun), Some(virtual_mac(1, 51)));
    assert_eq!(
        lab.lines(1).iter().filter(|line| line.contains("FAULT")).count(),
        0,
        "{}",
        lab.story()
    );
}

/// An IPv6 VMAC has the virtual addresses and nothing else: no address that would answer for the base's.
#[test]
fn ipv6_vmac_has_no_address_but_the_virtual_ones() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    lab.start(1, &config("use_vmac", "fe80::64/64\n 2001:db8::64/64"));
    lab.wait_for_master(1, global_v6(0x64), LIMIT);
    let index = link(&node, "vrrp.51").unwrap().index;
    let addresses = node.addresses().unwrap().into_iter();
    let mut found: Vec<_> = addresses
        .filter(|entry| entry.index == index)
        .map(|entry| entry.address)
        .collect();
    found.sort();
    assert_eq!(found, [global_v6(0x64), "fe80::64".parse::<IpAddr>().unwrap()]);
    assert_eq!(sender(&lab, Time::ZERO), Some(virtual_mac(2, 51)));
}

/// A backup says nothing by its VMAC: a switch would send the master's traffic its way.
#[test]
fn backup_is_silent_on_its_vmac() {
    let daemons = [Daemon::Kad, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    for number in [1, 2] {
        let addresses = config("use_vmac", "fe80::64/64\n 2001:db8::64/64")
            .replace("150", &format!("{}", 200 - 50 * number));
        lab.start(number, &addresses);
    }
    lab.wait_for_master(1, global_v6(0x64), LIMIT);
    lab.watch(Duration::from_secs(5));
    let node = lab.router(2).node.clone();
    assert!(link(&node, "vrrp.51").is_some());
    assert_eq!(transmitted(&node, "vrrp.51"), 0);
}

/// Packets that an interface has sent.
fn transmitted(node: &Node, name: &str) -> u64 {
    let text = node.run(|| std::fs::read_to_string("/proc/thread-self/net/dev").unwrap());
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(&format!("{name}:"))?.into());
    let fields: Vec<&str> = line
        .unwrap_or_else(|| panic!("{text}"))
        .split_whitespace()
        .collect();
    fields[9].parse().unwrap()
}

/// The MAC address that the last advert since then came from.
fn sender(lab: &Lab, since: Time) -> Option<MacAddr> {
    let events = lab.seen.iter().filter(|event| event.at >= since).rev();
    events
        .filter_map(|event| match &event.what {
            kad_cli::lab::What::Advert { mac, .. } => Some(*mac),
            _ => None,
        })
        .next()
}
