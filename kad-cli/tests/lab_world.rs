//! The lab itself: what the other tests stand on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use kad_cli::lab::{Program, What, World};
use nix::sys::signal::Signal;
use support::{KAD, SETTLE, can_run};
use vrrp_proto::MacAddr;

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
    let end = std::time::Instant::now() + SETTLE;
    while process.is_running() {
        assert!(std::time::Instant::now() < end, "it still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}
