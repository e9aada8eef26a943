//! kad and Debian's keepalived as the two routers of one LAN, in both roles, and kad with kad: who is master when all
//! is well, and after each way of losing the master.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::net::IpAddr;
use std::time::Duration;

use kad_cli::lab::What;
use nix::sys::signal::Signal;
use support::{Daemon, Lab, SETTLE, can_run, global_v6};
use vrrp_engine::Time;
use vrrp_proto::Priority;

/// What two routers speak.
#[derive(Clone, Copy)]
struct Dialect {
    lines: &'static str,
    addresses: &'static str,
    unicast: bool,
    interval: Duration,
    version: u8,
}

const V2: Dialect = Dialect {
    lines: "version 2\n advert_int 1",
    addresses: "10.0.0.100/24",
    unicast: false,
    interval: Duration::from_secs(1),
    version: 2,
};
const V2_PASS: Dialect = Dialect {
    lines: "version 2\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass s3cret\n }",
    ..V2
};
const V3: Dialect = Dialect {
    lines: "version 3\n advert_int 0.25",
    interval: Duration::from_millis(250),
    version: 3,
    ..V2
};
const V3_IPV6: Dialect = Dialect {
    addresses: "fe80::64/64\n 2001:db8::64/64",
    ..V3
};
const V3_UNICAST: Dialect = Dialect { unicast: true, ..V3 };
const V2_UNICAST: Dialect = Dialect { unicast: true, ..V2 };

impl Dialect {
    fn config(&self, number: usize, priority: u8, extra: &str) -> String {
        let peers = if self.unicast {
            let peer = 3 - number;
            format!("unicast_src_ip 10.0.0.{number}\n unicast_peer {{\n 10.0.0.{peer}\n }}")
        } else {
            String::new()
        };
        format!(
            "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n priority {priority}\n {}\n {peers}\n {extra}\n \
             virtual_ipaddress {{\n {}\n }}\n}}\n",
            self.lines, self.addresses
        )
    }

    /// The address that the client pings.
    fn address(&self) -> IpAddr {
        if self.addresses.contains("fe80") {
            global_v6(0x64)
        } else {
            IpAddr::from([10, 0, 0, 100])
        }
    }

    fn skew(&self, priority: u8) -> Duration {
        let whole = if self.version == 2 {
            Duration::from_secs(1)
        } else {
            self.interval
        };
        whole * (256 - u32::from(priority)) / 256
    }

    fn master_down(&self, priority: u8) -> Duration {
        self.interval * 3 + self.skew(priority)
    }

    /// Long enough for any takeover.
    fn limit(&self) -> Duration {
        self.master_down(1) + SETTLE
    }
}

