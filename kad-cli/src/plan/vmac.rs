//! The interfaces that are made for virtual routers: `use_vmac`, `use_ipvlan` and `use_vmac_addr`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kaconf::{Config, IpvlanMode, MacAddress, VrrpInstance};
use vrrp_engine::{InterfaceId, Tracker, TrackerId, Weight};
use vrrp_proto::{Family, MacAddr, Vrid, virtual_mac};

use super::from_config::PlanErrorReason;
use super::{ANYWHERE, Plan};
use crate::rtnl::{Siblings, StackedKind};

/// An interface that is made for an instance, and removed at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VirtualInterface {
    /// Its own number; its name is in [`Plan::interfaces`].
    pub interface: InterfaceId,
    /// The interface it is on top of.
    pub base: InterfaceId,
    /// What it is.
    pub kind: StackedKind,
    /// The name of the instance it is made for.
    pub instance: String,
    /// `group`: its interface group.
    pub group: Option<u32>,
    /// `vrf`: the VRF it is a part of.
    pub vrf: Option<InterfaceId>,
    /// `netlink_notify_msg`: tell those who listen to netlink once more when it is complete.
    pub notify: bool,
    /// The address it has for itself, from which an ipvlan's adverts come.
    pub address: Option<IpAddr>,
    /// Whether IPv4 addresses are put on it.
    pub ipv4: bool,
    /// Whether IPv6 addresses are put on it.
    pub ipv6: bool,
    /// What its instance tracks: without its interface it is in FAULT.
    pub tracker: TrackerId,
}

/// The interfaces of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seat {
    /// Where it listens, and whose link and addresses count.
    pub(super) interface: InterfaceId,
    /// Where its adverts leave.
    pub(super) transmit: InterfaceId,
    /// Where its addresses are put.
    pub(super) home: InterfaceId,
    /// The interface that the file names.
    base: InterfaceId,
}

/// Names of interfaces that are spoken for.
#[derive(Debug)]
pub(super) struct MadeNames {
    taken: BTreeSet<String>,
    prefix: String,
    address_prefix: String,
}

/// The interface of an instance, and of one of its addresses.
#[derive(Clone, Copy)]
struct Order<'a> {
    from: &'a VrrpInstance,
    base: InterfaceId,
    kind: StackedKind,
}

impl MadeNames {
    /// All names that a file gives to interfaces: those that are made up later are others.
    pub(super) fn new(config: &Config) -> Self {
        let instances = config.instances.iter();
        let given = instances.flat_map(|instance| {
            let own = own_name(instance).map(str::to_owned);
            own.into_iter()
                .chain(instance.interface.iter().map(|it| it.value.clone()))
        });
        Self {
            taken: given.collect(),
            prefix: config.global.vmac_prefix.value.clone(),
            address_prefix: config.global.vmac_addr_prefix.value.clone(),
        }
    }

    /// A name that nobody else has: `vrrp.51`, `vrrp6.51` for IPv6 if that is taken, `vrrp1.51` and so on.
    fn make(&mut self, for_address: bool, vrid: u8, family: kaconf::Family) -> String {
        let prefix = if for_address {
            &self.address_prefix
        } else {
            &self.prefix
        };
        let ipv6 = (family == kaconf::Family::Ipv6).then(|| "6".to_owned());
        let numbers = (1_u32..).map(|number| number.to_string());
        let infixes = std::iter::once(String::new()).chain(ipv6).chain(numbers);
        let mut names = infixes.map(|infix| format!("{prefix}{infix}.{vrid}"));
        let name = names.find(|name| self.taken.insert(name.clone()));
        name.expect("there is always another number")
    }
}

