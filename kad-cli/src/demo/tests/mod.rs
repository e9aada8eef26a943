//! Tests of what is pure: who gets which address, what is to happen, what is told, and how it looks.

mod recorder;
mod show;

use super::players::{Player, Players, groups};
use crate::plan::Plan;
use crate::simulate::Topology;
use crate::simulate::tests::{instance, simple};

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
