//! Telling the neighbours where the addresses are: gratuitous ARPs and unsolicited neighbour advertisements.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{InterfaceId, RouterId, StateKind, Time};

use super::daemon::Daemon;
use super::holdings::Holder;
use super::interfaces::{Interface, Interfaces};
use super::items::frame;
use super::pacer::Pacer;
use super::report::{Limiter, more_of_them};
use crate::net::Announcer;
use crate::plan::{Pace, Pacing, Plan};

/// What one frame says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Frame {
    /// For whom.
    pub(super) router: RouterId,
    pub(super) interface: InterfaceId,
    pub(super) address: IpAddr,
}

/// Announces addresses, a little at a time, and no more of them than each interface is allowed.
#[derive(Debug)]
pub(super) struct Announcements {
    announcer: Announcer,
    pacer: Pacer<Frame>,
    lanes: Lanes,
    /// What waits for its interface to be up, and how often it is to be sent then.
    parked: HashMap<Frame, u8>,
    routers: Routers,
    failures: Limiter<()>,
}

impl Announcements {
    pub(super) fn new(plan: &Plan, announcer: Announcer) -> Self {
        let lanes = Lanes::new(&plan.pacing, plan.interfaces.len());
        Self {
            announcer,
            pacer: Pacer::new(lanes.pauses()),
            lanes,
            parked: HashMap::new(),
            routers: Routers::default(),
            failures: Limiter::new(),
        }
    }

    /// Wants the addresses announced `repeat` times, all of them in each round. Those of an interface that is down are
    /// announced when it is up.
    pub(super) fn announce(&mut self, frames: impl IntoIterator<Item = Frame>, repeat: u8) {
        for frame in frames {
            let lane = self.lanes.find(frame.interface, frame.address.is_ipv6());
            self.pacer.push(lane, frame, repeat);
        }
    }

    /// The router gives its addresses up: nothing of them is announced any more.
    pub(super) fn forget(&mut self, router: RouterId) {
        self.pacer.take(|frame| frame.router == router);
        self.parked.retain(|frame, _| frame.router != router);
    }

    /// Goes over to another plan, with what still waits.
    pub(super) fn follow(&mut self, plan: &Plan) {
        self.lanes = Lanes::new(&plan.pacing, plan.interfaces.len());
        let waiting = self.pacer.take(|_| true);
        self.pacer = Pacer::new(self.lanes.pauses());
        for (frame, times) in waiting {
            self.announce([frame], times);
        }
    }

    /// When there is something to do next; in the past if there is already.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.pacer.poll_timeout()
    }

    /// Whether there is something to do at `now`.
    pub(super) fn is_busy(&self, now: Time) -> bool {
        self.poll_timeout().is_some_and(|due| due <= now)
    }

    /// Sends a share of what is due.
    pub(super) fn work(&mut self, now: Time, interfaces: &Interfaces) {
        self.unpark(interfaces);
        for _ in 0..SHARE {
            let Some(frame) = self.pacer.pop(now) else { break };
            let Some(interface) = interfaces.get(frame.interface) else {
                continue;
            };
            if !interface.up {
                self.park(frame);
            } else if let (Some(index), Some(mac), true) = (interface.index, interface.mac, interface.arp) {
                let router =
                    frame.address.is_ipv6() && self.routers.forwards(now, frame.interface, interface);
                self.announcer.queue(index, mac, frame.address, router);
            }
        }
        let flushed = self.announcer.flush();
        if let Some(error) = flushed.first_error
            && let Some(held_back) = self.failures.pass(now, ())
        {
            let more = more_of_them(held_back);
            tracing::warn!(
                "{} announcements could not be sent: {error}{more}",
                flushed.failed
            );
        }
    }

    /// Puts a frame aside that was just taken from the queue, with those that are still there.
    fn park(&mut self, frame: Frame) {
        let left = self.pacer.take(|queued| queued == frame);
        let left: u8 = left.into_iter().map(|(_, times)| times).sum();
        let parked = self.parked.entry(frame).or_default();
        *parked = left.saturating_add(1).max(*parked);
    }

    fn unpark(&mut self, interfaces: &Interfaces) {
        if self.parked.is_empty() {
            return;
        }
        let is_up = |frame: &Frame| {
            let interface = interfaces.get(frame.interface);
            interface.is_none_or(|interface| interface.up)
        };
        let mut ready: Vec<_> = self.parked.extract_if(|frame, _| is_up(frame)).collect();
        ready.sort_unstable();
        for (frame, times) in ready {
            self.announce([frame], times);
        }
    }
}

