//! What is on the wire, and what a client sees.

use std::net::IpAddr;
use std::time::Duration;

use kad_cli::clock;
use kad_cli::lab::What;
use nix::sys::signal::Signal;
use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority};

use crate::machine::{BASE_MAC, home, set, virtual_mac};
use crate::support::{Daemon, Lab, SETTLE, can_run, global_v6, v6};

/// Two routers of one virtual router.
#[derive(Clone, Copy)]
struct Pair {
    daemons: [Daemon; 2],
    ipv6: bool,
    /// Lines of the first and the second.
    lines: [&'static str; 2],
}

impl Pair {
    fn config(&self, number: usize) -> String {
        let priority = if number == 1 { 150 } else { 100 };
        let addresses = if self.ipv6 {
            "fe80::64/64\n 2001:db8::64/64"
        } else {
            "10.0.0.100/24"
        };
        format!(
            "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.5\n priority {priority}\n \
             {}\n virtual_ipaddress {{\n {addresses}\n }}\n}}\n",
            self.lines[number - 1]
        )
    }

    fn address(&self) -> IpAddr {
        if self.ipv6 {
            global_v6(0x64)
        } else {
            IpAddr::from([10, 0, 0, 100])
        }
    }

    fn mac(&self) -> MacAddr {
        virtual_mac(if self.ipv6 { 2 } else { 1 }, 51)
    }
}

const LIMIT: Duration = Duration::from_secs(20);

/// The client's cache has the virtual MAC address before and after, and its pings are answered.
fn failover(pair: Pair) {
    if !can_run(&pair.daemons) {
        return;
    }
    let mut lab = Lab::new(&pair.daemons);
    let (address, mac) = (pair.address(), pair.mac());
    for router in lab
        .routers
        .iter()
        .filter(|router| router.daemon == Daemon::Keepalived)
    {
        // Left alone, keepalived's machine asks for the client in the virtual address's name and by the base's MAC address.
        set(&router.node, "ipv4/conf/all/arp_announce", "2");
    }
    lab.start(1, &pair.config(1));
    lab.wait_for_master(1, address, LIMIT);
    lab.start(2, &pair.config(2));
    let pings = lab.client.ping(address, Duration::from_millis(20)).unwrap();
    answered(&mut lab);
    assert_eq!(lab.client.neighbor(address).unwrap(), Some(mac));
    let quiet = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(
        lab.adverts(2, quiet),
        [],
        "the second hears the first\n{}",
        lab.story()
    );

    for (signal, from, to) in [(Signal::SIGKILL, 1, 2), (Signal::SIGTERM, 2, 1)] {
        lab.signal(from, signal);
        if signal == Signal::SIGKILL {
            lab.routers[from - 1].node.set_link("eth0", false).unwrap();
        } else {
            lab.routers[to - 1].node.set_link("eth0", true).unwrap();
            for (address, len) in [(v6(1), 64), (global_v6(1), 64)] {
                let _ = lab.routers[to - 1].node.add_address("eth0", address, len);
            }
            if pair.daemons[to - 1] == Daemon::Keepalived {
                // A killed keepalived leaves it, and the next one cannot send by it once its link was down.
                lab.routers[to - 1].node.remove_link("vrrp.51").unwrap();
            }
            lab.restart(to);
        }
        lab.wait_for_master(to, address, LIMIT);
        answered(&mut lab);
        assert_eq!(
            lab.client.neighbor(address).unwrap(),
            Some(mac),
            "{}",
            lab.story()
        );
    }
    drop(pings);
    assert_eq!(home(&lab.router(1).node, address).as_deref(), Some("vrrp.51"));
    virtual_sources(&lab, mac);
}

/// All adverts and announcements came from the virtual MAC address.
fn virtual_sources(lab: &Lab, expected: MacAddr) {
    let (mut adverts, mut announcements) = (0, 0);
    for event in &lab.seen {
        match &event.what {
            What::Advert { mac, .. } => {
                adverts += 1;
                assert_eq!(*mac, expected, "{event:?}");
            }
            What::Announcement { mac, address, .. }
                if *address == IpAddr::from([10, 0, 0, 100]) || *address == global_v6(0x64) =>
            {
                announcements += 1;
                assert_eq!(*mac, expected, "{event:?}");
            }
            _ => {}
        }
    }
    assert!(
        adverts > 5 && announcements > 4,
        "{adverts}, {announcements}\n{}",
        lab.story()
    );
}

/// Waits for an answer to a ping that is sent from now on.
fn answered(lab: &mut Lab) {
    let begun = clock::now();
    lab.watch_until(
        "the client's pings are answered",
        SETTLE,
        |event| matches!(&event.what, What::Ping(ping) if ping.sent >= begun && ping.answered.is_some()),
    );
}

const VMAC: [&str; 2] = ["use_vmac", "use_vmac"];

fn vmacs(first: Daemon, second: Daemon, ipv6: bool) -> Pair {
    Pair {
        daemons: [first, second],
        ipv6,
        lines: VMAC,
    }
}

#[test]
fn client_keeps_its_arp_entry_with_kad_before_keepalived() {
    failover(vmacs(Daemon::Kad, Daemon::Keepalived, false));
}

#[test]
fn client_keeps_its_arp_entry_with_keepalived_before_kad() {
    failover(vmacs(Daemon::Keepalived, Daemon::Kad, false));
}

#[test]
fn client_keeps_its_neighbour_with_kad_before_keepalived() {
    failover(vmacs(Daemon::Kad, Daemon::Keepalived, true));
}

#[test]
fn client_keeps_its_neighbour_with_keepalived_before_kad() {
    failover(vmacs(Daemon::Keepalived, Daemon::Kad, true));
}

#[test]
fn client_keeps_its_arp_entry_with_kad_before_kad() {
    failover(vmacs(Daemon::Kad, Daemon::Kad, false));
}

#[test]
fn client_keeps_its_neighbour_with_kad_before_kad() {
    failover(vmacs(Daemon::Kad, Daemon::Kad, true));
}

/// Adverts leave by the base, addresses are on the VMAC; a router without a VMAC hears them, and is heard.
fn base_sends(lines: [&'static str; 2]) {
    let pair = Pair {
        daemons: [Daemon::Kad, Daemon::Keepalived],
        ipv6: false,
        lines,
    };
    if !can_run(&pair.daemons) {
        return;
    }
    let mut lab = Lab::new(&pair.daemons);
    let address = pair.address();
    lab.start(1, &pair.config(1));
    lab.wait_for_master(1, address, LIMIT);
    lab.start(2, &pair.config(2));
    let quiet = clock::now();
    lab.watch(Duration::from_secs(3));
    assert_eq!(
        lab.adverts(2, quiet),
        [],
        "the second hears the first\n{}",
        lab.story()
    );
    assert_eq!(home(&lab.router(1).node, address).as_deref(), Some("vrrp.51"));
    let (adverts, announcements) = sources(&lab, "r1", Time::ZERO);
    assert!(
        !adverts.is_empty() && adverts.iter().all(|mac| *mac == BASE_MAC[0]),
        "{}",
        lab.story()
    );
    let virtual_mac = pair.mac();
    assert!(
        !announcements.is_empty() && announcements.iter().all(|mac| *mac == virtual_mac),
        "{}",
        lab.story()
    );
    // Having stopped, it comes back as the better one while the other sends.
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, address, LIMIT);
    lab.restart(1);
    lab.wait_for_master(1, address, LIMIT);
    lab.wait_for_holder(1, address);
}

/// The MAC addresses that a router's adverts, and its announcements of the virtual address, came from.
fn sources(lab: &Lab, router: &str, since: Time) -> (Vec<MacAddr>, Vec<MacAddr>) {
    let seen = || lab.seen.iter().filter(|event| event.at >= since);
    let adverts = seen().filter_map(|event| match &event.what {
        What::Advert {
            node, mac, priority, ..
        } if node == router && *priority != Priority::RELEASE => Some(*mac),
        _ => None,
    });
    let announcements = seen().filter_map(|event| match &event.what {
        What::Announcement { node, mac, address }
            if node == router && *address == IpAddr::from([10, 0, 0, 100]) =>
        {
            Some(*mac)
        }
        _ => None,
    });
    (adverts.collect(), announcements.collect())
}

#[test]
fn vmac_xmit_base_sends_adverts_by_the_base() {
    base_sends(["use_vmac\n vmac_xmit_base", "use_vmac\n vmac_xmit_base"]);
}

#[test]
fn vmac_xmit_base_meets_a_router_without_vmac() {
    base_sends(["use_vmac\n vmac_xmit_base", ""]);
}

#[test]
fn unicast_adverts_leave_by_the_base() {
    base_sends([
        "use_vmac\n unicast_src_ip 10.0.0.1\n unicast_peer {\n 10.0.0.2\n }",
        "use_vmac\n unicast_src_ip 10.0.0.2\n unicast_peer {\n 10.0.0.1\n }",
    ]);
}

/// keepalived with `vmac_xmit_base` does not hear a peer's virtual MAC address; kad does, whichever of them it uses.
#[test]
fn adverts_from_the_virtual_mac_are_heard_with_vmac_xmit_base_too() {
    let pair = Pair {
        daemons: [Daemon::Keepalived, Daemon::Kad],
        ipv6: false,
        lines: ["use_vmac", "use_vmac\n vmac_xmit_base"],
    };
    if !can_run(&pair.daemons) {
        return;
    }
    let mut lab = Lab::new(&pair.daemons);
    lab.start(1, &pair.config(1));
    lab.wait_for_master(1, pair.address(), LIMIT);
    let quiet = clock::now();
    lab.start(2, &pair.config(2));
    lab.wait_for_line(2, "interface vrrp.51 made");
    lab.watch(Duration::from_secs(4));
    assert_eq!(lab.adverts(2, quiet), [], "{}", lab.story());
    assert_eq!(lab.holders(pair.address()), [1]);
}
