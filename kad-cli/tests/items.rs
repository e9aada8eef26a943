//! What an instance has in the kernel beside its addresses, and what is there as long as the daemon runs: as keepalived
//! makes it of the same file, taken off in time, and put back.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::fmt::Write;
use std::net::IpAddr;
use std::process::Command;
use std::time::Duration;

use kad_cli::clock;
use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run};
use vrrp_engine::Time;
use vrrp_proto::Priority;

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const LIMIT: Duration = Duration::from_secs(20);

/// Lines of which keepalived 2.2.7 makes what it says. Numbers of its own mind about protocols, round-trip times and
/// routes that it has refused are not among them.
const ADDRESSES: &str = "10.0.0.100/24\n10.0.0.101\n10.0.0.102/32 peer 10.0.7.1\n10.0.1.5/24 noprefixroute\n10.0.4.6/24 brd 10.0.4.9\n10.0.5.6/24 brd + label eth0:5";
const EXCLUDED: &str = "fd00::1/64\nfd00::2\nfd00:1::3/64 -nodad\nfd00:3::4/64 noprefixroute\nfd00:2::5/64 mngtmpaddr\n\
     fd00:2::6/64 home\nfd00:2::8/128 preferred_lft forever\nfd00:2::9/128 preferred_lft 0\nfd00:2::a/64 peer fd00:2::b\n10.0.6.5/24";
const ROUTES: &str = "10.1.0.0/24 via 10.0.0.77 dev eth0\n10.1.1.0/24 dev eth0\n10.1.2.0/24 dev eth0 scope global metric 5\n\
     10.1.3.0/24 via 10.0.0.77\n10.1.4.0/24 dev eth0 src 10.0.0.100\nblackhole 10.1.5.0/24\nunreachable 10.1.6.0/24\n\
     prohibit 10.1.7.0/24\nthrow 10.1.8.0/24\nmulticast 239.1.1.0/24 dev eth0\n10.1.11.0/24 dev eth0 table 100\n\
     10.1.12.0/24 dev eth0 tos 4\n10.1.13.0/24 dev eth0 realms 3/4\n10.1.13.128/25 dev eth0 realms 5\n\
     10.1.14.0/24 via 10.0.0.77 dev eth0 mtu 1400 advmss lock 1300 window 1000 reordering 4 cwnd 10 initcwnd 11 initrwnd 12 \
     ssthresh 13 rto_min 200 hoplimit 60 quickack 1 fastopen_no_cookie 1 features ecn rtt 1s\n\
     10.1.15.0/24 dev eth0 congctl lock cubic\n10.1.16.0/24 via 10.77.0.1 dev eth0 onlink\n\
     10.1.17.0/24 nexthop via 10.0.0.77 dev eth0 weight 1 nexthop via 10.0.0.78 weight 3\n\
     10.1.18.0/24 encap ip id 7 dst 10.3.3.3 src 10.4.4.4 tos 4 dev eth0\n\
     10.1.20.0/24 encap ip6 id 9 dst fd00::77 src fd00::78 tc 4 hoplimit 5 dev eth0\ndefault via 10.0.0.77 dev eth0 table 200\n\
     10.1.22.1 dev eth0\n10.1.24.0/24 via 10.0.0.77 dev eth0\n10.1.24.0/24 via 10.0.0.78 dev eth0\n\
     10.1.25.0/24 via 10.0.0.77 dev eth0 scope 150\n10.1.26.0/24 via 10.0.0.77 dev eth0 table local\n\
     10.1.27.0/24 dev eth0 protocol bgp no_track\nfd01::/64 via fd00::77 dev eth0\nfd01:1::/64 dev eth0\n\
     fd01:2::/64 dev eth0 metric 10 pref high\nfd01:4::/64 nexthop via fd00::77 dev eth0 nexthop via fd00::78 dev eth0 weight 2\n\
     unreachable fd01:5::/64\nblackhole fd01:6::/64\nfd01:7::/64 encap ip6 id 9 dst fd00::77 src fd00::78 tc 4 hoplimit 5 dev eth0\n\
     default via fd00::77 dev eth0 table 300\nfd01:8::/64 dev eth0 src fd00::1\nfd01:9::/64 via fe80::1 dev eth0 mtu lock 1300";
