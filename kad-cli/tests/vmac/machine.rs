//! What the tests look at and change on a router.

use std::net::IpAddr;

use kad_cli::lab::Node;
use kad_cli::rtnl::{self, Commands, Request, StackedKind, StackedLink, StackedSpec};
use vrrp_proto::MacAddr;

/// The interface of that name, if it is there.
pub(crate) fn link(node: &Node, name: &str) -> Option<StackedLink> {
    let links = node.run(|| rtnl::stacked_links().unwrap());
    links.into_iter().find(|link| link.name == name)
}

/// The name of the interface that has the address.
pub(crate) fn home(node: &Node, address: IpAddr) -> Option<String> {
    let snapshot = node.run(|| rtnl::snapshot().unwrap());
    let entry = snapshot.addresses.iter().find(|entry| entry.address == address)?;
    let link = snapshot.links.iter().find(|link| link.index == entry.index)?;
    Some(link.name.clone())
}

/// Makes an interface on top of another.
pub(crate) fn stack(node: &Node, name: &str, base: &str, mac: MacAddr) {
    let spec = StackedSpec::new(
        name,
        link(node, base).unwrap().index,
        StackedKind::Macvlan { mac },
    );
    execute(node, Request::AddStacked(spec));
}

pub(crate) fn execute(node: &Node, request: Request) {
    node.run(move || Commands::open().unwrap().execute(request).unwrap());
}

/// A kernel setting, by its path under `/proc/sys/net`; nothing if its interface is gone.
pub(crate) fn setting(node: &Node, path: &str) -> Option<String> {
    let path = format!("/proc/sys/net/{path}");
    let text = node.run(move || std::fs::read_to_string(path).ok());
    text.map(|text| text.trim().to_owned())
}

pub(crate) fn set(node: &Node, path: &str, value: &str) {
    let (path, value) = (format!("/proc/sys/net/{path}"), value.to_owned());
    node.run(move || std::fs::write(path, value).unwrap());
}

pub(crate) fn virtual_mac(family: u8, vrid: u8) -> MacAddr {
    MacAddr([0, 0, 0x5e, 0, family, vrid])
}

pub(crate) const BASE_MAC: [MacAddr; 2] = [MacAddr([2, 0, 0, 0, 0, 1]), MacAddr([2, 0, 0, 0, 0, 2])];
