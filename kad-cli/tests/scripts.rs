//! Scripts are told what happens: with keepalived's words, in order, one at a time for each object, and never for nothing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use kad_cli::lab::What;
use kad_cli::net::{Flushed, Transmitter};
use kad_cli::rtnl;
use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run, v4};
use tempfile::TempDir;
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, Family, MacAddr, Priority, V3Checksum,
    Version, Vrid,
};

const VIP: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 100));

/// A directory with scripts and what they wrote.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A shell script; `$LOG` in it is where it writes.
    fn script(&self, name: &str, body: &str) -> String {
        let path = self.path(name);
        let log = self.path("log");
        let text = format!("#!/bin/sh\nLOG={}\n{body}\n", log.display());
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

const LIMIT: Duration = Duration::from_secs(20);

fn instance(priority: u8, more: &str) -> String {
    format!(
        "global_defs {{\n script_user root\n}}\nvrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n \
         advert_int 0.5\n priority {priority}\n {more}\n virtual_ipaddress {{\n 10.0.0.100/24\n }}\n}}\n"
    )
}

fn wait_for_lines(lab: &mut Lab, desk: &Desk, count: usize) {
    lab.wait_until(&format!("{count} lines of scripts"), |_| {
        desk.lines().len() >= count
    });
}

/// Something that is done to a router.
type Step<'a> = &'a dyn Fn(&Lab);

/// What keepalived and kad tell scripts of the same story is the same.
#[test]
fn scripts_are_told_what_keepalived_tells_them() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let told = [Daemon::Keepalived, Daemon::Kad].map(|daemon| {
        let desk = Desk::new();
        let own = desk.script("own", r#"echo "own $*" >> $LOG"#);
        let any = desk.script("any", r#"sleep 0.1; echo "any $*" >> $LOG"#);
        let mut lab = Lab::new(&[daemon]);
        let scripts = format!(
            "notify_master \"{own} master with 'one word'\"\n notify_backup {own}\n notify_fault \"{own} fault\"\n \
             notify_stop \"{own} stop\"\n notify {any}"
        );
        lab.start(1, &instance(100, &scripts));
        // Steps far apart, for keepalived's scripts overtake each other.
        let steps: [(usize, Step<'_>); 4] = [
            (4, &|_| {}),
            (6, &|lab| lab.router(1).node.set_link("eth0", false).unwrap()),
            (10, &|lab| lab.router(1).node.set_link("eth0", true).unwrap()),
            (12, &|lab| lab.signal(1, Signal::SIGTERM)),
        ];
        for (lines, step) in steps {
            step(&lab);
            wait_for_lines(&mut lab, &desk, lines);
            lab.watch(Duration::from_millis(300));
        }
        let mut lines = desk.lines();
        // keepalived starts both scripts of an event at once.
        lines.chunks_mut(2).for_each(|pair| pair.sort_unstable_by(|one, other| other.cmp(one)));
        lines
    });
    assert_eq!(told[0], told[1]);
    assert!(
        told[1].contains(&"any INSTANCE VI_1 MASTER 100".to_owned()),
        "{told:?}"
    );
    assert!(
        told[1].contains(&"own master with one word".to_owned()),
        "{told:?}"
    );
}

#[test]
fn scripts_find_what_happened_in_their_environment() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let body = r#"echo "$KAD_SEQUENCE $KAD_TYPE $KAD_NAME $KAD_PREVIOUS_STATE $KAD_STATE $KAD_PRIORITY: $KAD_REASON" >> $LOG"#;
    let script = desk.script("notify", body);
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &instance(120, &format!("notify {script}")));
    wait_for_lines(&mut lab, &desk, 2);
    assert_eq!(
        desk.lines(),
        [
            "1 INSTANCE VI_1 INIT BACKUP 120: started",
            "2 INSTANCE VI_1 BACKUP MASTER 120: no master heard for 1.77 s (3 x 0.50 s + skew 266 ms)"
        ]
    );
}

/// Ten transitions a second for scripts that take a second: none overlaps or overtakes, and the last state is told.
#[test]
fn a_burst_of_transitions_is_told_in_order_and_as_far_as_it_is_true() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let body = r#"echo "begin $3" >> $LOG; sleep 1; echo "end $3" >> $LOG"#;
    let script = desk.script("slow", body);
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &instance(100, &format!("notify {script}")));
    lab.wait_for_holder(1, VIP);
    wait_for_lines(&mut lab, &desk, 4);
    let node = lab.router(1).node.clone();
    for _ in 0..15 {
        for up in [false, true] {
            node.set_link("eth0", up).unwrap();
            lab.watch(Duration::from_millis(100));
        }
    }
    lab.wait_for_holder(1, VIP);
    lab.wait_until("the last state is told", |_| {
        desk.lines().last().is_some_and(|line| line == "end MASTER") && desk.lines().len() > 4
    });
    lab.watch(Duration::from_millis(1500));
    let lines = desk.lines();
    assert!(
        lines.len() < 30,
        "thirty transitions in three seconds are not told one by one: {lines:?}"
    );
    let mut last = String::new();
    for pair in lines.chunks(2) {
        let [begin, end] = pair else { panic!("{lines:?}") };
        let state = begin.strip_prefix("begin ").unwrap();
        assert_eq!(
            end.strip_prefix("end "),
            Some(state),
            "scripts overlap: {lines:?}"
        );
        assert_ne!(state, last, "told twice: {lines:?}");
        state.clone_into(&mut last);
    }
    assert_eq!(last, "MASTER");
}

