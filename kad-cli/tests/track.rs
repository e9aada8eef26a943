//! What is watched beside the interface: scripts, files, processes, other interfaces; with keepalived as the other router,
//! and as the measure of priorities.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::What;
use support::{Daemon, Lab, can_run, v4};
use tempfile::TempDir;
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const LIMIT: Duration = Duration::from_secs(40);

/// Routers with a second interface eth1 on a LAN of their own, and a third one, eth2, that is down.
struct Bed {
    lab: Lab,
    dir: TempDir,
}

impl Bed {
    fn new(daemons: &[Daemon]) -> Option<Self> {
        if !can_run(daemons) {
            return None;
        }
        let mut lab = Lab::new(daemons);
        let lan = lab.world.lan().unwrap();
        for (number, router) in (1..).zip(&lab.routers) {
            for (interface, net) in [("eth1", 1), ("eth2", 2)] {
                let mac = MacAddr([2, 0, 0, 0, net, number]);
                let address = (IpAddr::from([10, 0, net, number]), 24);
                lab.world
                    .join(&router.node, interface, mac, &lan, &[address])
                    .unwrap();
            }
            router.node.set_link("eth2", false).unwrap();
        }
        Some(Self {
            lab,
            dir: tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Waits until the router's adverts have the priority.
    fn wait_for_priority(&mut self, number: usize, priority: u8) {
        let name = format!("r{number}");
        let begun = clock::now();
        self.lab
            .watch_until(&format!("{name} advertises {priority}"), LIMIT, |event| {
                event.at >= begun
                    && matches!(&event.what, What::Advert { node, priority: seen, .. }
                    if *node == name && *seen == Priority::new(priority))
            });
    }

    fn wait_for_holders(&mut self, holders: &[usize]) {
        let end = Instant::now() + LIMIT;
        while self.lab.holders(VIP) != holders {
            assert!(
                Instant::now() < end,
                "{holders:?} have {VIP}\n{}",
                self.lab.story()
            );
            self.lab.watch(Duration::from_millis(20));
        }
    }

    /// The two routers of a pair; what is tracked is tracked by the first.
    fn start_pair(&mut self, definitions: &str, tracks: &str) {
        let first = format!("{definitions}{}", instance(120, tracks));
        self.lab.start(1, &first);
        self.lab.start(2, &instance(110, ""));
        self.lab.wait_for_master(1, VIP, LIMIT);
        self.wait_for_holders(&[1]);
    }
}

fn instance(priority: u8, lines: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.25\n \
         priority {priority}\n {lines}\n virtual_ipaddress {{\n 10.0.0.100/24\n }}\n}}\n"
    )
}

/// A script that is well while a file is there.
fn script(name: &str, flag: &Path, lines: &str) -> String {
    format!(
        "vrrp_script {name} {{\n script \"/usr/bin/test -e {}\"\n interval 1\n user root\n {lines}\n}}\n",
        flag.display()
    )
}

#[test]
fn weight_of_a_script_moves_the_addresses_and_brings_them_back() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad, Daemon::Keepalived]) else {
        return;
    };
    bed.write("ok", "");
    let definition = script("chk", &bed.path("ok"), "weight -20\n fall 2\n rise 2");
    bed.start_pair(&definition, "track_script {\n chk\n }");
    let master = clock::now();
    fs::remove_file(bed.path("ok")).unwrap();
    bed.lab.wait_for_master(2, VIP, LIMIT);
    bed.wait_for_holders(&[2]);
    let zero = |(_, priority): &(Time, Priority)| *priority == Priority::RELEASE;
    assert!(
        !bed.lab.adverts(1, master).iter().any(zero),
        "a lower priority is no resignation\n{}",
        bed.lab.story()
    );
    bed.lab
        .wait_for_line(1, "vrrp_script chk: exit status 1: not well");
    bed.lab.wait_for_line(1, "effective priority 120 -> 100");
    bed.write("ok", "");
    bed.lab.wait_for_master(1, VIP, LIMIT);
    bed.wait_for_holders(&[1]);
    bed.lab.wait_for_line(1, "effective priority 100 -> 120");
}

#[test]
fn script_without_weight_is_a_fault_at_once() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad, Daemon::Keepalived]) else {
        return;
    };
    bed.write("ok", "");
    let definition = script("chk", &bed.path("ok"), "");
    bed.start_pair(&definition, "track_script {\n chk\n }");
    let master = clock::now();
    fs::remove_file(bed.path("ok")).unwrap();
    bed.wait_for_holders(&[2]);
    bed.lab
        .wait_for_line(1, "the script chk that it tracks is not well");
    let last = bed.lab.adverts(1, master).last().map(|(_, priority)| *priority);
    assert_eq!(last, Some(Priority::RELEASE), "{}", bed.lab.story());
    bed.write("ok", "");
    bed.wait_for_holders(&[1]);
}

