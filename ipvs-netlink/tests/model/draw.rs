use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs_netlink::{
    Checksum, Destination, DestinationId, Family, Forward, Granularity, Persistence, PersistenceEngine, Pool,
    Protocol, Scheduler, SchedulerFlags, Scope, Service, ServiceId, Table, Thresholds, Tunnel, Weight,
};

/// Makes values of octets that someone else chose. Identities are few, so that two tables have many in common. When the
/// octets are used up, everything is the first of its kind, and every list ends.
pub(crate) struct Draw<'a> {
    octets: &'a [u8],
}

impl<'a> Draw<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.octets.split_first() else {
            return 0;
        };
        self.octets = rest;
        *first
    }

    pub(crate) fn below(&mut self, limit: u8) -> u8 {
        self.octet() % limit
    }

    pub(crate) fn chance(&mut self, one_of: u8) -> bool {
        self.octet() % one_of == one_of - 1
    }

    pub(crate) fn pick<T: Clone>(&mut self, among: &[T]) -> T {
        let index = usize::from(self.octet()) % among.len();
        among.get(index).expect("below the length").clone()
    }

    fn number(&mut self) -> u32 {
        u32::from_be_bytes(std::array::from_fn(|_| self.octet()))
    }

    /// What one of the other table's services and destinations may be too.
    pub(crate) fn table(&mut self) -> Table {
        let mut table = Table::new();
        while self.below(8) != 0 {
            let pool = self.pool();
            let into = table.insert(pool.service().clone());
            into.extend(pool.destinations().copied());
        }
        table
    }

    pub(crate) fn scope(&mut self) -> Scope {
        match self.below(3) {
            0 => Scope::Wanted,
            1 => {
                let mut own = BTreeSet::new();
                while self.below(4) != 0 {
                    own.insert(self.service_id());
                }
                Scope::Own(own)
            }
            _ => Scope::All,
        }
    }

    fn pool(&mut self) -> Pool {
        let service = self.service();
        let id = service.id();
        let mut pool = Pool::new(service);
        while self.below(6) != 0 {
            pool.insert(self.destination(id));
        }
        pool
    }

    pub(crate) fn service_id(&mut self) -> ServiceId {
        let port = u16::from(self.below(3)) + 80;
        let mark = NonZeroU32::new(u32::from(port) - 79).expect("at least 1");
        match self.below(8) {
            0 => ServiceId::fwmark(mark),
            1 => ServiceId::fwmark6(mark),
            2 => ServiceId::udp(SocketAddr::new(self.address(Family::Ipv4), port)),
            3 => ServiceId::tcp(SocketAddr::new(self.address(Family::Ipv6), port)),
            4 => ServiceId::sctp(SocketAddr::new(self.address(Family::Ipv6), port)),
            _ => ServiceId::tcp(SocketAddr::new(self.address(Family::Ipv4), port)),
        }
    }

    fn address(&mut self, family: Family) -> IpAddr {
        let last = self.below(2) + 1;
        match family {
            Family::Ipv4 => Ipv4Addr::new(10, 0, 0, last).into(),
            Family::Ipv6 => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into()).into(),
        }
    }

    /// One that `ipvsadm` takes: one-packet scheduling is for UDP alone there, and port 0 for persistent services.
    pub(crate) fn service(&mut self) -> Service {
        let id = self.service_id();
        // All but the last, which Linux 6.1 as Debian builds it for user mode does not have.
        let [known @ .., _] = &Scheduler::KNOWN;
        let scheduler = self.pick(known);
        let flags = self.flags(&scheduler);
        let is_tcp = matches!(id, ServiceId::Endpoint { protocol, .. } if protocol != Protocol::UDP);
        let engine = self.chance(8).then_some(PersistenceEngine::SIP);
        let persistence = self.chance(3).then(|| self.persistence(id.family()));
        Service::new(id, scheduler)
            .with_scheduler_flags(flags)
            .with_one_packet(!is_tcp && self.chance(3))
            .with_persistence_engine(engine)
            .with_persistence(persistence)
            .expect("it was made for this family")
    }

    /// `ipvsadm -S` leaves out the third flag of `sh` and `mh`.
    fn flags(&mut self, scheduler: &Scheduler) -> SchedulerFlags {
        let mut flags = SchedulerFlags::NONE;
        let all = [
            SchedulerFlags::FLAG_1,
            SchedulerFlags::FLAG_2,
            SchedulerFlags::FLAG_3,
        ];
        let count = if [Scheduler::SH, Scheduler::MH].contains(scheduler) {
            2
        } else {
            3
        };
        for flag in all.iter().take(count) {
            if self.chance(4) {
                flags = flags | *flag;
            }
        }
        flags
    }

    fn persistence(&mut self, family: Family) -> Persistence {
        let seconds = u64::from(self.number() % 2_678_400) + 1;
        let persistence = Persistence::new(family, Duration::from_secs(seconds)).expect("up to 31 days");
        let granularity = match family {
            Family::Ipv4 => Granularity::mask((!0 << self.below(33).min(31)).into()),
            Family::Ipv6 => Granularity::prefix_length(self.below(128) + 1).expect("1 to 128"),
        };
        persistence.with_granularity(granularity).expect("of the family")
    }

    pub(crate) fn destination(&mut self, service: ServiceId) -> Destination {
        let forward = match self.below(4) {
            0 => Forward::Masquerade,
            1 => Forward::DirectRoute,
            _ => Forward::Tunnel(self.tunnel()),
        };
        let other = match service.family() {
            Family::Ipv4 => Family::Ipv6,
            Family::Ipv6 => Family::Ipv4,
        };
        let is_mixed = matches!(forward, Forward::Tunnel(_)) && self.chance(4);
        let family = if is_mixed { other } else { service.family() };
        let id = DestinationId {
            address: self.address(family),
            port: self.port(service, forward),
        };
        let any = self.number() >> 1;
        let weight = self.pick(&[1, 0, 2, 3, Weight::MAX.get(), any]);
        Destination::new(id, forward)
            .with_weight(Weight::new(weight).expect("up to the most"))
            .with_thresholds(self.thresholds())
    }

    /// `ipvsadm` gives a destination that is not masqueraded the port of its service.
    fn port(&mut self, service: ServiceId, forward: Forward) -> u16 {
        let drawn = u16::from(self.below(2)) + 8000;
        match service {
            ServiceId::Endpoint { port, .. } if forward != Forward::Masquerade => port,
            _ => drawn,
        }
    }

    fn tunnel(&mut self) -> Tunnel {
        let checksum = self.pick(&[Checksum::None, Checksum::Full, Checksum::Remote]);
        match (self.below(3), checksum) {
            (0, _) => Tunnel::Ipip,
            (1, Checksum::None | Checksum::Full) => Tunnel::Gre { checksum },
            _ => Tunnel::Gue {
                port: NonZeroU16::MIN.saturating_add(u16::from(self.octet()) << 8),
                checksum,
            },
        }
    }

    fn thresholds(&mut self) -> Thresholds {
        if !self.chance(4) {
            return Thresholds::NONE;
        }
        let upper = u32::from(self.octet()) * 100;
        let lower = if upper == 0 { 0 } else { self.number() % upper };
        Thresholds::new(upper, lower).expect("the lower one is not above the upper one")
    }
}
