//! The interfaces of the plan, as the kernel last told of them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use vrrp_engine::InterfaceId;
use vrrp_proto::{Family, MacAddr};

use crate::net::{is_local, source_towards};
use crate::plan::{ANYWHERE, Plan, Source};
use crate::rtnl::{InterfaceAddress, Link, Snapshot};

/// All interfaces that the plan names.
#[derive(Debug)]
pub(super) struct Interfaces {
    list: Vec<Interface>,
    /// Virtual addresses that this machine does not own: they come and go, and are no source.
    borrowed_addresses: BTreeSet<IpAddr>,
}

/// One of them. It keeps its number when the kernel deletes it and makes it anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Interface {
    pub(super) name: String,
    /// The kernel's index, while it exists.
    pub(super) index: Option<u32>,
    pub(super) up: bool,
    /// Whether it is switched on, with or without a carrier.
    pub(super) admin_up: bool,
    /// Whether hosts are found by ARP on it.
    pub(super) arp: bool,
    pub(super) mac: Option<MacAddr>,
    /// The routing table that it stands for, if it is a VRF.
    pub(super) vrf_table: Option<u32>,
    addresses: Vec<InterfaceAddress>,
}

/// An address that an interface no longer has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Gone {
    pub(super) interface: InterfaceId,
    pub(super) address: IpAddr,
}

impl Interface {
    /// Of which nothing is known yet. The one that is none is always there.
    fn new(name: &str) -> Self {
        let anywhere = name == ANYWHERE;
        Self {
            name: name.to_owned(),
            index: anywhere.then_some(0),
            up: anywhere,
            ..Self::default()
        }
    }
}

impl Interfaces {
    pub(super) fn new(plan: &Plan) -> Self {
        let list = plan.interfaces.iter().map(|name| Interface::new(name));
        Self {
            list: list.collect(),
            borrowed_addresses: borrowed_addresses(plan),
        }
    }

    /// Goes over to a plan that numbers interfaces alike; answers with whether there are more of them.
    pub(super) fn follow(&mut self, plan: &Plan) -> bool {
        let known = self.list.len();
        let new = plan
            .interfaces
            .iter()
            .skip(known)
            .map(|name| Interface::new(name));
        self.list.extend(new);
        self.borrowed_addresses = borrowed_addresses(plan);
        self.list.len() > known
    }

