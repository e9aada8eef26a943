//! A machine.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vrrp_proto::MacAddr;

use super::namespace::Namespace;
use super::ping::{self, Pinger};
use super::process::{Process, Program};
use super::{Error, Event, inhabitants};
use crate::rtnl::{self, AddressSpec, Commands, InterfaceAddress, LinkChange, Request};

/// A machine: a network namespace of its own, with interfaces and programs.
#[derive(Clone, Debug)]
pub struct Node {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    namespace: Namespace,
    events: Sender<Event>,
    helper: PathBuf,
    programs: Mutex<Vec<Process>>,
    /// The namespace's name in /proc.
    home: PathBuf,
}

impl Node {
    pub(super) fn new(name: &str, events: Sender<Event>, helper: PathBuf) -> Result<Self, Error> {
        let namespace = Namespace::new(name)?;
        namespace.run(prepare)?;
        let home = namespace.run(inhabitants::own_namespace);
        let home = home.map_err(|source| Error::Socket {
            what: "looking at a namespace in /proc",
            source,
        })?;
        let programs = Mutex::default();
        Ok(Self {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                namespace,
                events,
                helper,
                programs,
                home,
            }),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(super) fn task(&self) -> u32 {
        self.inner.namespace.task()
    }

    /// Does something on the machine: sockets opened there are the machine's.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        self.inner.namespace.run(job)
    }

    /// Switches an interface on or off.
    pub fn set_link(&self, interface: &str, up: bool) -> Result<(), Error> {
        let interface = interface.to_owned();
        self.run(move || set_up(&interface, up))
    }

    /// Deletes an interface.
    pub fn remove_link(&self, interface: &str) -> Result<(), Error> {
        let interface = interface.to_owned();
        self.run(move || {
            let index = index_of(&interface)?;
            Ok(Commands::open()?.execute(Request::RemoveLink { index })?)
        })
    }

    /// Puts an address on an interface.
    pub fn add_address(&self, interface: &str, address: IpAddr, prefix_len: u8) -> Result<(), Error> {
        self.change_address(interface, address, prefix_len, Request::AddAddress)
    }

    /// Takes an address off an interface.
    pub fn remove_address(&self, interface: &str, address: IpAddr, prefix_len: u8) -> Result<(), Error> {
        self.change_address(interface, address, prefix_len, Request::RemoveAddress)
    }

    fn change_address(
        &self,
        interface: &str,
        address: IpAddr,
        prefix_len: u8,
        request: fn(AddressSpec) -> Request,
    ) -> Result<(), Error> {
        let interface = interface.to_owned();
        self.run(move || {
            let spec = AddressSpec::new(index_of(&interface)?, address, prefix_len);
            Ok(Commands::open()?.execute(request(spec))?)
        })
    }

    /// All its addresses.
    pub fn addresses(&self) -> Result<Vec<InterfaceAddress>, Error> {
        Ok(self.run(rtnl::snapshot)?.addresses)
    }

    /// Whether one of its interfaces has the address.
    pub fn has_address(&self, address: IpAddr) -> Result<bool, Error> {
        Ok(self.addresses()?.iter().any(|entry| entry.address == address))
    }

    /// The Ethernet address of an interface.
    pub fn mac(&self, interface: &str) -> Result<Option<MacAddr>, Error> {
        let snapshot = self.run(rtnl::snapshot)?;
        let link = snapshot.links.into_iter().find(|link| link.name == interface);
        link.map(|link| link.mac)
            .ok_or_else(|| Error::NoInterface(interface.to_owned()))
    }

    /// The Ethernet address under which it knows a neighbour.
    pub fn neighbor(&self, address: IpAddr) -> Result<Option<MacAddr>, Error> {
        let neighbors = self.run(rtnl::neighbors)?;
        Ok(neighbors
            .into_iter()
            .find(|entry| entry.address == address)
            .and_then(|entry| entry.mac))
    }

    /// Starts a program. Its lines and its end are events; it dies with the world.
    pub fn spawn(&self, program: &Program) -> Result<Process, Error> {
        let (name, events, helper) = (
            self.name().to_owned(),
            self.inner.events.clone(),
            self.inner.helper.clone(),
        );
        let program = program.clone();
        let process = self.run(move || Process::start(name, &program, &helper, events))?;
        self.inner
            .programs
            .lock()
            .expect("nobody panics with the lock held")
            .push(process.clone());
        Ok(process)
    }

    /// Pings an address at an interval, until the pinger is dropped.
    pub fn ping(&self, address: IpAddr, interval: Duration) -> Result<Pinger, Error> {
        let events = self.inner.events.clone();
        self.run(move || ping::start(address, interval, events))
    }

    pub(super) fn end_programs(&self) {
        let programs = std::mem::take(
            &mut *self
                .inner
                .programs
                .lock()
                .expect("nobody panics with the lock held"),
        );
        programs.iter().for_each(Process::kill_all);
        inhabitants::end(&self.inner.home);
    }
}

/// A new namespace, so that its addresses can be used at once.
pub(super) fn prepare() -> Result<(), Error> {
    for setting in ["accept_dad", "accept_ra", "router_solicitations"] {
        for scope in ["all", "default"] {
            // Without IPv6 there is nothing to set.
            let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{scope}/{setting}"), "0");
        }
    }
    set_up("lo", true)
}

pub(super) fn set_up(interface: &str, up: bool) -> Result<(), Error> {
    let mut change = LinkChange::new(index_of(interface)?);
    change.up = Some(up);
    Ok(Commands::open()?.execute(Request::ChangeLink(change))?)
}

pub(super) fn index_of(interface: &str) -> Result<u32, Error> {
    let link = rtnl::snapshot()?
        .links
        .into_iter()
        .find(|link| link.name == interface);
    link.map(|link| link.index)
        .ok_or_else(|| Error::NoInterface(interface.to_owned()))
}