#[test]
fn init_fail_holds_the_router_until_rise_successes() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    bed.write("ok", "");
    let definition = script("chk", &bed.path("ok"), "rise 3\n init_fail");
    let begun = clock::now();
    bed.lab.start(
        1,
        &format!("{definition}{}", instance(100, "track_script {\n chk\n }")),
    );
    bed.lab
        .wait_for_line(1, "the script chk that it tracks is not well");
    bed.lab.wait_for_master(1, VIP, LIMIT);
    let first = bed.lab.adverts(1, begun)[0].0;
    assert!(
        first - begun >= Duration::from_secs(2),
        "three runs\n{}",
        bed.lab.story()
    );
}

#[test]
fn router_waits_for_the_first_result_and_a_script_that_takes_too_long_has_failed() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let definition =
        "vrrp_script slow {\n script \"/bin/sleep 100\"\n interval 1\n timeout 3\n user root\n}\n";
    bed.lab.start(
        1,
        &format!("{definition}{}", instance(100, "track_script {\n slow\n }")),
    );
    bed.lab.wait_for_line(
        1,
        "vrrp_script slow: ended because it took longer than 3s: not well",
    );
    bed.lab
        .wait_for_line(1, "the script slow that it tracks is not well");
    assert_eq!(bed.lab.adverts(1, Time::ZERO), []);
}

#[test]
fn script_that_is_not_there_has_failed_and_that_is_said_once() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let definition =
        "vrrp_script gone {\n script \"/no/such/program\"\n interval 1\n weight -30\n user root\n}\n";
    bed.lab.start(
        1,
        &format!("{definition}{}", instance(100, "track_script {\n gone\n }")),
    );
    bed.wait_for_priority(1, 70);
    bed.lab.watch(Duration::from_secs(3));
    let said = bed.lab.lines(1);
    let said = said
        .iter()
        .filter(|line| line.contains("vrrp_script gone: not run"));
    assert_eq!(said.count(), 1, "{}", bed.lab.story());
}

#[test]
fn number_in_a_file_drains_a_router() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad, Daemon::Keepalived]) else {
        return;
    };
    let path = bed.path("later/drain");
    let definition = format!("track_file drain {{\n file {}\n weight -1\n}}\n", path.display());
    bed.start_pair(&definition, "track_file {\n drain\n }");
    // The directory comes after the daemon, and the file by being renamed.
    fs::create_dir(path.parent().unwrap()).unwrap();
    bed.write("later/new", "15\n");
    fs::rename(bed.path("later/new"), &path).unwrap();
    bed.lab.wait_for_master(2, VIP, LIMIT);
    bed.wait_for_holders(&[2]);
    bed.lab.wait_for_line(1, "track_file drain: 0 -> 15");
    // What is gone is 0.
    fs::remove_file(&path).unwrap();
    bed.lab.wait_for_master(1, VIP, LIMIT);
    bed.wait_for_holders(&[1]);
    // The directory goes and comes back.
    fs::remove_dir(path.parent().unwrap()).unwrap();
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "300").unwrap();
    bed.wait_for_holders(&[2]);
    bed.lab
        .wait_for_line(1, "the file drain that it tracks is not well");
}

#[test]
fn file_behind_a_link_counts_when_the_link_is_turned() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    for (version, value) in [("one", "1"), ("two", "2")] {
        fs::create_dir(bed.path(version)).unwrap();
        bed.write(&format!("{version}/value"), value);
    }
    std::os::unix::fs::symlink("one", bed.path("current")).unwrap();
    let path = bed.path("current/value");
    let definition = format!("track_file f {{\n file {}\n weight 10\n}}\n", path.display());
    bed.lab.start(
        1,
        &format!("{definition}{}", instance(100, "track_file {\n f\n }")),
    );
    bed.wait_for_priority(1, 110);
    std::os::unix::fs::symlink("two", bed.path("next")).unwrap();
    fs::rename(bed.path("next"), bed.path("current")).unwrap();
    bed.wait_for_priority(1, 120);
    bed.write("two/value", "3");
    bed.wait_for_priority(1, 130);
}

