//! Section 6.4.3: Master (RFC 9568: Active).

use vrrp_engine::{Discard, Input, Output, RouterConfig, Start, StateKind, Taker};
use vrrp_proto::Priority;

use crate::support::{
    Bench, HIGHER_ADDRESS, LOWER_ADDRESS, OURS, Packet, VIRTUAL, advert_in, centis, config, ip, ms, owner,
    us, version_2,
};

#[test]
fn master_timer_sends_an_advert_every_interval() {
    for config in [config(), version_2(), owner(Start::Master)] {
        let words = format!("advert {}", config.priority);
        let mut bench = Bench::master(config);
        let seen = bench.watch(ms(4500));
        assert_eq!(seen, [1000, 2000, 3000, 4000].map(|at| (at, words.clone())));
    }
}

#[test]
fn master_says_what_is_configured() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config.clone());
        bench.wait(ms(1000));
        let Some((router, Output::Transmit(packet))) = bench.engine.poll_output() else {
            panic!("an advert is due");
        };
        assert_eq!(router, bench.router);
        assert_eq!((packet.source, packet.destination), (OURS, ip(224, 0, 0, 18)));
        let advert = advert_in(&packet);
        assert_eq!((advert.version(), advert.vrid()), (config.version, config.vrid));
        assert_eq!(
            (advert.priority(), advert.interval()),
            (config.priority, config.interval)
        );
        assert_eq!(advert.addresses().iter().collect::<Vec<_>>(), VIRTUAL);
    }
}

#[test]
fn master_priority_zero_is_answered_and_restarts_adver_timer() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config);
        bench.wait(ms(400));
        bench.hear(0).unwrap();
        assert_eq!(bench.take(), ["advert 100"]);
        assert_eq!((bench.state(), bench.due()), (StateKind::Master, ms(1000)));
    }
}

/// The other backups' timers are set to Skew_Time by each of them.
#[test]
fn master_answers_every_resignation_before_the_shortest_skew_is_over() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config);
        bench.hear(50).unwrap();
        bench.take();
        for _ in 0..20 {
            bench.hear(0).unwrap();
            let answered_at_once = !bench.take().is_empty();
            // Priority 254 waits 2/256 of the interval.
            assert!(answered_at_once || bench.due() < us(7812));
            bench.wait(us(500));
        }
    }
}

#[test]
fn master_is_not_made_to_send_without_end_by_resignations() {
    let mut bench = Bench::master(config());
    let mut sent = 0;
    for _ in 0..10_000 {
        bench.hear(0).unwrap();
        bench.wait(us(100));
        sent += bench.take().len();
    }
    // In each pause of 3.90625 ms one at once, and one at its end.
    assert!((500..=520).contains(&sent), "{sent} adverts in a second");
}

#[test]
fn master_higher_priority_becomes_backup_without_a_word() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config);
        bench.wait(ms(300));
        bench.hear(101).unwrap();
        let expected = [
            "remove addresses",
            "MASTER -> BACKUP: 10.0.0.2 has priority 101, ours is 100",
        ];
        assert_eq!(bench.take(), expected);
        assert_eq!(bench.due(), us(3_609_375));
        let master = bench.engine.known_master(bench.router).unwrap();
        assert_eq!(
            (master.address, master.priority),
            (LOWER_ADDRESS, Priority::new(101))
        );
    }
}

#[test]
fn master_yields_to_higher_priority_whatever_preempt_mode_is() {
    let preempt = vrrp_engine::Preempt::Never;
    let mut bench = Bench::master(RouterConfig { preempt, ..config() });
    bench.hear(101).unwrap();
    assert_eq!(bench.state(), StateKind::Backup);
}

#[test]
fn master_equal_priority_and_higher_address_becomes_backup() {
    for config in [config(), version_2(), owner(Start::Master)] {
        let packet = Packet::of(&config, config.priority.get()).from(HIGHER_ADDRESS);
        let mut bench = Bench::master(config);
        bench.hear_packet(&packet).unwrap();
        let expected = [
            "remove addresses",
            "MASTER -> BACKUP: 10.0.0.10 has our priority and the higher address",
        ];
        assert_eq!(bench.take(), expected);
    }
}

/// As unsigned integers in network byte order (RFC 9568 section 6.4.3), not as text and not octet by signed octet.
#[test]
fn master_compares_addresses_as_numbers() {
    let becomes_backup = |from| {
        let mut bench = Bench::master(config());
        bench.hear_packet(&Packet::of(&config(), 100).from(from)).unwrap();
        bench.state() == StateKind::Backup
    };
    let higher = [
        ip(10, 0, 0, 6),
        ip(10, 0, 1, 0),
        ip(10, 0, 0, 200),
        ip(192, 168, 0, 1),
    ];
    assert!(higher.into_iter().all(becomes_backup));
    let lower = [ip(10, 0, 0, 4), ip(9, 255, 255, 255), ip(1, 2, 3, 4)];
    assert!(!lower.into_iter().any(becomes_backup));
}

#[test]
fn master_equal_priority_and_lower_address_answers_and_stays() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config);
        bench.hear(100).unwrap();
        assert_eq!(bench.take()[0], "advert 100");
        assert_eq!(bench.state(), StateKind::Master);
    }
}