    pub(super) fn get(&self, id: InterfaceId) -> Option<&Interface> {
        self.list.get(usize::try_from(id.0).ok()?)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = InterfaceId> + use<> {
        let count = u32::try_from(self.list.len()).expect("a plan numbers its interfaces in 32 bits");
        (0..count).map(InterfaceId)
    }

    /// The kernel's index of each interface that is there.
    pub(super) fn indexes(&self) -> Vec<Option<u32>> {
        self.list.iter().map(|interface| interface.index).collect()
    }

    /// Which of them are up.
    pub(super) fn up(&self) -> Vec<bool> {
        self.list.iter().map(|interface| interface.up).collect()
    }

    /// Takes over a whole picture; answers with what it no longer has.
    pub(super) fn replace(&mut self, snapshot: Snapshot) -> Vec<Gone> {
        let mut before = Vec::new();
        for id in self.ids() {
            before.extend(self.forget(id));
        }
        snapshot.links.into_iter().for_each(|link| drop(self.link(&link)));
        snapshot
            .addresses
            .into_iter()
            .for_each(|address| self.address(address));
        before.retain(|gone| self.find(gone.interface, gone.address).is_none());
        before
    }

    /// An interface appeared or changed. Answers with the addresses that went with the one it replaces.
    pub(super) fn link(&mut self, link: &Link) -> Vec<Gone> {
        let mut gone = Vec::new();
        // A renamed interface is gone under its old name, and one of the same name with another index is another one.
        for id in self.ids() {
            let replaced = self.get(id).is_some_and(|known| {
                let (same_index, same_name) = (known.index == Some(link.index), known.name == link.name);
                known.index.is_some() && same_index != same_name
            });
            if replaced {
                gone.extend(self.forget(id));
            }
        }
        if let Some(interface) = self.list.iter_mut().find(|interface| interface.name == link.name) {
            interface.index = Some(link.index);
            interface.up = link.up;
            interface.admin_up = link.admin_up;
            interface.arp = link.arp;
            interface.mac = link.mac;
            interface.vrf_table = link.vrf_table;
        }
        gone
    }

    /// An interface is gone, and its addresses with it.
    pub(super) fn link_gone(&mut self, index: u32) -> Vec<Gone> {
        self.by_index(index).map(|id| self.forget(id)).unwrap_or_default()
    }

    fn forget(&mut self, id: InterfaceId) -> Vec<Gone> {
        let Some(interface) = self.get_mut(id) else {
            return Vec::new();
        };
        let empty = Interface::new(&interface.name);
        let old = std::mem::replace(interface, empty);
        old.addresses
            .into_iter()
            .map(|entry| Gone {
                interface: id,
                address: entry.address,
            })
            .collect()
    }

    /// An address appeared or changed.
    pub(super) fn address(&mut self, address: InterfaceAddress) {
        let Some(interface) = self.by_index(address.index).and_then(|id| self.get_mut(id)) else {
            return;
        };
        match interface.addresses.iter_mut().find(|known| same(known, &address)) {
            Some(known) => *known = address,
            None => interface.addresses.push(address),
        }
    }

    /// An address is gone.
    pub(super) fn address_gone(&mut self, gone: &InterfaceAddress) -> Option<Gone> {
        let id = self.by_index(gone.index)?;
        self.get_mut(id)?.addresses.retain(|known| !same(known, gone));
        Some(Gone {
            interface: id,
            address: gone.address,
        })
    }

    fn by_index(&self, index: u32) -> Option<InterfaceId> {
        self.ids().find(|id| {
            self.get(*id)
                .is_some_and(|interface| interface.index == Some(index))
        })
    }

    fn get_mut(&mut self, id: InterfaceId) -> Option<&mut Interface> {
        self.list.get_mut(usize::try_from(id.0).ok()?)
    }

    /// Whether the interface has the address, whatever its prefix length; and if so, how.
    pub(super) fn find(&self, id: InterfaceId, address: IpAddr) -> Option<&InterfaceAddress> {
        self.get(id)?
            .addresses
            .iter()
            .find(|known| known.address == address)
    }

    /// Whether adverts can leave from the address.
    fn has(&self, id: InterfaceId, address: IpAddr) -> bool {
        if self.get(id).is_some_and(|interface| interface.name == ANYWHERE) {
            return is_local(address);
        }
        self.find(id, address).is_some_and(|entry| !entry.tentative)
    }

    /// The address that adverts of `family` leave from, if there is one now.
    pub(super) fn source(&self, id: InterfaceId, family: Family, rule: Source) -> Option<IpAddr> {
        match rule {
            // The kernel sends IPv6 from no address that it has not.
            Source::Fixed(address) if address.is_ipv4() => return Some(address),
            Source::Fixed(address) | Source::Present(address) => {
                return self.has(id, address).then_some(address);
            }
            Source::Towards(peer) => return source_towards(peer).ok(),
            Source::Primary => {}
        }
        let usable = |entry: &&InterfaceAddress| match entry.address {
            IpAddr::V4(_) => family == Family::Ipv4,
            IpAddr::V6(address) => {
                family == Family::Ipv6 && address.is_unicast_link_local() && !entry.tentative
            }
        };
        let own = |entry: &&InterfaceAddress| !self.borrowed_addresses.contains(&entry.address);
        let addresses = &self.get(id)?.addresses;
        addresses
            .iter()
            .filter(usable)
            .filter(own)
            .min_by_key(|entry| entry.secondary)
            .map(|entry| entry.address)
    }
}

/// Those that come and go with a mastership.
fn borrowed_addresses(plan: &Plan) -> BTreeSet<IpAddr> {
    let borrowed = plan
        .instances
        .iter()
        .filter(|instance| !instance.router.priority.is_owner());
    let addresses = borrowed.flat_map(|instance| instance.addresses.iter().chain(&instance.excluded));
    addresses.map(|entry| entry.address).collect()
}

/// The kernel tells two addresses of an interface apart by address and prefix length.
fn same(one: &InterfaceAddress, other: &InterfaceAddress) -> bool {
    one.address == other.address && one.prefix_len == other.prefix_len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Instance, VirtualAddress};
    use crate::rtnl::{AddressOptions, Scope};

    use vrrp_engine::{AddressList, RouterConfig};
    use vrrp_proto::{Priority, Vrid};

    const ETH0: InterfaceId = InterfaceId(0);

    #[test]
    fn source_is_the_first_address_that_is_not_borrowed() {
        let mut interfaces = interfaces(100);
        interfaces.address(address(1, "10.0.0.100"));
        assert_eq!(interfaces.source(ETH0, Family::Ipv4, Source::Primary), None);
        interfaces.address(InterfaceAddress {
            secondary: true,
            ..address(1, "10.0.0.7")
        });
        interfaces.address(address(1, "10.0.0.2"));
        assert_eq!(
            interfaces.source(ETH0, Family::Ipv4, Source::Primary),
            Some(ip("10.0.0.2"))
        );
        assert_eq!(interfaces.source(ETH0, Family::Ipv6, Source::Primary), None);
    }