#[test]
fn init_file_makes_the_file() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    bed.write("kept", "3");
    bed.write("reset", "3");
    let file = |name: &str, init: &str| {
        let path = bed.path(name);
        format!(
            "track_file {name} {{\n file {}\n init_file {init}\n}}\n",
            path.display()
        )
    };
    let definitions = [
        file("made", "20"),
        file("kept", "9"),
        file("reset", "-1 overwrite"),
    ]
    .concat();
    let tracks = "track_file {\n made\n kept\n reset\n }";
    bed.lab
        .start(1, &format!("{definitions}{}", instance(100, tracks)));
    bed.wait_for_priority(1, 122);
    let content = |name: &str| fs::read_to_string(bed.path(name)).unwrap();
    assert_eq!(
        [content("made"), content("kept"), content("reset")],
        ["20\n", "3", "-1\n"]
    );
}

struct Program(Child);

impl Program {
    fn start(program: &Path, argument: &str) -> Self {
        Self(Command::new(program).arg(argument).spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn program_that_is_killed_moves_the_addresses_until_it_is_back() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad, Daemon::Keepalived]) else {
        return;
    };
    // A name that nobody else on this machine has, and that is longer than what the kernel keeps.
    let program = bed.path(&format!("kadtest{}longname", std::process::id()));
    fs::copy("/bin/sleep", &program).unwrap();
    let running = Program::start(&program, "300");
    let definition = format!(
        "vrrp_track_process p {{\n process {}\n weight -20\n}}\n",
        program.display()
    );
    bed.start_pair(&definition, "track_process {\n p\n }");
    bed.lab.wait_for_line(1, "vrrp_track_process p: 1 process: well");
    drop(running);
    bed.lab.wait_for_master(2, VIP, LIMIT);
    bed.wait_for_holders(&[2]);
    bed.lab
        .wait_for_line(1, "vrrp_track_process p: 0 processes: not well");
    let _running = Program::start(&program, "301");
    bed.lab.wait_for_master(1, VIP, LIMIT);
    bed.wait_for_holders(&[1]);
}

#[test]
fn processes_are_counted_by_their_arguments_and_neither_too_few_nor_too_many_are_well() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let program = bed.path("worker");
    fs::copy("/bin/sleep", &program).unwrap();
    let definition = format!(
        "vrrp_track_process p {{\n process {} 300\n quorum 2\n quorum_max 3\n weight 10\n fork_delay 1\n}}\n",
        program.display()
    );
    bed.lab.start(
        1,
        &format!("{definition}{}", instance(100, "track_process {\n p\n }")),
    );
    bed.wait_for_priority(1, 100);
    let _other = Program::start(&program, "301");
    let one = Program::start(&program, "300");
    let started = clock::now();
    let _two = Program::start(&program, "300");
    bed.wait_for_priority(1, 110);
    let counted = bed.lab.adverts(1, started);
    let counted = counted
        .iter()
        .find(|(_, priority)| *priority == Priority::new(110))
        .unwrap();
    assert!(
        counted.0 - started >= Duration::from_secs(1),
        "fork_delay\n{}",
        bed.lab.story()
    );
    let more = [Program::start(&program, "300"), Program::start(&program, "300")];
    bed.wait_for_priority(1, 100);
    drop(more);
    bed.wait_for_priority(1, 110);
    drop(one);
    bed.wait_for_priority(1, 100);
}

#[test]
fn weight_of_an_interface_moves_the_addresses() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad, Daemon::Keepalived]) else {
        return;
    };
    bed.start_pair("", "track_interface {\n eth1 weight -20\n }");
    bed.lab.router(1).node.set_link("eth1", false).unwrap();
    bed.lab.wait_for_master(2, VIP, LIMIT);
    bed.wait_for_holders(&[2]);
    bed.lab.router(1).node.set_link("eth1", true).unwrap();
    bed.lab.wait_for_master(1, VIP, LIMIT);
    bed.wait_for_holders(&[1]);
    // One that is deleted is down.
    bed.lab.router(1).node.remove_link("eth1").unwrap();
    bed.wait_for_holders(&[2]);
}

