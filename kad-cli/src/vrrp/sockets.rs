//! One receiving and one sending socket for each interface and family, whatever the number of virtual routers. What
//! leaves by an interface of its own is received on the one under it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use vrrp_engine::{Delivery, InterfaceId, Protection, Time, Transmit};
use vrrp_proto::Family;

use super::interfaces::Interfaces;
use crate::net::{Batch, OpenError, Protocol, Received, Receiver, Transmitter};
use crate::plan::{ANYWHERE, Plan};

/// All sockets that carry adverts.
#[derive(Debug)]
pub(super) struct Sockets {
    links: BTreeMap<Key, Link>,
    wanted: BTreeMap<Key, Wanted>,
    keys: Vec<Key>,
    /// Those that could not be opened.
    failed: BTreeMap<Key, Failure>,
}

type Key = (InterfaceId, Family, Protocol);

/// What an interface is used for.
#[derive(Debug, Default)]
struct Wanted {
    receive: bool,
    groups: BTreeSet<IpAddr>,
}

/// Why a socket is not there, and when it is tried again.
#[derive(Clone, Copy, Debug)]
struct Failure {
    /// The kernel's index of the interface at that time.
    index: u32,
    again: Time,
    pause: Duration,
}

impl Failure {
    /// The pauses double up to a limit.
    fn new(now: Time, index: u32, before: Option<Self>) -> Self {
        let pause = before.map_or(FIRST_PAUSE, |before| LONGEST_PAUSE.min(before.pause * 2));
        Self {
            index,
            again: now + pause,
            pause,
        }
    }
}

#[derive(Debug)]
struct Link {
    index: u32,
    receiver: Option<Receiver>,
    transmitter: Transmitter,
}

impl Sockets {
    /// What the plan needs; nothing is opened yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let wanted = wanted(plan);
        Self {
            links: BTreeMap::new(),
            keys: wanted.keys().copied().collect(),
            wanted,
            failed: BTreeMap::new(),
        }
    }

    /// What another plan needs. Closes what it does not, and joins and leaves groups; what is to be opened is for
    /// [`follow`](Self::follow). Places stay what they are.
    pub(super) fn follow_plan(&mut self, plan: &Plan, registry: &Registry) {
        let old = std::mem::replace(&mut self.wanted, wanted(plan));
        let new = self.wanted.keys().filter(|key| !self.keys.contains(key));
        self.keys.extend(new.copied().collect::<Vec<_>>());
        for key in old.keys().filter(|key| !self.wanted.contains_key(key)) {
            close(&mut self.links, key, registry);
            self.failed.remove(key);
        }
        for (key, wanted) in &self.wanted {
            let Some(link) = self.links.get(key) else { continue };
            let Some(receiver) = link.receiver.as_ref().filter(|_| wanted.receive) else {
                if wanted.receive != link.receiver.is_some() {
                    close(&mut self.links, key, registry);
                }
                continue;
            };
            let groups = &wanted.groups;
            let before = old.get(key).map(|old| &old.groups);
            let joined = groups
                .iter()
                .filter(|group| before.is_none_or(|old| !old.contains(group)));
            let left = before
                .into_iter()
                .flatten()
                .filter(|group| !groups.contains(group));
            let outcome = joined
                .map(|group| receiver.join(*group))
                .chain(left.map(|group| receiver.leave(*group).map_err(OpenError::from)))
                .collect::<Result<Vec<_>, _>>();
            if let Err(error) = outcome {
                // Opened anew, it is in the groups that it should be in.
                tracing::warn!("{error}");
                close(&mut self.links, key, registry);
            }
        }
    }

    /// Opens what can be opened, and closes what belongs to an interface that is gone. Sockets are bound to the
    /// kernel's index, so an interface that was made anew gets new ones. Answers with what could not be opened just now;
    /// it is tried again when [`poll_timeout`](Self::poll_timeout) says so.
    pub(super) fn follow(
        &mut self,
        now: Time,
        interfaces: &Interfaces,
        registry: &Registry,
        first_token: usize,
    ) -> Vec<(InterfaceId, OpenError)> {
        let mut errors = Vec::new();
        for (place, key) in self.keys.iter().enumerate() {
            let interface = interfaces.get(key.0);
            let index = interface.and_then(|interface| interface.index);
            if self.links.get(key).is_some_and(|link| Some(link.index) != index) {
                close(&mut self.links, key, registry);
            }
            if self
                .failed
                .get(key)
                .is_some_and(|failure| Some(failure.index) != index)
            {
                self.failed.remove(key);
            }
            let Some(wanted) = self.wanted.get(key) else {
                continue;
            };
            let (Some(interface), Some(index), false) = (interface, index, self.links.contains_key(key))
            else {
                continue;
            };
            let before = self.failed.get(key).copied();
            if before.is_some_and(|failure| now < failure.again) {
                continue;
            }
            let token = Token(first_token + place);
            match open(&interface.name, index, (key.1, key.2), wanted, registry, token) {
                Ok(link) => {
                    self.links.insert(*key, link);
                    self.failed.remove(key);
                }
                // Gone again already; the kernel will tell, and tell of its return.
                Err(OpenError::NoSuchInterface(_)) => {}
                Err(error) => {
                    self.failed.insert(*key, Failure::new(now, index, before));
                    errors.push((key.0, error));
                }
            }
        }
        errors
    }

    /// When [`follow`](Self::follow) is to try again.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.failed.values().map(|failure| failure.again).min()
    }

    /// Whether all sockets of an interface and family could be opened, if the interface is there.
    pub(super) fn states(&self) -> Vec<(InterfaceId, Family, bool)> {
        let mut states: BTreeMap<_, bool> = BTreeMap::new();
        for key in self.wanted.keys() {
            *states.entry((key.0, key.1)).or_insert(true) &= !self.failed.contains_key(key);
        }
        let states = states.into_iter();
        states
            .map(|((interface, family), open)| (interface, family, open))
            .collect()
    }

    /// Reads one batch from the socket at `place`.
    pub(super) fn receive(
        &mut self,
        place: usize,
        mut each: impl FnMut(InterfaceId, Received<'_>),
    ) -> Option<(InterfaceId, io::Result<Batch>)> {
        let key = *self.keys.get(place)?;
        let receiver = self.links.get_mut(&key)?.receiver.as_mut()?;
        Some((key.0, receiver.receive(|received| each(key.0, received))))
    }

    /// Queues an advert.
    pub(super) fn queue(&mut self, interface: InterfaceId, transmit: Transmit) {
        let family = Family::of(transmit.source);
        let protocol = match transmit.header {
            Some(_) => Protocol::AuthenticationHeader,
            None => Protocol::Vrrp,
        };
        let Some(link) = self.links.get_mut(&(interface, family, protocol)) else {
            return;
        };
        match transmit.header {
            Some(header) => link.transmitter.queue_with_header(header, transmit.pdu),
            None => link.transmitter.queue_with_hop_limit(
                transmit.source,
                transmit.destination,
                transmit.hop_limit,
                transmit.pdu,
            ),
        }
    }

    /// Sends what is queued, all of an interface's in one system call.
    pub(super) fn flush(&mut self, mut failed: impl FnMut(InterfaceId, usize, io::Error)) {
        for (key, link) in &mut self.links {
            let flushed = link.transmitter.flush();
            if let Some(error) = flushed.first_error {
                failed(key.0, flushed.failed, error);
            }
        }
    }
}

