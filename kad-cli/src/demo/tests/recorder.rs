use std::net::IpAddr;
use std::time::Duration;

use vrrp_engine::{StateKind, Time};
use vrrp_proto::{MacAddr, Priority, Version, Vrid};

use super::{players, simple};
use crate::demo::facts::{Fact, Happening, Silence};
use crate::demo::players::Players;
use crate::demo::recorder::Recorder;
use crate::lab::{Event, Ping, What};
use crate::simulate::Step;
use crate::simulate::{self, Topology};

fn two() -> Players {
    let (one, two) = (simple(150, ""), simple(100, ""));
    let plans = [&one, &two];
    players(&plans, &Topology::new(&plans))
}

fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

fn event(millis: u64, what: What) -> Event {
    Event { at: at(millis), what }
}

fn advert(millis: u64, router: usize, priority: u8) -> Event {
    let what = What::Advert {
        node: format!("r{}", router + 1),
        mac: simulate::mac(router, 0),
        source: IpAddr::from([10, 0, 0, 1]),
        destination: IpAddr::from([224, 0, 0, 18]),
        version: Version::V2,
        vrid: Vrid::new(51).unwrap(),
        priority: Priority::new(priority),
    };
    event(millis, what)
}

fn line(millis: u64, node: &str, text: &str) -> Event {
    let (node, text) = (node.to_owned(), text.to_owned());
    event(
        millis,
        What::Line {
            node,
            process: 1,
            text,
        },
    )
}

fn announcement(millis: u64) -> Event {
    let what = What::Announcement {
        node: "r1".to_owned(),
        address: IpAddr::from([10, 0, 0, 100]),
        mac: MacAddr([2, 0, 0, 0, 0, 1]),
    };
    event(millis, what)
}

fn ping(sequence: u16, answered: bool) -> Event {
    let sent = at(u64::from(sequence) * 10);
    let answered = answered.then_some(Duration::from_millis(1));
    event(
        u64::from(sequence) * 10 + 1,
        What::Ping(Ping {
            sequence,
            sent,
            answered,
        }),
    )
}

fn told(recorder: &mut Recorder<'_>) -> Vec<Happening> {
    recorder.rest().into_iter().map(|fact| fact.what).collect()
}

fn state(router: usize, from: Option<StateKind>, to: StateKind, reason: &str) -> Happening {
    Happening::State {
        router,
        group: 0,
        from,
        to,
        reason: reason.to_owned(),
    }
}

#[test]
fn what_comes_in_late_is_told_in_its_place() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    recorder.take(advert(1000, 0, 150));
    recorder.take(line(990, "r1", "T VI_1: BACKUP -> MASTER: why"));
    assert_eq!(recorder.news(at(1001)), []);
    let news: Vec<Fact> = recorder.news(at(2000));
    assert_eq!(
        news.iter().map(|fact| fact.at).collect::<Vec<_>>(),
        [at(990), at(1000)]
    );
    assert_eq!(news[0].what, state(0, None, StateKind::Master, "why"));
    assert_eq!(recorder.news(at(2000)), []);
    assert_eq!(recorder.facts.len(), 2);
}

#[test]
fn a_takeover_is_told_before_its_announcements() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    for millis in [1000, 1000, 1001] {
        recorder.take(announcement(millis));
    }
    recorder.take(line(1002, "r1", "T VI_1: BACKUP -> MASTER: why"));
    recorder.take(announcement(6000));
    let told = told(&mut recorder);
    let burst = |frames| Happening::Announced {
        router: 0,
        address: IpAddr::from([10, 0, 0, 100]),
        mac: MacAddr([2, 0, 0, 0, 0, 1]),
        frames,
    };
    assert_eq!(
        told,
        [state(0, None, StateKind::Master, "why"), burst(3), burst(1)]
    );
}

