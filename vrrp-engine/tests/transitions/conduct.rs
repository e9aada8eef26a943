//! What keepalived lets an operator choose of a router's conduct.

use std::num::NonZeroU8;

use vrrp_engine::{
    AddressList, Conduct, Discard, Engine, Environment, GroupConfig, Input, Output, Preempt, RouterConfig,
    Start, StateKind, Time,
};
use vrrp_proto::{Family, Priority, Vrid};

use crate::support::{
    Bench, HIGHER_ADDRESS, INTERFACE, LOWER_ADDRESS, OURS, Packet, config, ip, ms, owner, version_2,
};

fn with(conduct: Conduct) -> RouterConfig {
    RouterConfig { conduct, ..config() }
}

#[test]
fn lower_priority_gets_no_answer_where_none_is_wanted_and_the_neighbours_are_told_all_the_same() {
    let mut bench = Bench::master(with(Conduct {
        answer_lower_priority: false,
        ..Conduct::default()
    }));
    bench.wait(ms(300));
    bench.hear(50).unwrap();
    let words = bench.take();
    assert!(words.contains(&"announce all x2".to_owned()), "{words:?}");
    assert!(!words.iter().any(|word| word.starts_with("advert")), "{words:?}");
    // And the regular adverts go on as they were.
    assert_eq!(bench.due(), ms(700));
    // A resignation is answered as ever.
    bench.hear(0).unwrap();
    assert_eq!(bench.take(), ["advert 100"]);
}

#[test]
fn one_more_advert_is_sent_before_yielding_where_that_is_wanted() {
    let wanted = Conduct {
        advertise_before_yielding: true,
        ..Conduct::default()
    };
    let better = |bench: &Bench| {
        let higher = Packet::of(bench.config(), 150);
        let equal = Packet::of(bench.config(), 100).from(HIGHER_ADDRESS);
        [higher, equal]
    };
    for (conduct, sent) in [(wanted, 1), (Conduct::default(), 0)] {
        for place in 0..2 {
            let mut bench = Bench::master(with(conduct));
            let packet = &better(&bench)[place];
            bench.hear_packet(packet).unwrap();
            let words = bench.take();
            assert_eq!(words.iter().filter(|word| *word == "advert 100").count(), sent);
            if sent == 1 {
                assert_eq!(words[0], "advert 100", "first of all: {words:?}");
            }
            assert_eq!(bench.state(), StateKind::Backup);
            // As a backup it says nothing more.
            bench.hear_packet(packet).unwrap();
            assert_eq!(bench.take(), [""; 0]);
        }
    }
}

#[test]
fn owner_heeds_no_advert_where_that_is_wanted() {
    let deaf = |config: RouterConfig| RouterConfig {
        conduct: Conduct {
            owner_ignores_adverts: true,
            ..Conduct::default()
        },
        ..config
    };
    let mut bench = Bench::master(deaf(owner(Start::Master)));
    let rival = Packet::of(bench.config(), 255).from(HIGHER_ADDRESS);
    assert_eq!(bench.hear_packet(&rival), Err(Discard::Owner));
    assert_eq!(bench.hear(100), Err(Discard::Owner));
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.discards(), [("owner", 2)]);
    // Who is not the owner is not concerned.
    let mut other = Bench::master(deaf(config()));
    other.hear(200).unwrap();
    assert_eq!(other.state(), StateKind::Backup);
}

/// keepalived's winner goes on, too; it lowers its priority only if the other never yields.
#[test]
fn of_two_owners_one_is_left() {
    for config in [owner(Start::Master), owner(Start::Backup)] {
        let mut bench = Bench::master(config);
        bench
            .hear_packet(&Packet::of(bench.config(), 255).from(LOWER_ADDRESS))
            .unwrap();
        assert_eq!(bench.state(), StateKind::Master, "the higher address stays");
        let rival = Packet::of(bench.config(), 255).from(HIGHER_ADDRESS);
        bench.hear_packet(&rival).unwrap();
        assert_eq!(bench.state(), StateKind::Backup);
        for _ in 0..10 {
            bench.wait(ms(1000));
            bench.hear_packet(&rival).unwrap();
        }
        assert_eq!(
            bench.state(),
            StateKind::Backup,
            "and does not come back while it lives"
        );
        bench.wait(ms(3100));
        assert_eq!(bench.state(), StateKind::Master);
    }
}

