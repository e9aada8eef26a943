//! The event loop.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook_mio::v1_0::Signals;
use thiserror::Error;
use vrrp_engine::{
    Discard, DiscardKind, Engine, Environment, GroupConfig, GroupId, Input, InterfaceId, InvalidConfig,
    InvalidGroup, RouterId, Time,
};

use super::announce::Announcements;
use super::channels::Channels;
use super::extra::ExtraSchedule;
use super::firewall::Firewall;
use super::holdings::Item;
use super::interfaces::Interfaces;
use super::kernel::Kernel;
use super::reload::{Configure, Reloader};
use super::report::Limiter;
use super::sockets::Sockets;
use super::startup::Startup;
use crate::capability;
use crate::clock;
use crate::net::{Announcer, OpenError};
use crate::notify::Notifier;
use crate::plan::Plan;
use crate::rtnl::{self, Commands, Monitor, RouteMonitor, Snapshot};
use crate::sysctl::Sysctls;
use crate::track::Trackers;
use crate::vmac::Keeper;

/// VRRP routers on this machine's interfaces.
pub struct Daemon {
    pub(super) plan: Plan,
    pub(super) engine: Engine,
    /// The router of each of the plan's instances.
    pub(super) routers: Vec<RouterId>,
    /// And the other way round.
    pub(super) places: HashMap<RouterId, usize>,
    /// The group of each of the plan's.
    pub(super) groups: Vec<GroupId>,
    /// And the other way round.
    pub(super) group_places: HashMap<GroupId, usize>,
    pub(super) reloader: Reloader,
    pub(super) notifier: Notifier,
    /// So many events were told of.
    pub(super) events: u64,
    /// A reload is taking instances away.
    pub(super) is_deleting: bool,
    pub(super) interfaces: Interfaces,
    pub(super) sockets: Sockets,
    pub(super) kernel: Kernel,
    pub(super) firewall: Firewall,
    pub(super) announcements: Announcements,
    pub(super) extra: ExtraSchedule,
    pub(super) startup: Startup,
    pub(super) virtuals: Keeper,
    pub(super) monitor: Monitor,
    /// Once there are routes or rules to be looked after.
    pub(super) routes: Option<RouteMonitor>,
    /// It may hold more than was read.
    pub(super) more_routes: bool,
    /// The kernel's settings that were changed for instances.
    pub(super) settings: Sysctls,
    pub(super) trackers: Trackers,
    pub(super) channels: Channels,
    pub(super) poll: Poll,
    timer: TimerFd,
    armed: Option<Time>,
    signals: Signals,
    /// Sockets that may hold more than was read.
    pub(super) unread: Vec<usize>,
    pub(super) discards: Limiter<DiscardKind>,
    pub(super) unreadable: Limiter<InterfaceId>,
    pub(super) send_failures: Limiter<InterfaceId>,
    stopping: bool,
}

