//! Which packets count (RFC 3768 section 7.1, RFC 9568 section 7.1), in all families and versions.

use std::num::NonZeroU8;
use std::time::Duration;

use vrrp_engine::{Delivery, Discard, DiscardKind, Engine, Notice, Output, Reason, RouterConfig, StateKind};
use vrrp_proto::{AdvertInterval, Authentication, Family, ParseError, Priority, Version, Vrid};

use super::bench::{Bench, Sent, config, config_ipv6, neighbour, ours, version_2};

#[test]
fn a_packet_that_was_routed_is_discarded() {
    for config in [config(100), config_ipv6(100), version_2(100)] {
        let mut bench = Bench::backup(config);
        let sent = bench.advert(200);
        for hop_limit in 0..255 {
            let routed = Sent {
                hop_limit,
                ..sent.clone()
            };
            assert_eq!(bench.hear(&routed), Err(Discard::HopLimit(hop_limit)));
        }
        assert_eq!(bench.hear(&sent), Ok(()));
    }
}

#[test]
fn another_type_is_discarded() {
    for (config, first) in [
        (config(100), 0x30),
        (config_ipv6(100), 0x30),
        (version_2(100), 0x20),
    ] {
        let mut bench = Bench::backup(config);
        let mut unknown = bench.advert(200);
        for kind in [0, 2, 15] {
            unknown.pdu[0] = first | kind;
            assert_eq!(
                bench.hear(&unknown),
                Err(Discard::Malformed(ParseError::Type(kind)))
            );
        }
    }
}

#[test]
fn an_incomplete_packet_is_discarded() {
    for config in [config(100), config_ipv6(100), version_2(100)] {
        let mut bench = Bench::backup(config);
        let sent = bench.advert(200);
        for len in 0..sent.pdu.len() {
            let cut = Sent {
                pdu: sent.pdu[..len].to_vec(),
                ..sent.clone()
            };
            let discard = bench.hear(&cut).unwrap_err();
            assert!(
                matches!(discard, Discard::Malformed(ParseError::Truncated { .. })),
                "{len} octets: {discard}"
            );
        }
    }
}

#[test]
fn a_wrong_checksum_is_discarded() {
    for config in [config(100), config_ipv6(100), version_2(100)] {
        let mut bench = Bench::backup(config);
        for at in [2, 6, 7, 9] {
            let mut sent = bench.advert(200);
            sent.pdu[at] ^= 0x40;
            assert_eq!(
                bench.hear(&sent).unwrap_err().kind(),
                DiscardKind::Checksum,
                "octet {at}"
            );
        }
    }
}

#[test]
fn an_interval_of_zero_is_discarded() {
    for config in [config(100), config_ipv6(100), version_2(100)] {
        let mut bench = Bench::backup(config);
        let mut sent = bench.advert(200);
        // The checksum grows by what the field loses; none of these overflows.
        let [.., high, low] = sent.pdu[..8] else {
            panic!("a header has eight octets")
        };
        let checksum = u16::from_be_bytes([high, low]) + u16::from(sent.pdu[5]);
        sent.pdu[5] = 0;
        sent.pdu[6..8].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(
            bench.hear(&sent),
            Err(Discard::Malformed(ParseError::ZeroInterval))
        );
    }
}

#[test]
fn data_without_authentication_means_nothing() {
    let mut bench = Bench::backup(version_2(100));
    let mut sent = bench.advert(200);
    let last = sent.pdu.len() - 1;
    sent.pdu[last] = 5;
    let checksum = u16::from_be_bytes([sent.pdu[6], sent.pdu[7]]) - 5;
    sent.pdu[6..8].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(bench.hear(&sent), Ok(()));
}

/// Whatever a check discards leaves no trace but a count, in either state.
#[test]
fn a_discarded_packet_moves_nothing() {
    for config in [config(100), config_ipv6(100), version_2(100)] {
        for mut bench in [Bench::backup(config.clone()), Bench::master(config.clone())] {
            let (before, due) = (bench.engine.clone(), bench.engine.poll_timeout());
            let mut kinds = Vec::new();
            for sent in bad_packets(&bench) {
                // Between two timers, where a timer that is set anew is seen.
                bench.now += Duration::from_millis(1);
                kinds.push(bench.hear(&sent).unwrap_err().kind());
                assert_eq!(bench.engine, before, "{:?}", kinds.last());
                assert_eq!(bench.engine.poll_timeout(), due);
                assert_eq!(bench.outputs(), []);
            }
            assert_eq!(counted(&bench.engine), kinds.len(), "{kinds:?}");
            kinds.sort();
            kinds.dedup();
            assert!(kinds.len() >= 7, "{kinds:?}");
        }
    }
}

