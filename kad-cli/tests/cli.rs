//! The command line: exit statuses and messages. Nothing here needs a privilege or touches a network.
#![allow(clippy::unwrap_used, reason = "a test ends there")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const GOOD: &str = "\
vrrp_instance VI_1 {
    interface lo
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.0.2.1/24
    }
}
";

fn kad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kad"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

struct File {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn file(text: &str) -> File {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keepalived.conf");
    fs::write(&path, text).unwrap();
    File { _dir: dir, path }
}

fn check(path: &Path) -> Output {
    kad(&["run", "-t", "-f", path.to_str().unwrap()])
}

#[test]
fn version_and_help_are_answered() {
    for flag in ["-v", "--version"] {
        let output = kad(&["run", flag]);
        assert!(output.status.success());
        assert!(
            text(&output.stdout).contains(env!("CARGO_PKG_VERSION")),
            "{output:?}"
        );
    }
    for flag in ["-h", "--help"] {
        let help = text(&kad(&["run", flag]).stdout);
        for option in [
            "--use-file",
            "--dont-fork",
            "--log-console",
            "--log-detail",
            "--vrrp",
            "--check",
            "--pid",
            "--vrrp_pid",
        ] {
            assert!(help.contains(option), "{option} in {help}");
        }
        assert!(help.contains("Exit status: 0"), "{help}");
    }
}

#[test]
fn good_file_is_fine() {
    let file = file(GOOD);
    let output = check(&file.path);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).contains("fine"), "{output:?}");
}

#[test]
fn keepalived_flags_are_taken_together() {
    let file = file(GOOD);
    let path = file.path.to_str().unwrap();
    let output = kad(&[
        "run",
        "-nlDP",
        "-t",
        "-i",
        "somewhere",
        "-p",
        "/nonexistent/x",
        "-f",
        path,
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn wrong_file_names_line_and_column_and_exits_with_1() {
    let file = file(&GOOD.replace("virtual_router_id 51", "virtual_router_id 300"));
    let output = check(&file.path);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("keepalived.conf:3:"), "{said}");
    assert!(said.contains("300"), "{said}");
    // Without -t just the same: nothing is started.
    let output = kad(&["run", "-f", file.path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("nothing was changed"), "{output:?}");
}

#[test]
fn missing_argument_is_an_error_and_not_an_exit_in_the_middle() {
    let file = file(
        &GOOD
            .replace("priority 100", "priority")
            .replace("interface lo", "interface"),
    );
    let output = check(&file.path);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("keepalived.conf:2:") && said.contains("keepalived.conf:4:"),
        "{said}"
    );
}

#[test]
fn keyword_that_kad_has_not_yet_is_a_warning() {
    let unheeded = GOOD.replace("priority 100", "priority 100\n    lvs_sync_daemon_interface eth0");
    let file = file(&unheeded);
    let output = check(&file.path);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("lvs_sync_daemon_interface") && said.contains("no effect yet"),
        "{said}"
    );
}

#[test]
fn signatures_in_version_2_are_refused_with_their_reason() {
    let key = "k".repeat(32);
    let signed = format!("version 2\n auth_hmac {{\n key 1 {key}\n }}\n    priority 100");
    let file = file(&GOOD.replace("priority 100", &signed));
    let output = check(&file.path);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("keepalived.conf:") && said.contains("signed adverts belong to VRRP version 3"),
        "{said}"
    );
    assert!(!said.contains(&key), "{said}");
}

/// Good ones and bad ones, by every command that shows something of the file.
#[test]
fn no_secret_is_shown() {
    let bodies = [
        "authentication {\n auth_type PASS\n auth_pass hunter2hunter2\n }",
        "authentication {\n auth_type AH\n auth_pass hunter2\n }",
        "authentication {\n auth_pass \"hunter2 hunter2\n }",
        "version 3\n auth_hmac {\n key 1 hunter2hunter2hunter2hunter2hunter2\n }",
        "version 3\n auth_hmac {\n key 1 hunter2\n key 1 hex:68756e7465723\n }",
        "version 3\n auth_hmac {\n key 1 hex:68756e746572326868756e746572326868756e746572326868756e7465723268\n mode nonsense\n }",
        "version 3\n auth_hmac {\n key 1 ${_ENV KAD_TEST_KEY}\n }",
        "version 3\n auth_hmac {\n key 1 ${_ENV KAD_TEST_SHORT_KEY}\n }",
        "version 2\n auth_hmac {\n key 1 file:KEY\n }",
    ];
    let key = file("hunter2");
    for body in bodies {
        let body = body.replace("KEY\n", &format!("{}\n", key.path.display()));
        let file = file(&GOOD.replace("priority 100", &body));
        let path = file.path.to_str().unwrap();
        for arguments in [
            &["run", "-t", "-f", path][..],
            &["check", path],
            &["check", "--json", path],
            &["check", "--offline", path, path],
            &["config", path],
            &["config", "--json", path],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_kad"))
                .args(arguments)
                .env("KAD_TEST_KEY", "hunter2".repeat(5))
                .env("KAD_TEST_SHORT_KEY", "hunter2")
                .output()
                .unwrap();
            let shown = text(&output.stdout) + &text(&output.stderr);
            assert!(!shown.contains("panicked"), "{shown}");
            for secret in ["hunter2", "68756e74"] {
                assert!(!shown.contains(secret), "{arguments:?} of {body}:\n{shown}");
            }
        }
    }
}

#[test]
fn file_that_is_not_there_is_named() {
    let output = kad(&["run", "-f", "/nonexistent/keepalived.conf"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("/nonexistent/keepalived.conf"),
        "{output:?}"
    );
}

#[test]
fn wrong_command_line_exits_with_2() {
    assert_eq!(kad(&["run", "--no-such-flag"]).status.code(), Some(2));
    assert_eq!(kad(&["nonsense"]).status.code(), Some(2));
    assert_eq!(kad(&["run", "-P", "-C"]).status.code(), Some(2));
}

#[test]
fn without_privilege_it_says_which_is_missing() {
    let file = file(GOOD);
    // An ordinary user, whoever runs the tests.
    let mut command = if nix::unistd::geteuid().is_root() {
        // A copy where anybody may run it.
        let dir = file.path.parent().unwrap();
        fs::set_permissions(dir, readable()).unwrap();
        let program = dir.join("kad");
        fs::copy(env!("CARGO_BIN_EXE_kad"), &program).unwrap();
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_kad"))
    };
    let output = command
        .args(["run", "-f"])
        .arg(&file.path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("CAP_NET_RAW"), "{said}");
}

fn readable() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}