/// Why the daemon cannot run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A socket for adverts cannot be opened.
    #[error(transparent)]
    Socket(#[from] OpenError),
    /// No netlink.
    #[error("rtnetlink: {0}")]
    Netlink(#[from] rtnl::Error),
    /// Adverts could be sent, but the addresses that go with them not be had: worse than nothing.
    #[error("changing addresses needs CAP_NET_ADMIN (run as root, or grant the capability)")]
    NoNetAdmin,
    /// No poll, timer or signals.
    #[error("{what}: {source}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The engine refuses an instance.
    #[error("vrrp_instance {name}: {source}")]
    Instance {
        /// The instance.
        name: String,
        /// Why.
        source: InvalidConfig,
    },
    /// The engine refuses a sync group.
    #[error("vrrp_sync_group {name}: {source}")]
    Group {
        /// The group.
        name: String,
        /// Why.
        source: InvalidGroup,
    },
}

impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Daemon")
            .field("plan", &self.plan)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Daemon {
    /// Opens everything and starts the election. Nothing is changed on the machine if this fails.
    ///
    /// `configure` reads the configuration again when SIGHUP asks for it.
    pub fn start(plan: Plan, configure: Option<Configure>) -> Result<Self, RunError> {
        let poll = Poll::new().map_err(system("poll"))?;
        let timer = TimerFd::new(
            ClockId::CLOCK_MONOTONIC,
            TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
        )
        .map_err(|errno| system("timer")(errno.into()))?;
        let signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(system("signals"))?;
        let (monitor, snapshot) = Monitor::open()?;
        let reloader = Reloader::new(configure, poll.registry(), RELOAD).map_err(system("waker"))?;
        let mut daemon = Self {
            interfaces: Interfaces::new(&plan),
            sockets: Sockets::new(&plan),
            kernel: Kernel::new(Commands::open()?),
            firewall: Firewall::default(),
            announcements: Announcements::new(&plan, Announcer::open()?),
            extra: ExtraSchedule::default(),
            startup: Startup::Done,
            virtuals: Keeper::open()?,
            engine: Engine::new(),
            routers: Vec::new(),
            places: HashMap::new(),
            groups: Vec::new(),
            group_places: HashMap::new(),
            reloader,
            notifier: Notifier::new().map_err(system("scripts"))?,
            events: 0,
            is_deleting: false,
            monitor,
            routes: None,
            more_routes: false,
            settings: Sysctls::new(),
            channels: Channels::new(poll.registry(), MAIL, PIPES).map_err(system("pipes"))?,
            trackers: Trackers::new().map_err(system("what is tracked"))?,
            poll,
            timer,
            armed: None,
            signals,
            unread: Vec::new(),
            discards: Limiter::new(),
            unreadable: Limiter::new(),
            send_failures: Limiter::new(),
            stopping: false,
            plan,
        };
        // Without instances nothing is going to be changed.
        if !daemon.plan.changes_nothing() && !capability::has(capability::NET_ADMIN) {
            return Err(RunError::NoNetAdmin);
        }
        daemon.register().map_err(system("poll"))?;
        if let Err(error) = daemon.begin(snapshot) {
            daemon.resign();
            return Err(error);
        }
        Ok(daemon)
    }

    fn register(&mut self) -> io::Result<()> {
        let registry = self.poll.registry();
        registry.register(&mut self.signals, SIGNALS, Interest::READABLE)?;
        registry.register(&mut self.monitor, MONITOR, Interest::READABLE)?;
        registry.register(self.kernel.commands_mut(), COMMANDS, Interest::READABLE)?;
        self.trackers.register(registry, TRACKERS)?;
        self.notifier.register(registry, NOTIFIER)?;
        registry.register(
            &mut SourceFd(&self.timer.as_fd().as_raw_fd()),
            TIMER,
            Interest::READABLE,
        )
    }

    pub(super) fn register_routes(&self, routes: &mut RouteMonitor) -> Result<(), RunError> {
        let registry = self.poll.registry();
        registry
            .register(routes, ROUTES, Interest::READABLE)
            .map_err(system("poll"))
    }

    fn begin(&mut self, snapshot: Snapshot) -> Result<(), RunError> {
        self.interfaces.replace(snapshot);
        self.make_virtual_interfaces()?;
        let now = clock::now();
        self.channels.configure(now, &self.plan);
        self.engine.set_time_of_day(clock::time_of_day());
        if let Some((_, error)) = self.open_sockets(now).into_iter().next() {
            return Err(error.into());
        }
        for id in self.interfaces.ids() {
            if self
                .interfaces
                .get(id)
                .is_some_and(|interface| interface.index.is_none())
            {
                let name = self.plan.interface_name(id);
                tracing::warn!("there is no interface {name} yet; what needs it waits until it appears");
            }
        }
        self.follow_notifications();
        self.firewall.note_change();
        self.filter_what_comes();
        self.watch_routes()?;
        self.begin_statics(now)?;
        for place in 0..self.plan.instances.len() {
            self.add_router(place)?;
        }
        for place in 0..self.plan.groups.len() {
            self.add_group(now, place)?;
        }
        self.follow_trackers(now)?;
        self.track_links(now);
        self.tell_of_virtual_interfaces(now);
        self.tell_statics(now);
        self.begin_election(now);
        Ok(())
    }

    fn open_sockets(&mut self, now: Time) -> Vec<(InterfaceId, OpenError)> {
        let registry = self.poll.registry();
        self.sockets.follow(now, &self.interfaces, registry, FIRST_SOCKET)
    }

    /// Sockets that cannot be opened are a fault of those who need them, and tried again.
    pub(super) fn follow_sockets(&mut self, now: Time) {
        for (interface, error) in self.open_sockets(now) {
            let name = self.plan.interface_name(interface);
            tracing::error!("no socket for adverts on {name}: {error}; it is tried again");
        }
    }

    pub(super) fn add_router(&mut self, place: usize) -> Result<(), RunError> {
        self.clear_leftovers(place);
        self.clear_left_routes(place);
        let Some(instance) = self.plan.instances.get(place) else {
            return Ok(());
        };
        let router = &instance.router;
        let interface = self.interfaces.get(router.interface);
        let is_up = interface.is_some_and(|interface| interface.up);
        let environment = Environment {
            // As it counts, where changes count later.
            link_up: self.trackers.link(router.interface).unwrap_or(is_up),
            source: self
                .interfaces
                .source(router.interface, router.addresses.family(), instance.source),
        };
        let added = self.engine.add_router(router.clone(), environment);
        let id = added.map_err(|source| RunError::Instance {
            name: instance.name.clone(),
            source,
        })?;
        self.places.insert(id, self.routers.len());
        self.routers.push(id);
        Ok(())
    }

    pub(super) fn add_group(&mut self, now: Time, place: usize) -> Result<(), RunError> {
        let Some(group) = self.plan.groups.get(place) else {
            return Ok(());
        };
        let members = group.members.iter();
        let members = members
            .filter_map(|place| self.routers.get(*place))
            .copied()
            .collect();
        let added = self.engine.add_group(now, GroupConfig { members });
        let id = added.map_err(|source| RunError::Group {
            name: group.name.clone(),
            source,
        })?;
        self.group_places.insert(id, self.groups.len());
        self.groups.push(id);
        Ok(())
    }

    /// An address that is there before we are: the machine's own, if it is the owner; otherwise a remainder, and two
    /// machines must not have it.
    fn clear_leftovers(&mut self, place: usize) {
        let Some(instance) = self.plan.instances.get(place) else {
            return;
        };
        let owner = instance.router.priority.is_owner();
        for entry in instance.addresses.iter().chain(&instance.excluded) {
            let Some(found) = self.interfaces.find(entry.interface, entry.address) else {
                continue;
            };
            if self.virtuals.is_in_trouble(&self.plan, entry.interface) {
                continue;
            }
            let owner = owner && !self.virtuals.is_ours(&self.plan, entry.interface);
            let item = Item::Address(entry.clone());
            // Another of our instances has put it there, or is about to take it off.
            let held = !self.kernel.holdings().holders(&item.key()).is_empty();
            if held || self.kernel.is_queued(&item.key()) {
                continue;
            }
            let (name, interface) = (&instance.name, self.plan.interface_name(entry.interface));
            let address = format_args!("{}/{}", found.address, found.prefix_len);
            if owner && found.prefix_len == entry.prefix_len {
                tracing::info!("{name}: {address} is on {interface} already; it is this machine's and stays");
                self.kernel.own(item.key());
            } else if found.prefix_len == entry.prefix_len {
                tracing::warn!(
                    "{name}: {address} is on {interface} already; removed until this router is master"
                );
                self.kernel.clear(name, item);
            } else {
                tracing::warn!(
                    "{name}: {address} is on {interface} with another prefix length than the file's /{}; it was not \
                     put there by this configuration and is left alone",
                    entry.prefix_len
                );
            }
        }
    }

    /// Runs until SIGTERM or SIGINT, then resigns; also if it cannot go on, so that no address is left behind.
    pub fn run(&mut self) -> Result<(), RunError> {
        let outcome = self.run_until_told_to_stop();
        self.resign();
        self.channels.finish();
        outcome
    }

    fn run_until_told_to_stop(&mut self) -> Result<(), RunError> {
        let mut events = Events::with_capacity(EVENTS);
        while !self.stopping {
            self.act(clock::now());
            self.wait(&mut events).map_err(system("poll"))?;
            let now = clock::now();
            self.engine.set_time_of_day(clock::time_of_day());
            self.read(now, &events)?;
            self.handle_timeouts(now);
        }
        Ok(())
    }

    /// When something is due next, whatever it is.
    fn next_deadline(&self) -> Option<Time> {
        let due = [
            self.engine.poll_timeout(),
            self.announcements.poll_timeout(),
            self.kernel.poll_timeout(),
            self.extra.poll_timeout(),
            self.sockets.poll_timeout(),
            self.startup.poll_timeout(),
            self.trackers.poll_timeout(),
            self.notifier.poll_timeout(),
            self.channels.poll_timeout(),
        ];
        due.into_iter().flatten().min()
    }

    /// The election comes first.
    fn handle_timeouts(&mut self, now: Time) {
        self.engine.handle_timeout(now);
        self.trackers.handle_timeout(now);
        self.notifier.handle_timeout(now);
        self.take_tracked(now);
        self.kernel.handle_timeout(now);
        self.tell_missing(now);
        self.handle_startup(now);
        self.channels.handle_timeout(now);
        if self.sockets.poll_timeout().is_some_and(|due| due <= now) {
            self.follow_sockets(now);
            self.tell_engine(now);
        }
    }

    /// Sleeps until something happens or the next deadline.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let busy = self.trackers.is_busy()
            || self.kernel.is_busy()
            || self.kernel.has_news()
            || self.announcements.is_busy(clock::now())
            || self.more_routes
            || !self.unread.is_empty();
        let next = self.next_deadline();
        if next != self.armed {
            self.arm(next)?;
        }
        match self.poll.poll(events, busy.then_some(Duration::ZERO)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            other => other,
        }
    }

    /// The timer is absolute and exact to the microsecond, where poll's own timeout counts in milliseconds.
    fn arm(&mut self, next: Option<Time>) -> io::Result<()> {
        match next {
            Some(time) => self.timer.set(
                Expiration::OneShot(clock::to_timespec(time)),
                TimerSetTimeFlags::TFD_TIMER_ABSTIME,
            )?,
            None => self.timer.unset()?,
        }
        self.armed = next;
        Ok(())
    }

    /// Packets are read before any timer is looked at: after a pause, what arrived meanwhile counts.
    fn read(&mut self, now: Time, events: &Events) -> Result<(), RunError> {
        let mut ready = std::mem::take(&mut self.unread);
        for event in events {
            match event.token() {
                SIGNALS => self.read_signals(),
                MONITOR => self.read_monitor(now)?,
                COMMANDS => self.read_replies(now),
                ROUTES => self.more_routes = true,
                TIMER => self.armed = None,
                RELOAD => self.read_reload(now)?,
                TRACKERS => self.trackers.handle_ready(now),
                NOTIFIER => self.notifier.handle_ready(now),
                MAIL => self.channels.handle_mail(now),
                PIPES => self.channels.handle_pipes(now),
                Token(token) => ready.push(token.saturating_sub(FIRST_SOCKET)),
            }
        }
        if self.more_routes {
            self.read_routes(now);
        }
        ready.sort_unstable();
        ready.dedup();
        for place in ready {
            self.read_socket(now, place);
        }
        Ok(())
    }

    fn read_signals(&mut self) {
        for signal in self.signals.pending() {
            if signal == SIGHUP {
                tracing::info!("SIGHUP: reading the configuration again");
                self.reloader.begin(self.plan.names());
                continue;
            }
            tracing::info!(
                "{}: stopping",
                if signal == SIGINT { "SIGINT" } else { "SIGTERM" }
            );
            self.stopping = true;
        }
    }

    pub(super) fn input(&mut self, now: Time, input: Input<'_>) {
        let outcome: Result<(), Discard> = self.engine.handle_input(now, input);
        debug_assert!(outcome.is_ok(), "only packets are discarded: {outcome:?}");
    }

    /// Tells the peers, removes the addresses, and waits a moment for the kernel to say that they are gone.
    fn resign(&mut self) {
        let begun = clock::now();
        self.engine.set_time_of_day(clock::time_of_day());
        self.input(begun, Input::Shutdown);
        self.act(begun);
        self.release_statics();
        let mut events = Events::with_capacity(EVENTS);
        while clock::now() - begun < RESIGN_LIMIT && self.kernel.is_waiting() {
            let now = clock::now();
            self.kernel.handle_timeout(now);
            self.kernel.work(now, &self.plan, &self.interfaces);
            if let Err(error) = self.poll.poll(&mut events, Some(RESIGN_STEP))
                && error.kind() != io::ErrorKind::Interrupted
            {
                break;
            }
            self.kernel.read_replies(clock::now(), &self.plan);
        }
        self.close_filter();
        self.restore_settings();
        self.wait_for_scripts(&mut events);
        self.virtuals.remove_all();
    }

    /// The scripts of the last state get a moment, and so does what is told that this is the end.
    fn wait_for_scripts(&mut self, events: &mut Events) {
        let begun = clock::now();
        self.notifier.hurry(begun);
        while self.notifier.is_busy() && clock::now() - begun < SCRIPTS_LIMIT {
            // What it says is not looked at; what has come is in every turn.
            let _ = self.poll.poll(events, Some(RESIGN_STEP));
            let now = clock::now();
            self.notifier.handle_ready(now);
            self.notifier.handle_timeout(now);
        }
    }
}

pub(super) fn system(what: &'static str) -> impl Fn(io::Error) -> RunError {
    move |source| RunError::System { what, source }
}

const SIGNALS: Token = Token(0);
const MONITOR: Token = Token(1);
const COMMANDS: Token = Token(2);
const TIMER: Token = Token(3);
const RELOAD: Token = Token(4);
const TRACKERS: Token = Token(5);
const NOTIFIER: Token = Token(6);
const MAIL: Token = Token(7);
const PIPES: Token = Token(8);
const ROUTES: Token = Token(9);
pub(super) const FIRST_SOCKET: usize = 16;
const EVENTS: usize = 64;
const RESIGN_LIMIT: Duration = Duration::from_secs(2);
/// One that does not listen is killed after three seconds, and another is told of the end after it.
const SCRIPTS_LIMIT: Duration = Duration::from_secs(5);
const RESIGN_STEP: Duration = Duration::from_millis(5);
