//! How adverts and announcements travel, beside Debian's keepalived where it can do the same.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

#[path = "../support/mod.rs"]
mod support;

mod announcements;
mod election;
mod forge;
mod interfaces;
mod start;
mod unicast;

use std::net::IpAddr;
use std::time::Duration;

use kad_cli::lab::What;
use support::Lab;
use vrrp_engine::Time;

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));

/// Long enough for any takeover with an interval of a second or less.
const LIMIT: Duration = Duration::from_secs(20);

/// One instance with the address 10.0.0.100.
fn instance(priority: u8, lines: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n priority {priority}\n {lines}\n \
         virtual_ipaddress {{\n 10.0.0.100/24\n }}\n}}\n"
    )
}

/// When a router announced an address, and which.
fn announced(lab: &Lab, number: usize, since: Time) -> Vec<(Time, IpAddr)> {
    let name = format!("r{number}");
    let seen = lab.seen.iter().filter(|event| event.at >= since);
    seen.filter_map(|event| match &event.what {
        What::Announcement { node, address, .. } if *node == name => Some((event.at, *address)),
        _ => None,
    })
    .collect()
}

/// Where a router's adverts came from and went to.
fn travelled(lab: &Lab, number: usize, since: Time) -> Vec<(IpAddr, IpAddr)> {
    let name = format!("r{number}");
    let seen = lab.seen.iter().filter(|event| event.at >= since);
    seen.filter_map(|event| match &event.what {
        What::Advert {
            node,
            source,
            destination,
            ..
        } if *node == name => Some((*source, *destination)),
        _ => None,
    })
    .collect()
}