#[test]
fn of_two_interfaces_that_are_down_one_that_recovers_is_not_enough() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let node = bed.lab.router(1).node.clone();
    node.set_link("eth2", true).unwrap();
    bed.lab
        .start(1, &instance(100, "track_interface {\n eth1\n eth2\n }"));
    bed.lab.wait_for_master(1, VIP, LIMIT);
    node.set_link("eth1", false).unwrap();
    bed.wait_for_holders(&[]);
    node.set_link("eth2", false).unwrap();
    bed.lab.watch(Duration::from_millis(500));
    let begun = clock::now();
    node.set_link("eth1", true).unwrap();
    bed.lab.watch(Duration::from_secs(3));
    assert_eq!(
        bed.lab.adverts(1, begun),
        [],
        "eth2 is still down\n{}",
        bed.lab.story()
    );
    node.set_link("eth2", true).unwrap();
    bed.lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn short_loss_of_a_link_is_no_loss_with_delays_and_a_long_one_is() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let delays = "interface_up_down_delays {\n eth1 3 1\n}\n";
    bed.lab.start(
        1,
        &format!("{delays}{}", instance(100, "track_interface {\n eth1\n }")),
    );
    bed.lab.wait_for_master(1, VIP, LIMIT);
    let node = bed.lab.router(1).node.clone();
    let begun = clock::now();
    node.set_link("eth1", false).unwrap();
    bed.lab.watch(Duration::from_millis(500));
    node.set_link("eth1", true).unwrap();
    bed.lab.watch(Duration::from_secs(4));
    let zero = |(_, priority): &(Time, Priority)| *priority == Priority::RELEASE;
    assert!(!bed.lab.adverts(1, begun).iter().any(zero), "{}", bed.lab.story());
    let begun = clock::now();
    node.set_link("eth1", false).unwrap();
    bed.wait_for_holders(&[]);
    let adverts = bed.lab.adverts(1, begun);
    let resigned = adverts.iter().find(|advert| zero(advert)).unwrap().0;
    assert!(resigned - begun >= Duration::from_secs(3), "{}", bed.lab.story());
    node.set_link("eth1", true).unwrap();
    bed.lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn own_interface_may_be_down_with_dont_track_primary() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    bed.lab.start(1, &instance(100, "dont_track_primary"));
    bed.lab.wait_for_master(1, VIP, LIMIT);
    let node = bed.lab.router(1).node.clone();
    node.set_link("eth0", false).unwrap();
    bed.lab.watch(Duration::from_secs(2));
    assert!(
        !bed.lab.lines(1).iter().any(|line| line.contains("FAULT")),
        "{}",
        bed.lab.story()
    );
    let begun = clock::now();
    node.set_link("eth0", true).unwrap();
    let at = bed.lab.wait_for_master(1, VIP, LIMIT);
    assert!(at >= begun, "it sends again as soon as it can");
}

#[test]
fn without_a_tracked_source_address_there_is_no_router() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    let node = bed.lab.router(1).node.clone();
    let source = v4(44);
    node.add_address("eth0", source, 24).unwrap();
    bed.lab
        .start(1, &instance(100, "mcast_src_ip 10.0.0.44\n track_src_ip"));
    bed.lab.wait_for_master(1, VIP, LIMIT);
    node.remove_address("eth0", source, 24).unwrap();
    bed.wait_for_holders(&[]);
    node.add_address("eth0", source, 24).unwrap();
    bed.lab.wait_for_master(1, VIP, LIMIT);
}

#[test]
fn what_a_reload_leaves_as_it_was_stays_known() {
    let Some(mut bed) = Bed::new(&[Daemon::Kad]) else {
        return;
    };
    bed.write("ok", "");
    bed.write("value", "5");
    let slow = format!(
        "vrrp_script chk {{\n script \"/usr/bin/test -e {}\"\n interval 60\n weight 10\n user root\n}}\n",
        bed.path("ok").display()
    );
    let file = |weight: u8| {
        let path = bed.path("value");
        format!(
            "track_file f {{\n file {}\n weight {weight}\n}}\n",
            path.display()
        )
    };
    let tracks = "track_script {\n chk\n }\n track_file {\n f\n }";
    let text = |weight: u8| format!("{slow}{}{}", file(weight), instance(100, tracks));
    let (before, after) = (text(1), text(2));
    bed.lab.start(1, &before);
    bed.wait_for_priority(1, 115);
    let begun = clock::now();
    bed.lab.reload(1, &after);
    bed.wait_for_priority(1, 120);
    let seen: Vec<u8> = bed
        .lab
        .adverts(1, begun)
        .iter()
        .map(|(_, priority)| priority.get())
        .collect();
    assert!(
        seen.iter().all(|priority| [115, 120].contains(priority)),
        "the script's weight never goes: {seen:?}"
    );
}