#[test]
fn what_goes_wrong_with_scripts_is_said() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let fails = desk.script("fails", "echo \"no route to the provider\" >&2; exit 3");
    let mut lab = Lab::new(&[Daemon::Kad]);
    let scripts = format!("notify_backup {fails}\n notify_master \"/no/such/script at all\"");
    lab.start(1, &instance(100, &scripts));
    lab.wait_for_line(1, &format!("{fails}: no route to the provider"));
    lab.wait_for_line(1, &format!("VI_1: notify_backup {fails} ended with status 3"));
    lab.wait_for_line(1, "VI_1: notify_master /no/such/script: /no does not exist");
    lab.wait_for_line(
        1,
        "VI_1: notify_master /no/such/script cannot be run: it does not exist",
    );
}

#[test]
fn scripts_run_as_somebody_else_and_insecure_ones_do_not_run_as_root() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    fs::write(desk.path("log"), "").unwrap();
    fs::set_permissions(desk.path("log"), fs::Permissions::from_mode(0o666)).unwrap();
    let whoami = desk.script("whoami", "id -un >> $LOG");
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &instance(100, &format!("notify_master {whoami} nobody")));
    wait_for_lines(&mut lab, &desk, 1);
    assert_eq!(desk.lines(), ["nobody"]);
    lab.signal(1, Signal::SIGTERM);
    lab.wait_until("it is gone", |lab| lab.holders(VIP).is_empty());
    fs::set_permissions(&whoami, fs::Permissions::from_mode(0o777)).unwrap();
    let config = instance(100, &format!("notify_master {whoami}"));
    lab.start(
        1,
        &config.replace("script_user root", "script_user root\n enable_script_security"),
    );
    lab.wait_for_line(
        1,
        "can be changed by anybody, not only by root; enable_script_security forbids",
    );
    lab.wait_for_holder(1, VIP);
    lab.watch(Duration::from_millis(500));
    assert_eq!(desk.lines(), ["nobody"]);
}

/// A script that was fine when the configuration was read may not be so any more when it is to run.
#[test]
fn security_holds_for_files_that_change_later() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let any = desk.script("any", r#"echo "$3" >> $LOG"#);
    let config = instance(100, &format!("notify {any}"));
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(
        1,
        &config
            .replace("script_user root", "script_user root\n enable_script_security")
            .replace("advert_int 0.5", "advert_int 2"),
    );
    wait_for_lines(&mut lab, &desk, 1);
    fs::set_permissions(&any, fs::Permissions::from_mode(0o777)).unwrap();
    lab.wait_for_line(
        1,
        "can be changed by anybody, not only by root; enable_script_security",
    );
    lab.wait_for_holder(1, VIP);
    assert_eq!(desk.lines(), ["BACKUP"]);
    fs::set_permissions(&any, fs::Permissions::from_mode(0o755)).unwrap();
    lab.signal(1, Signal::SIGTERM);
    wait_for_lines(&mut lab, &desk, 2);
    assert_eq!(desk.lines(), ["BACKUP", "STOP"]);
}

#[test]
fn the_end_is_told_even_while_another_script_hangs() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let hangs = desk.script("hangs", "echo hangs >> $LOG; sleep 600");
    let stop = desk.script("stop", "echo stop >> $LOG");
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(
        1,
        &instance(100, &format!("notify_master {hangs}\n notify_stop {stop}")),
    );
    wait_for_lines(&mut lab, &desk, 1);
    lab.signal(1, Signal::SIGTERM);
    wait_for_lines(&mut lab, &desk, 2);
    assert_eq!(desk.lines(), ["hangs", "stop"]);
    assert!(
        lab.holders(VIP).is_empty(),
        "the address does not wait for scripts"
    );
}

#[test]
fn groups_and_reloads_are_told_of() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let any = desk.script("any", r#"echo "$*" >> $LOG"#);
    let with = |deleted: &str| instance(100, &format!("notify {any}\n {deleted}"));
    let group = format!("vrrp_sync_group VG_1 {{\n group {{\n VI_1\n }}\n notify {any}\n}}\n");
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &(group + &with("notify_deleted")));
    wait_for_lines(&mut lab, &desk, 4);
    let told: Vec<String> = desk.lines();
    let of = |word: &str| {
        told.iter()
            .filter(|line| line.starts_with(word))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("INSTANCE"),
        ["INSTANCE VI_1 BACKUP 100", "INSTANCE VI_1 MASTER 100"]
    );
    assert_eq!(of("GROUP"), ["GROUP VG_1 BACKUP 0", "GROUP VG_1 MASTER 0"]);
    // Another instance instead: the first is told to be deleted.
    lab.reload(1, &instance(100, "").replace("51", "52").replace("VI_1", "VI_2"));
    lab.wait_until("it is told", |_| {
        desk.lines()
            .iter()
            .any(|line| line == "INSTANCE VI_1 DELETED 100")
    });
    assert!(lab.client.has_address(v4(99)).unwrap());
}

