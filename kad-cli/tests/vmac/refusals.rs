//! What cannot be had, and what becomes of the rest.

use std::net::IpAddr;
use std::time::Duration;

use nix::sys::signal::Signal;
use vrrp_proto::MacAddr;

use crate::machine::{execute, home, link, stack, virtual_mac};
use crate::support::{Daemon, KAD, Lab, can_run};
use kad_cli::lab::{Program, What};
use kad_cli::rtnl::{LinkChange, Request};

const LIMIT: Duration = Duration::from_secs(20);

fn instance(name: &str, vrid: u8, lines: &str) -> String {
    format!(
        "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.3\n {lines}\n \
         virtual_ipaddress {{\n {}/24\n }}\n}}\n",
        address(vrid)
    )
}

fn address(vrid: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, 100 + vrid])
}

#[test]
fn somebody_elses_interface_of_that_name_stops_its_instance_alone() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let mac = MacAddr([2, 0, 0, 0, 0, 0x51]);
    stack(&node, "vrrp.1", "eth0", mac);
    node.add_address("vrrp.1", address(1), 24).unwrap();
    lab.start(
        1,
        &[instance("A", 1, "use_vmac"), instance("B", 2, "use_vmac")].concat(),
    );
    lab.wait_for_line(
        1,
        "A: interface vrrp.1 cannot be had: an interface of that name is there already, and its MAC address is \
         02:00:00:00:00:51, and 00:00:5e:00:01:01 is wanted",
    );
    lab.wait_for_master(1, address(2), LIMIT);
    assert_eq!(home(&node, address(2)).as_deref(), Some("vrrp.2"));
    // Not even what looks like a remainder is touched.
    assert_eq!(home(&node, address(1)).as_deref(), Some("vrrp.1"));
    assert!(
        !lab.lines(1)
            .iter()
            .any(|line| line.contains("A: FAULT -> BACKUP"))
    );

    node.remove_link("vrrp.1").unwrap();
    lab.wait_for_line(1, "A: interface vrrp.1 is as it should be now");
    lab.wait_until("A is master", |_| {
        home(&node, address(1)).as_deref() == Some("vrrp.1")
    });
    let kind = link(&node, "vrrp.1").unwrap().kind;
    assert_eq!(
        kind,
        Some(kad_cli::rtnl::StackedKind::Macvlan {
            mac: virtual_mac(1, 1)
        })
    );
}

#[test]
fn interface_that_is_right_is_used_and_stays() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    stack(&node, "vrrp.1", "eth0", virtual_mac(1, 1));
    let mut change = LinkChange::new(link(&node, "vrrp.1").unwrap().index);
    change.alias = Some("made by hand".to_owned());
    execute(&node, Request::ChangeLink(change));
    let before = link(&node, "vrrp.1");
    lab.start(1, &instance("A", 1, "use_vmac"));
    lab.wait_for_line(1, "interface vrrp.1 was made by another program; used");
    lab.wait_for_master(1, address(1), LIMIT);
    assert_eq!(home(&node, address(1)).as_deref(), Some("vrrp.1"));
    lab.signal(1, Signal::SIGTERM);
    lab.watch_until("kad ends", LIMIT, |event| {
        matches!(&event.what, What::Exit { .. })
    });
    assert_eq!(link(&node, "vrrp.1"), before);
    assert_eq!(home(&node, address(1)), None);
}

/// Where the kernel has ipvlan the instance is master with it; where it has none, it says so and the others go on.
#[test]
fn ipvlan_is_made_or_its_lack_is_said() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let ipvlan = "use_ipvlan ipv eth0 10.0.0.31 bridge";
    lab.start(1, &[instance("A", 1, ipvlan), instance("B", 2, "")].concat());
    lab.wait_for_master(1, address(2), LIMIT);
    if link(&node, "ipv").is_none() {
        lab.wait_for_line(
            1,
            "A: interface ipv cannot be had: this kernel has no ipvlan interfaces",
        );
        assert_eq!(home(&node, address(1)), None);
    } else {
        lab.wait_until("A is master", |_| {
            home(&node, address(1)).as_deref() == Some("ipv")
        });
        lab.watch_until("A's adverts have its address", LIMIT, |event| {
            matches!(&event.what, What::Advert { source, .. } if *source == IpAddr::from([10, 0, 0, 31]))
        });
    }
}

/// In a container whose settings are not its own, everything but these works, and what may go wrong is said.
#[test]
fn settings_that_cannot_be_made_are_said() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kad.conf");
    std::fs::write(&file, instance("A", 1, "use_vmac")).unwrap();
    let script = format!(
        "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec {KAD} run -D -f {}",
        file.display()
    );
    let program = Program::new("/usr/bin/unshare")
        .arg("-m")
        .arg("sh")
        .arg("-c")
        .arg(script);
    let process = node.spawn(&program).unwrap();
    lab.wait_for_line(
        1,
        "net.ipv4.conf.vrrp/1.arp_ignore cannot be set to 1: Read-only file system",
    );
    lab.wait_for_line(
        1,
        "neighbours may learn another MAC address for a virtual address",
    );
    lab.wait_for_master(1, address(1), LIMIT);
    assert_eq!(home(&node, address(1)).as_deref(), Some("vrrp.1"));
    process.signal(Signal::SIGTERM);
    lab.watch_until("kad ends", LIMIT, |event| {
        matches!(&event.what, What::Exit { .. })
    });
    assert_eq!(link(&node, "vrrp.1"), None);
}

/// Any interface that others can be a part of does for a VRF here.
#[test]
fn vmac_is_a_part_of_its_vrf_or_its_lack_is_said() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let node = lab.router(1).node.clone();
    let name = "red".to_owned();
    lab.start(1, &instance("A", 1, "use_vmac\n vrf red"));
    lab.wait_for_line(1, "A: interface vrrp.1 cannot be had: there is no VRF red");
    lab.wait_for_line(1, "A: INIT -> FAULT: its interface vrrp.1 is not well");
    execute(&node, Request::AddBridge { name });
    lab.wait_for_line(1, "A: interface vrrp.1 is as it should be now");
    lab.wait_for_line(1, "A: FAULT -> BACKUP");
    let index = |name| link(&node, name).map(|link| link.index);
    assert_eq!(link(&node, "vrrp.1").unwrap().controller, index("red"));
}
