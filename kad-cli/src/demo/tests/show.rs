//! A run as it is in the book, shown in every way.

use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::{MacAddr, Priority};

use super::{instance, players, simple};
use crate::demo::facts::{Echo, Fact, Happening, Outcome, Silence, Teller, Waiting};
use crate::demo::players::Players;
use crate::demo::show::{Json, Text, svg};
use crate::demo::step::{Check, Numbers, Outage};
use crate::plan::Plan;
use crate::simulate::Topology;
use crate::simulate::{Step, Takeover};

const START: u64 = 500_000;

fn two() -> Players {
    of(&simple(150, ""), &simple(100, ""))
}

fn of(one: &Plan, two: &Plan) -> Players {
    let plans = [one, two];
    players(&plans, &Topology::new(&plans))
}

fn at(millis: u64) -> Time {
    Time::from_millis(START + millis)
}

fn fact(millis: u64, what: Happening) -> Fact {
    Fact { at: at(millis), what }
}

fn state(millis: u64, router: usize, from: Option<StateKind>, to: StateKind, reason: &str) -> Fact {
    let reason = reason.to_owned();
    fact(
        millis,
        Happening::State {
            router,
            group: 0,
            from,
            to,
            reason,
        },
    )
}

fn advert(millis: u64, router: usize, priority: u8) -> Fact {
    fact(
        millis,
        Happening::Advert {
            router,
            group: 0,
            priority: Priority::new(priority),
        },
    )
}

fn announced(millis: u64, router: u8, address: IpAddr) -> Fact {
    fact(
        millis,
        Happening::Announced {
            router: usize::from(router),
            address,
            mac: MacAddr([2, 0, 0, 0, 0, router + 1]),
            frames: 5,
        },
    )
}

fn check(step: Step, begun: u64, ended: u64, seen: &str, timers: Option<(u64, &str)>) -> Check {
    let outage = matches!(step, Step::Kill(_)).then_some(Outage {
        begun: at(5010),
        lasted: Duration::from_millis(3602),
    });
    Check {
        step,
        begun: at(begun),
        ended: at(ended),
        expected: seen.to_owned(),
        seen: seen.to_owned(),
        timers: timers.map(|(wait, reason)| Takeover {
            wait: Duration::from_millis(wait),
            reason: reason.to_owned(),
        }),
        took: timers.map(|(wait, _)| Duration::from_millis(wait + 1)),
        problem: None,
        numbers: Numbers {
            pings_sent: if step == Step::End { 0 } else { 470 },
            pings_lost: if outage.is_some() { 360 } else { 0 },
            outage,
            adverts: vec![2, 1],
        },
    }
}

/// r1 has the address, dies, and stays where it is.
fn run(players: &Players) -> Outcome {
    let target = players.target;
    let (backup, master) = (StateKind::Backup, StateKind::Master);
    let checks = vec![
        check(Step::Start, 0, 4600, "r1", Some((3414, "no master heard"))),
        check(Step::Kill(0), 5005, 9700, "r2", Some((3609, "10.0.0.1 silent"))),
        check(Step::Return(0), 9700, 14_000, "r2", None),
        check(Step::End, 14_000, 14_100, "nobody", None),
    ];
    let checked = |check: &Check, millis| fact(millis, Happening::Checked(Box::new(check.clone())));
    let silence = Silence {
        lasted: Duration::from_millis(3602),
        lost: 360,
    };
    let facts = vec![
        fact(0, Happening::Step(Step::Start)),
        fact(1, Happening::Started { router: 0 }),
        fact(1, Happening::Started { router: 1 }),
        state(4, 0, None, backup, "started"),
        state(5, 1, None, backup, "started"),
        advert(3420, 0, 150),
        state(
            3420,
            0,
            Some(backup),
            master,
            "no master heard for 3.41 s (3 x 1 s + skew 414 ms)",
        ),
        announced(3420, 0, target),
        fact(3440, Happening::Answer { after: None }),
        advert(4420, 0, 150),
        checked(&checks[0], 4600),
        fact(5005, Happening::Step(Step::Kill(0))),
        fact(5010, Happening::Silence),
        fact(
            5012,
            Happening::Ended {
                router: 0,
                how: "signal: 9 (SIGKILL)".to_owned(),
            },
        ),
        fact(
            6000,
            Happening::Note {
                router: 1,
                text: "something <odd> & rare".to_owned(),
            },
        ),
        advert(8610, 1, 100),
        state(
            8610,
            1,
            Some(backup),
            master,
            "10.0.0.1 silent for 3.61 s (3 x 1 s + skew 0.61 s)",
        ),
        announced(8610, 1, target),
        fact(8612, Happening::Answer { after: Some(silence) }),
        advert(9610, 1, 100),
        checked(&checks[1], 9700),
        fact(9700, Happening::Step(Step::Return(0))),
        fact(9702, Happening::Started { router: 0 }),
        state(9710, 0, None, backup, "started"),
        checked(&checks[2], 14_000),
        fact(14_000, Happening::Step(Step::End)),
        advert(14_001, 1, 0),
        state(14_001, 1, Some(master), StateKind::Initialize, "shut down"),
        checked(&checks[3], 14_100),
    ];
    let ping = |place: u64| {
        let sent = 3440 + place * 10;
        let lost = (5010..8610).contains(&sent);
        Echo {
            sent: at(sent),
            answered: (!lost).then(|| at(sent + 1)),
        }
    };
    Outcome {
        start: at(0),
        end: at(14_150),
        facts,
        checks,
        pings: (0..1055).map(ping).collect(),
        given_up: None,
    }
}

