//! The guide's pair of load balancers that do not preempt (its section 3.1.2), with its files word for word.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run};
use vrrp_proto::MacAddr;

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 1));

const MASTER: &str = r#"global_defs {
    notification_email {
        finalbsd@gmail.com
    }
    notification_email_from finalbsd@gmail.com
    smtp_server 127.0.0.1
    smtp_connect_timeout 30
    router_id haproxy-ha
}

vrrp_sync_group VG1 {
    group {
        VI_1
    }
}

vrrp_instance VI_1 {
    state BACKUP
    smtp_alert
    notify_fault "/root/script/notify_mail.sh fault"
    notify_master "/root/script/notify_mail.sh master"
    nopreempt
    interface eth1
    track_interface {
        eth0
        eth1
    }
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass fsaf..7&f
    }
    virtual_ipaddress {
        192.168.1.1/24 dev eth1 scope global
    }
}
"#;

/// "The same but for two things: the priority is 100, and nopreempt is not set."
fn backup() -> String {
    MASTER
        .replace("priority 150", "priority 100")
        .replace("    nopreempt\n", "")
}

fn story(daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let lan = lab.world.lan().unwrap();
    for (number, host) in [(1, 3), (2, 4)] {
        let node = lab.router(number).node.clone();
        let address = (IpAddr::from([192, 168, 1, host]), 24);
        let mac = MacAddr([2, 0, 0, 1, 0, host]);
        lab.world.join(&node, "eth1", mac, &lan, &[address]).unwrap();
    }
    lab.start(1, MASTER);
    lab.start(2, &backup());
    lab.wait_for_holder(1, VIP);

    // What it is all about: after it comes back, the former master stays a backup.
    lab.signal(1, Signal::SIGKILL);
    lab.wait_until("r2 has the address", |lab| lab.holders(VIP).contains(&2));
    let stale = lab.holders(VIP).contains(&1);
    if stale {
        lab.router(1).node.remove_address("eth1", VIP, 24).unwrap();
    }
    lab.restart(1);
    lab.watch(Duration::from_secs(6));
    assert_eq!(lab.holders(VIP), [2], "a switch too many\n{}", lab.story());

    // Either interface is needed.
    for interface in ["eth0", "eth1"] {
        let holder = lab.holders(VIP)[0];
        let node = lab.router(holder).node.clone();
        node.set_link(interface, false).unwrap();
        lab.wait_for_holder(3 - holder, VIP);
        node.set_link(interface, true).unwrap();
        lab.watch(Duration::from_secs(1));
        if holder == 1 {
            // The better one does not take it back.
            lab.watch(Duration::from_secs(5));
            assert_eq!(lab.holders(VIP), [2], "{}", lab.story());
        }
    }
}

#[test]
fn kad_with_the_masters_file_and_keepalived_with_the_backups() {
    story([Daemon::Kad, Daemon::Keepalived]);
}

#[test]
fn keepalived_with_the_masters_file_and_kad_with_the_backups() {
    story([Daemon::Keepalived, Daemon::Kad]);
}

#[test]
fn kad_with_both() {
    story([Daemon::Kad, Daemon::Kad]);
}
