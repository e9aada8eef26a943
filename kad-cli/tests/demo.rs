//! The demo, as people run it: with its own pair of files and with theirs, as root and as nobody, for eyes, for machines
//! and as a picture; and what it says if something goes wrong.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod demo_support;
#[path = "support/skip.rs"]
mod skip;

use std::fs;

use demo_support::{Demo, KEEPALIVED, assert_well_formed, can_run, config, step};
use skip::skip;

#[test]
fn the_shipped_pair_moves_the_address_and_back() {
    let mut demo = Demo::new(&[]);
    let picture = demo.path("demo.svg");
    let run = demo.args(&["--svg", picture.to_str().unwrap()]).run();
    if !can_run(&run) {
        return;
    }
    let text = &run.stdout;
    assert_eq!(run.code, Some(0), "{text}{}", run.stderr);
    assert!(
        !text.contains('\x1b'),
        "no colours where nobody sees them: {text}"
    );
    for part in [
        "r1     takes 10.0.0.100: no master heard for 3.4",
        "r2     takes 10.0.0.100: 10.0.0.1 silent for 3.6",
        "5 gratuitous ARPs: 10.0.0.100 is at 02:00:00:00:00:02",
        "r1     takes 10.0.0.100: 10.0.0.2 has priority 100, lower than our 150",
        "r2     takes 10.0.0.100: 10.0.0.1 resigned (priority 0), skew 0.61 s",
        "by the timers 3609 ms",
        "10.0.0.100 moved to r2 when r1 died, and came back to r1: as the files say.",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    let drawn = fs::read_to_string(picture).unwrap();
    assert_well_formed(&drawn);
    for part in ["MASTER", "r1 dies", "3609 ms by the timers", "ms of silence"] {
        assert!(drawn.contains(part), "{part:?} is missing in\n{drawn}");
    }
}

#[test]
fn events_are_json_and_say_who_and_why() {
    let run = Demo::new(&[config(150, ""), config(100, "")])
        .args(&["--json"])
        .run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let events = run.events();
    assert_eq!(events[0]["event"], "world");
    assert_eq!(events[0]["target"], "192.0.2.9");
    let became_master = |router: &str, reason: &str| {
        events.iter().any(|event| {
            event["event"] == "state"
                && event["router"] == router
                && event["to"] == "MASTER"
                && event["reason"].as_str().unwrap().contains(reason)
        })
    };
    assert!(became_master("r1", "no master heard"));
    assert!(became_master("r2", "192.0.2.1 silent for"));
    assert!(became_master("r1", "lower than our 150"));
    assert!(became_master("r2", "192.0.2.1 resigned"));
    let times: Vec<f64> = events.iter().map(|event| event["t"].as_f64().unwrap()).collect();
    assert!(times.iter().all(|time| *time >= 0.0));
    let announced =
        |event: &&serde_json::Value| event["event"] == "announced" && event["address"] == "192.0.2.9";
    assert!(events.iter().filter(announced).count() >= 4);
    assert!(
        events
            .iter()
            .any(|event| event["event"] == "advert" && event["priority"] == 0)
    );

    let summary = run.summary();
    assert_eq!(summary["ok"], true);
    let kill = step(&summary, "kill");
    assert_eq!((&kill["router"], &kill["seen"]), (&"r1".into(), &"r2".into()));
    // RFC 9568 section 6.1: 3 x 100 ms and (256 - 100) / 256 of 100 ms.
    assert_eq!(kill["timers_ms"], 360.9375);
    let took = kill["took_ms"].as_f64().unwrap();
    assert!(took > 358.0, "nobody takes over before the timers allow: {took}");
    assert!(kill["pings_lost"].as_u64().unwrap() > 0 && kill["outage_ms"].as_f64().unwrap() > 0.0);
}

#[test]
fn nopreempt_does_not_come_back() {
    let slower = |text: String| text.replace("advert_int 0.1", "advert_int 0.3");
    let files = [slower(config(150, "nopreempt")), slower(config(100, "nopreempt"))];
    let run = Demo::new(&files).args(&["--json"]).run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let summary = run.summary();
    // Who starts first is chance, but not who has it afterwards.
    let (kill, back) = (step(&summary, "kill"), step(&summary, "return"));
    assert_ne!(kill["router"], kill["seen"], "{summary}");
    assert_eq!(back["seen"], kill["seen"], "{summary}");
}

#[test]
fn three_routers_over_ipv6() {
    let ipv6 = |priority| config(priority, "").replace("192.0.2.9/24", "fe80::9/64\n 2001:db8:1::9/64");
    let run = Demo::new(&[ipv6(120), ipv6(200), ipv6(100)])
        .args(&["--json"])
        .run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let summary = run.summary();
    assert_eq!(step(&summary, "start")["seen"], "r2", "{summary}");
    assert_eq!(step(&summary, "kill")["seen"], "r1", "{summary}");
    assert_eq!(run.events()[0]["target"], "2001:db8:1::9");
}

#[test]
fn instances_on_two_lans_each_have_a_master() {
    let both = |one, two| {
        let inner = config(two, "").replace("VI_1", "VI_2").replace("eth0", "eth1");
        config(one, "") + &inner.replace("192.0.2.9", "198.51.100.9")
    };
    let run = Demo::new(&[both(150, 100), both(100, 150)])
        .args(&["--json"])
        .run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let summary = run.summary();
    assert_eq!(step(&summary, "start")["seen"], "VI_1: r1, VI_2: r2", "{summary}");
    assert_eq!(step(&summary, "kill")["seen"], "r2", "{summary}");
}

#[test]
fn unicast_peers_get_the_addresses_that_the_files_speak_of() {
    let unicast = |priority, own: u8, peer: u8| {
        let more = format!("unicast_src_ip 198.51.100.{own}\n unicast_peer {{\n 198.51.100.{peer}\n }}");
        config(priority, &more)
    };
    let run = Demo::new(&[unicast(150, 31, 32), unicast(100, 32, 31)])
        .args(&["--json"])
        .run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.events()[0]["routers"][1]["addresses"][1], "198.51.100.32");
}