fn wanted(plan: &Plan) -> BTreeMap<Key, Wanted> {
    let mut wanted: BTreeMap<Key, Wanted> = BTreeMap::new();
    for instance in &plan.instances {
        let router = &instance.router;
        let family = router.addresses.family();
        // Plain adverts are heard in any case: that they are not believed is worth a line.
        let (sent, heard): (_, &[Protocol]) = match router.protection {
            Protection::Header(_) => (
                Protocol::AuthenticationHeader,
                &[Protocol::Vrrp, Protocol::AuthenticationHeader],
            ),
            _ => (Protocol::Vrrp, &[Protocol::Vrrp]),
        };
        wanted.entry((instance.transmit, family, sent)).or_default();
        for protocol in heard {
            let receiving = wanted.entry((router.interface, family, *protocol)).or_default();
            receiving.receive = true;
            if let Delivery::Multicast(group) = router.delivery {
                receiving.groups.insert(group);
            }
        }
    }
    wanted
}

fn close(links: &mut BTreeMap<Key, Link>, key: &Key, registry: &Registry) {
    if let Some(receiver) = links.remove(key).and_then(|link| link.receiver) {
        // Closing would do it too, unless the descriptor is shared.
        let _ = registry.deregister(&mut SourceFd(&receiver.as_raw_fd()));
    }
}

fn open(
    name: &str,
    index: u32,
    (family, protocol): (Family, Protocol),
    wanted: &Wanted,
    registry: &Registry,
    token: Token,
) -> Result<Link, OpenError> {
    let interface = (name != ANYWHERE).then_some((name, index));
    let transmitter = match interface {
        Some((name, index)) => Transmitter::open(name, index, family)?,
        None => Transmitter::open_anywhere(family)?,
    };
    let receiver = if wanted.receive {
        let receiver = Receiver::open_for(protocol, interface, family)?;
        for group in &wanted.groups {
            receiver.join(*group)?;
        }
        registry.register(&mut SourceFd(&receiver.as_raw_fd()), token, Interest::READABLE)?;
        Some(receiver)
    } else {
        // Only what is made for virtual routers sends and does not listen.
        transmitter.allow_any_source()?;
        None
    };
    Ok(Link {
        index,
        receiver,
        transmitter,
    })
}

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
