use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs_netlink::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Any service that can be asked for.
pub(super) fn service() -> impl Strategy<Value = Service> {
    let flags = vec(
        prop::sample::select(vec![
            SchedulerFlags::FLAG_1,
            SchedulerFlags::FLAG_2,
            SchedulerFlags::FLAG_3,
        ]),
        0..4,
    );
    let rest = (name(), flags, any::<bool>(), option::of(name()));
    (id(), rest).prop_flat_map(|(id, (scheduler, flags, one_packet, engine))| {
        let flags = flags
            .into_iter()
            .fold(SchedulerFlags::NONE, SchedulerFlags::union);
        let service = Service::new(id, Scheduler::new(scheduler).unwrap())
            .with_scheduler_flags(flags)
            .with_one_packet(one_packet)
            .with_persistence_engine(engine.map(|engine| PersistenceEngine::new(engine).unwrap()));
        option::of(persistence(id.family()))
            .prop_map(move |persistence| service.clone().with_persistence(persistence).unwrap())
    })
}

pub(super) fn id() -> impl Strategy<Value = ServiceId> {
    let endpoint = (any::<u16>(), any::<IpAddr>(), any::<u16>());
    let endpoint = endpoint.prop_map(|(protocol, address, port)| ServiceId::Endpoint {
        protocol: Protocol::new(protocol),
        address,
        port,
    });
    let mark = any::<NonZeroU32>();
    prop_oneof![
        endpoint,
        mark.clone().prop_map(ServiceId::fwmark),
        mark.prop_map(ServiceId::fwmark6)
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9_-]{1,15}"
}

fn persistence(family: Family) -> impl Strategy<Value = Persistence> {
    let granularity = match family {
        Family::Ipv4 => any::<Ipv4Addr>().prop_map(Granularity::mask).boxed(),
        Family::Ipv6 => (1..=128_u8)
            .prop_map(|length| Granularity::prefix_length(length).unwrap())
            .boxed(),
    };
    (1..=31 * 86400_u64, granularity).prop_map(move |(seconds, granularity)| {
        let persistence = Persistence::new(family, Duration::from_secs(seconds)).unwrap();
        persistence.with_granularity(granularity).unwrap()
    })
}

/// Any destination that can be asked for.
pub(super) fn destination() -> impl Strategy<Value = Destination> {
    let id = (any::<IpAddr>(), any::<u16>()).prop_map(|(address, port)| DestinationId { address, port });
    let thresholds =
        (any::<u32>(), any::<u32>()).prop_map(|(a, b)| Thresholds::new(a.max(b), a.min(b)).unwrap());
    (id, forward(), 0..=Weight::MAX.get(), thresholds).prop_map(|(id, forward, weight, thresholds)| {
        Destination::new(id, forward)
            .with_weight(Weight::new(weight).unwrap())
            .with_thresholds(thresholds)
    })
}

fn forward() -> impl Strategy<Value = Forward> {
    let checksum = prop::sample::select(vec![Checksum::None, Checksum::Full, Checksum::Remote]);
    let gue = (any::<NonZeroU16>(), checksum.clone());
    prop_oneof![
        Just(Forward::Masquerade),
        Just(Forward::LocalNode),
        Just(Forward::DirectRoute),
        Just(Forward::Bypass),
        Just(Forward::Tunnel(Tunnel::Ipip)),
        gue.prop_map(|(port, checksum)| Forward::Tunnel(Tunnel::Gue { port, checksum })),
        checksum.prop_map(|checksum| Forward::Tunnel(Tunnel::Gre { checksum })),
    ]
}

/// Any sync daemon that can be asked for.
pub(super) fn daemon() -> impl Strategy<Value = Daemon> {
    let role = prop::sample::select(vec![SyncRole::Master, SyncRole::Backup]);
    let group = any::<IpAddr>().prop_map(|address| match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            Ipv4Addr::new(224 | (a & 15), b, c, d).into()
        }
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[0] = 0xff;
            IpAddr::from(octets)
        }
    });
    let options = (
        any::<Option<NonZeroU16>>(),
        option::of(group.prop_map(|group| MulticastGroup::new(group).unwrap())),
        any::<Option<NonZeroU16>>(),
        any::<Option<std::num::NonZeroU8>>(),
    );
    (role, "[a-z0-9.]{1,15}", any::<u8>(), options).prop_map(|(role, interface, id, options)| {
        let mut daemon = Daemon::new(role, interface, id).unwrap();
        (daemon.max_length, daemon.group, daemon.port, daemon.ttl) = options;
        daemon
    })
}
