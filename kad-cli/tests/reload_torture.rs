//! A thousand reloads under a running pair with 255 instances, of files that are right and files that are not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::What;
use support::{Daemon, Lab, can_run, v4};
use vrrp_engine::Time;

const INSTANCES: u8 = 255;
const RELOADS: u32 = 1000;
/// After so many, memory and descriptors are what they are to stay: some are needed only since there are routes.
const WARM: u32 = 200;
const LIMIT: Duration = Duration::from_secs(60);

/// A small generator (xorshift), so that a failure can be had again.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % sides
    }
}

/// What every file has: 255 instances with an address each, the first with that of the client's pings.
fn base(priority: u8) -> String {
    file(priority, &mut |_, _| {})
}

fn file(priority: u8, more: &mut dyn FnMut(u8, &mut String)) -> String {
    let mut text = String::new();
    for vrid in 1..=INSTANCES {
        let _ = write!(
            text,
            "vrrp_instance VI_{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 1\n \
             garp_master_delay 0\n priority {priority}\n virtual_ipaddress {{\n 10.1.0.{vrid}/32\n"
        );
        if vrid == 1 {
            text += " 10.0.0.100/24\n";
        }
        more(vrid, &mut text);
        text += " }\n}\n";
    }
    text
}

/// Addresses and routes that come and go, and move from one instance to another; and sometimes something that is wrong.
fn random(dice: &mut Dice) -> (String, bool) {
    let mut moving = HashMap::new();
    for number in 0..20u32 {
        if dice.roll(2) == 0 {
            moving.insert(number, u8::try_from(1 + dice.roll(255)).unwrap());
        }
    }
    let priority = u8::try_from(150 + dice.roll(5)).unwrap();
    let mut text = file(priority, &mut |vrid, text| {
        let here = || moving.iter().filter(move |(_, at)| **at == vrid);
        for (number, _) in here() {
            let _ = writeln!(text, " 10.2.0.{number}/32");
        }
        if here().count() > 0 {
            *text += " }\n virtual_routes {\n";
        }
        for (number, _) in here() {
            let _ = writeln!(text, " 10.3.0.{number}/32 via 10.0.0.99 dev eth0");
        }
    });
    let faults = [
        "vrrp_instance VI_1 {\n",
        "}\n",
        "vrrp_instance X {\n interface eth0\n virtual_router_id\n}\n",
        "vrrp_instance Y {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.9.9.9\n }\n}\n",
        "include /no/such/file/at/all\nglobal_defs {\n vrrp_garp_master_delay soon\n}\n",
    ];
    let is_faulty = dice.roll(4) == 0;
    if is_faulty {
        text += faults[dice.roll(5) as usize];
    }
    (text, is_faulty)
}

#[test]
fn a_thousand_reloads_are_not_noticed() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad, Daemon::Kad]);
    lab.start(1, &base(150));
    lab.start(2, &base(100));
    lab.wait_for_master(1, v4(100), LIMIT);
    lab.wait_until("r1 has all addresses", |lab| {
        own(lab).len() == usize::from(INSTANCES) + 1
    });
    lab.watch(Duration::from_secs(2));
    let before = own(&lab);
    let process = lab.router(1).process.as_ref().unwrap().id();
    let (mut descriptors, mut memory) = (0, 0);
    let pings = lab.client.ping(v4(100), Duration::from_millis(20)).unwrap();
    lab.watch(Duration::from_millis(200));
    let since = clock::now();
    lab.seen.clear();

    let mut dice = Dice(0x2545_f491);
    let (mut refused, mut seen_routes) = (0, false);
    for number in 1..=RELOADS {
        let (text, is_faulty) = random(&mut dice);
        refused += u32::from(is_faulty);
        lab.reload(1, &text);
        wait_for_reload(&mut lab, is_faulty, number);
        seen_routes |= routes(&lab) > 0;
        if number == WARM {
            (descriptors, memory) = (self::descriptors(process), resident(process));
        }
    }
    assert!(refused > RELOADS / 10, "a reload in four is of a wrong file");
    assert!(seen_routes, "routes come and go");
    lab.reload(1, &base(150));
    wait_for_reload(&mut lab, false, RELOADS);
    lab.wait_until("only what the last file says is there", |lab| {
        own(lab) == before && routes(lab) == 0
    });
    lab.watch(Duration::from_secs(2));
    drop(pings);

    let lost = lab
        .seen
        .iter()
        .filter(|event| matches!(&event.what, What::Ping(ping) if ping.answered.is_none()));
    assert_eq!(lost.count(), 0, "pings were lost");
    assert_eq!(lab.adverts(2, since), [], "the backup took over");
    let latest = latest(&lab, since);
    assert!(
        latest < Duration::from_millis(2500),
        "an advert came {latest:?} after the one before"
    );
    assert!(self::descriptors(process) <= descriptors, "descriptors leak");
    let grown = resident(process).saturating_sub(memory);
    assert!(grown < 2048, "grown by {grown} KiB");
}

/// Each reload is taken before the next, and what was seen of it is not kept.
fn wait_for_reload(lab: &mut Lab, is_faulty: bool, number: u32) {
    let end = Instant::now() + LIMIT;
    let mut from = 0;
    loop {
        let news = lab.seen.iter().skip(from);
        let said = news.filter_map(|event| match &event.what {
            What::Line { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let mut outcome = said.filter(|line| line.contains("reload: "));
        if let Some(line) = outcome.next() {
            let refused = line.contains("nothing was changed");
            assert_eq!(refused, is_faulty, "reload {number}: {line}");
            break;
        }
        assert!(
            Instant::now() < end,
            "reload {number} has no end\n{}",
            lab.story()
        );
        from = lab.seen.len();
        lab.watch(Duration::from_millis(2));
    }
    lab.seen
        .retain(|event| !matches!(event.what, What::Line { .. } | What::Announcement { .. }));
}

/// Addresses of r1 that are not its own.
fn own(lab: &Lab) -> BTreeSet<IpAddr> {
    let addresses = lab.router(1).node.addresses().unwrap();
    let foreign =
        |address: &IpAddr| matches!(address, IpAddr::V4(v4) if v4.octets()[3] != 1 || v4.octets()[1] != 0);
    addresses
        .into_iter()
        .map(|entry| entry.address)
        .filter(foreign)
        .collect()
}

/// How many of the routes there are.
fn routes(lab: &Lab) -> usize {
    let read = || fs::read_to_string("/proc/thread-self/net/route").unwrap();
    let table = lab.router(1).node.run(read);
    // 10.3.0.x, the lowest octet first.
    let is_ours = |line: &&str| line.split('\t').nth(1).is_some_and(|to| to.ends_with("00030A"));
    table.lines().filter(is_ours).count()
}

/// The longest time between two adverts of one instance.
fn latest(lab: &Lab, since: Time) -> Duration {
    let mut last = HashMap::new();
    let mut longest = Duration::ZERO;
    for event in lab.seen.iter().filter(|event| event.at >= since) {
        if let What::Advert { node, vrid, .. } = &event.what
            && node == "r1"
            && let Some(before) = last.insert(*vrid, event.at)
        {
            longest = longest.max(event.at - before);
        }
    }
    longest
}

fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

/// Resident memory, KiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
