use std::time::Duration;

use ipvs_netlink::packet::{
    Counter, DestinationAttribute, IpvsAttribute, IpvsCommand, IpvsMessage, ServiceAttribute,
    StatisticsAttribute,
};
use ipvs_netlink::*;
use proptest::prelude::*;

use super::draw;
use super::octets::over_the_wire;

/// Ten numbers as the kernel sends them, in either form.
fn counters(numbers: [u32; 10], wide: bool) -> Vec<StatisticsAttribute> {
    let numbers = numbers.map(|number| match wide {
        false => Counter::U32(number),
        true => Counter::U64(u64::from(number) << 20),
    });
    let [a, b, c, d, e, f, g, h, i, j] = numbers;
    vec![
        StatisticsAttribute::Connections(a),
        StatisticsAttribute::PacketsIn(b),
        StatisticsAttribute::PacketsOut(c),
        StatisticsAttribute::Pad,
        StatisticsAttribute::BytesIn(d),
        StatisticsAttribute::BytesOut(e),
        StatisticsAttribute::ConnectionRate(f),
        StatisticsAttribute::PacketRateIn(g),
        StatisticsAttribute::PacketRateOut(h),
        StatisticsAttribute::ByteRateIn(i),
        StatisticsAttribute::ByteRateOut(j),
    ]
}

fn statistics(numbers: [u32; 10], wide: bool) -> Statistics {
    let [a, b, c, d, e, f, g, h, i, j] = numbers.map(|number| u64::from(number) << if wide { 20 } else { 0 });
    Statistics {
        connections: a,
        packets_in: b,
        packets_out: c,
        bytes_in: d,
        bytes_out: e,
        rates: Rates {
            connections: f,
            packets_in: g,
            packets_out: h,
            bytes_in: i,
            bytes_out: j,
        },
    }
}

proptest! {
    #[test]
    fn a_service_is_read_as_it_was_written(
        service in draw::service(),
        numbers in any::<[u32; 10]>(),
        wide in any::<bool>(),
    ) {
        let mut message = Command::AddService(service.clone()).message();
        let [IpvsAttribute::Service(attributes)] = message.attributes.as_mut_slice() else {
            panic!("{message:?}")
        };
        attributes.push(ServiceAttribute::Statistics(counters(numbers, false)));
        if wide {
            attributes.push(ServiceAttribute::Statistics64(counters(numbers, true)));
        }
        let expected = ServiceEntry { service, statistics: statistics(numbers, wide) };
        prop_assert_eq!(ServiceEntry::try_from(&over_the_wire(message)), Ok(expected));
    }

    #[test]
    fn a_changed_service_is_all_of_a_new_one(service in draw::service()) {
        let added = Command::AddService(service.clone()).message();
        let changed = Command::SetService(service).message();
        prop_assert_eq!(changed.command, IpvsCommand::SetService);
        prop_assert_eq!(changed.attributes, added.attributes);
    }

    #[test]
    fn a_destination_is_read_as_it_was_written(
        id in draw::id(),
        destination in draw::destination(),
        numbers in any::<[u32; 10]>(),
        wide in any::<bool>(),
        counts in any::<[u32; 3]>(),
    ) {
        let message = Command::AddDestination(id, destination).message();
        let [of, IpvsAttribute::Destination(attributes)] = message.attributes.as_slice() else {
            panic!("{message:?}")
        };
        let gone = Command::DeleteService(id).message();
        prop_assert_eq!(std::slice::from_ref(of), gone.attributes.as_slice());

        let [active, inactive, persistent] = counts;
        let mut attributes = attributes.clone();
        attributes.extend([
            DestinationAttribute::ActiveConnections(active),
            DestinationAttribute::InactiveConnections(inactive),
            DestinationAttribute::PersistentConnections(persistent),
            DestinationAttribute::Statistics(counters(numbers, false)),
        ]);
        if wide {
            attributes.push(DestinationAttribute::Statistics64(counters(numbers, true)));
        }
        let answer = over_the_wire(IpvsMessage {
            command: IpvsCommand::NewDest,
            attributes: vec![IpvsAttribute::Destination(attributes)],
        });
        let statistics = statistics(numbers, wide);
        let expected = DestinationEntry { destination, active, inactive, persistent, statistics };
        prop_assert_eq!(DestinationEntry::from_message(&answer, id.family()), Ok(expected));
    }

    #[test]
    fn a_destination_is_deleted_by_what_it_is_found_by(id in draw::id(), destination in draw::destination()) {
        let added = Command::AddDestination(id, destination).message();
        let deleted = Command::DeleteDestination(id, destination.id).message();
        let found_by = |message: &IpvsMessage| match message.attributes.as_slice() {
            [_, IpvsAttribute::Destination(attributes)] => attributes.clone(),
            other => panic!("{other:?}"),
        };
        let deleted = found_by(&deleted);
        prop_assert_eq!(deleted.len(), 3);
        prop_assert_eq!(&found_by(&added)[..3], deleted.as_slice());
    }

    #[test]
    fn a_sync_daemon_is_read_as_it_was_written(daemon in draw::daemon()) {
        let message = Command::StartDaemon(daemon.clone()).message();
        prop_assert_eq!(Daemon::try_from(&over_the_wire(message)), Ok(daemon));
    }

    #[test]
    fn timeouts_are_read_as_they_were_written(seconds in any::<[Option<u32>; 3]>()) {
        let [tcp, tcp_fin, udp] = seconds.map(|time| time.map(|seconds| Duration::from_secs(seconds.into())));
        let timeouts = Timeouts { tcp, tcp_fin, udp };
        let message = Command::SetTimeouts(timeouts).message();
        prop_assert_eq!(Timeouts::try_from(&over_the_wire(message)), Ok(timeouts));
    }
}
