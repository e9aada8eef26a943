//! One engine with one virtual router, what it hears, and what it wants done, in words.
//!
//! Outputs are compared as text: `advert 100`, `add addresses`, `announce all x5`, `BACKUP -> MASTER: reason`.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{
    AddressList, Announcements, Datagram, Discard, Engine, Environment, Input, InterfaceId, Output,
    RouterConfig, RouterId, Start, StateKind, Taker, Time, Tracker, TrackerId, TrackerStatus, Transmit,
    Weight,
};
use vrrp_proto::{
    AdvertInterval, Advertisement, Context, Family, Priority, V3Checksum, Version, Vrid, multicast_group,
};

/// Its value is added to the priority.
pub(crate) const TRACKER: TrackerId = TrackerId(3);
pub(crate) const INTERFACE: InterfaceId = InterfaceId(7);
/// The router under test.
pub(crate) const OURS: IpAddr = ip(10, 0, 0, 5);
pub(crate) const LOWER_ADDRESS: IpAddr = ip(10, 0, 0, 2);
/// Higher as a number, lower as text.
pub(crate) const HIGHER_ADDRESS: IpAddr = ip(10, 0, 0, 10);
pub(crate) const VIRTUAL: [IpAddr; 2] = [ip(10, 0, 0, 100), ip(10, 0, 0, 101)];

pub(crate) const fn ip(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d))
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn us(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

pub(crate) fn centis(centis: u16) -> AdvertInterval {
    AdvertInterval::from_centis(centis).expect("a legal interval")
}

/// Version 3, priority 100, one second, preempting, and no announcements but the first burst.
///
/// Skew_Time is 609.375 ms and Master_Down_Interval 3,609.375 ms.
pub(crate) fn config() -> RouterConfig {
    let addresses = AddressList::new(Family::Ipv4, VIRTUAL).expect("IPv4");
    RouterConfig {
        announcements: Announcements {
            repeat: 5,
            delay: Duration::ZERO,
            refresh: Duration::ZERO,
            refresh_repeat: 1,
            lower_priority_repeat: 2,
            lower_priority_delay: Duration::ZERO,
        },
        trackers: vec![Tracker {
            id: TRACKER,
            weight: Weight {
                value: 1,
                reverse: false,
            },
        }],
        ..RouterConfig::new(INTERFACE, Vrid::new(51).expect("51 is a VRID"), addresses)
    }
}

/// The same in version 2; its timers are equal.
pub(crate) fn version_2() -> RouterConfig {
    RouterConfig {
        version: Version::V2,
        ..config()
    }
}

/// The owner of the addresses.
pub(crate) fn owner(start: Start) -> RouterConfig {
    RouterConfig {
        priority: Priority::OWNER,
        start,
        ..config()
    }
}

/// What another router sends.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) config: RouterConfig,
    pub(crate) from: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) hop_limit: u8,
}

impl Packet {
    /// An advert of a router that is configured alike.
    pub(crate) fn of(config: &RouterConfig, priority: u8) -> Self {
        Self {
            config: RouterConfig {
                priority: Priority::new(priority),
                ..config.clone()
            },
            from: LOWER_ADDRESS,
            destination: multicast_group(Family::Ipv4),
            hop_limit: 255,
        }
    }

    pub(crate) fn from(self, from: IpAddr) -> Self {
        Self { from, ..self }
    }

    pub(crate) fn every(mut self, interval: AdvertInterval) -> Self {
        self.config.interval = interval;
        self
    }

    pub(crate) fn pdu(&self) -> Vec<u8> {
        let config = &self.config;
        let advert = Advertisement::new(
            config.version,
            config.vrid,
            config.priority,
            config.interval,
            config.authentication,
            config.addresses.as_addresses(),
        )
        .expect("a legal advertisement");
        let context = Context {
            source: self.from,
            destination: self.destination,
            checksum: config.checksum,
        };
        let mut pdu = vec![0; advert.buffer_len()];
        advert.emit(&context, &mut pdu);
        pdu
    }
}

/// The engine and its router.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) router: RouterId,
    pub(crate) now: Time,
}

impl Bench {
    /// Where everything is in order; what starting wants done is still to be taken.
    pub(crate) fn started(config: RouterConfig) -> Self {
        let environment = Environment {
            link_up: true,
            source: Some(OURS),
        };
        Self::started_in(config, environment)
    }

    pub(crate) fn started_in(config: RouterConfig, environment: Environment) -> Self {
        let now = Time::from_millis(1_000_000);
        let mut engine = Engine::new();
        let router = engine
            .add_router(config, environment)
            .expect("a legal configuration");
        engine
            .handle_input(now, Input::Startup)
            .expect("only packets are discarded");
        Self { engine, router, now }
    }

    /// As backup; nothing is left to be taken.
    pub(crate) fn backup(config: RouterConfig) -> Self {
        let mut bench = Self::started(config);
        bench.take();
        assert_eq!(bench.state(), StateKind::Backup);
        bench
    }

    /// As master that has just sent its first advert; nothing is left to be taken.
    pub(crate) fn master(config: RouterConfig) -> Self {
        let mut bench = Self::started(config);
        if bench.state() == StateKind::Backup {
            bench.wait(bench.due());
        }
        bench.take();
        assert_eq!(bench.state(), StateKind::Master);
        bench
    }