#[test]
fn addresses_of_a_known_master_are_not_looked_at_again_where_that_is_wanted() {
    for (trust, expected) in [(false, 3), (true, 2)] {
        let mut bench = Bench::backup(with(Conduct {
            trust_known_master: trust,
            ..Conduct::default()
        }));
        let mut other = Packet::of(bench.config(), 150);
        other.config.addresses = AddressList::new(Family::Ipv4, [ip(10, 0, 0, 77)]).unwrap();
        let mut mismatches = Vec::new();
        // Unknown, known, and another one.
        for from in [LOWER_ADDRESS, LOWER_ADDRESS, HIGHER_ADDRESS] {
            bench.hear_packet(&other.clone().from(from)).unwrap();
            mismatches.push(
                bench
                    .engine
                    .counters(bench.router)
                    .unwrap()
                    .address_list_mismatches,
            );
        }
        assert_eq!(mismatches[2], expected, "{mismatches:?}");
    }
}

fn yields_after(adverts: u8) -> Conduct {
    Conduct {
        yield_after_stall: NonZeroU8::new(adverts),
        ..Conduct::default()
    }
}

#[test]
fn master_that_stood_still_too_long_is_a_backup_where_that_is_wanted() {
    for base in [config(), version_2()] {
        // A peer of priority 254 waits three seconds and 7.8 ms since the last advert.
        for (stall, state) in [(3000, StateKind::Master), (3008, StateKind::Backup)] {
            let mut bench = Bench::master(RouterConfig {
                conduct: yields_after(3),
                ..base.clone()
            });
            bench.stall(ms(stall));
            assert_eq!(bench.state(), state, "after {stall} ms");
            let words = bench.take();
            let advertised = words.iter().any(|word| word.starts_with("advert"));
            assert_eq!(advertised, state == StateKind::Master, "{words:?}");
            if state == StateKind::Backup {
                assert_eq!(words[0], "remove addresses");
                assert!(words[1].contains("stood still"), "{words:?}");
                // With nobody there it is master again, after all that a backup waits.
                bench.wait(ms(3700));
                assert_eq!(bench.state(), StateKind::Master);
            }
        }
        let mut bench = Bench::master(base);
        bench.stall(ms(60_000));
        assert_eq!(bench.state(), StateKind::Master, "not unless it is asked for");
    }
}

/// Who has taken over has a lower priority, and would yield to one word.
#[test]
fn master_that_stood_still_does_not_answer_who_has_taken_over() {
    let mut bench = Bench::master(RouterConfig {
        preempt: Preempt::Never,
        conduct: yields_after(3),
        ..config()
    });
    // Packets are read before any timer is looked at.
    bench.now += ms(10_000);
    bench.hear(50).unwrap();
    assert_eq!(bench.state(), StateKind::Backup);
    let words = bench.take();
    assert!(!words.iter().any(|word| word.starts_with("advert")), "{words:?}");
    // And it follows who is master now.
    let master = bench.engine.known_master(bench.router).unwrap();
    assert_eq!(master.address, LOWER_ADDRESS);
}

/// Two masters of one sync group.
fn group(first: RouterConfig, second: RouterConfig) -> Bench {
    let now = Time::from_millis(1_000_000);
    let mut engine = Engine::new();
    let here = Environment {
        link_up: true,
        source: Some(OURS),
    };
    let router = engine.add_router(first, here).unwrap();
    let other = engine.add_router(second, here).unwrap();
    let members = vec![router, other];
    engine.add_group(now, GroupConfig { members }).unwrap();
    engine.handle_input(now, Input::Startup).unwrap();
    let mut bench = Bench { engine, router, now };
    bench.wait(ms(8000));
    assert!(
        bench
            .engine
            .routers()
            .all(|id| bench.engine.state(id) == Some(StateKind::Master))
    );
    bench.take();
    bench
}

fn second(base: RouterConfig) -> RouterConfig {
    RouterConfig {
        vrid: Vrid::new(52).unwrap(),
        ..base
    }
}

#[test]
fn lower_priority_of_one_member_makes_all_members_announce() {
    let mut bench = group(config(), second(config()));
    bench.hear(50).unwrap();
    let announced: Vec<_> = std::iter::from_fn(|| bench.engine.poll_output())
        .filter(|(_, output)| {
            matches!(
                output,
                Output::Announce {
                    address: None,
                    repeat: 2
                }
            )
        })
        .map(|(router, _)| router)
        .collect();
    assert_eq!(announced, bench.engine.routers().collect::<Vec<_>>());
}

#[test]
fn members_of_a_group_stood_still_together() {
    let patient = RouterConfig {
        priority: Priority::new(100),
        ..second(config())
    };
    let hasty = RouterConfig {
        conduct: yields_after(3),
        ..config()
    };
    let mut bench = group(hasty, patient);
    bench.stall(ms(5000));
    let states: Vec<_> = bench.engine.routers().map(|id| bench.engine.state(id)).collect();
    assert_eq!(states, [Some(StateKind::Backup); 2]);
    assert_eq!(bench.config().interface, INTERFACE);
}
