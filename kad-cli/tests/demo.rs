//! The demo, as people run it: with its own pair of files and theirs, as root and as nobody, for eyes and for machines.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const KAD: &str = env!("CARGO_BIN_EXE_kad");

/// Fast timers, so that a failover takes less than half a second.
fn config(priority: u8, extra: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 7\n version 3\n advert_int 0.25\n priority {priority}\n \
         {extra}\n virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

struct Files {
    dir: TempDir,
    paths: Vec<PathBuf>,
}

fn files(texts: &[String]) -> Files {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let write = |(place, text): (usize, &String)| {
        let path = dir.path().join(format!("{place}.conf"));
        fs::write(&path, text).unwrap();
        path
    };
    let paths = texts.iter().enumerate().map(write).collect();
    Files { dir, paths }
}

fn demo(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new(KAD)
        .arg("demo")
        .args(arguments)
        .args(files)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Whether the demo can run here. If not, the test says so; in CI that is a failure.
fn can_run(output: &Output) -> bool {
    if output.status.code() != Some(2) {
        return true;
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(std::env::var_os("CI").is_none(), "cannot run: {said}");
    eprintln!("SKIPPED: {said}");
    false
}

fn events(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn summary(output: &Output) -> Value {
    let last = events(output).pop().unwrap();
    assert_eq!(last["event"], "summary");
    last
}

fn check<'a>(summary: &'a Value, what: &str) -> &'a Value {
    let checks = summary["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["what"] == what)
        .unwrap_or_else(|| panic!("no check {what}: {summary}"))
}

#[test]
fn shipped_pair_shows_a_failover() {
    let svg = tempfile::tempdir().unwrap();
    let picture = svg.path().join("demo.svg");
    let output = demo(&["--svg", picture.to_str().unwrap()], &[]);
    if !can_run(&output) {
        return;
    }
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{text}");
    for part in [
        "MASTER",
        "silent for",
        "DEAD",
        "ANSWERED",
        "tells everyone",
        "as the files say",
        "adverts seen",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains('\x1b'), "no colour where there is no terminal");
    let drawn = fs::read_to_string(&picture).unwrap();
    assert!(
        drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"),
        "{drawn}"
    );
    assert!(drawn.contains("MASTER") && drawn.contains("outage"), "{drawn}");
}

#[test]
fn events_are_json_and_say_who_and_why() {
    let files = files(&[config(150, "", "192.0.2.9/24"), config(100, "", "192.0.2.9/24")]);
    let output = demo(&["--json"], &files.paths);
    if !can_run(&output) {
        return;
    }
    let events = events(&output);
    assert!(output.status.success(), "{events:?}");
    let states: Vec<_> = events.iter().filter(|event| event["event"] == "state").collect();
    let became = |router: &str, reason: &str| {
        states.iter().any(|event| {
            event["router"] == router
                && event["state"] == "MASTER"
                && event["reason"].as_str().unwrap().contains(reason)
        })
    };
    assert!(
        (became("r1", "no master heard") || became("r2", "no master heard"))
            && became("r2", "silent for")
            && became("r1", "lower than our 150")
    );
    assert!(
        events
            .iter()
            .any(|event| event["event"] == "announced" && event["address"] == "192.0.2.9")
    );
    let summary = summary(&output);
    assert_eq!(summary["fine"], true);
    assert_eq!(check(&summary, "when it is back")["expected"], "r1");
    let (outage, allowed) = (
        summary["outage_ms"].as_f64().unwrap(),
        summary["allowed_ms"].as_f64().unwrap(),
    );
    assert!(
        outage + 5.0 > allowed,
        "nobody takes over before the timers allow: {outage} {allowed}"
    );
}

#[test]
fn nopreempt_is_not_expected_to_come_back() {
    let files = files(&[
        config(150, "nopreempt", "192.0.2.9/24"),
        config(100, "", "192.0.2.9/24"),
    ]);
    let output = demo(&["--json"], &files.paths);
    if !can_run(&output) {
        return;
    }
    let summary = summary(&output);
    assert_eq!(check(&summary, "when it is back")["expected"], "r2", "{summary}");
    assert!(output.status.success(), "{summary}");
}

#[test]
fn three_routers_and_ipv6() {
    let addresses = "fe80::9/64\n 2001:db8:1::9/64";
    let files = files(&[
        config(120, "", addresses),
        config(200, "", addresses),
        config(100, "", addresses),
    ]);
    let output = demo(&["--json"], &files.paths);
    if !can_run(&output) {
        return;
    }
    let summary = summary(&output);
    assert_eq!(check(&summary, "first master")["expected"], "r2", "{summary}");
    assert!(
        check(&summary, "takeover")["expected"]
            .as_str()
            .unwrap()
            .starts_with("r1 after"),
        "{summary}"
    );
    assert!(output.status.success(), "{summary}");
}

#[test]
fn unicast_peers_get_the_addresses_that_the_files_speak_of() {
    let unicast = |own: u8, peer: u8| {
        format!("unicast_src_ip 198.51.100.{own}\n unicast_peer {{\n 198.51.100.{peer}\n }}")
    };
    let files = files(&[
        config(150, &unicast(31, 32), "198.51.100.9"),
        config(100, &unicast(32, 31), "198.51.100.9"),
    ]);
    let output = demo(&["--json"], &files.paths);
    if !can_run(&output) {
        return;
    }
    assert!(output.status.success(), "{}", summary(&output));
}

#[test]
fn files_that_do_not_fit_together_end_with_1_and_say_so() {
    // Each drops the other's adverts, so that both are masters.
    let secret = |word: &str| {
        format!(
            "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 7\n priority 150\n authentication {{\n auth_type PASS\n \
                 auth_pass {word}\n }}\n virtual_ipaddress {{\n 192.0.2.9/24\n }}\n}}\n"
        )
    };
    let files = files(&[secret("one"), secret("two").replace("150", "100")]);
    let output = demo(&[], &files.paths);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("r1 and r2 would be master at once"), "{said}");
}

#[test]
fn keepalived_can_be_the_other_router() {
    if !Path::new("/usr/sbin/keepalived").exists() {
        assert!(std::env::var_os("CI").is_none(), "keepalived is not installed");
        eprintln!("SKIPPED: Debian's package keepalived is not installed");
        return;
    }
    let files = files(&[config(150, "", "192.0.2.9/24"), config(100, "", "192.0.2.9/24")]);
    let output = demo(&["--json", "--peer", "keepalived"], &files.paths);
    if !can_run(&output) {
        return;
    }
    let world = events(&output).remove(0);
    assert_eq!(world["routers"][1]["daemon"], "keepalived");
    assert!(output.status.success(), "{}", summary(&output));
}

#[test]
fn root_is_not_needed() {
    let files = files(&[config(150, "", "192.0.2.9/24"), config(100, "", "192.0.2.9/24")]);
    // A copy where anybody may run it.
    let program = files.dir.path().join("kad");
    fs::copy(KAD, &program).unwrap();
    let mut command = if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program);
        command
    } else {
        Command::new(&program)
    };
    let command = command
        .arg("demo")
        .arg("--json")
        .args(&files.paths)
        .stdin(Stdio::null());
    let output = command.current_dir(files.dir.path()).output().unwrap();
    if !can_run(&output) {
        return;
    }
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn wrong_files_are_complained_about_before_anything_starts() {
    let bad = files(&[
        config(150, "priority 0", "192.0.2.9/24"),
        config(100, "", "192.0.2.9/24"),
    ]);
    let output = demo(&[], &bad.paths);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("0.conf:"),
        "{output:?}"
    );
    assert_eq!(demo(&[], &bad.paths[..1]).status.code(), Some(2));
}