/// Many objects with a script each: all are told of the end, though not all of it runs at the same time. On a machine
/// that is busy with something else, some may take too long; that is said.
#[test]
fn the_end_of_many_is_told_to_all() {
    if !can_run(&[]) {
        return;
    }
    let desk = Desk::new();
    let stop = desk.script("stop", "echo stop $1 >> $LOG");
    let mut config = "global_defs {\n script_user root\n}\n".to_owned();
    let many = 80;
    for vrid in 1..=many {
        config += &format!(
            "vrrp_instance VI_{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 1\n \
             notify_stop \"{stop} VI_{vrid}\"\n virtual_ipaddress {{\n 10.0.1.{vrid}/24\n }}\n}}\n"
        );
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &config);
    lab.wait_for_line(1, "VI_80: INIT -> BACKUP");
    lab.signal(1, Signal::SIGTERM);
    lab.watch_until("it exits", LIMIT, |event| {
        matches!(&event.what, What::Exit { .. })
    });
    lab.watch(Duration::from_millis(300));
    let mut told = desk.lines();
    told.sort_unstable();
    told.dedup();
    let told = told.len();
    let late = |line: &&&str| line.contains("took too long and was ended");
    let late = lab.lines(1).iter().filter(late).count();
    assert!(told + late >= many, "{told} told, {late} late\n{}", lab.story());
    assert!(told > many / 2, "{told} told, {late} late");
}

/// What is no change of state: a master of lower priority has a script of its own, and changes of the priority have
/// none, as with keepalived; both are for pipes.
#[test]
fn what_is_no_state_is_told_as_keepalived_does() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let told = [Daemon::Keepalived, Daemon::Kad].map(|daemon| {
        let desk = Desk::new();
        let own = desk.script("own", r#"echo "own $*" >> $LOG"#);
        let any = desk.script("any", r#"echo "any $*" >> $LOG"#);
        let mut lab = Lab::new(&[daemon]);
        let (node, lan) = (lab.router(1).node.clone(), lab.lan.clone());
        let mac = MacAddr([2, 0, 0, 0, 1, 1]);
        lab.world.join(&node, "eth1", mac, &lan, &[]).unwrap();
        let more = format!(
            "notify_master_rx_lower_pri \"{own} lower\"\n notify {any}\n notify_priority_changes on\n \
             track_interface {{\n eth1 weight -10\n }}\n"
        );
        lab.start(1, &instance(100, &more));
        wait_for_lines(&mut lab, &desk, 2);
        lab.wait_for_holder(1, VIP);
        lab.client.run(|| send_advert(50));
        wait_for_lines(&mut lab, &desk, 3);
        node.set_link("eth1", false).unwrap();
        lab.watch_until(
            "the priority is lower",
            LIMIT,
            |event| matches!(&event.what, What::Advert { node, priority, .. } if node == "r1" && priority.get() == 90),
        );
        lab.watch(Duration::from_millis(500));
        lab.signal(1, Signal::SIGTERM);
        wait_for_lines(&mut lab, &desk, 4);
        lab.watch(Duration::from_millis(500));
        desk.lines()
    });
    assert_eq!(told[0], told[1]);
    assert_eq!(
        told[1],
        [
            "any INSTANCE VI_1 BACKUP 100",
            "any INSTANCE VI_1 MASTER 100",
            "own lower",
            "any INSTANCE VI_1 STOP 90"
        ]
    );
}

/// An advert from this machine, for the router of [`instance`].
fn send_advert(priority: u8) {
    let group = Ipv4Addr::new(224, 0, 0, 18);
    let context = Context {
        source: v4(99),
        destination: group.into(),
        checksum: V3Checksum::PseudoHeader,
    };
    let advert = Advertisement::new(
        Version::V3,
        Vrid::new(51).unwrap(),
        Priority::new(priority),
        AdvertInterval::from_centis(50).unwrap(),
        Authentication::None,
        Addresses::V4(&[[10, 0, 0, 100]]),
    );
    let advert = advert.unwrap();
    let mut bytes = vec![0; advert.buffer_len()];
    advert.emit(&context, &mut bytes);
    let snapshot = rtnl::snapshot().unwrap();
    let link = snapshot.links.iter().find(|link| link.name == "eth0").unwrap();
    let mut adverts = Transmitter::open("eth0", link.index, Family::Ipv4).unwrap();
    adverts.queue(v4(99), group.into(), bytes);
    let _: Flushed = adverts.flush();
}