/// One master; SIGKILL, SIGTERM and link-down of the master; and each time preemption back.
fn story(dialect: Dialect, daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let address = dialect.address();
    lab.start(1, &dialect.config(1, 150, ""));
    lab.start(2, &dialect.config(2, 100, ""));
    lab.wait_for_master(1, address, dialect.limit());
    lab.wait_for_holder(1, address);
    let pings = lab.client.ping(address, Duration::from_millis(20)).unwrap();
    let settled = kad_cli::clock::now();
    lab.watch(dialect.interval * 5);
    assert_eq!(lab.adverts(2, settled), [], "a backup is silent\n{}", lab.story());
    answered(&mut lab, "the master answers the client");

    // SIGKILL: the backup waits a Master_Down_Interval from the last advert.
    lab.signal(1, Signal::SIGKILL);
    let taken = lab.wait_for_master(2, address, dialect.limit());
    let waited = taken - last_advert_before(&lab, 1, taken);
    at_least(
        waited,
        dialect.master_down(100),
        "a silent master is given its time",
        &lab,
    );
    lab.routers[0].node.set_link("eth0", false).unwrap();
    answered(&mut lab, "the client's pings go on after SIGKILL");
    returns(&mut lab, dialect, true);

    // SIGTERM: priority 0, and the backup waits Skew_Time only.
    lab.signal(1, Signal::SIGTERM);
    let taken = lab.wait_for_master(2, address, dialect.limit());
    let zero = lab
        .adverts(1, Time::ZERO)
        .into_iter()
        .rev()
        .find(|(_, priority)| *priority == Priority::RELEASE);
    let (resigned, _) = zero.unwrap_or_else(|| panic!("no priority 0\n{}", lab.story()));
    at_least(
        taken - resigned,
        dialect.skew(100),
        "Skew_Time after priority 0",
        &lab,
    );
    at_most(
        taken - resigned,
        dialect.master_down(100),
        "priority 0 spares the Master_Down_Interval",
        &lab,
    );
    lab.wait_for_holder(2, address);
    answered(&mut lab, "the client's pings go on after SIGTERM");
    returns(&mut lab, dialect, false);

    // The link goes down under the master, and comes back.
    lab.routers[0].node.set_link("eth0", false).unwrap();
    lab.wait_for_master(2, address, dialect.limit());
    lab.wait_for_holder(2, address);
    answered(&mut lab, "the client's pings go on after link-down");
    lab.routers[0].node.set_link("eth0", true).unwrap();
    // Going down took the link-local address along, if there was one.
    let _ = lab.routers[0].node.add_address("eth0", support::v6(1), 64);
    lab.wait_for_master(1, address, dialect.limit());
    lab.wait_for_holder(1, address);
    answered(&mut lab, "the client's pings go on after preemption");
    drop(pings);
}

/// The first router comes back and takes over again.
fn returns(lab: &mut Lab, dialect: Dialect, was_killed: bool) {
    let address = dialect.address();
    lab.restart(1);
    if was_killed {
        lab.routers[0].node.set_link("eth0", true).unwrap();
        for (address, len) in [(support::v6(1), 64), (support::global_v6(1), 64)] {
            let _ = lab.routers[0].node.add_address("eth0", address, len);
        }
    }
    lab.wait_for_master(1, address, dialect.limit());
    lab.wait_for_holder(1, address);
    answered(lab, "the client's pings go on after preemption");
}

fn last_advert_before(lab: &Lab, number: usize, at: Time) -> Time {
    let adverts = lab.adverts(number, Time::ZERO);
    adverts
        .into_iter()
        .map(|(sent, _)| sent)
        .filter(|sent| *sent < at)
        .max()
        .expect("it was master")
}

fn at_least(found: Duration, least: Duration, what: &str, lab: &Lab) {
    // Packets are stamped a little before or after a timer is set.
    assert!(
        found + Duration::from_millis(2) >= least,
        "{what}: {found:?} < {least:?}\n{}",
        lab.story()
    );
}

fn at_most(found: Duration, most: Duration, what: &str, lab: &Lab) {
    assert!(found <= most, "{what}: {found:?} > {most:?}\n{}", lab.story());
}

/// Waits for an answer to a ping that is sent from now on.
fn answered(lab: &mut Lab, what: &str) {
    let begun = kad_cli::clock::now();
    lab.watch_until(
        what,
        SETTLE,
        |event| matches!(&event.what, What::Ping(ping) if ping.sent >= begun && ping.answered.is_some()),
    );
}

macro_rules! stories {
    ($($name:ident: $dialect:ident, $first:ident and $second:ident;)*) => {
        $(#[test]
        fn $name() {
            story($dialect, [Daemon::$first, Daemon::$second]);
        })*
    };
}

stories! {
    v2_kad_masters_keepalived: V2, Kad and Keepalived;
    v2_keepalived_masters_kad: V2, Keepalived and Kad;
    v2_pass_kad_masters_keepalived: V2_PASS, Kad and Keepalived;
    v2_pass_keepalived_masters_kad: V2_PASS, Keepalived and Kad;
    v2_unicast_kad_masters_keepalived: V2_UNICAST, Kad and Keepalived;
    v3_kad_masters_keepalived: V3, Kad and Keepalived;
    v3_keepalived_masters_kad: V3, Keepalived and Kad;
    v3_ipv6_kad_masters_keepalived: V3_IPV6, Kad and Keepalived;
    v3_ipv6_keepalived_masters_kad: V3_IPV6, Keepalived and Kad;
    v3_unicast_kad_masters_keepalived: V3_UNICAST, Kad and Keepalived;
    v3_unicast_keepalived_masters_kad: V3_UNICAST, Keepalived and Kad;
    v3_kad_masters_kad: V3, Kad and Kad;
    v2_pass_kad_masters_kad: V2_PASS, Kad and Kad;
    v3_ipv6_kad_masters_kad: V3_IPV6, Kad and Kad;
}