/// One that every check discards.
fn bad_packets(bench: &Bench) -> Vec<Sent> {
    let good = bench.advert(254);
    let with = |change: &dyn Fn(&mut Sent)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad
    };
    let otherwise = |change: &dyn Fn(&mut RouterConfig)| {
        let mut config = bench.config.clone();
        change(&mut config);
        Sent::by(&config, 254)
    };
    let mut bad = vec![
        with(&|bad| bad.hop_limit = 254),
        with(&|bad| bad.pdu.truncate(9)),
        with(&|bad| bad.pdu.resize(90, 0)),
        with(&|bad| bad.pdu[0] ^= 0x03),
        with(&|bad| bad.pdu[0] ^= 0x70),
        with(&|bad| bad.pdu[6] ^= 0x01),
        with(&|bad| bad.pdu[2] = 253),
        otherwise(&|config| config.vrid = Vrid::new(52).unwrap()),
        // To this machine alone.
        otherwise(&|config| config.delivery = Delivery::Unicast(Vec::new())),
    ];
    if bench.config.version == Version::V2 {
        bad.push(otherwise(&|config| config.version = Version::V3));
        bad.push(otherwise(&|config| {
            config.interval = AdvertInterval::from_secs(7).unwrap();
        }));
        bad.push(otherwise(&|config| {
            config.authentication = Authentication::Simple(*b"12345678");
        }));
    } else {
        bad.push(with(&|bad| {
            bad.source = match bad.source {
                // As if another machine had sent it: the checksum covers the address.
                std::net::IpAddr::V4(_) => std::net::IpAddr::from([10, 0, 0, 21]),
                std::net::IpAddr::V6(_) => "fe80::21".parse().unwrap(),
            }
        }));
    }
    bad
}

fn counted(engine: &Engine) -> usize {
    let of_routers = engine
        .routers()
        .flat_map(|id| engine.discards(id))
        .map(|(_, count)| count);
    let count: u64 = of_routers
        .chain(engine.stray_discards().map(|(_, count)| count))
        .sum();
    count.try_into().unwrap()
}

/// RFC 3768 has an owner discard whatever others say. Then two machines that both think they are the owner would never
/// notice; RFC 9568 with its erratum 8298 lets the election go on.
#[test]
fn two_owners_settle_by_address() {
    for config in [config(255), config_ipv6(255), version_2(255)] {
        let family = config.addresses.family();
        let mut bench = Bench::master(config);
        let mut sent = bench.advert(255);
        assert_eq!(bench.hear(&sent), Ok(()));
        assert_eq!(bench.state(), StateKind::Backup);
        let reason = Reason::HigherAddress {
            master: neighbour(family),
            ours: ours(family),
        };
        let told =
            |output: &Output| matches!(output, Output::Transition(transition) if transition.reason == reason);
        assert!(bench.outputs().iter().any(told));
        // Where we have the higher address, we stay, and say that there is another.
        let mut bench = Bench::master(RouterConfig {
            down_timer_adverts: NonZeroU8::MIN,
            ..bench.config
        });
        bench.input(vrrp_engine::Input::Source {
            router: bench.id,
            address: Some(higher(family)),
        });
        sent = bench.advert(255);
        assert_eq!(bench.hear(&sent), Ok(()));
        assert_eq!(bench.state(), StateKind::Master);
        let notice = Notice::LowerPriorityMaster {
            from: sent.source,
            theirs: Priority::OWNER,
        };
        assert!(bench.outputs().contains(&Output::Notice(notice)));
    }
}

fn higher(family: Family) -> std::net::IpAddr {
    match family {
        Family::Ipv4 => std::net::IpAddr::from([10, 0, 0, 30]),
        Family::Ipv6 => "fe80::30".parse().unwrap(),
    }
}
