//! One virtual router: what it knows, and how it goes from state to state.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::time::Duration;

use vrrp_proto::{AdvertInterval, Family, Priority};

use crate::acceptance::{Advert, accept};
use crate::damper::{Dampers, PAUSE};
use crate::discard::DiscardCounts;
use crate::fault::Sibling;
use crate::guard::{Guard, Proof};
use crate::packets::Packets;
use crate::state::{Backup, Heard, Master, State};
use crate::tracking::{HIGHEST_OF_A_BACKUP, Tracked};
use crate::{
    Counters, Datagram, Discard, Environment, GroupId, Notice, Output, Reason, RouterConfig, RouterId, Start,
    StateKind, Time, TrackerId, TrackerStatus, Transition, timers,
};

#[derive(Clone, Debug)]
pub(crate) struct Router {
    pub(crate) config: RouterConfig,
    pub(crate) state: State,
    pub(crate) counters: Counters,
    pub(crate) discards: DiscardCounts,
    /// The sync group it is in.
    pub(crate) group: Option<GroupId>,
    /// What another member of the group has against its running.
    pub(crate) sibling: Option<Sibling>,
    /// Whether it was told to start.
    pub(crate) started: bool,
    pub(crate) link_up: bool,
    /// Whether its adverts can be sent and heard.
    pub(crate) sockets_open: bool,
    pub(super) source: Option<IpAddr>,
    /// The source is gone, and only needed for last words.
    pub(super) source_lost: bool,
    pub(super) tracked: Tracked,
    /// The priority that tracking leaves of the configured one.
    pub(super) priority: Priority,
    /// Whether the last word on the addresses was to add them.
    pub(crate) holds_addresses: bool,
    /// It has just told the neighbours of its addresses because of another master; the engine takes note.
    pub(crate) in_conflict: bool,
    pub(super) dampers: Dampers,
    pub(super) packets: Packets,
    pub(super) guard: Guard,
}

/// Where a router's outputs go.
pub(crate) struct Outputs<'a> {
    pub(crate) router: RouterId,
    /// Since the Unix epoch, for signatures.
    pub(crate) time_of_day: Duration,
    pub(crate) queue: &'a mut VecDeque<(RouterId, Output)>,
}

impl Outputs<'_> {
    pub(crate) fn push(&mut self, output: Output) {
        self.queue.push_back((self.router, output));
    }
}

impl Router {
    pub(crate) fn new(
        config: RouterConfig,
        environment: Environment,
        status: impl Fn(TrackerId) -> TrackerStatus,
    ) -> Self {
        let tracked = Tracked::new(&config, status);
        let mut router = Self {
            priority: tracked.effective(config.priority),
            tracked,
            guard: Guard::new(&config),
            config,
            state: State::Initialize,
            counters: Counters::default(),
            discards: DiscardCounts::default(),
            group: None,
            sibling: None,
            started: false,
            link_up: environment.link_up,
            sockets_open: true,
            source: None,
            source_lost: false,
            holds_addresses: false,
            in_conflict: false,
            dampers: Dampers::default(),
            packets: Packets::default(),
        };
        router.source = router.usable(environment.source);
        router
    }

    /// An address of the other family is none to send from.
    pub(super) fn usable(&self, source: Option<IpAddr>) -> Option<IpAddr> {
        source.filter(|address| Family::of(*address) == self.config.addresses.family())
    }

    /// Checks a packet and lets it have its effect.
    pub(crate) fn handle_packet(
        &mut self,
        now: Time,
        datagram: &Datagram<'_>,
        out: &mut Outputs<'_>,
    ) -> Result<(), Discard> {
        let outcome = self.take_packet(now, datagram, out);
        if let Err(discard) = &outcome {
            self.discards.count(discard);
        }
        outcome
    }

    fn take_packet(
        &mut self,
        now: Time,
        datagram: &Datagram<'_>,
        out: &mut Outputs<'_>,
    ) -> Result<(), Discard> {
        if !self.state.is_running() {
            return Err(Discard::NotListening);
        }
        let (message, proof) = Proof::split(&self.config, datagram)?;
        let advert = accept(&self.config, &message, proof.signed(datagram))?;
        self.guard
            .check(&self.config, &message, proof, self.source, out.time_of_day)?;
        if self.config.conduct.owner_ignores_adverts && self.config.priority.is_owner() {
            // Whoever it was must not count further than we do.
            self.guard.outrun();
            return Err(Discard::Owner);
        }
        self.counters.adverts_received += 1;
        self.counters.priority_zero_received += u64::from(advert.priority == Priority::RELEASE);
        self.learn_checksum(now, advert, out);
        if !advert.addresses_match && !self.trusts(advert.from) {
            self.counters.address_list_mismatches += 1;
            if self.dampers.mismatch.pass(now, PAUSE) {
                out.push(Output::Notice(Notice::AddressListMismatch { from: advert.from }));
            }
        }
        match self.state {
            State::Backup(_) => self.backup_hears(now, advert, out),
            State::Master(_) => self.master_hears(now, advert, out),
            State::Initialize | State::Fault(_) => Err(Discard::NotListening),
        }
    }

    pub(crate) fn starts_as_master(&self) -> bool {
        self.config.priority.is_owner() && self.config.start == Start::Master
    }

    /// Something became known of a tracker.
    pub(crate) fn track(&mut self, tracker: TrackerId, status: TrackerStatus, out: &mut Outputs<'_>) {
        if self.tracked.learn(tracker, status) {
            self.reprioritize(out);
        }
    }

