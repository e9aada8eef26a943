//! What the sockets and the kernel tell, for the engine.

use vrrp_engine::{Datagram, Input, Taker};

use super::daemon::{Daemon, RunError};
use super::holdings::{Holder, Item};
use super::interfaces::Gone;
use super::report;
use crate::rtnl::Event;
use vrrp_engine::{RouterId, Time};

impl Daemon {
    /// Reads what one socket holds, within bounds; the rest is for the next turn.
    pub(super) fn read_socket(&mut self, now: Time, place: usize) {
        for _ in 0..BATCHES {
            let (engine, discards, plan) = (&mut self.engine, &mut self.discards, &self.plan);
            let batch = self.sockets.receive(place, |interface, received| {
                let datagram = Datagram {
                    interface,
                    source: received.source,
                    destination: received.destination,
                    hop_limit: received.hop_limit,
                    header: received.header,
                    pdu: received.pdu,
                };
                if let Err(discard) = engine.handle_input(now, Input::Packet(datagram)) {
                    report::discard(
                        discards,
                        now,
                        plan.log_unknown_vrids,
                        &discard,
                        received.source,
                        plan.interface_name(interface),
                    );
                }
            });
            let Some((interface, batch)) = batch else { return };
            match batch {
                Ok(batch) => {
                    let name = self.plan.interface_name(interface);
                    report::unreadable(&mut self.unreadable, now, interface, name, &batch);
                    if !batch.more {
                        return;
                    }
                }
                // A socket whose interface is gone; the monitor tells of it.
                Err(error) => return tracing::debug!("receiving: {error}"),
            }
        }
        self.unread.push(place);
    }

    /// Reads what changed on the machine: links first, since they explain what happens to addresses.
    pub(super) fn read_monitor(&mut self, now: Time) -> Result<(), RunError> {
        let mut events = Vec::new();
        self.monitor.read(&mut events)?;
        let known = self.interfaces.indexes();
        let mut gone = Vec::new();
        for event in events.drain(..) {
            gone.extend(self.take_event(event));
        }
        if self.follow_virtual_interfaces() {
            self.monitor.read(&mut events)?;
            for event in events.drain(..) {
                gone.extend(self.take_event(event));
            }
        }
        for missing in self.missing_on_new_interfaces(&known) {
            if !gone.contains(&missing) {
                gone.push(missing);
            }
        }
        self.follow_sockets(now);
        self.tell_engine(now);
        let new = self.interfaces.indexes();
        for gone in gone {
            // What is missing on an interface that was made anew went with the old one.
            let place = usize::try_from(gone.interface.0).unwrap_or(usize::MAX);
            let by = match known.get(place) == new.get(place) {
                true => Taker::Program,
                false => Taker::Interface,
            };
            self.address_lost(now, gone, by);
        }
        Ok(())
    }

    /// Brings the picture up to date; answers with the addresses that somebody else took.
    fn take_event(&mut self, event: Event) -> Vec<Gone> {
        match event {
            Event::Link(link) => self.interfaces.link(&link),
            Event::LinkGone { index, .. } => self.interfaces.link_gone(index),
            Event::Address(address) => {
                self.interfaces.address(address);
                Vec::new()
            }
            Event::AddressGone(address) => {
                let gone = self.interfaces.address_gone(&address);
                gone.filter(|_| !self.kernel.is_own_removal(&address))
                    .into_iter()
                    .collect()
            }
            Event::Resync(snapshot) => {
                tracing::warn!("the kernel's events came too fast to be read; looked at everything anew");
                self.kernel.forget_own_removals();
                self.interfaces.replace(snapshot);
                self.missing_addresses()
            }
        }
    }

    /// Addresses that are wanted and not there. What was put there and taken away while nobody looked was never seen, so
    /// a comparison with an older picture would not tell.
    fn missing_addresses(&self) -> Vec<Gone> {
        let wanted = self.kernel.holdings().items();
        let settled = wanted.filter(|item| !self.kernel.is_queued(item.key()));
        let missing = settled.filter_map(|item| {
            let Item::Address(entry) = item;
            let gone = Gone {
                interface: entry.interface,
                address: entry.address,
            };
            self.interfaces
                .find(gone.interface, gone.address)
                .is_none()
                .then_some(gone)
        });
        missing.collect()
    }

    /// Addresses that a master could not put on an interface of its own (`dev`) until now, or lost with an earlier one of
    /// that name: its election goes on without that interface, so nothing else would bring them back.
    fn missing_on_new_interfaces(&self, known: &[Option<u32>]) -> Vec<Gone> {
        let indexes = self.interfaces.indexes();
        let is_new = |(before, now): (&Option<u32>, &Option<u32>)| now.is_some() && before != now;
        let new: Vec<bool> = known.iter().zip(&indexes).map(is_new).collect();
        let instances = self.plan.instances.iter();
        let elsewhere = instances.flat_map(|instance| {
            let own = instance.router.interface;
            instance
                .addresses
                .iter()
                .filter(move |entry| entry.interface != own)
        });
        elsewhere
            .map(|entry| Gone {
                interface: entry.interface,
                address: entry.address,
            })
            .filter(|entry| {
                usize::try_from(entry.interface.0).is_ok_and(|place| new.get(place) == Some(&true))
                    && self.interfaces.find(entry.interface, entry.address).is_none()
            })
            .collect()
    }

    /// Links and sources as they are now; the engine ignores what it knows.
    pub(super) fn tell_engine(&mut self, now: Time) {
        for (interface, family, open) in self.sockets.states() {
            self.input(
                now,
                Input::Sockets {
                    interface,
                    family,
                    open,
                },
            );
        }
        self.track_links(now);
        self.tell_of_virtual_interfaces(now);
        let sources: Vec<_> = self
            .plan
            .instances
            .iter()
            .zip(&self.routers)
            .map(|(instance, router)| {
                let family = instance.router.addresses.family();
                (
                    *router,
                    self.interfaces
                        .source(instance.router.interface, family, instance.source),
                )
            })
            .collect();
        for (router, address) in sources {
            self.input(now, Input::Source { router, address });
        }
    }

    /// Somebody removed an address. If it is a master's, the engine has it put back; if it went with its interface, that
    /// has to come back first.
    fn address_lost(&mut self, now: Time, gone: Gone, by: Taker) {
        let interface = self.interfaces.get(gone.interface);
        if interface.is_none_or(|interface| interface.index.is_none()) {
            let name = self.plan.interface_name(gone.interface);
            return tracing::warn!("{} is gone with its interface {name}", gone.address);
        }
        let holdings = self.kernel.holdings();
        let is_it = |item: &&Item| {
            let Item::Address(entry) = item;
            entry.interface == gone.interface && entry.address == gone.address
        };
        let holders = holdings
            .items()
            .filter(is_it)
            .flat_map(|item| holdings.holders(item.key()));
        let holders: Vec<RouterId> = holders.map(|Holder::Router(router)| *router).collect();
        for router in holders {
            self.input(
                now,
                Input::AddressLost {
                    router,
                    address: gone.address,
                    by,
                },
            );
        }
    }
}

/// Batches read from one socket before the timers are looked at again.
const BATCHES: usize = 16;