impl Plan {
    /// Where an instance is at home; adds the interface that is made for it.
    pub(super) fn seat(
        &mut self,
        from: &VrrpInstance,
        names: &mut MadeNames,
    ) -> Result<Seat, PlanErrorReason> {
        let Some(kind) = own_kind(from)? else {
            return Ok(Seat::plain(self.interface(base_name(from).unwrap_or(ANYWHERE))));
        };
        let base = base_name(from).ok_or(PlanErrorReason::NoInterface)?.to_owned();
        let base = self.interface(&base);
        let name = match own_name(from) {
            Some(name) => name.to_owned(),
            None => names.make(false, from.virtual_router_id.value, from.family),
        };
        let home = self.add_virtual(Order { from, base, kind }, &name)?;
        let made = self
            .virtual_interfaces
            .last_mut()
            .expect("one was added just now");
        if let Some(vmac) = &from.use_vmac {
            made.group = vmac.value.group;
            made.notify = vmac.value.netlink_notify_msg;
        } else if let Some(ipvlan) = &from.use_ipvlan {
            made.group = ipvlan.value.group;
            made.address = ipvlan.value.address;
        }
        Ok(match kind {
            // The interface under an ipvlan does not hear what is for the ipvlan's addresses.
            StackedKind::Ipvlan { .. } => Seat {
                base,
                ..Seat::plain(home)
            },
            StackedKind::Macvlan { .. } => Seat {
                transmit: if leaves_by_base(from) { base } else { home },
                home,
                ..Seat::plain(base)
            },
        })
    }

    /// The interface of one of its addresses; adds it if it is one of its own.
    pub(super) fn home(
        &mut self,
        from: &VrrpInstance,
        address: &kaconf::VirtualAddress,
        seat: Seat,
        names: &mut MadeNames,
    ) -> Result<InterfaceId, PlanErrorReason> {
        let named = address.dev.as_ref().map(|dev| self.interface(dev));
        let base = named.unwrap_or(seat.base);
        let wanted = address.use_vmac || *from.use_vmac_addr;
        let home = if base == seat.base && seat.home != seat.base {
            seat.home
        } else if !wanted {
            return Ok(base);
        } else if self.known_interface(ANYWHERE) == Some(base) {
            return Err(PlanErrorReason::NoInterface);
        } else if let Some(made) = self.virtual_on(&from.name, base) {
            made
        } else {
            let name = names.make(true, from.virtual_router_id.value, from.family);
            let kind = StackedKind::Macvlan {
                mac: mac(from, custom_mac(from))?,
            };
            self.add_virtual(Order { from, base, kind }, &name)?
        };
        let made = self.virtual_interfaces.iter_mut();
        for made in made.filter(|made| made.interface == home) {
            made.ipv4 |= address.address.is_ipv4();
            made.ipv6 |= address.address.is_ipv6();
        }
        Ok(home)
    }

    /// Has each instance track the interfaces that are made for it.
    pub(super) fn track_virtual_interfaces(&mut self) {
        for made in &self.virtual_interfaces {
            let mut instances = self.instances.iter_mut();
            if let Some(instance) = instances.find(|instance| instance.name == made.instance) {
                instance.router.trackers.push(Tracker {
                    id: made.tracker,
                    weight: Weight::default(),
                });
            }
        }
    }

    /// The interface of that number, if it is one that is made.
    pub fn virtual_interface(&self, id: InterfaceId) -> Option<&VirtualInterface> {
        self.virtual_interfaces.iter().find(|made| made.interface == id)
    }

    /// The interface that is on the wire: that under one that is made, and any other itself.
    pub fn base(&self, id: InterfaceId) -> InterfaceId {
        self.virtual_interface(id).map_or(id, |made| made.base)
    }

    /// The names of the interfaces that are not made, in the order of the file.
    pub fn wires(&self) -> impl Iterator<Item = &str> {
        let made = |name: &str| {
            self.virtual_interfaces
                .iter()
                .any(|it| self.interface_name(it.interface) == name)
        };
        self.interfaces
            .iter()
            .map(String::as_str)
            .filter(move |name| !made(name))
    }

    /// The name of the interface that is on the wire.
    pub fn wire_name(&self, id: InterfaceId) -> &str {
        self.interface_name(self.base(id))
    }

    fn virtual_on(&self, instance: &str, base: InterfaceId) -> Option<InterfaceId> {
        let mut made = self.virtual_interfaces.iter();
        made.find(|made| made.instance == instance && made.base == base)
            .map(|made| made.interface)
    }

