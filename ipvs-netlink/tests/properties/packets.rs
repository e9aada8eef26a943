use ipvs_netlink::packet::{
    Counter, DaemonAttribute, DestinationAttribute, InfoAttribute, IpvsAttribute, IpvsCommand, IpvsMessage,
    ServiceAttribute, ServiceFlags, StatisticsAttribute,
};
use netlink_packet_core::DefaultNla;
use proptest::collection::vec;
use proptest::prelude::*;

use super::octets::over_the_wire;

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in message()) {
        prop_assert_eq!(over_the_wire(message.clone()), message);
    }
}

fn message() -> impl Strategy<Value = IpvsMessage> {
    any::<u8>().prop_map(IpvsCommand::from).prop_flat_map(|command| {
        let attribute = match command {
            IpvsCommand::SetInfo => info().boxed(),
            _ => attribute().boxed(),
        };
        vec(attribute, 0..5).prop_map(move |attributes| IpvsMessage { command, attributes })
    })
}

/// Of a number that has no name anywhere, with and without the flags.
fn other() -> impl Strategy<Value = DefaultNla> {
    let flags = prop::sample::select(vec![0, 0x8000, 0x4000]);
    let kind = (16..0x4000_u16, flags).prop_map(|(kind, flag)| kind | flag);
    (kind, vec(any::<u8>(), 0..30)).prop_map(|(kind, value)| DefaultNla::new(kind, value))
}

fn attribute() -> impl Strategy<Value = IpvsAttribute> {
    prop_oneof![
        vec(service(), 0..8).prop_map(IpvsAttribute::Service),
        vec(destination(), 0..8).prop_map(IpvsAttribute::Destination),
        vec(daemon(), 0..8).prop_map(IpvsAttribute::Daemon),
        any::<u32>().prop_map(IpvsAttribute::TimeoutTcp),
        any::<u32>().prop_map(IpvsAttribute::TimeoutTcpFin),
        any::<u32>().prop_map(IpvsAttribute::TimeoutUdp),
        other().prop_map(IpvsAttribute::Other),
    ]
}

fn info() -> impl Strategy<Value = IpvsAttribute> {
    prop_oneof![
        any::<u32>().prop_map(|version| IpvsAttribute::Info(InfoAttribute::Version(version))),
        any::<u32>().prop_map(|size| IpvsAttribute::Info(InfoAttribute::ConnectionTableSize(size))),
        other().prop_map(IpvsAttribute::Other),
    ]
}

fn service() -> impl Strategy<Value = ServiceAttribute> {
    prop_oneof![
        any::<u16>().prop_map(ServiceAttribute::AddressFamily),
        any::<u16>().prop_map(ServiceAttribute::Protocol),
        any::<[u8; 16]>().prop_map(ServiceAttribute::Address),
        any::<u16>().prop_map(ServiceAttribute::Port),
        any::<u32>().prop_map(ServiceAttribute::Fwmark),
        name().prop_map(ServiceAttribute::SchedulerName),
        any::<(u32, u32)>().prop_map(|(flags, mask)| ServiceAttribute::Flags(ServiceFlags { flags, mask })),
        any::<u32>().prop_map(ServiceAttribute::Timeout),
        any::<u32>().prop_map(ServiceAttribute::Netmask),
        statistics().prop_map(ServiceAttribute::Statistics),
        name().prop_map(ServiceAttribute::EngineName),
        statistics().prop_map(ServiceAttribute::Statistics64),
        other().prop_map(ServiceAttribute::Other),
    ]
}

fn destination() -> impl Strategy<Value = DestinationAttribute> {
    let of_32_bits: [fn(u32) -> DestinationAttribute; 7] = [
        DestinationAttribute::ForwardMethod,
        DestinationAttribute::Weight,
        DestinationAttribute::UpperThreshold,
        DestinationAttribute::LowerThreshold,
        DestinationAttribute::ActiveConnections,
        DestinationAttribute::InactiveConnections,
        DestinationAttribute::PersistentConnections,
    ];
    let of_32_bits = (prop::sample::select(of_32_bits.to_vec()), any::<u32>());
    prop_oneof![
        any::<[u8; 16]>().prop_map(DestinationAttribute::Address),
        any::<u16>().prop_map(DestinationAttribute::Port),
        of_32_bits.prop_map(|(attribute, number)| attribute(number)),
        statistics().prop_map(DestinationAttribute::Statistics),
        any::<u16>().prop_map(DestinationAttribute::AddressFamily),
        statistics().prop_map(DestinationAttribute::Statistics64),
        any::<u8>().prop_map(DestinationAttribute::TunnelType),
        any::<u16>().prop_map(DestinationAttribute::TunnelPort),
        any::<u16>().prop_map(DestinationAttribute::TunnelFlags),
        other().prop_map(DestinationAttribute::Other),
    ]
}

fn daemon() -> impl Strategy<Value = DaemonAttribute> {
    prop_oneof![
        any::<u32>().prop_map(DaemonAttribute::State),
        name().prop_map(DaemonAttribute::Interface),
        any::<u32>().prop_map(DaemonAttribute::SyncId),
        any::<u16>().prop_map(DaemonAttribute::MaxLength),
        any::<[u8; 4]>().prop_map(DaemonAttribute::Group),
        any::<[u8; 16]>().prop_map(DaemonAttribute::Group6),
        any::<u16>().prop_map(DaemonAttribute::Port),
        any::<u8>().prop_map(DaemonAttribute::Ttl),
        other().prop_map(DaemonAttribute::Other),
    ]
}

fn statistics() -> impl Strategy<Value = Vec<StatisticsAttribute>> {
    let counters: [fn(Counter) -> StatisticsAttribute; 10] = [
        StatisticsAttribute::Connections,
        StatisticsAttribute::PacketsIn,
        StatisticsAttribute::PacketsOut,
        StatisticsAttribute::BytesIn,
        StatisticsAttribute::BytesOut,
        StatisticsAttribute::ConnectionRate,
        StatisticsAttribute::PacketRateIn,
        StatisticsAttribute::PacketRateOut,
        StatisticsAttribute::ByteRateIn,
        StatisticsAttribute::ByteRateOut,
    ];
    let number = prop_oneof![
        any::<u32>().prop_map(Counter::U32),
        any::<u64>().prop_map(Counter::U64)
    ];
    let counter = (prop::sample::select(counters.to_vec()), number);
    let attribute = prop_oneof![
        8 => counter.prop_map(|(attribute, number)| attribute(number)),
        1 => Just(StatisticsAttribute::Pad),
        1 => other().prop_map(StatisticsAttribute::Other),
    ];
    vec(attribute, 0..12)
}

fn name() -> impl Strategy<Value = String> {
    "[^\u{0}]{0,20}"
}