#[test]
fn master_own_address_and_priority_is_discarded_and_said() {
    let mut bench = Bench::master(config());
    let own = Packet::of(&config(), 100).from(OURS);
    let before = bench.due();
    assert_eq!(bench.hear_packet(&own), Err(Discard::OwnAddress));
    let notice = "notice: an advert came in with our own address 10.0.0.5 and priority";
    assert_eq!(bench.take(), [notice]);
    assert_eq!((bench.state(), bench.due()), (StateKind::Master, before));
    for _ in 0..99 {
        bench.hear_packet(&own).unwrap_err();
    }
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.discards(), [("own_address", 100)]);
    bench.wait(ms(1000));
    bench.take();
    bench.hear_packet(&own).unwrap_err();
    assert_eq!(bench.take(), [notice]);
}

#[test]
fn master_lower_priority_is_answered_at_once_and_adver_timer_goes_on() {
    for config in [config(), version_2()] {
        let mut bench = Bench::master(config);
        bench.wait(ms(400));
        bench.hear(50).unwrap();
        let expected = [
            "advert 100",
            "announce all x2",
            "notice: 10.0.0.2 is master too, with priority 50; answered, and the neighbours told again",
        ];
        assert_eq!(bench.take(), expected);
        assert_eq!((bench.state(), bench.due()), (StateKind::Master, ms(600)));
    }
}

#[test]
fn master_answers_lower_priorities_once_an_interval() {
    let config = RouterConfig {
        interval: centis(10),
        ..config()
    };
    let lower = Packet::of(&config, 50);
    let mut bench = Bench::master(config);
    let mut seen = Vec::new();
    for _ in 0..3000 {
        bench.hear_packet(&lower).unwrap();
        bench.wait(ms(1));
        seen.extend(bench.take());
    }
    let count = |start: &str| seen.iter().filter(|output| output.starts_with(start)).count();
    // Three seconds: 30 that are due anyway, and 30 answers.
    assert_eq!(count("advert"), 60);
    assert_eq!(count("announce"), 3);
    assert_eq!(count("notice"), 3);
}

#[test]
fn master_with_a_long_interval_announces_once_an_interval() {
    let config = RouterConfig {
        interval: centis(1000),
        ..config()
    };
    let lower = Packet::of(&config, 50);
    let mut bench = Bench::master(config);
    let mut seen = Vec::new();
    for _ in 0..300 {
        bench.hear_packet(&lower).unwrap();
        bench.wait(ms(100));
        seen.extend(bench.take());
    }
    assert_eq!(
        seen.iter()
            .filter(|output| output.starts_with("announce"))
            .count(),
        3
    );
}

#[test]
fn master_of_version_3_learns_the_interval_when_it_yields() {
    let mut bench = Bench::master(config());
    bench
        .hear_packet(&Packet::of(&config(), 200).every(centis(10)))
        .unwrap();
    assert_eq!(bench.due(), us(360_937) + std::time::Duration::from_nanos(500));
    assert_eq!(bench.take().len(), 3);
}

#[test]
fn master_of_version_3_keeps_its_interval_when_it_stays() {
    let mut bench = Bench::master(config());
    let lower = Packet::of(&config(), 50).every(centis(10));
    bench.hear_packet(&lower).unwrap();
    bench.take();
    assert_eq!(
        bench.watch(ms(2000)),
        [1000, 2000].map(|at| (at, "advert 100".to_owned()))
    );
}

#[test]
fn master_address_lost_is_put_back() {
    let mut bench = Bench::master(config());
    let before = bench.due();
    bench.lose(VIRTUAL[1]);
    let expected = [
        "restore 10.0.0.101",
        "announce 10.0.0.101 x5",
        "notice: 10.0.0.101 was removed by another program; put back",
    ];
    assert_eq!(bench.take(), expected);
    assert_eq!((bench.state(), bench.due()), (StateKind::Master, before));
}

#[test]
fn master_address_lost_is_put_back_each_time_but_told_once_a_second() {
    let mut bench = Bench::master(config());
    let mut seen = Vec::new();
    for _ in 0..200 {
        bench.lose(VIRTUAL[0]);
        bench.wait(ms(10));
        seen.extend(bench.take());
    }
    let count = |start: &str| seen.iter().filter(|output| output.starts_with(start)).count();
    assert_eq!((count("restore"), count("notice")), (200, 2));
    // The first at once, and what comes soon after it a second later.
    assert_eq!(
        (count("announce 10.0.0.100 x5"), count("announce all x5")),
        (2, 2)
    );
}

#[test]
fn addresses_that_went_with_their_interface_are_all_announced() {
    let mut bench = Bench::master(config());
    for address in VIRTUAL {
        let router = bench.router;
        bench.input(Input::AddressLost {
            router,
            address,
            by: Taker::Interface,
        });
    }
    let words = bench.take();
    assert!(
        words.contains(
            &"notice: 10.0.0.100 was gone with its interface, which is there again; put back".to_owned()
        ),
        "{words:?}"
    );
    assert!(
        bench
            .watch(ms(1000))
            .contains(&(1000, "announce all x5".to_owned()))
    );
    assert!(
        !bench
            .watch(ms(5000))
            .contains(&(1000, "announce all x5".to_owned())),
        "once"
    );
}

#[test]
fn master_of_another_address_loses_nothing() {
    let mut bench = Bench::master(config());
    bench.lose(ip(10, 0, 0, 102));
    assert_eq!(bench.take(), [""; 0]);
}