    fn add_virtual(&mut self, order: Order<'_>, name: &str) -> Result<InterfaceId, PlanErrorReason> {
        if name.len() > NAME_MAX {
            return Err(PlanErrorReason::InterfaceName(name.to_owned()));
        }
        let interface = self.interface(name);
        if interface == order.base || self.virtual_interface(interface).is_some() {
            return Err(PlanErrorReason::InterfaceTaken(name.to_owned()));
        }
        let vrf = order.from.vrf.as_ref().map(|vrf| self.interface(vrf));
        self.virtual_interfaces.push(VirtualInterface {
            interface,
            base: order.base,
            kind: order.kind,
            instance: order.from.name.value.clone(),
            group: None,
            vrf,
            notify: false,
            address: None,
            ipv4: false,
            ipv6: false,
            // The other trackers are numbered from zero.
            tracker: TrackerId(u32::MAX - interface.0),
        });
        Ok(interface)
    }
}

impl Seat {
    fn plain(interface: InterfaceId) -> Self {
        Self {
            interface,
            transmit: interface,
            home: interface,
            base: interface,
        }
    }
}

/// The names of all interfaces that a configuration has made.
pub(crate) fn made_interfaces(config: &Config) -> BTreeSet<String> {
    let (mut plan, mut names) = (Plan::default(), MadeNames::new(config));
    for instance in &config.instances {
        // What cannot be made is said elsewhere.
        let Ok(seat) = plan.seat(instance, &mut names) else {
            continue;
        };
        let excluded = &instance.virtual_ipaddress_excluded;
        for address in instance.virtual_ipaddress.iter().chain(excluded) {
            let _ = plan.home(instance, address, seat, &mut names);
        }
    }
    let made = plan.virtual_interfaces.iter();
    made.map(|made| plan.interface_name(made.interface).to_owned())
        .collect()
}

/// The name that the file gives to the interface that is made for the instance.
fn own_name(from: &VrrpInstance) -> Option<&str> {
    let vmac = from.use_vmac.as_ref().map(|vmac| &vmac.value.name);
    let ipvlan = from.use_ipvlan.as_ref().map(|ipvlan| &ipvlan.value.name);
    vmac.or(ipvlan)?.as_deref()
}

fn base_name(from: &VrrpInstance) -> Option<&str> {
    let vmac = from.use_vmac.as_ref().and_then(|vmac| vmac.value.base.as_ref());
    let ipvlan = from
        .use_ipvlan
        .as_ref()
        .and_then(|ipvlan| ipvlan.value.base.as_ref());
    vmac.or(ipvlan)
        .or(from.interface.as_ref())
        .map(|name| name.as_str())
}

fn own_kind(from: &VrrpInstance) -> Result<Option<StackedKind>, PlanErrorReason> {
    if from.use_vmac.is_some() {
        let mac = mac(from, custom_mac(from))?;
        return Ok(Some(StackedKind::Macvlan { mac }));
    }
    Ok(from.use_ipvlan.as_ref().map(|ipvlan| StackedKind::Ipvlan {
        siblings: match ipvlan.value.mode {
            IpvlanMode::Bridge => Siblings::Bridge,
            IpvlanMode::Private => Siblings::Private,
            IpvlanMode::Vepa => Siblings::Vepa,
        },
    }))
}

fn custom_mac(from: &VrrpInstance) -> Option<MacAddress> {
    from.use_vmac.as_ref()?.value.address
}

fn mac(from: &VrrpInstance, custom: Option<MacAddress>) -> Result<MacAddr, PlanErrorReason> {
    let id = from.virtual_router_id.value;
    let Some(custom) = custom else {
        let family = match from.family {
            kaconf::Family::Ipv4 => Family::Ipv4,
            kaconf::Family::Ipv6 => Family::Ipv6,
        };
        let vrid = Vrid::new(id).map_err(|_| PlanErrorReason::Vrid)?;
        return Ok(virtual_mac(family, vrid));
    };
    let [a, b, c, d, e] = custom.first;
    Ok(MacAddr([a, b, c, d, e, custom.last.unwrap_or(id)]))
}

/// A peer that is found by ARP is not told of the virtual address by its adverts.
fn leaves_by_base(from: &VrrpInstance) -> bool {
    *from.vmac_xmit_base || !from.unicast_peer.is_empty()
}

/// IFNAMSIZ (linux/if.h), less the NUL.
const NAME_MAX: usize = 15;

#[cfg(test)]
#[path = "vmac_tests.rs"]
mod tests;