    #[test]
    fn owner_sends_from_its_own_virtual_address() {
        let mut interfaces = interfaces(255);
        interfaces.address(address(1, "10.0.0.100"));
        assert_eq!(
            interfaces.source(ETH0, Family::Ipv4, Source::Primary),
            Some(ip("10.0.0.100"))
        );
    }

    #[test]
    fn tentative_link_local_address_is_no_source_yet() {
        let mut interfaces = interfaces(100);
        interfaces.address(address(1, "2001:db8::1"));
        interfaces.address(InterfaceAddress {
            tentative: true,
            ..address(1, "fe80::1")
        });
        assert_eq!(interfaces.source(ETH0, Family::Ipv6, Source::Primary), None);
        interfaces.address(address(1, "fe80::1"));
        assert_eq!(
            interfaces.source(ETH0, Family::Ipv6, Source::Primary),
            Some(ip("fe80::1"))
        );
    }

    #[test]
    fn interface_that_is_made_anew_keeps_its_number_and_loses_its_addresses() {
        let mut interfaces = interfaces(100);
        interfaces.address(address(1, "10.0.0.100"));
        let gone = interfaces.link(&link(7, "eth0"));
        assert_eq!(
            gone,
            [Gone {
                interface: ETH0,
                address: ip("10.0.0.100")
            }]
        );
        assert_eq!(interfaces.get(ETH0).unwrap().index, Some(7));
        // Late news of the old one changes nothing.
        assert_eq!(interfaces.link_gone(1), []);
        assert_eq!(interfaces.address_gone(&address(1, "10.0.0.100")), None);
        assert!(interfaces.get(ETH0).unwrap().up);
    }

    #[test]
    fn renamed_interface_is_gone_under_its_old_name() {
        let mut interfaces = interfaces(100);
        interfaces.address(address(1, "10.0.0.2"));
        let gone = interfaces.link(&link(1, "wan"));
        assert_eq!(
            gone,
            [Gone {
                interface: ETH0,
                address: ip("10.0.0.2")
            }]
        );
        assert_eq!(interfaces.get(ETH0).unwrap().index, None);
    }

    #[test]
    fn whole_picture_says_what_is_no_longer_there() {
        let mut interfaces = interfaces(100);
        interfaces.address(address(1, "10.0.0.2"));
        interfaces.address(address(1, "10.0.0.100"));
        let snapshot = Snapshot {
            links: vec![link(1, "eth0")],
            addresses: vec![address(1, "10.0.0.2")],
        };
        assert_eq!(
            interfaces.replace(snapshot),
            [Gone {
                interface: ETH0,
                address: ip("10.0.0.100")
            }]
        );
        assert!(interfaces.find(ETH0, ip("10.0.0.2")).is_some());
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn interfaces(priority: u8) -> Interfaces {
        let addresses = AddressList::new(Family::Ipv4, [ip("10.0.0.100")]).unwrap();
        let router = RouterConfig {
            priority: Priority::new(priority),
            ..RouterConfig::new(ETH0, Vrid::new(1).unwrap(), addresses)
        };
        let entry = VirtualAddress {
            interface: ETH0,
            address: ip("10.0.0.100"),
            prefix_len: 24,
            broadcast: None,
            scope: 0,
            label: None,
            options: AddressOptions::default(),
            tracked: true,
        };
        let instance = Instance {
            name: "A".to_owned(),
            router,
            transmit: ETH0,
            source: Source::Primary,
            accept: true,
            extra_announcements: None,
            addresses: vec![entry],
            excluded: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
            promote_secondaries: false,
        };
        let mut interfaces = Interfaces::new(&Plan {
            interfaces: vec!["eth0".to_owned()],
            instances: vec![instance],
            ..Plan::default()
        });
        assert_eq!(interfaces.link(&link(1, "eth0")), []);
        interfaces
    }

    fn link(index: u32, name: &str) -> Link {
        Link {
            index,
            name: name.to_owned(),
            up: true,
            admin_up: true,
            loopback: false,
            arp: true,
            mac: Some(MacAddr([2, 0, 0, 0, 0, 1])),
            mtu: 1500,
            vrf_table: None,
        }
    }

    fn address(index: u32, address: &str) -> InterfaceAddress {
        InterfaceAddress {
            index,
            address: ip(address),
            prefix_len: 24,
            secondary: false,
            tentative: false,
            scope: Scope::GLOBAL,
            label: None,
            protocol: None,
        }
    }
}