    pub(crate) fn config(&self) -> &RouterConfig {
        self.engine.config(self.router).expect("the router is there")
    }

    pub(crate) fn state(&self) -> StateKind {
        self.engine.state(self.router).expect("the router is there")
    }

    /// How long until something is due.
    pub(crate) fn due(&self) -> Duration {
        self.engine.poll_timeout().expect("something is due") - self.now
    }

    /// Lets time pass, with a timeout handled exactly when it is due.
    pub(crate) fn wait(&mut self, wait: Duration) {
        let end = self.now + wait;
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.engine.handle_timeout(due);
            assert!(
                self.engine.poll_timeout() > Some(due),
                "still due after handle_timeout"
            );
        }
        self.now = end;
    }

    /// Nothing runs for so long, and then what is due is handled.
    pub(crate) fn stall(&mut self, wait: Duration) {
        self.now += wait;
        self.engine.handle_timeout(self.now);
        assert!(
            self.engine.poll_timeout() > Some(self.now),
            "still due after handle_timeout"
        );
    }

    /// An advert of a router with our configuration, that priority and the lower address.
    pub(crate) fn hear(&mut self, priority: u8) -> Result<(), Discard> {
        let packet = Packet::of(self.config(), priority);
        self.hear_packet(&packet)
    }

    pub(crate) fn hear_packet(&mut self, packet: &Packet) -> Result<(), Discard> {
        self.hear_octets(packet, &packet.pdu())
    }

    /// Those octets with that packet's IP header.
    pub(crate) fn hear_octets(&mut self, packet: &Packet, pdu: &[u8]) -> Result<(), Discard> {
        let datagram = Datagram {
            interface: packet.config.interface,
            source: packet.from,
            destination: packet.destination,
            hop_limit: packet.hop_limit,
            header: None,
            pdu,
        };
        self.engine.handle_input(self.now, Input::Packet(datagram))
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.engine
            .handle_input(self.now, input)
            .expect("only packets are discarded");
    }

    pub(crate) fn link(&mut self, up: bool) {
        let interface = INTERFACE;
        self.input(Input::Link { interface, up });
    }

    pub(crate) fn source(&mut self, address: Option<IpAddr>) {
        let router = self.router;
        self.input(Input::Source { router, address });
    }

    pub(crate) fn lose(&mut self, address: IpAddr) {
        let router = self.router;
        self.input(Input::AddressLost {
            router,
            address,
            by: Taker::Program,
        });
    }

    /// By the tracker of [`config`]. That the priority changed is not among what [`take`](Self::take) gives.
    pub(crate) fn set_priority(&mut self, priority: u8) {
        let configured = self
            .engine
            .config(self.router)
            .map(|config| config.priority.get());
        let value = i32::from(priority) - i32::from(configured.unwrap_or_default());
        self.input(Input::Tracker {
            tracker: TRACKER,
            status: TrackerStatus::Value(value),
        });
    }

    /// What is to be done, in words.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.engine.poll_output())
            .filter(|(_, output)| !matches!(output, Output::PriorityChanged { .. }))
            .map(|(_, output)| words(&output))
            .collect()
    }

    /// What is to be done while time passes, with the milliseconds from now.
    pub(crate) fn watch(&mut self, wait: Duration) -> Vec<(u64, String)> {
        let (begin, end) = (self.now, self.now + wait);
        let mut seen = Vec::new();
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.wait(due - self.now);
            let at = (self.now - begin).as_nanos() / 1_000_000;
            let at = u64::try_from(at).expect("short waits");
            seen.extend(self.take().into_iter().map(|output| (at, output)));
        }
        self.now = end;
        seen
    }

    /// How often packets of the router were discarded, by kind.
    pub(crate) fn discards(&self) -> Vec<(&'static str, u64)> {
        self.engine
            .discards(self.router)
            .map(|(kind, count)| (kind.name(), count))
            .collect()
    }
}

fn words(output: &Output) -> String {
    match output {
        Output::Transmit(packet) => transmit(packet),
        Output::AddAddresses => "add addresses".to_owned(),
        Output::RemoveAddresses => "remove addresses".to_owned(),
        Output::RestoreAddress(address) => format!("restore {address}"),
        Output::Announce { address, repeat } => {
            let which = address.map_or("all".to_owned(), |address| address.to_string());
            format!("announce {which} x{repeat}")
        }
        Output::AnnounceSource(address) => format!("announce our own {address}"),
        Output::Transition(transition) => {
            let vrrp_engine::Transition { from, to, reason } = transition;
            format!("{from} -> {to}: {reason}")
        }
        Output::Notice(notice) => format!("notice: {notice}"),
        _ => format!("{output:?}"),
    }
}

fn transmit(packet: &Transmit) -> String {
    let advert = advert_in(packet);
    let mut words = format!("advert {}", advert.priority());
    if packet.source != OURS {
        words += &format!(" from {}", packet.source);
    }
    if !packet.destination.is_multicast() {
        words += &format!(" to {}", packet.destination);
    }
    words
}

/// What a packet says.
pub(crate) fn advert_in(packet: &Transmit) -> Advertisement<'_> {
    let context = Context {
        source: packet.source,
        destination: packet.destination,
        checksum: V3Checksum::PseudoHeader,
    };
    Advertisement::parse(&packet.pdu, &context).expect("what is sent can be read")
}