    /// Works out the effective priority. A backup's running timer moves by as much as Skew_Time does.
    pub(super) fn reprioritize(&mut self, out: &mut Outputs<'_>) {
        let to = self.tracked.effective(self.config.priority);
        let from = std::mem::replace(&mut self.priority, to);
        if from == to {
            return;
        }
        if let State::Backup(backup) = &mut self.state {
            let skew = |priority| timers::skew(self.config.version, priority, backup.interval);
            let (before, after) = (skew(from), skew(to));
            backup.master_down += after.saturating_sub(before);
            backup.master_down = backup.master_down.earlier_by(before.saturating_sub(after));
            backup.heard.our_priority_is(to);
        }
        out.push(Output::PriorityChanged { from, to });
    }

    /// Whether the addresses in adverts of that master need no look any more.
    fn trusts(&self, from: IpAddr) -> bool {
        let known = self.state.known_master();
        self.config.conduct.trust_known_master && known.is_some_and(|master| master.address == from)
    }

    /// Peers get the checksums that they send.
    fn learn_checksum(&mut self, now: Time, advert: Advert, out: &mut Outputs<'_>) {
        let is_peer = self.config.peer(advert.from).is_some();
        let Some(old) = advert.old_checksum.filter(|_| is_peer) else {
            return;
        };
        if self.packets.learn_checksum(advert.from, old) && old && self.dampers.checksum.pass(now, PAUSE) {
            out.push(Output::Notice(Notice::OldChecksum { from: advert.from }));
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Time, out: &mut Outputs<'_>) {
        if self.is_overdue(now) {
            self.become_master(now, out);
        } else {
            self.master_timeout(now, out);
        }
    }

    /// Gives up whatever it holds.
    pub(crate) fn shutdown(&mut self, out: &mut Outputs<'_>) {
        self.started = false;
        if self.state != State::Initialize {
            self.resign(out);
            self.change(State::Initialize, Reason::Shutdown, out);
        }
    }

    pub(super) fn enter_backup(&mut self, now: Time, reason: Reason, out: &mut Outputs<'_>) {
        let interval = self.config.interval;
        let backup = Backup {
            master_down: now + self.master_down(interval),
            since: now,
            interval,
            heard: Heard::Nobody,
            is_willing: false,
            patient_until: None,
        };
        self.change(State::Backup(backup), reason, out);
    }

    pub(super) fn enter_master(&mut self, now: Time, reason: Reason, out: &mut Outputs<'_>) {
        self.advertise(out);
        out.push(Output::AddAddresses);
        self.holds_addresses = true;
        let bursts = self.announce_mastership(now, out);
        let next_advert = now + self.config.interval.as_duration();
        self.counters.became_master += 1;
        self.change(State::Master(Master { next_advert, bursts }), reason, out);
    }

    /// Tells the peers with priority 0, if there is something to give up.
    pub(super) fn resign(&mut self, out: &mut Outputs<'_>) {
        if self.state.kind() != StateKind::Master {
            return;
        }
        if let Some(source) = self.source {
            let packets = self.packets.make(&self.config, source, Priority::RELEASE);
            self.counters.adverts_sent += count(packets.len());
            self.counters.priority_zero_sent += count(packets.len());
            let time_of_day = out.time_of_day;
            self.guard.protect(&self.config, &packets, time_of_day, |packet| {
                out.push(Output::Transmit(packet));
            });
        }
        self.release(out);
    }

    /// Takes the addresses off.
    pub(super) fn release(&mut self, out: &mut Outputs<'_>) {
        out.push(Output::RemoveAddresses);
        self.holds_addresses = false;
        self.counters.released_master += 1;
    }

    pub(super) fn change(&mut self, to: State, reason: Reason, out: &mut Outputs<'_>) {
        let from = std::mem::replace(&mut self.state, to).kind();
        out.push(Output::Transition(Transition {
            from,
            to: self.state.kind(),
            reason,
        }));
    }

    pub(super) fn advertise(&mut self, out: &mut Outputs<'_>) {
        let Some(source) = self.source else { return };
        let packets = self.packets.get(&self.config, source, self.priority);
        self.counters.adverts_sent += count(packets.len());
        let time_of_day = out.time_of_day;
        self.guard.protect(&self.config, packets, time_of_day, |packet| {
            out.push(Output::Transmit(packet));
        });
    }

    pub(super) fn skew(&self, master_interval: AdvertInterval) -> Duration {
        timers::skew(self.config.version, self.priority, master_interval)
    }

    /// That of a backup that would be preferred to all others.
    pub(super) fn shortest_skew(&self) -> Duration {
        timers::skew(
            self.config.version,
            Priority::new(HIGHEST_OF_A_BACKUP),
            self.config.interval,
        )
    }

    pub(super) fn master_down(&self, master_interval: AdvertInterval) -> Duration {
        let adverts = self.config.down_timer_adverts.get();
        timers::master_down(adverts, master_interval, self.skew(master_interval))
    }

    /// Moves every point in time, for states that are to be compared.
    pub(crate) fn shift(&mut self, mut shift: impl FnMut(&mut Time)) {
        self.state.shift(&mut shift);
        self.dampers.shift(shift);
    }

    /// What its behaviour from now on depends on.
    fn essence(&self) -> impl Eq + Hash + '_ {
        let environment = (self.link_up, self.sockets_open, self.source, self.holds_addresses);
        let group = (self.started, self.group, self.sibling);
        (
            &self.config,
            &self.state,
            environment,
            group,
            &self.tracked,
            &self.dampers,
            self.packets.essence(),
            &self.guard,
        )
    }
}

/// Two routers are equal if they behave alike from now on; what they have counted does not matter.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        self.essence() == other.essence()
    }
}

impl Eq for Router {}

impl Hash for Router {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.essence().hash(state);
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