fn shown(teller: &mut dyn Teller, players: &Players, outcome: &Outcome) -> String {
    let mut lines = teller.begin(players, outcome.start, Duration::from_secs(15));
    for fact in &outcome.facts {
        lines.extend(teller.tell(players, fact));
    }
    lines.extend(teller.end(players, outcome));
    lines.join("\n")
}

#[test]
fn a_terminal_without_colours() {
    let players = two();
    let text = shown(&mut Text::new(false), &players, &run(&players));
    assert!(!text.contains('\x1b'));
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{longest:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn colours_are_all_that_a_terminal_adds() {
    let players = two();
    let outcome = run(&players);
    let coloured = shown(&mut Text::new(true), &players, &outcome);
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, shown(&mut Text::new(false), &players, &outcome));
}

#[test]
fn the_line_that_passes_the_time_is_drawn_over() {
    let players = two();
    let waiting = Waiting {
        step: Step::Kill(0),
        since: at(5000),
        next: Some(1),
        wait: Duration::from_millis(3609),
    };
    let mut text = Text::new(true);
    text.begin(&players, at(0), Duration::from_secs(15));
    let first = text.wait(&players, at(6800), &waiting).join("\n");
    assert!(
        first.contains("1.80 s") && first.contains("r2 takes over after 3.61 s"),
        "{first}"
    );
    assert!(
        first.contains(&"█".repeat(11)) && !first.contains(&"█".repeat(12)),
        "{first}"
    );
    assert!(
        text.wait(&players, at(6810), &waiting).is_empty(),
        "not more often than one sees"
    );
    let over = "\x1b[1A\x1b[2K";
    assert!(text.wait(&players, at(6900), &waiting)[0].starts_with(over));
    let silence = fact(7000, Happening::Silence);
    assert!(text.tell(&players, &silence)[0].starts_with(over));
    assert!(!text.tell(&players, &silence)[0].starts_with(over));
    assert!(Text::new(false).wait(&players, at(6800), &waiting).is_empty());
}

#[test]
fn a_run_that_went_wrong_says_what() {
    let players = two();
    let mut outcome = run(&players);
    outcome.checks.truncate(1);
    outcome.checks[0].seen = "r1 and r2".to_owned();
    outcome.checks[0].problem =
        Some("after 13.41 s, 10.0.0.100 is with r1 and r2, where the files say r1".to_owned());
    outcome.facts.truncate(9);
    let checked = Happening::Checked(Box::new(outcome.checks[0].clone()));
    outcome.facts.push(fact(4600, checked));
    let text = shown(&mut Text::new(false), &players, &outcome);
    insta::assert_snapshot!(text.split_once("client 10.0.0.100 answers").unwrap().1);
    let picture = svg(&players, &outcome);
    assert!(picture.contains("did not go as the files say"));
}

#[test]
fn machines_get_json() {
    let players = two();
    let text = shown(&mut Json::default(), &players, &run(&players));
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["t"].is_number() && value["event"].is_string(), "{line}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_picture() {
    let players = two();
    insta::assert_snapshot!(svg(&players, &run(&players)));
}

#[test]
fn names_from_files_do_not_break_the_picture() {
    let odd = |priority| instance("<&>", 51, priority, "", "10.0.0.100/24");
    let mut players = of(&odd(150), &odd(100));
    let again = players.groups[0].clone();
    players.groups.push(again);
    let picture = svg(&players, &run(&players));
    assert!(
        picture.contains("&lt;&amp;&gt;: 10.0.0.100") && !picture.contains("<&"),
        "{picture}"
    );
}
