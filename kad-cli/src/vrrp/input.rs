//! What the sockets and the kernel tell, for the engine.

use std::collections::HashSet;

use vrrp_engine::{Datagram, Input, InterfaceId, Taker, Time};

use super::daemon::{Daemon, RunError};
use super::holdings::Item;
use super::interfaces::Gone;
use super::report;
use crate::rtnl::Event;

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
        let (known, up) = (self.interfaces.indexes(), self.interfaces.up());
        let mut seen = Seen::default();
        for event in events.drain(..) {
            self.take_event(event, &mut seen);
        }
        if self.follow_virtual_interfaces() {
            self.monitor.read(&mut events)?;
            for event in events.drain(..) {
                self.take_event(event, &mut seen);
            }
        }
        self.follow_sockets(now);
        self.tell_engine(now);
        let new = self.interfaces.indexes();
        for gone in self.missing_addresses(&seen, &known) {
            // What is missing on an interface that was made anew went with the old one.
            let place = usize::try_from(gone.interface.0).unwrap_or(usize::MAX);
            let by = match known.get(place) == new.get(place) {
                true => Taker::Program,
                false => Taker::Interface,
            };
            self.address_lost(now, gone, by);
        }
        if known != new {
            self.promote_secondaries();
        }
        if seen.added || seen.all || up != self.interfaces.up() {
            self.kernel.look_after_routes(now);
        }
        Ok(())
    }

    /// Brings the picture up to date.
    fn take_event(&mut self, event: Event, seen: &mut Seen) {
        match event {
            Event::Link(link) => seen.gone.extend(self.interfaces.link(&link)),
            Event::LinkGone { index, .. } => seen.gone.extend(self.interfaces.link_gone(index)),
            Event::Address(address) => {
                // What was asked for here brings no route back.
                seen.added |= address.protocol != Some(KEEPALIVED);
                self.interfaces.address(address);
            }
            Event::AddressGone(address) => seen.gone.extend(self.interfaces.address_gone(&address)),
            Event::Resync(snapshot) => {
                tracing::warn!("the kernel's events came too fast to be read; looked at everything anew");
                self.interfaces.replace(snapshot);
                seen.all = true;
            }
        }
    }

    /// Addresses that are wanted and not there: those that went, those whose interface is new, and after events were
    /// lost any, since what was put there and taken away while nobody looked was never seen. What was removed here and
    /// put back since is there, or still to be put there.
    fn missing_addresses(&self, seen: &Seen, known: &[Option<u32>]) -> Vec<Gone> {
        let new = self.interfaces.indexes();
        if seen.gone.is_empty() && !seen.all && known == new {
            return Vec::new();
        }
        let went: HashSet<Gone> = seen.gone.iter().copied().collect();
        let is_new = |id: InterfaceId| {
            let place = usize::try_from(id.0).unwrap_or(usize::MAX);
            let index = new.get(place).copied().flatten();
            index.is_some() && known.get(place).copied().flatten() != index
        };
        let queued = self.kernel.queued();
        let wanted = self.kernel.holdings().items();
        let missing = wanted.filter_map(|item| {
            let Item::Address(entry) = item else { return None };
            let gone = Gone {
                interface: entry.interface,
                address: entry.address,
            };
            let asked = seen.all || went.contains(&gone) || is_new(gone.interface);
            let missing = asked
                && self.interfaces.find(gone.interface, gone.address).is_none()
                && !queued.contains(&item.key());
            missing.then_some(gone)
        });
        missing.collect()
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
}

/// What a reading of the kernel's events says.
#[derive(Debug, Default)]
struct Seen {
    /// Addresses that went.
    gone: Vec<Gone>,
    /// An address appeared that nobody here asked for.
    added: bool,
    /// Events were lost: anything may have gone.
    all: bool,
}

/// Batches read from one socket before the timers are looked at again.
const BATCHES: usize = 16;
/// RTPROT_KEEPALIVED (linux/rtnetlink.h).
const KEEPALIVED: u8 = 18;