#[test]
fn keepalived_can_be_the_other_router() {
    if !std::path::Path::new(KEEPALIVED).exists() {
        return skip("Debian's package keepalived is not installed");
    }
    let run = Demo::new(&[config(150, ""), config(100, "")])
        .args(&["--json", "--peer", "keepalived"])
        .run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.events()[0]["routers"][1]["daemon"], "keepalived");
    assert_eq!(step(&run.summary(), "kill")["seen"], "r2");
}

#[test]
fn root_is_not_needed() {
    let run = Demo::new(&[config(150, ""), config(100, "")]).as_nobody().run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

/// Two files that are right, and a router that does nothing: what the files say does not happen.
#[test]
fn an_address_that_does_not_move_is_a_failure() {
    let mut demo = Demo::new(&[config(150, ""), config(100, "")]);
    demo.fake_keepalived("exec sleep 60");
    let run = demo.args(&["--peer", "keepalived"]).run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let sentence = "192.0.2.9 is with nobody, where the files say r2";
    assert!(run.stdout.contains(sentence), "{}", run.stdout);
    assert!(run.stdout.contains("Not as the files say."), "{}", run.stdout);
}

#[test]
fn a_router_whose_program_ends_is_a_failure() {
    let mut demo = Demo::new(&[config(150, ""), config(100, "")]);
    demo.fake_keepalived("echo 'no, thanks' >&2; sleep 0.2; exit 3");
    let run = demo.args(&["--json", "--peer", "keepalived"]).run();
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let problem = step(&run.summary(), "start")["problem"].clone();
    assert_eq!(problem, "r2's program ended by itself; it said last: no, thanks");
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    let mut demo = Demo::new(&[config(150, ""), config(100, "")]);
    let run = demo.args(&["--json"]).interrupt_at("\"step\":\"kill\"");
    if !can_run(&run) {
        return;
    }
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    assert_eq!(run.left_behind, Vec::<String>::new());
}

#[test]
fn files_that_do_not_fit_together_are_told_why() {
    let pass = |word: &str| {
        config(
            100,
            &format!("authentication {{\n auth_type PASS\n auth_pass {word}\n }}"),
        )
        .replace("version 3\n advert_int 0.1", "version 2")
    };
    let run = Demo::new(&[pass("one"), pass("two")]).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("r1 and r2 would be master of VI_1 at once")
            && run.stderr.contains("wrong password"),
        "{}",
        run.stderr
    );
    let run = Demo::new(&[
        config(150, ""),
        config(100, "").replace("router_id 7", "router_id 8"),
    ])
    .run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("VI_1 is in r1's file only"), "{}", run.stderr);
}

#[test]
fn wrong_files_are_complained_about_before_anything_starts() {
    let run = Demo::new(&[config(150, "priority 0"), config(100, "")]).run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("1.conf:"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    let run = Demo::new(&[config(150, "")]).args(&["--json"]).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert_eq!(run.events()[0]["event"], "error");
}

#[test]
fn a_missing_program_is_named_with_its_package() {
    let mut demo = Demo::new(&[config(150, ""), config(100, "")]);
    demo.hide_keepalived();
    let run = demo.args(&["--peer", "keepalived"]).run();
    if run.stderr.contains("unshare") {
        return skip(&run.stderr);
    }
    assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("package keepalived"), "{}", run.stderr);
}
