//! Tests of what is pure: who gets which address, what is to happen, what is told, and how it looks.

mod forecast;
mod recorder;
mod show;
mod topology;

use super::players::{Player, Players, groups};
use super::topology::Topology;
use crate::plan::Plan;

/// The plan of a file.
fn plan(text: &str) -> Plan {
    let loader = kaconf::MemoryLoader::with("k.conf", text);
    let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    Plan::from_config(&parsed.config).unwrap()
}

/// The plan of a file with one instance: version 2, an advert each second, 10.0.0.100/24.
fn simple(priority: u8, more: &str) -> Plan {
    instance("VI_1", 51, priority, more, "10.0.0.100/24")
}

fn instance(name: &str, vrid: u8, priority: u8, more: &str, addresses: &str) -> Plan {
    plan(&text(name, vrid, priority, more, addresses))
}

fn text(name: &str, vrid: u8, priority: u8, more: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n priority {priority}\n {more}\n \
         virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

/// Everyone, all of them kad.
fn players(plans: &[&Plan], topology: &Topology) -> Players {
    let (groups, target) = groups(plans, topology).unwrap();
    let addresses = |seats: &std::collections::BTreeMap<usize, Vec<(std::net::IpAddr, u8)>>| {
        seats.values().flatten().map(|(address, _)| *address).collect()
    };
    let routers = topology.routers.iter().zip(1..);
    Players {
        routers: routers
            .map(|(seats, number)| Player {
                name: format!("r{number}"),
                daemon: "kad",
                addresses: addresses(seats),
            })
            .collect(),
        client: addresses(&topology.client),
        lans: topology.lans.clone(),
        groups,
        target,
    }
}
