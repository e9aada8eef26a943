//! `kad check`: exit statuses, what people read and what machines read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends there")]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Files in a directory of their own, where `kad` is run.
struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        Self { dir }
    }

    fn kad(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_kad"))
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The exit status and what is said of `kad check`, which complains to nobody.
    fn check(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.kad(&[&["check"], arguments].concat());
        assert_eq!(text(&output.stderr), "");
        (output.status.code().unwrap(), text(&output.stdout))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (_, said) = self.check(&[&["--json"], arguments].concat());
        serde_json::from_str(&said).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A file with one instance, in which `more` stands too.
fn conf(priority: u8, more: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n    interface lo\n    virtual_router_id 51\n    priority {priority}\n{more}    \
         virtual_ipaddress {{\n        10.0.0.100/24\n    }}\n}}\n"
    )
}

#[test]
fn exit_statuses_are_for_scripts() {
    let desk = Desk::new(&[
        ("fine.conf", &conf(100, "")),
        ("warned.conf", &conf(100, "    nopremt\n")),
        ("wrong.conf", &conf(100, "    advert_int\n")),
    ]);
    let status = |arguments: &[&str]| desk.check(&[&["--offline"], arguments].concat()).0;
    assert_eq!(status(&["fine.conf"]), 0);
    assert_eq!(status(&["--strict", "fine.conf"]), 0);
    assert_eq!(status(&["warned.conf"]), 0);
    assert_eq!(status(&["--strict", "warned.conf"]), 1);
    assert_eq!(status(&["wrong.conf"]), 1);
    assert_eq!(status(&["absent.conf"]), 2);
    assert_eq!(status(&["wrong.conf", "absent.conf"]), 2);
    assert_eq!(desk.kad(&["check", "--no-such-flag"]).status.code(), Some(2));
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let desk = Desk::new(&[("fine.conf", &conf(100, ""))]);
    let (status, said) = desk.check(&["one.conf", "fine.conf", "two.conf"]);
    assert_eq!(status, 2);
    for line in [
        "one.conf: cannot be read",
        "fine.conf: fine",
        "two.conf: cannot be read",
    ] {
        assert!(said.lines().any(|said| said == line), "{line} in {said}");
    }
}

#[test]
fn a_problem_is_shown_where_it_is_with_what_led_there() {
    let desk = Desk::new(&[
        ("k.conf", &conf(100, "    include more.conf\n")),
        ("more.conf", "nopremt\n"),
    ]);
    let (status, said) = desk.check(&["--offline", "k.conf"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(said);
}

#[test]
fn run_t_says_the_same() {
    let desk = Desk::new(&[("k.conf", &conf(100, "    nopremt\n    advert_int 0.001\n"))]);
    let (status, said) = desk.check(&["--offline", "k.conf"]);
    let output = desk.kad(&["run", "-t", "-f", "k.conf"]);
    assert_eq!(text(&output.stderr), said);
    assert_eq!(output.status.code(), Some(status));
}

#[test]
fn machines_get_one_document() {
    let desk = Desk::new(&[
        ("k.conf", &conf(100, "    include more.conf\n")),
        ("more.conf", "nopremt\n"),
    ]);
    let document = desk.json(&["--offline", "k.conf"]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    let document = desk.json(&["absent.conf"]);
    assert_eq!(document["status"], "unreadable");
    assert_eq!(document["files"][0]["status"], "unreadable");
}

#[test]
fn a_pipe_gets_no_colours() {
    let desk = Desk::new(&[("k.conf", &conf(100, "    nopremt\n"))]);
    let (_, said) = desk.check(&["--offline", "k.conf"]);
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn the_config_id_chooses_lines() {
    let desk = Desk::new(&[("k.conf", &conf(100, "    @right nopremt\n"))]);
    assert_eq!(
        desk.check(&["--offline", "--strict", "-i", "left", "k.conf"]).0,
        0
    );
    assert_eq!(
        desk.check(&["--offline", "--strict", "-i", "right", "k.conf"]).0,
        1
    );
}
