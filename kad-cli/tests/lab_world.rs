//! The lab itself: what the other tests stand on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::{Event, Node, Ping, Program, What, World};
use nix::sys::signal::Signal;
use support::{Daemon, KAD, KEEPALIVED, SETTLE, can_run};
use vrrp_proto::{MacAddr, Priority, Version};

fn ip(number: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, number])
}

#[test]
fn machines_on_a_bridge_reach_each_other_until_a_link_is_cut() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let lan = world.lan().unwrap();
    let (a, b) = (world.node("a").unwrap(), world.node("b").unwrap());
    world
        .join(&a, "eth0", MacAddr([2, 0, 0, 0, 0, 1]), &lan, &[(ip(1), 24)])
        .unwrap();
    world
        .join(&b, "eth0", MacAddr([2, 0, 0, 0, 0, 2]), &lan, &[(ip(2), 24)])
        .unwrap();
    let pings = a.ping(ip(2), Duration::from_millis(10)).unwrap();
    let answered = |answered: bool| {
        world.wait_for(SETTLE, |event| match event.what {
            What::Ping(ping) if ping.answered.is_some() == answered => Some(()),
            _ => None,
        })
    };
    assert!(answered(true).is_some());
    assert_eq!(a.neighbor(ip(2)).unwrap(), Some(MacAddr([2, 0, 0, 0, 0, 2])));
    b.set_link("eth0", false).unwrap();
    assert!(answered(false).is_some());
    b.set_link("eth0", true).unwrap();
    assert!(answered(true).is_some());
    drop(pings);
}

#[test]
fn two_lans_are_two_networks() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let (inside, outside) = (world.lan().unwrap(), world.lan().unwrap());
    let (a, b) = (world.node("a").unwrap(), world.node("b").unwrap());
    world
        .join(&a, "eth0", MacAddr([2, 0, 0, 0, 0, 1]), &inside, &[(ip(1), 24)])
        .unwrap();
    world
        .join(&b, "eth0", MacAddr([2, 0, 0, 0, 0, 2]), &outside, &[(ip(2), 24)])
        .unwrap();
    let pings = a.ping(ip(2), Duration::from_millis(10)).unwrap();
    let first = world.wait_for(SETTLE, |event| match event.what {
        What::Ping(ping) => Some(ping.answered.is_some()),
        _ => None,
    });
    assert_eq!(first, Some(false));
    drop(pings);
}

#[test]
fn programs_are_heard_and_their_end_is_told() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let node = world.node("a").unwrap();
    let program = Program::new("sh").arg("-c").arg("echo out; echo err >&2; exit 7");
    let process = node.spawn(&program).unwrap();
    let (mut lines, mut code) = (Vec::new(), None);
    while code.is_none() || lines.len() < 2 {
        match world.next_event(SETTLE).expect("two lines and an end").what {
            What::Line {
                text, process: id, ..
            } if id == process.id() => lines.push(text),
            What::Exit {
                status, process: id, ..
            } if id == process.id() => code = status.code(),
            _ => {}
        }
    }
    lines.sort_unstable();
    assert_eq!((lines, code), (vec!["err".to_owned(), "out".to_owned()], Some(7)));
    assert!(!process.is_running());
    // It has ended: nobody else can be hit by this.
    process.signal(Signal::SIGKILL);
}

#[test]
fn nothing_outlives_a_world() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let node = world.node("a").unwrap();
    let process = node.spawn(&Program::new("sleep").arg("1000")).unwrap();
    assert!(Path::new(&format!("/proc/{}", process.id())).exists());
    drop((node, world));
    let end = Instant::now() + SETTLE;
    while process.is_running() {
        assert!(Instant::now() < end, "it still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn pair(world: &mut World) -> (Node, Node) {
    let lan = world.lan().unwrap();
    let mut machine = |number: u8| {
        let node = world.node(&format!("m{number}")).unwrap();
        let link_local = IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, u16::from(number)]);
        let mac = MacAddr([2, 0, 0, 0, 0, number]);
        world
            .join(&node, "eth0", mac, &lan, &[(ip(number), 24), (link_local, 64)])
            .unwrap();
        node
    };
    (machine(1), machine(2))
}

#[test]
fn link_local_addresses_can_be_pinged_at_once() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let (a, _b) = pair(&mut world);
    let _pings = a
        .ping("fe80::2".parse().unwrap(), Duration::from_millis(10))
        .unwrap();
    let answered = world.wait_for(SETTLE, |event| match event.what {
        What::Ping(ping) => ping.answered,
        _ => None,
    });
    assert!(answered.is_some());
}

#[test]
fn pingers_of_one_machine_do_not_take_each_others_answers() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let (a, _b) = pair(&mut world);
    // Nobody answers the first one; what it has open includes every number that the second one uses.
    let pingers = [77, 2].map(|number| a.ping(ip(number), Duration::from_millis(10)).unwrap());
    let (mut answered, end) = (BTreeSet::new(), Instant::now() + SETTLE);
    while answered.len() < 30 {
        assert!(Instant::now() < end, "{} answers", answered.len());
        let Some(event) = world.next_event(SETTLE) else {
            continue;
        };
        if let What::Ping(Ping {
            sequence,
            answered: Some(_),
            ..
        }) = event.what
        {
            assert!(answered.insert(sequence), "answer {sequence} was taken by both");
        }
    }
    drop(pingers);
}

