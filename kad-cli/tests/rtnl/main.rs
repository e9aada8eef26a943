//! rtnetlink against the real kernel, in namespaces of the lab.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod batches;
mod changes;
mod monitor;
#[path = "../support/mod.rs"]
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use kad_cli::lab::{Node, World};
use kad_cli::rtnl::{Commands, LinkChange, Request, VethSpec, snapshot};
use support::{KAD, can_run};

/// A machine with a pair of interfaces, a0 and a1, both up.
fn machine() -> Option<(World, Node)> {
    if !can_run(&[]) {
        return None;
    }
    let mut world = World::new(Path::new(KAD)).unwrap();
    let node = world.node("machine").unwrap();
    node.run(|| {
        let mut commands = Commands::open().unwrap();
        commands
            .execute(Request::AddVeth(VethSpec::new("a0", "a1")))
            .unwrap();
        for name in ["a0", "a1"] {
            let mut change = LinkChange::new(index(name));
            change.up = Some(true);
            commands.execute(Request::ChangeLink(change)).unwrap();
        }
    });
    Some((world, node))
}

fn index(name: &str) -> u32 {
    snapshot()
        .unwrap()
        .links
        .iter()
        .find(|link| link.name == name)
        .unwrap()
        .index
}

fn numbered(number: u32) -> IpAddr {
    Ipv4Addr::from(0x0a63_0000 + number).into()
}