const RULES: &str = "from 10.2.0.0/24 table 100 priority 1000\nto 10.2.1.0/24 table 100 priority 1001\n\
     from 10.2.2.0/24 to 10.2.3.0/24 iif eth0 oif lo table 100 priority 1002\nnot from 10.2.4.0/24 blackhole priority 1003\n\
     fwmark 5 table 100 priority 1004\nfwmark 5/0xff table 100 priority 1005\ntos 16 table 100 priority 1006\n\
     from 10.2.5.1 table 100\nfrom 10.2.5.2 table 100\niif eth0 goto 1100 priority 1008\nfrom 10.2.6.0/24 unreachable priority 1009\n\
     from 10.2.7.0/24 prohibit priority 1010\nfrom 10.2.8.0/24 nop priority 1100\n\
     from 10.2.9.0/24 table 100 suppress_prefixlength 8 suppress_ifgroup 3 priority 1011\n\
     from 10.2.10.0/24 table 100 uidrange 10-20 priority 1012\nfrom 10.2.11.0/24 table 100 tunnel-id 7 priority 1013\n\
     l3mdev priority 1014\nfrom 10.2.12.0/24 ipproto tcp sport 10-20 dport 30-40 table 100 priority 1015\n\
     from 10.2.14.0/24 table 100 realms 3/4 priority 1017\nfrom fd00:7::/64 table 100 priority 1019\n\
     from fd00:8::/64 to fd00:9::1 table 100 priority 1020 iif eth0\ntable 100 priority 1023\n\
     from 10.2.16.0/24 table main priority 1024\nfrom 10.2.17.77/24 table 300 priority 1025\n\
     from 10.2.18.0/24 goto 40000 priority 1026\nfrom fd00::4 table 100";
const STATICS: &str = "static_ipaddress {\n 10.9.0.1/24 dev eth0\n fd09::1/64 dev eth0\n}\nstatic_routes {\n \
     10.99.0.0/16 via 10.9.0.2 dev eth0\n}\nstatic_rules {\n from 10.98.0.0/16 table 77 priority 500\n}\n";

fn config(before: &str, priority: u8, addresses: &str, more: &str) -> String {
    format!(
        "global_defs {{\n vrrp_garp_master_repeat 1\n}}\n{before}vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n \
         advert_int 1\n priority {priority}\n virtual_ipaddress {{\n {addresses}\n }}\n {more}\n}}\n"
    )
}

fn block(name: &str, lines: &str) -> String {
    format!("{name} {{\n {lines}\n }}\n ")
}

/// What iproute2 says in a router's namespace.
fn ip(lab: &Lab, number: usize, arguments: &str) -> String {
    let words: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
    let node = lab.router(number).node.clone();
    let output = node.run(move || Command::new("ip").args(words).output().unwrap());
    assert!(output.status.success(), "ip {arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that can be had there, without what differs from machine to machine and from second to second.
fn everything(lab: &Lab, number: usize) -> Vec<String> {
    let addresses = ip(lab, number, "-d addr show dev eth0");
    let inet = addresses.lines().skip_while(|line| !line.contains("inet"));
    let mut lines: Vec<String> = inet.map(str::to_owned).collect();
    for arguments in [
        "-d route show table all",
        "-d -6 route show table all",
        "-d rule",
        "-d -6 rule",
    ] {
        lines.extend(ip(lab, number, arguments).lines().map(str::to_owned));
    }
    lines
}

/// `everything`, on machines that differ in their addresses.
fn without_own(lines: &[String]) -> Vec<&String> {
    let own = [
        "10.0.0.1/",
        "10.0.0.2/",
        "10.0.0.1 ",
        "10.0.0.2 ",
        "fe80::",
        "2001:db8",
    ];
    let is_own = |line: &&String| own.iter().any(|own| line.contains(own));
    lines.iter().filter(|line| !is_own(line)).collect()
}

#[test]
fn all_that_keepalived_makes_of_a_file_is_made_of_it() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let mut other = Lab::new(&[Daemon::Keepalived]);
    let more = block("virtual_ipaddress_excluded", EXCLUDED)
        + &block("virtual_routes", ROUTES)
        + &block("virtual_rules", RULES);
    let text = config(STATICS, 150, ADDRESSES, &more);
    let mut seen = Vec::new();
    for lab in [&mut lab, &mut other] {
        let before = everything(lab, 1);
        lab.start(1, &text);
        lab.wait_for_master(1, VIP, LIMIT);
        lab.wait_until("the last rule is there", |lab| {
            ip(lab, 1, "-6 rule").contains("fd00::4")
        });
        seen.push((before, everything(lab, 1)));
        lab.signal(1, Signal::SIGTERM);
    }
    let [(before, kad), (_, keepalived)] = &seen[..] else {
        panic!("two")
    };
    let (ours, theirs) = (without_own(kad), without_own(keepalived));
    for line in &theirs {
        assert!(ours.contains(line), "only keepalived: {line}\n{}", lab.story());
    }
    for line in &ours {
        assert!(theirs.contains(line), "only kad: {line}\n{}", lab.story());
    }
    assert_eq!(ours, theirs, "in another order");
    assert!(theirs.len() > 100, "{theirs:?}");
    let count = |lines: &[String]| {
        lines
            .iter()
            .filter(|line| line.contains("proto keepalived"))
            .count()
    };
    assert!(count(kad) > 60, "{kad:?}");
    lab.wait_until("all of it is taken off", |lab| everything(lab, 1) == *before);
}

#[test]
fn routes_and_rules_go_with_the_mastership_and_statics_stay() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    let more = block("virtual_ipaddress_excluded", "10.0.8.1/24")
        + &block("virtual_routes", "10.1.0.0/24 via 10.0.0.77")
        + &block("virtual_rules", "from 10.2.0.0/24 table 100 priority 1000");
    lab.start(1, &config(STATICS, 100, "10.0.0.100/24", &more));
    lab.wait_for_master(1, VIP, LIMIT);
    let has = |lab: &Lab, what: &str| {
        let all = everything(lab, 1);
        all.iter().filter(|line| line.contains(what)).count()
    };
    let virtual_items = ["10.0.8.1/24", "unicast 10.1.0.0/24 via", "1000:"];
    let static_items = ["10.9.0.1/24", "fd09::1/64", "10.99.0.0/16", "500:"];
    lab.wait_until("everything is there", |lab| {
        virtual_items
            .iter()
            .chain(&static_items)
            .all(|item| has(lab, item) == 1)
    });
    lab.start(2, &config("", 150, "10.0.0.100/24", ""));
    lab.wait_for_line(1, "MASTER -> BACKUP");
    lab.wait_until("only the statics are left", |lab| {
        virtual_items.iter().all(|item| has(lab, item) == 0)
            && static_items.iter().all(|item| has(lab, item) == 1)
    });
    lab.signal(1, Signal::SIGTERM);
    lab.wait_until("nothing is left", |lab| {
        static_items.iter().all(|item| has(lab, item) == 0)
    });
}