impl Daemon {
    /// Masters that announce their addresses on other interfaces too, again and again, do so if it is time: one frame on
    /// each interface tells a switch where it leads.
    pub(super) fn announce_elsewhere(&mut self, now: Time) {
        for router in self.extra.take_due(now) {
            let place = self.places.get(&router);
            let Some(instance) = place.and_then(|place| self.plan.instances.get(*place)) else {
                continue;
            };
            let Some(extra) = instance.extra_announcements else {
                continue;
            };
            let own = instance.transmit;
            let mut seen = HashSet::new();
            let held = self.kernel.holdings().of(Holder::Router(router));
            let frames = held.filter_map(|item| frame(router, item)).filter(|frame| {
                let wanted = extra.all || self.plan.is_virtual(frame.interface);
                frame.interface != own && wanted && seen.insert(frame.interface)
            });
            self.announcements.announce(frames, 1);
        }
        let routers = self.plan.instances.iter().zip(&self.routers);
        let masters = routers.filter_map(|(instance, router)| {
            let extra = instance.extra_announcements?;
            (self.engine.state(*router) == Some(StateKind::Master)).then_some((*router, extra.interval))
        });
        self.extra.follow(now, masters);
    }
}

/// Which lane of the pacer a frame goes by: two for each group of interfaces, one for ARP and one for IPv6.
#[derive(Debug)]
struct Lanes {
    paces: Vec<Pace>,
    of_interface: Vec<usize>,
}

impl Lanes {
    fn new(pacing: &Pacing, interfaces: usize) -> Self {
        let mut paces = pacing.groups.clone();
        let mut of_interface = Vec::new();
        for id in (0..interfaces).filter_map(|place| u32::try_from(place).ok()) {
            let group = pacing.group_of.get(&InterfaceId(id)).copied();
            of_interface.push(group.unwrap_or_else(|| {
                paces.push(pacing.alone);
                paces.len() - 1
            }));
        }
        Self { paces, of_interface }
    }

    fn pauses(&self) -> impl Iterator<Item = Duration> + '_ {
        self.paces.iter().flat_map(|pace| [pace.arp, pace.na])
    }

    fn find(&self, interface: InterfaceId, ipv6: bool) -> usize {
        let place = usize::try_from(interface.0).unwrap_or(usize::MAX);
        let pace = self.of_interface.get(place).copied().unwrap_or_default();
        2 * pace + usize::from(ipv6)
    }
}

/// Whether the machine is a router on an interface: a flag of neighbour advertisements (RFC 4861 section 4.4). What the
/// kernel said counts for a while, so that a burst does not read a file for each frame.
#[derive(Debug, Default)]
struct Routers(HashMap<InterfaceId, (Time, bool)>);

impl Routers {
    fn forwards(&mut self, now: Time, id: InterfaceId, interface: &Interface) -> bool {
        if let Some((read, forwards)) = self.0.get(&id)
            && now - *read < FLAG_LIFE
        {
            return *forwards;
        }
        let path = format!("/proc/sys/net/ipv6/conf/{}/forwarding", interface.name);
        let forwards = fs::read_to_string(path).is_ok_and(|value| value.trim() != "0");
        self.0.insert(id, (now, forwards));
        forwards
    }
}

/// Frames sent between two looks at the clock.
const SHARE: usize = 128;
const FLAG_LIFE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_of_a_group_share_a_lane_and_others_have_their_own() {
        let pace = |millis| Pace {
            arp: Duration::from_millis(millis),
            na: Duration::from_millis(millis + 1),
        };
        let pacing = Pacing {
            alone: pace(10),
            groups: vec![pace(20)],
            group_of: [(InterfaceId(0), 0), (InterfaceId(2), 0)].into(),
        };
        let lanes = Lanes::new(&pacing, 4);
        let pauses: Vec<_> = lanes.pauses().collect();
        let lane = |id, ipv6| lanes.find(InterfaceId(id), ipv6);
        assert_eq!(lane(0, false), lane(2, false));
        assert_ne!(lane(1, false), lane(3, false));
        let pause = |id, ipv6| pauses[lane(id, ipv6)].as_millis();
        assert_eq!([pause(0, false), pause(0, true)], [20, 21]);
        assert_eq!([pause(1, false), pause(3, true)], [10, 11]);
    }
}
