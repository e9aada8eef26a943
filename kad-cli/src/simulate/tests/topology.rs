use std::net::IpAddr;

use super::{instance, plan, simple, text};
use crate::plan::Plan;
use crate::simulate::Topology;

fn topology(plans: &[&Plan]) -> Topology {
    Topology::new(plans)
}

/// What a router has on the first LAN.
fn seat(topology: &Topology, router: usize) -> Vec<String> {
    listed(&topology.routers[router][&0])
}

fn listed(addresses: &[(IpAddr, u8)]) -> Vec<String> {
    addresses
        .iter()
        .map(|(address, len)| format!("{address}/{len}"))
        .collect()
}

#[test]
fn everyone_gets_an_address_in_the_virtual_address_s_subnet() {
    let (one, two) = (simple(150, ""), simple(100, ""));
    let topology = topology(&[&one, &two]);
    assert_eq!(topology.lans, ["eth0"]);
    assert_eq!(seat(&topology, 0), ["10.0.0.1/24"]);
    assert_eq!(seat(&topology, 1), ["10.0.0.2/24"]);
    assert_eq!(listed(&topology.client[&0]), ["10.0.0.200/24"]);
}

#[test]
fn a_virtual_address_is_nobody_s_own() {
    let gateway = instance("VI_1", 51, 100, "", "192.168.7.1/24\n 192.168.7.200/24");
    let topology = topology(&[&gateway, &gateway]);
    assert_eq!(seat(&topology, 0), ["192.168.7.2/24"]);
    assert_eq!(seat(&topology, 1), ["192.168.7.3/24"]);
    assert_eq!(listed(&topology.client[&0]), ["192.168.7.201/24"]);
}

#[test]
fn a_host_prefix_is_widened_and_every_subnet_has_everyone() {
    let plan = instance("VI_1", 51, 100, "", "198.51.100.9\n 203.0.113.9/32");
    let topology = topology(&[&plan, &plan]);
    assert_eq!(seat(&topology, 1), ["198.51.100.2/24", "203.0.113.2/24"]);
    assert_eq!(listed(&topology.client[&0]).len(), 2);
}

#[test]
fn what_the_files_say_about_own_addresses_holds() {
    let unicast = |own: u8, peer: u8| {
        let more = format!("unicast_src_ip 10.0.0.{own}\n unicast_peer {{\n 10.0.0.{peer}\n }}");
        simple(100, &more)
    };
    let (one, two) = (unicast(31, 32), unicast(32, 31));
    let topology = topology(&[&one, &two]);
    assert_eq!(seat(&topology, 0), ["10.0.0.31/24"]);
    assert_eq!(seat(&topology, 1), ["10.0.0.32/24"]);
}

#[test]
fn who_is_everyone_else_s_peer_has_that_address() {
    let peers = |one: u8, two: u8| {
        let more = format!("unicast_peer {{\n 172.16.0.{one}\n 172.16.0.{two}\n }}");
        simple(100, &more)
    };
    let plans = [peers(12, 13), peers(11, 13), peers(11, 12)];
    let topology = topology(&plans.iter().collect::<Vec<_>>());
    for (router, own) in [(0, 11), (1, 12), (2, 13)] {
        assert_eq!(
            seat(&topology, router),
            [format!("10.0.0.{}/24", router + 1), format!("172.16.0.{own}/24")]
        );
    }
}

#[test]
fn adverts_over_ipv6_come_from_link_local_addresses() {
    let plan = instance("VI_1", 51, 100, "", "fe80::1/64\n 2001:db8::9/64");
    let topology = topology(&[&plan, &plan]);
    assert_eq!(seat(&topology, 0), ["2001:db8::1/64", "fe80::2/64"]);
    let source = topology.source(0, &plan, &plan.instances[0]);
    assert_eq!(source, Some("fe80::2".parse().unwrap()));
}

#[test]
fn each_interface_is_a_lan() {
    let inner = text("IN", 2, 100, "", "10.1.0.9/24").replace("eth0", "eth1");
    let plan = plan(&(text("OUT", 1, 100, "", "10.0.0.9/24") + &inner));
    let topology = topology(&[&plan, &plan]);
    assert_eq!(topology.lans, ["eth0", "eth1"]);
    assert_eq!(listed(&topology.routers[1][&0]), ["10.0.0.2/24"]);
    assert_eq!(listed(&topology.routers[1][&1]), ["10.1.0.2/24"]);
}
