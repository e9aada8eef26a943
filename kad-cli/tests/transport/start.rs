//! Nothing is done for a while after a start.

use std::time::Duration;

use kad_cli::clock;
use kad_cli::lab::Program;
use vrrp_engine::Time;

use crate::forge::Forged;
use crate::support::{Daemon, KAD, Lab, can_run, v4};
use crate::{LIMIT, VIP, instance};

/// From the start of a router that is alone to its first advert, with these delays.
fn first_advert(daemon: Daemon, delays: &str) -> Duration {
    let mut lab = Lab::new(&[daemon]);
    let config = instance(150, "version 3\n advert_int 0.25");
    let begun = clock::now();
    lab.start(1, &format!("global_defs {{\n {delays}\n}}\n{config}"));
    let forged = Forged {
        from: v4(99),
        to: [224, 0, 0, 18].into(),
        priority: 200,
        centis: 25,
    };
    // Meanwhile nobody is heard: this one would put off the takeover by another 0.75 s each time.
    lab.watch(Duration::from_secs(1));
    forged.send(&lab.client);
    lab.wait_for_master(1, VIP, LIMIT);
    if daemon == Daemon::Kad {
        lab.wait_for_line(1, "adverts are ignored, and none are sent");
        lab.wait_for_line(1, "the delay is over: the election begins");
        let heard = lab.lines(1).iter().any(|line| line.contains("10.0.0.99"));
        assert!(!heard || lab.lines(1).iter().any(|line| line.contains("not listening")));
    }
    lab.adverts(1, Time::ZERO)[0].0 - begun
}

#[test]
fn startup_delay_is_kept() {
    for daemon in [Daemon::Kad, Daemon::Keepalived] {
        if can_run(&[daemon]) {
            let waited = first_advert(daemon, "vrrp_startup_delay 4");
            // And then all that a backup waits.
            assert!(waited >= Duration::from_millis(4750), "{daemon:?}: {waited:?}");
        }
    }
}

/// The machine seems to have been up for a minute, to who is in a time namespace.
#[test]
fn delay_after_boot_is_kept_if_it_is_the_longer_one() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kad.conf");
    let delays = "vrrp_startup_delay 1\n vrrp_delay_after_boot 66";
    let config = instance(150, "version 3\n advert_int 0.25");
    std::fs::write(&path, format!("global_defs {{\n {delays}\n}}\n{config}")).unwrap();
    let mut lab = Lab::new(&[Daemon::Kad]);
    let begun = clock::now();
    let offset = 60 - i64::try_from(clock::uptime().as_secs()).unwrap();
    let program = Program::new("/usr/bin/unshare")
        .arg("--time")
        .arg("--fork")
        .arg("--boottime")
        .arg(offset.to_string())
        .arg(KAD)
        .arg("run")
        .arg("-f")
        .arg(&path);
    lab.routers[0].process = Some(lab.routers[0].node.spawn(&program).unwrap());
    lab.wait_for_line(1, "adverts are ignored, and none are sent");
    lab.wait_for_master(1, VIP, LIMIT);
    let waited = lab.adverts(1, Time::ZERO)[0].0 - begun;
    assert!(waited >= Duration::from_millis(4750), "{waited:?}");
}

/// Whether adverts of another virtual router are worth a line that is no debugging.
fn tells_of_unknown(global: &str) -> bool {
    let mut lab = Lab::new(&[Daemon::Kad]);
    let config = instance(150, "version 3\n advert_int 0.25").replace("router_id 51", "router_id 52");
    lab.start(1, &format!("global_defs {{\n {global}\n}}\n{config}"));
    lab.wait_for_master(1, VIP, LIMIT);
    let forged = Forged {
        from: v4(99),
        to: [224, 0, 0, 18].into(),
        priority: 200,
        centis: 25,
    };
    forged.send(&lab.client);
    let line =
        "discarded an advert from 10.0.0.99 on eth0: virtual router 51 is not configured on this interface";
    lab.wait_for_line(1, line);
    let lines = lab.lines(1);
    lines.iter().any(|it| it.contains(line) && !it.contains("debug"))
}

#[test]
fn unknown_virtual_routers_are_told_of_where_that_is_wanted() {
    if !can_run(&[Daemon::Kad]) {
        return;
    }
    assert!(!tells_of_unknown(""));
    assert!(tells_of_unknown("log_unknown_vrids"));
}