#[test]
fn what_another_program_removes_is_put_back() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let more = block("virtual_ipaddress_excluded", "10.0.8.1/24\n10.0.8.2/24 no_track")
        + &block(
            "virtual_routes",
            "10.1.0.0/24 via 10.0.0.77\nfd01::/64 dev eth0\n10.1.1.0/24 dev eth0 no_track\n10.1.2.0/24 dev eth0 src 10.0.8.1",
        )
        + &block(
            "virtual_rules",
            "from 10.2.0.0/24 table 100 priority 1000\nfrom 10.2.1.0/24 table 100 priority 1001 no_track",
        );
    lab.start(1, &config(STATICS, 100, "10.0.0.100/24", &more));
    lab.wait_for_master(1, VIP, LIMIT);
    let has = |lab: &Lab, what: &str| everything(lab, 1).iter().any(|line| line.contains(what));
    lab.wait_until("everything is there", |lab| has(lab, "1001:"));
    for untracked in [
        "rule del priority 1001",
        "route del 10.1.1.0/24",
        "addr del 10.0.8.2/24 dev eth0",
    ] {
        ip(&lab, 1, untracked);
    }
    for (remove, what) in [
        ("rule del priority 1000", "1000:"),
        ("rule del priority 500", "500:"),
        ("route del 10.1.0.0/24", "10.1.0.0/24 via"),
        ("route del 10.99.0.0/16", "10.99.0.0/16"),
        ("-6 route del fd01::/64", "unicast fd01::/64"),
        ("addr del 10.9.0.1/24 dev eth0", "inet 10.9.0.1/24"),
        // The kernel takes the route with that source along.
        ("addr del 10.0.8.1/24 dev eth0", "inet 10.0.8.1/24"),
    ] {
        ip(&lab, 1, remove);
        lab.wait_until(&format!("{what} is there again"), |lab| has(lab, what));
    }
    lab.wait_until("the route with the source is there again", |lab| {
        has(lab, "src 10.0.8.1")
    });
    lab.wait_for_line(1, "was removed by another program; it was put back");
    for gone in ["1001:", "10.1.1.0/24", "10.0.8.2/24"] {
        assert!(!has(&lab, gone), "{gone} has no_track\n{}", lab.story());
    }
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("MASTER ->")),
        "{}",
        lab.story()
    );
}

