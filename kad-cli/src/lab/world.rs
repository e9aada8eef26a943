//! Machines and what joins them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vrrp_proto::MacAddr;

use super::capture::{self, Capture};
use super::namespace::{Namespace, allow_namespaces};
use super::node::{self, Node};
use super::{Error, Event};
use crate::rtnl::{Commands, LinkChange, Request, VethSpec};

/// Machines joined by bridges, and everything that happens among them.
///
/// Dropping it ends every program in it and every namespace.
#[derive(Debug)]
pub struct World {
    nodes: Vec<Node>,
    /// Holds the bridges; gone after the nodes.
    switch: Arc<Namespace>,
    ports: Ports,
    _capture: Capture,
    events: Receiver<Event>,
    sender: Sender<Event>,
    helper: PathBuf,
    lans: u32,
    next_port: u32,
}

/// Which machine is behind a port, by the port's index.
pub(super) type Ports = Arc<Mutex<BTreeMap<u32, String>>>;

/// A bridge that machines are joined by.
#[derive(Clone, Debug)]
pub struct Lan {
    bridge: String,
}

impl World {
    /// An empty world. `helper` is the program `kad`, which ties the programs of the world to its life.
    pub fn new(helper: &Path) -> Result<Self, Error> {
        allow_namespaces()?;
        let switch = Arc::new(Namespace::new("switch")?);
        let (sender, events) = channel();
        let ports = Ports::default();
        let (to, known) = (sender.clone(), Arc::clone(&ports));
        switch.run(node::prepare)?;
        let capture = switch.run(move || capture::start(to, known))?;
        Ok(Self {
            nodes: Vec::new(),
            switch,
            ports,
            _capture: capture,
            events,
            sender,
            helper: helper.to_owned(),
            lans: 0,
            next_port: 0,
        })
    }

    /// Another bridge.
    pub fn lan(&mut self) -> Result<Lan, Error> {
        let bridge = format!("lan{}", self.lans);
        self.lans += 1;
        let name = bridge.clone();
        self.switch.run(move || {
            Commands::open()?.execute(Request::AddBridge { name: name.clone() })?;
            node::set_up(&name, true)
        })?;
        Ok(Lan { bridge })
    }

    /// Another machine, with nothing but its loopback interface.
    pub fn node(&mut self, name: &str) -> Result<Node, Error> {
        let node = Node::new(name, self.sender.clone(), self.helper.clone())?;
        self.nodes.push(node.clone());
        Ok(node)
    }

    /// Gives a machine an interface on a bridge, with these addresses.
    pub fn join(
        &mut self,
        node: &Node,
        interface: &str,
        mac: MacAddr,
        lan: &Lan,
        addresses: &[(IpAddr, u8)],
    ) -> Result<(), Error> {
        let port = format!("port{}", self.next_port);
        self.next_port += 1;
        let mut veth = VethSpec::new(&port, interface);
        veth.peer_mac = Some(mac);
        veth.peer_process = Some(node.task());
        let bridge = lan.bridge.clone();
        let name = port.clone();
        let index = self.switch.run(move || {
            let mut commands = Commands::open()?;
            commands.execute(Request::AddVeth(veth))?;
            let port = node::index_of(&name)?;
            let mut change = LinkChange::new(port);
            change.bridge = Some(node::index_of(&bridge)?);
            change.up = Some(true);
            commands.execute(Request::ChangeLink(change))?;
            Ok::<_, Error>(port)
        })?;
        self.ports
            .lock()
            .expect("nobody panics with the lock held")
            .insert(index, node.name().to_owned());
        node.set_link(interface, true)?;
        addresses
            .iter()
            .try_for_each(|(address, len)| node.add_address(interface, *address, *len))
    }

    /// The next event, if one comes within `timeout`.
    pub fn next_event(&self, timeout: Duration) -> Option<Event> {
        self.events.recv_timeout(timeout).ok()
    }

    /// Waits for an event for which `pick` gives something; answers with that, and passes over the others.
    pub fn wait_for<T>(&self, timeout: Duration, mut pick: impl FnMut(&Event) -> Option<T>) -> Option<T> {
        let give_up = Instant::now() + timeout;
        loop {
            let event = self.next_event(give_up.saturating_duration_since(Instant::now()))?;
            if let Some(picked) = pick(&event) {
                return Some(picked);
            }
        }
    }

    /// Everything that happened up to now and was not asked for yet.
    pub fn drain(&self) -> Vec<Event> {
        self.events.try_iter().collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.nodes.iter().for_each(Node::end_programs);
    }
}