/// Set-ups and the priority that they leave of 100: what is defined, what the instance tracks, and what comes of it.
const PRIORITIES: &[(&str, u8)] = &[
    ("track_file {\n five\n }", 105),
    ("track_file {\n five weight 2\n }", 110),
    ("track_file {\n back\n }", 90),
    ("track_file {\n back weight 7\n }", 65),
    ("track_file {\n back weight 7 noreverse\n }", 135),
    ("track_file {\n minus\n five\n }", 98),
    ("track_file {\n hex\n }", 116),
    ("track_file {\n octal\n }", 108),
    ("track_file {\n words\n }", 112),
    ("track_file {\n missing\n }", 100),
    ("track_file {\n huge\n }", 254),
    ("track_file {\n low\n }", 1),
    ("track_script {\n good weight 10\n }", 110),
    ("track_script {\n good weight -10\n }", 100),
    ("track_script {\n bad weight 10\n }", 100),
    ("track_script {\n bad weight -20\n }", 80),
    ("track_script {\n good weight 5 reverse\n }", 95),
    ("track_script {\n bad weight -10 reverse\n }", 110),
    ("track_script {\n slow\n }", 70),
    ("track_script {\n good weight 10\n bad weight -20\n }", 90),
    ("track_interface {\n eth1 weight 20\n }", 120),
    ("track_interface {\n eth1 weight -20\n }", 100),
    ("track_interface {\n eth1 weight 20 reverse\n }", 80),
    ("track_interface {\n eth2 weight -20\n }", 80),
    ("track_interface {\n eth2 weight 20\n }", 100),
    ("track_interface {\n eth0 weight 20\n }", 100),
    ("track_interface {\n eth1 weight 200\n eth2 weight -7\n }", 254),
];

fn table(bed: &Bed) -> String {
    let mut text = String::new();
    let files = [
        ("five", "5\n", "weight 1"),
        ("back", "5\n", "weight 2 reverse"),
        ("minus", "-7", "weight 1"),
        ("hex", "0x10", "weight 1"),
        ("octal", "010", "weight 1"),
        ("words", "  12abc", "weight 1"),
        ("huge", "99999", "weight 100"),
        ("low", "-200", "weight 1"),
        ("missing", "", "weight 9"),
    ];
    for (name, content, weight) in files {
        let path = bed.path(name);
        if !content.is_empty() {
            bed.write(name, content);
        }
        let _ = write!(
            text,
            "track_file {name} {{\n file {}\n {weight}\n}}\n",
            path.display()
        );
    }
    let scripts = [
        ("good", "/bin/true", ""),
        ("bad", "/bin/false", ""),
        ("slow", "/bin/sleep 9", "weight -30"),
    ];
    for (name, command, weight) in scripts {
        let _ = write!(
            text,
            "vrrp_script {name} {{\n script \"{command}\"\n interval 1\n timeout 1\n user root\n {weight}\n}}\n"
        );
    }
    for (id, (tracks, _)) in (1..).zip(PRIORITIES) {
        let _ = write!(
            text,
            "vrrp_instance I{id} {{\n interface eth0\n virtual_router_id {id}\n version 3\n advert_int 1\n priority 100\n \
             {tracks}\n virtual_ipaddress {{\n {}/32\n }}\n}}\n",
            v4(100 + id)
        );
    }
    text
}

/// Watches until each virtual router's last advert has the priority that it should.
fn priorities_are_as_expected(daemon: Daemon) {
    let Some(mut bed) = Bed::new(&[daemon]) else {
        return;
    };
    let text = table(&bed);
    bed.lab.start(1, &text);
    let mut last = BTreeMap::new();
    let expected: BTreeMap<u8, u8> = (1..)
        .zip(PRIORITIES.iter().map(|(_, priority)| *priority))
        .collect();
    let end = Instant::now() + LIMIT;
    while last != expected {
        let differences: Vec<_> = PRIORITIES
            .iter()
            .zip(1..)
            .filter(|((_, priority), id)| last.get(id) != Some(priority))
            .map(|((tracks, priority), id)| format!("{tracks}: {:?} instead of {priority}", last.get(&id)))
            .collect();
        assert!(Instant::now() < end, "{differences:#?}\n{}", bed.lab.story());
        bed.lab.watch(Duration::from_millis(100));
        for event in &bed.lab.seen {
            if let What::Advert { vrid, priority, .. } = &event.what {
                last.insert(vrid.get(), priority.get());
            }
        }
    }
}

#[test]
fn priorities_of_kad() {
    priorities_are_as_expected(Daemon::Kad);
}

#[test]
fn priorities_of_keepalived_are_the_same() {
    priorities_are_as_expected(Daemon::Keepalived);
}
