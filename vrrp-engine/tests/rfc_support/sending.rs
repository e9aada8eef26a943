//! What is sent (RFC 3768 section 7.2, RFC 9568 section 7.2), and the intervals (section 6.1 of both).

use std::num::NonZeroU8;
use std::time::Duration;

use vrrp_engine::{AddressList, Delivery, Engine, Environment, InvalidConfig, RouterConfig};
use vrrp_proto::{
    AdvertInterval, Advertisement, Authentication, Context, Family, InvalidAdvertisement, Packet, Version,
    multicast_group,
};

use super::bench::{Bench, config, config_ipv6, ours, version_2};

#[test]
fn an_advert_says_what_is_configured() {
    let authenticated = RouterConfig {
        authentication: Authentication::Simple(*b"secret\0\0"),
        ..version_2(100)
    };
    for config in [config(100), config_ipv6(100), version_2(100), authenticated] {
        let family = config.addresses.family();
        let mut bench = Bench::master(config.clone());
        bench.wait();
        let [packet] = &bench.packets()[..] else {
            panic!("one packet each interval")
        };
        assert_eq!(
            (packet.source, packet.destination),
            (ours(family), multicast_group(family))
        );
        let context = Context {
            source: packet.source,
            destination: packet.destination,
            checksum: config.checksum,
        };
        let advert = Advertisement::parse(&packet.pdu, &context).unwrap();
        let addresses = config.addresses.as_addresses();
        let expected = Advertisement::new(
            config.version,
            config.vrid,
            config.priority,
            config.interval,
            config.authentication,
            addresses,
        );
        assert_eq!(Ok(advert), expected);
        if config.version == Version::V3 {
            assert_eq!(Packet::new_unchecked(&packet.pdu).reserved(), 0);
        }
    }
}

#[test]
fn all_addresses_are_of_one_family() {
    let mixed = ["fe80::1", "10.0.0.1"].map(|address| address.parse().unwrap());
    assert!(AddressList::new(Family::Ipv6, mixed).is_err());
    assert!(AddressList::new(Family::Ipv4, mixed).is_err());
    let elsewhere = RouterConfig {
        delivery: Delivery::Multicast(multicast_group(Family::Ipv6)),
        ..config(100)
    };
    let environment = Environment {
        link_up: true,
        source: Some(ours(Family::Ipv4)),
    };
    let refused = Engine::new().add_router(elsewhere, environment);
    assert_eq!(
        refused,
        Err(InvalidConfig::Destination(multicast_group(Family::Ipv6)))
    );
}

/// Version 3 carries 1 to 4095 hundredths of a second, version 2 whole seconds.
#[test]
fn an_interval_fits_its_version() {
    let environment = Environment {
        link_up: true,
        source: Some(ours(Family::Ipv4)),
    };
    for (centis, v2, v3) in [
        (1, false, true),
        (150, false, true),
        (4095, false, true),
        (4100, true, false),
        (25500, true, false),
    ] {
        let interval = AdvertInterval::from_centis(centis).unwrap();
        for (version, fits) in [(Version::V2, v2), (Version::V3, v3)] {
            let config = RouterConfig {
                version,
                interval,
                ..config(100)
            };
            let refused = InvalidConfig::Advertisement(InvalidAdvertisement::Interval { version, interval });
            let added = Engine::new().add_router(config, environment);
            assert_eq!(added.err(), (!fits).then_some(refused));
        }
    }
}

/// Skew_Time and Master_Down_Interval, to the nanosecond.
#[test]
fn the_master_is_waited_for_as_long_as_the_formula_says() {
    // Version, priority, interval in hundredths, adverts, nanoseconds.
    for (version, priority, centis, adverts, nanos) in [
        (Version::V2, 100, 100, 3, 3_609_375_000),
        (Version::V2, 254, 100, 3, 3_007_812_500),
        (Version::V2, 1, 100, 3, 3_996_093_750),
        // Version 2's skew is a share of a second, whatever the interval.
        (Version::V2, 100, 1000, 3, 30_609_375_000),
        (Version::V2, 255, 100, 3, 3_003_906_250),
        (Version::V3, 100, 100, 3, 3_609_375_000),
        (Version::V3, 100, 1000, 3, 36_093_750_000),
        (Version::V3, 100, 1, 3, 36_093_750),
        (Version::V3, 254, 10, 3, 300_781_250),
        // keepalived's down_timer_adverts.
        (Version::V3, 100, 100, 1, 1_609_375_000),
        (Version::V3, 100, 100, 5, 5_609_375_000),
    ] {
        let bench = Bench::backup(RouterConfig {
            version,
            interval: AdvertInterval::from_centis(centis).unwrap(),
            down_timer_adverts: NonZeroU8::new(adverts).unwrap(),
            ..config(priority)
        });
        assert_eq!(
            bench.due_in(),
            Some(Duration::from_nanos(nanos)),
            "{version} {priority} {centis} {adverts}"
        );
    }
}