#[test]
fn route_comes_back_with_the_interface_it_went_with() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.second_lan();
    let more = block("virtual_routes", "10.5.0.0/24 via 10.1.0.77 dev eth1");
    lab.start(1, &config("", 100, "10.0.0.100/24", &more));
    lab.wait_for_master(1, VIP, LIMIT);
    let has = |lab: &Lab| ip(lab, 1, "route").contains("10.5.0.0/24");
    lab.wait_until("the route is there", has);
    ip(&lab, 1, "link set eth1 down");
    lab.wait_until("the kernel took it along", |lab| !has(lab));
    ip(&lab, 1, "link set eth1 up");
    lab.wait_until("it is there again", has);
    assert!(
        !lab.lines(1).iter().any(|line| line.contains("MASTER ->")),
        "{}",
        lab.story()
    );
}

#[test]
fn what_the_kernel_refuses_is_said_and_the_rest_is_there() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let statics = "track_group G {\n group {\n VI_1\n }\n}\nstatic_routes {\n 10.6.0.0/24 via 10.77.0.1 dev eth0 track_group G\n}\n";
    let more = block(
        "virtual_routes",
        "10.5.0.0/24 via 10.66.0.1 dev eth0\n10.1.0.0/24 dev eth0 table 7",
    );
    lab.start(1, &config(statics, 100, "10.0.0.100/24", &more));
    lab.wait_for_line(
        1,
        "static: route 10.6.0.0/24 via 10.77.0.1 dev eth0 cannot be added",
    );
    lab.wait_for_line(1, "group of static items G");
    // The next router can be reached now: the static item can be had, and the instance is well.
    ip(&lab, 1, "addr add 10.77.0.2/24 dev eth0");
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_line(
        1,
        "VI_1: route 10.5.0.0/24 via 10.66.0.1 dev eth0 cannot be added: ",
    );
    lab.wait_until("the other route is there", |lab| {
        ip(lab, 1, "route show table 7").contains("10.1.0.0/24")
    });
    assert!(ip(&lab, 1, "route").contains("10.6.0.0/24"));
}

#[test]
fn promotion_of_secondary_addresses_is_switched_on_and_put_back() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let promotion = |lab: &Lab| {
        let node = lab.router(1).node.clone();
        node.run(|| std::fs::read_to_string("/proc/sys/net/ipv4/conf/eth0/promote_secondaries").unwrap())
    };
    let before = promotion(&lab);
    lab.start(1, &config("", 100, "10.0.0.100/24", "promote_secondaries"));
    lab.wait_for_master(1, VIP, LIMIT);
    assert_eq!(promotion(&lab).trim(), "1");
    lab.signal(1, Signal::SIGTERM);
    lab.wait_until("it is as it was", |lab| promotion(lab) == before);
}

/// A mastership of a thousand addresses and a thousand routes, and keepalived as a backup that watches.
#[test]
fn thousand_addresses_and_routes_never_make_an_advert_late() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Keepalived]);
    let (mut addresses, mut routes) = (String::new(), String::new());
    for number in 0..COUNT {
        let (high, low) = (number / 250, number % 250 + 1);
        writeln!(addresses, "10.20.{high}.{low}/32").unwrap();
        writeln!(routes, "10.30.{high}.{low}/32 via 10.0.0.99 dev eth0").unwrap();
    }
    let more = block("virtual_ipaddress_excluded", &addresses) + &block("virtual_routes", &routes);
    lab.start(2, &config("", 100, "10.0.0.100/24", ""));
    lab.wait_for_master(2, VIP, LIMIT);
    lab.start(1, &config("", 150, "10.0.0.100/24", &more));
    lab.wait_for_master(1, VIP, LIMIT);
    let begun = clock::now();
    let routes = |lab: &Lab| ip(lab, 1, "route").matches("10.30.").count();
    let addresses = |lab: &Lab| ip(lab, 1, "addr show dev eth0").matches("inet 10.20.").count();
    lab.wait_until("the last is there", |lab| routes(lab) == COUNT);
    assert_eq!(addresses(&lab), COUNT);
    lab.watch(Duration::from_secs(3));
    assert!(
        lab.adverts(1, begun)
            .iter()
            .all(|(_, priority)| *priority == Priority::new(150)),
        "{}",
        lab.story()
    );
    assert_eq!(nobody_else(&lab, begun), [], "{}", lab.story());
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, VIP, LIMIT);
    lab.wait_until("all is gone", |lab| routes(lab) == 0 && addresses(lab) == 0);
}

/// Adverts of the backup.
fn nobody_else(lab: &Lab, since: Time) -> Vec<(Time, Priority)> {
    lab.adverts(2, since)
}

const COUNT: usize = 1000;
