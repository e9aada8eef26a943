//! One router, and somebody who talks to it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use vrrp_engine::{
    AddressList, Datagram, Delivery, Discard, Engine, Environment, Input, InterfaceId, Output, RouterConfig,
    RouterId, StateKind, Time, Transmit,
};
use vrrp_proto::{Advertisement, Context, Family, Priority, Version, Vrid, multicast_group};

/// One router of an engine.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) id: RouterId,
    pub(crate) config: RouterConfig,
    pub(crate) now: Time,
}

/// A packet as the daemon hands it in.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) interface: InterfaceId,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) hop_limit: u8,
    pub(crate) pdu: Vec<u8>,
}

impl Bench {
    /// Just started, nothing polled yet.
    pub(crate) fn new(config: RouterConfig) -> Self {
        let mut engine = Engine::new();
        let now = Time::from_millis(1_000_000);
        let environment = Environment {
            link_up: true,
            source: Some(ours(config.addresses.family())),
        };
        let id = engine.add_router(config.clone(), environment).unwrap();
        engine.handle_input(now, Input::Startup).unwrap();
        Self {
            engine,
            id,
            config,
            now,
        }
    }

    /// Listening to nobody yet.
    pub(crate) fn backup(config: RouterConfig) -> Self {
        let mut bench = Self::new(config);
        bench.outputs();
        assert_eq!(bench.state(), StateKind::Backup);
        bench
    }

    /// Master for a while.
    pub(crate) fn master(config: RouterConfig) -> Self {
        let mut bench = Self::new(config);
        while bench.state() != StateKind::Master {
            bench.wait();
        }
        // Whatever was damped on the way is not any more.
        (0..20).for_each(|_| bench.wait());
        bench.outputs();
        bench
    }

    pub(crate) fn state(&self) -> StateKind {
        self.engine.state(self.id).unwrap()
    }

    /// The time to the next deadline.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        self.engine.poll_timeout().map(|due| due - self.now)
    }

    /// Until the next deadline.
    pub(crate) fn wait(&mut self) {
        let due = self.due_in().expect("something is due");
        self.pass(due);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.engine.handle_timeout(self.now);
    }

    pub(crate) fn hear(&mut self, sent: &Sent) -> Result<(), Discard> {
        let datagram = Datagram {
            interface: sent.interface,
            source: sent.source,
            destination: sent.destination,
            hop_limit: sent.hop_limit,
            header: None,
            pdu: &sent.pdu,
        };
        self.engine.handle_input(self.now, Input::Packet(datagram))
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.engine.handle_input(self.now, input).unwrap();
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.engine.poll_output())
            .map(|(_, output)| output)
            .collect()
    }

    /// The packets among the outputs.
    pub(crate) fn packets(&mut self) -> Vec<Transmit> {
        let packet = |output| match output {
            Output::Transmit(packet) => Some(packet),
            _ => None,
        };
        self.outputs().into_iter().filter_map(packet).collect()
    }

    /// The neighbour's advert, if it has the same configuration and that priority.
    pub(crate) fn advert(&self, priority: u8) -> Sent {
        Sent::by(&self.config, priority)
    }
}

impl Sent {
    /// By the neighbour, if it has that configuration and that priority.
    pub(crate) fn by(config: &RouterConfig, priority: u8) -> Self {
        let family = config.addresses.family();
        let destination = match &config.delivery {
            Delivery::Multicast(group) => *group,
            Delivery::Unicast(_) => ours(family),
        };
        Self {
            interface: config.interface,
            source: neighbour(family),
            destination,
            hop_limit: 255,
            pdu: pdu(config, priority, neighbour(family), destination),
        }
    }
}

fn pdu(config: &RouterConfig, priority: u8, source: IpAddr, destination: IpAddr) -> Vec<u8> {
    let addresses = config.addresses.as_addresses();
    let priority = Priority::new(priority);
    let advert = Advertisement::new(
        config.version,
        config.vrid,
        priority,
        config.interval,
        config.authentication,
        addresses,
    )
    .unwrap();
    let mut pdu = vec![0; advert.buffer_len()];
    advert.emit(
        &Context {
            source,
            destination,
            checksum: config.checksum,
        },
        &mut pdu,
    );
    pdu
}

/// Version 3 over IPv4.
pub(crate) fn config(priority: u8) -> RouterConfig {
    let addresses = ["10.0.0.100", "10.0.0.101"].map(|address| address.parse().unwrap());
    let addresses = AddressList::new(Family::Ipv4, addresses).unwrap();
    RouterConfig {
        priority: Priority::new(priority),
        ..RouterConfig::new(INTERFACE, Vrid::new(51).unwrap(), addresses)
    }
}

/// Version 3 over IPv6.
pub(crate) fn config_ipv6(priority: u8) -> RouterConfig {
    let addresses = ["fe80::100", "2001:db8::100"].map(|address| address.parse().unwrap());
    RouterConfig {
        addresses: AddressList::new(Family::Ipv6, addresses).unwrap(),
        delivery: Delivery::Multicast(multicast_group(Family::Ipv6)),
        ..config(priority)
    }
}

/// Version 2.
pub(crate) fn version_2(priority: u8) -> RouterConfig {
    RouterConfig {
        version: Version::V2,
        ..config(priority)
    }
}

/// Where the router's adverts come from.
pub(crate) fn ours(family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => Ipv4Addr::new(10, 0, 0, 10).into(),
        Family::Ipv6 => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0x10).into(),
    }
}

/// Where the other one's come from: a higher address.
pub(crate) fn neighbour(family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => Ipv4Addr::new(10, 0, 0, 20).into(),
        Family::Ipv6 => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0x20).into(),
    }
}

pub(crate) const INTERFACE: InterfaceId = InterfaceId(7);