#[test]
fn adverts_of_virtual_routers_that_nobody_asked_about_are_left_out() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    let mut other = advert(1, 0, 150);
    if let What::Advert { vrid, .. } = &mut other.what {
        *vrid = Vrid::new(52).unwrap();
    }
    recorder.take(other);
    assert_eq!(told(&mut recorder), []);
}

#[test]
fn why_keepalived_changes_is_read_from_the_wire() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    recorder.take(line(
        0,
        "r2",
        "Sun Mar  1 12:00:00 2026: (VI_1) Entering BACKUP STATE (init)",
    ));
    recorder.take(advert(1000, 0, 150));
    let master = "Sun Mar  1 12:00:00 2026: (VI_1) Entering MASTER STATE";
    recorder.take(line(4610, "r2", master));
    recorder.take(advert(5000, 0, 150));
    recorder.take(line(
        5001,
        "r2",
        "Sun Mar  1 12:00:00 2026: (VI_1) Entering BACKUP STATE",
    ));
    recorder.take(advert(6000, 0, 0));
    recorder.take(line(6610, "r2", master));
    let states: Vec<Happening> = told(&mut recorder)
        .into_iter()
        .filter(|what| matches!(what, Happening::State { .. }))
        .collect();
    let (backup, master) = (StateKind::Backup, StateKind::Master);
    assert_eq!(
        states,
        [
            state(1, None, backup, "started"),
            state(1, Some(backup), master, "r1 silent for 3.61 s"),
            state(1, Some(master), backup, "r1 has priority 150, ours is 100"),
            state(1, Some(backup), master, "r1 resigned 0.61 s ago (priority 0)"),
        ]
    );
}

#[test]
fn silence_is_noticed_long_before_a_request_is_given_up() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    for sequence in 1..=5 {
        recorder.take(ping(sequence, true));
    }
    assert_eq!(recorder.news(at(60)).len(), 0);
    // Nothing comes in; a while later it shows.
    recorder.news(at(200));
    for sequence in [6, 7, 8] {
        recorder.take(ping(sequence, false));
    }
    recorder.take(ping(30, true));
    recorder.take(ping(31, true));
    recorder.rest();
    let told: Vec<Happening> = recorder.facts.iter().map(|fact| fact.what.clone()).collect();
    let silence = Silence {
        lasted: Duration::from_millis(241),
        lost: 24,
    };
    assert_eq!(
        told,
        [
            Happening::Answer { after: None },
            Happening::Silence,
            Happening::Answer { after: Some(silence) },
        ]
    );
    let unanswered = recorder.pings.iter().filter(|ping| ping.answered.is_none());
    assert_eq!(unanswered.count(), 3);
}

#[test]
fn a_request_on_its_way_when_the_master_dies_is_not_lost_before() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    recorder.take(ping(1, true));
    recorder.note(at(23), Happening::Step(Step::Kill(0)));
    recorder.news(at(200));
    recorder.rest();
    assert_eq!(
        recorder.facts.last(),
        Some(&Fact {
            at: at(23),
            what: Happening::Silence
        })
    );
}

#[test]
fn a_complaint_is_told_once() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    recorder.take(line(1, "r1", "T warning: discarded: wrong password"));
    recorder.take(line(
        2,
        "r1",
        "T warning: discarded: wrong password (and 3 more like it)",
    ));
    recorder.take(line(3, "r2", "T warning: discarded: wrong password"));
    let note = |router| Happening::Note {
        router,
        text: "discarded: wrong password".to_owned(),
    };
    assert_eq!(told(&mut recorder), [note(0), note(1)]);
}

#[test]
fn a_machine_that_died_begins_anew() {
    let players = two();
    let mut recorder = Recorder::new(&players);
    recorder.take(line(1, "r1", "T VI_1: INIT -> BACKUP: started"));
    recorder.note(at(2), Happening::Step(Step::Kill(0)));
    recorder.take(line(3, "r1", "T VI_1: INIT -> BACKUP: started"));
    let told = told(&mut recorder);
    assert_eq!(told.last(), Some(&state(0, None, StateKind::Backup, "started")));
}