/// The better router comes back, and leaves the address where it is.
fn nopreempt(daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let address = V3.address();
    lab.start(1, &V3.config(1, 150, "state BACKUP\n nopreempt"));
    lab.wait_for_master(1, address, V3.limit());
    lab.start(2, &V3.config(2, 100, "state BACKUP"));
    lab.watch(V3.interval * 10);
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, address, V3.limit());
    lab.wait_for_holder(2, address);
    lab.restart(1);
    lab.watch(V3.interval * 20);
    let begun = kad_cli::clock::now();
    lab.watch(V3.interval * 10);
    assert_eq!(lab.adverts(1, begun), [], "it does not preempt\n{}", lab.story());
    assert_eq!(lab.holders(address), [2]);
    lab.signal(2, Signal::SIGTERM);
    lab.wait_for_master(1, address, V3.limit());
}

#[test]
fn nopreempt_of_kad_beside_keepalived() {
    nopreempt([Daemon::Kad, Daemon::Keepalived]);
}

#[test]
fn nopreempt_of_keepalived_beside_kad() {
    nopreempt([Daemon::Keepalived, Daemon::Kad]);
}

/// With equal priorities there is one master, and it stays although the other has the higher address.
fn equal_priority(daemons: [Daemon; 2]) {
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let address = V3.address();
    lab.start(1, &V3.config(1, 100, ""));
    lab.wait_for_master(1, address, V3.limit());
    lab.start(2, &V3.config(2, 100, ""));
    lab.watch(V3.interval * 20);
    let begun = kad_cli::clock::now();
    lab.watch(V3.interval * 10);
    assert_eq!(
        lab.adverts(2, begun),
        [],
        "the sitting master stays\n{}",
        lab.story()
    );
    assert_eq!(lab.holders(address), [1]);

    // Both think they are master: the higher address wins.
    lab.routers[0].node.set_link("eth0", false).unwrap();
    lab.wait_for_master(2, address, V3.limit());
    lab.routers[0].node.set_link("eth0", true).unwrap();
    lab.wait_for_holder(2, address);
}

#[test]
fn equal_priority_of_kad_beside_keepalived() {
    equal_priority([Daemon::Kad, Daemon::Keepalived]);
}

#[test]
fn equal_priority_of_keepalived_beside_kad() {
    equal_priority([Daemon::Keepalived, Daemon::Kad]);
}

/// Three routers: the address goes down the list as they die, and up again as they return.
#[test]
fn three_routers_take_over_in_order() {
    let daemons = [Daemon::Kad, Daemon::Keepalived, Daemon::Kad];
    if !can_run(&daemons) {
        return;
    }
    let mut lab = Lab::new(&daemons);
    let address = V3.address();
    for (number, priority) in [(1, 200), (2, 150), (3, 100)] {
        lab.start(number, &V3.config(number, priority, ""));
    }
    lab.wait_for_master(1, address, V3.limit());
    lab.wait_for_holder(1, address);
    lab.signal(1, Signal::SIGTERM);
    lab.wait_for_master(2, address, V3.limit());
    lab.wait_for_holder(2, address);
    lab.signal(2, Signal::SIGTERM);
    lab.wait_for_master(3, address, V3.limit());
    lab.wait_for_holder(3, address);
    lab.restart(1);
    lab.wait_for_master(1, address, V3.limit());
    lab.wait_for_holder(1, address);
    lab.restart(2);
    lab.watch(V3.interval * 20);
    assert_eq!(lab.holders(address), [1], "{}", lab.story());
}
