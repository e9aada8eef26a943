//! What the daemon is to do, made from the configuration; pure.

mod authentication;
mod difference;
mod encap;
mod fifo;
mod firewall;
mod from_config;
mod iproute;
mod items;
mod mail;
mod notify;
mod track;
mod transport;
mod vmac;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use vrrp_engine::{InterfaceId, RouterConfig};

use crate::nft;
use crate::rtnl::AddressOptions;
use crate::track::{Kind, LinkDelays, TrackerSetup};
pub use difference::Difference;

pub use encap::EncapError;
pub use fifo::{Fifo, Fifos};
pub use from_config::{PlanError, PlanErrorReason};
pub use items::{ItemError, Route, Rule, Statics};
pub use mail::{About, Mail};
pub use notify::{Notifications, Notified};
pub use transport::{ANYWHERE, ExtraAnnouncements, Pace, Pacing, StartupDelay};
pub use vmac::VirtualInterface;
pub(crate) use vmac::made_interfaces;

/// Everything the VRRP half needs to know.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Names of the interfaces in use; an [`InterfaceId`] is a place in this list.
    pub interfaces: Vec<String>,
    /// The virtual routers, in the order of the file.
    pub instances: Vec<Instance>,
    /// The interfaces that are made for them.
    pub virtual_interfaces: Vec<VirtualInterface>,
    /// `disable_local_igmp`: while there are any, the machine says nothing of the groups 224.0.0.0/24 that it hears.
    pub disable_local_igmp: bool,
    /// The sync groups, in the order of the file.
    pub groups: Vec<SyncGroup>,
    /// Whom what happens is told.
    pub notify: Notifications,
    /// What is there as long as the daemon runs.
    pub statics: Statics,
    /// What is tracked.
    pub trackers: Vec<TrackerSetup>,
    /// What was ever tracked; a [`TrackerId`](vrrp_engine::TrackerId) is a place in this list.
    pub tracker_names: Vec<(Kind, String)>,
    /// How long changes of interfaces must last to count.
    pub link_delays: Vec<LinkDelays>,
    /// The tables of the packet filter.
    pub firewall: nft::Setup,
    /// How fast addresses are announced.
    pub pacing: Pacing,
    /// How long nothing is done after a start.
    pub startup: StartupDelay,
    /// Whether adverts of virtual routers that are not configured are worth a line in the log.
    pub log_unknown_vrids: bool,
    /// Whom mail goes to, and about what.
    pub mail: Option<Mail>,
    /// The pipes that events are written to.
    pub fifos: Fifos,
}

impl Plan {
    /// Whether nothing on the machine is going to be changed.
    pub fn changes_nothing(&self) -> bool {
        self.instances.is_empty() && self.statics.is_empty()
    }

    /// The name of an interface.
    pub fn interface_name(&self, id: InterfaceId) -> &str {
        let name = usize::try_from(id.0)
            .ok()
            .and_then(|place| self.interfaces.get(place));
        match name.map(String::as_str) {
            Some(ANYWHERE) => "any interface",
            Some(name) => name,
            None => "(unknown)",
        }
    }

    /// The number of an interface that is in use.
    fn known_interface(&self, name: &str) -> Option<InterfaceId> {
        let place = self.interfaces.iter().position(|known| known == name)?;
        u32::try_from(place).ok().map(InterfaceId)
    }

    /// Whether the interface is one with a virtual MAC address, which is made for its router.
    pub fn is_virtual(&self, interface: InterfaceId) -> bool {
        self.virtual_interface(interface).is_some()
    }

    /// What has a number in it.
    pub fn names(&self) -> Names {
        Names {
            interfaces: self.interfaces.clone(),
            trackers: self.tracker_names.clone(),
        }
    }

    /// The number of an interface, new if the name is.
    fn interface(&mut self, name: &str) -> InterfaceId {
        let place = self
            .interfaces
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                self.interfaces.push(name.to_owned());
                self.interfaces.len() - 1
            });
        InterfaceId(u32::try_from(place).expect("a file that fits memory names fewer interfaces"))
    }
}

/// What a plan has numbered, so that the next one gives the same numbers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// An [`InterfaceId`] is a place in this list.
    pub interfaces: Vec<String>,
    /// A [`TrackerId`](vrrp_engine::TrackerId) is a place in this list.
    pub trackers: Vec<(Kind, String)>,
}

/// One `vrrp_sync_group`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncGroup {
    /// Its name in the file.
    pub name: String,
    /// Places of its instances.
    pub members: Vec<usize>,
}

/// One `vrrp_instance`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    /// Its name in the file.
    pub name: String,
    /// Its part in the election.
    pub router: RouterConfig,
    /// Where its adverts leave; they are received on the router's interface.
    pub transmit: InterfaceId,
    /// Where its adverts come from.
    pub source: Source,
    /// What is announced on other interfaces than its own, again and again.
    pub extra_announcements: Option<ExtraAnnouncements>,
    /// Whether packets to its virtual addresses are let in, and packets from them out.
    pub accept: bool,
    /// Its virtual addresses, and how they are put on an interface.
    pub addresses: Vec<VirtualAddress>,
    /// Addresses that it has as well, and that its adverts do not carry.
    pub excluded: Vec<VirtualAddress>,
    /// Routes that it has while it is master.
    pub routes: Vec<Arc<Route>>,
    /// Routing rules that it has while it is master.
    pub rules: Vec<Arc<Rule>>,
    /// Whether the kernel is to keep its interface's other addresses of a network when the first of them goes.
    pub promote_secondaries: bool,
}

/// Where an instance's adverts come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// This address, whether or not the machine has it.
    Fixed(IpAddr),
    /// This address, while the interface has it (`track_src_ip`).
    Present(IpAddr),
    /// The address that the machine's routes have packets to this one leave with.
    Towards(IpAddr),
    /// The interface's primary IPv4 address, or its IPv6 link-local one.
    Primary,
}

impl Source {
    /// The address that the file names.
    pub const fn named(self) -> Option<IpAddr> {
        match self {
            Self::Fixed(address) | Self::Present(address) => Some(address),
            Self::Towards(_) | Self::Primary => None,
        }
    }
}

/// A virtual address and what the kernel is told about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VirtualAddress {
    /// The interface it is put on.
    pub interface: InterfaceId,
    /// The address.
    pub address: IpAddr,
    /// Its prefix length.
    pub prefix_len: u8,
    /// IPv4 broadcast address, where one is wanted.
    pub broadcast: Option<Ipv4Addr>,
    /// Scope, in the kernel's numbers (`rt_scope_t` in linux/rtnetlink.h).
    pub scope: u8,
    /// IPv4 label.
    pub label: Option<String>,
    /// What few addresses need.
    pub options: AddressOptions,
    /// Whether it is put back when another program removes it.
    pub tracked: bool,
}