#[test]
fn worlds_with_the_same_addresses_do_not_meet() {
    if !can_run(&[]) {
        return;
    }
    let (mut one, mut other) = (
        World::new(Path::new(KAD)).unwrap(),
        World::new(Path::new(KAD)).unwrap(),
    );
    let ((a, b), (c, _d)) = (pair(&mut one), pair(&mut other));
    b.set_link("eth0", false).unwrap();
    let (_lost, _answered) = (
        a.ping(ip(2), Duration::from_millis(10)).unwrap(),
        c.ping(ip(2), Duration::from_millis(10)).unwrap(),
    );
    let first = |world: &World| {
        world.wait_for(SETTLE, |event| match event.what {
            What::Ping(ping) => Some(ping.answered.is_some()),
            _ => None,
        })
    };
    assert_eq!((first(&one), first(&other)), (Some(false), Some(true)));
}

#[test]
fn what_programs_leave_behind_ends_with_the_world() {
    if !can_run(&[]) {
        return;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let node = world.node("a").unwrap();
    // A process whose parent is gone, in a session of its own.
    let program = Program::new("sh")
        .arg("-c")
        .arg("setsid sleep 1000 >/dev/null 2>&1 & echo $!");
    node.spawn(&program).unwrap();
    // The line and the exit come in either order.
    let (mut line, mut exited) = (None, false);
    world
        .wait_for(SETTLE, |event| {
            match &event.what {
                What::Line { text, .. } => line = Some(text.trim().to_owned()),
                What::Exit { .. } => exited = true,
                _ => {}
            }
            (exited && line.is_some()).then_some(())
        })
        .expect("the shell says whom it leaves behind, and ends");
    let orphan = PathBuf::from(format!("/proc/{}", line.unwrap()));
    assert!(orphan.exists());
    drop((node, world));
    wait_until_gone(&[orphan]);
}

#[test]
fn nothing_outlives_a_driver_that_is_killed() {
    if !can_run(&[]) {
        return;
    }
    // Who is killed cleans up no files.
    let files = tempfile::tempdir().unwrap();
    let mut driver = Command::new(KAD)
        .arg("demo")
        .env("TMPDIR", files.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + SETTLE;
    let mut children = Vec::new();
    // Two routers.
    while children.len() < 2 {
        assert!(Instant::now() < end, "the demo starts no routers");
        std::thread::sleep(Duration::from_millis(5));
        children = children_of(driver.id());
    }
    driver.kill().unwrap();
    driver.wait().unwrap();
    wait_until_gone(&children);
}

/// The children of all threads of a process.
fn children_of(process: u32) -> Vec<PathBuf> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .map(|id| Path::new("/proc").join(id))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Processes that are dead but not reaped yet count as gone.
fn wait_until_gone(processes: &[PathBuf]) {
    let alive = |process: &&PathBuf| {
        std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| {
            !stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .trim_start()
                .starts_with('Z')
        })
    };
    let end = Instant::now() + SETTLE;
    while let Some(process) = processes.iter().find(alive) {
        assert!(Instant::now() < end, "{} still runs", process.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn adverts_and_announcements_of_keepalived_are_captured() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let files = tempfile::tempdir().unwrap();
    let config = files.path().join("keepalived.conf");
    let text = "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n priority 123\n advert_int 1\n \
                virtual_ipaddress {\n 10.0.0.100/24\n }\n}\n";
    std::fs::write(&config, text).unwrap();
    let mut world = World::new(Path::new(KAD)).unwrap();
    let (a, _b) = pair(&mut world);
    let pid = |name: &str| files.path().join(name);
    let program = Program::new(KEEPALIVED).arg("-nlGDP").arg("-f").arg(&config);
    let begun = clock::now();
    a.spawn(&program.arg("-p").arg(pid("pid")).arg("-r").arg(pid("vrrp")))
        .unwrap();
    let mac = MacAddr([2, 0, 0, 0, 0, 1]);
    let advert = world.wait_for(SETTLE, |event| match &event.what {
        What::Advert { .. } => Some(event.clone()),
        _ => None,
    });
    let Event {
        at,
        what:
            What::Advert {
                node,
                mac: sender,
                source,
                destination,
                version,
                vrid,
                priority,
            },
    } = advert.unwrap()
    else {
        panic!()
    };
    assert!(
        begun < at && at < clock::now(),
        "the kernel's stamp is of our clock"
    );
    assert_eq!((node.as_str(), sender, source), ("m1", mac, ip(1)));
    assert_eq!(destination, IpAddr::from([224, 0, 0, 18]));
    assert_eq!(
        (version, vrid.get(), priority),
        (Version::V2, 51, Priority::new(123))
    );
    let announcement = world.wait_for(SETTLE, |event| match &event.what {
        What::Announcement { node, address, mac } => Some((node.clone(), *address, *mac)),
        _ => None,
    });
    assert_eq!(announcement, Some(("m1".to_owned(), ip(100), mac)));
}
