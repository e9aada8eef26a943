//! `kad check`: exit statuses, what people read and what machines read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends there")]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{Daemon, Lab, can_run};
use tempfile::TempDir;

mod support;

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

/// A pair's files.
fn pair(one: &str, two: &str) -> Desk {
    Desk::new(&[("r1.conf", one), ("r2.conf", two)])
}

const PAIR: [&str; 2] = ["r1.conf", "r2.conf"];

/// The codes of what is said of both together.
fn codes(desk: &Desk) -> Vec<String> {
    let document = desk.json(&PAIR);
    let found = document["cluster"]["diagnostics"].as_array().unwrap();
    let mut codes: Vec<String> = found
        .iter()
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes
}

#[test]
fn a_pair_that_fits_is_told_who_is_master_when() {
    let desk = pair(&conf(150, ""), &conf(100, ""));
    let (status, said) = desk.check(&PAIR);
    assert_eq!(status, 0);
    insta::assert_snapshot!(said);
    let document = desk.json(&PAIR);
    let router = &document["cluster"]["virtual_routers"][0];
    assert_eq!(router["all_up"]["masters"], serde_json::json!(["r1"]));
    assert_eq!(router["without"][0]["masters"], serde_json::json!(["r2"]));
    assert_eq!(router["without"][1]["masters"], serde_json::json!(["r1"]));
    assert_eq!(router["on_return"], "takes-back");
    assert!(desk.json(&["r1.conf"])["cluster"].is_null());
}

#[test]
fn nopreempt_and_equal_priorities_are_seen_in_who_keeps_it() {
    let fate = |one: &str, two: &str| {
        let document = pair(one, two).json(&PAIR);
        let router = &document["cluster"]["virtual_routers"][0];
        (router["all_up"]["masters"].clone(), router["on_return"].clone())
    };
    let nopreempt = fate(&conf(150, "    nopreempt\n"), &conf(100, ""));
    assert_eq!(nopreempt, (serde_json::json!(["r1"]), "keeps".into()));
    let equal = fate(&conf(100, ""), &conf(100, ""));
    assert_eq!(equal, (serde_json::json!(["r1", "r2"]), "keeps".into()));
}

#[test]
fn a_pair_that_does_not_fit_is_told_in_what() {
    let password = |word: &str| {
        format!("    authentication {{\n        auth_type PASS\n        auth_pass {word}\n    }}\n")
    };
    let two = conf(100, &(password("geheim") + "    advert_int 2\n")).replace("100/24", "101/24");
    let desk = pair(&conf(150, &password("secret")), &two);
    let (status, said) = desk.check(&PAIR);
    assert_eq!(status, 1);
    assert!(!said.contains("secret") && !said.contains("geheim"), "{said}");
    insta::assert_snapshot!(said);
}

#[test]
fn each_way_in_which_two_files_do_not_fit_has_its_code() {
    let peers = |own: &str, peer: &str| {
        format!("    unicast_src_ip {own}\n    unicast_peer {{\n        {peer}\n    }}\n")
    };
    let unicast = |priority, own: &str, peer: &str| conf(priority, &peers(own, peer));
    let plain = || conf(150, "");
    let cases: [(String, String, &[&str]); 13] = [
        (plain(), conf(100, ""), &[]),
        (plain(), conf(100, "    version 3\n"), &["KA0240"]),
        (plain(), conf(100, "    advert_int 3\n"), &["KA0241"]),
        (
            conf(150, "    version 3\n"),
            conf(100, "    version 3\n    advert_int 0.5\n"),
            &["KA0241"],
        ),
        (
            plain(),
            conf(
                100,
                "    authentication {\n    auth_type PASS\n    auth_pass x\n    }\n",
            ),
            &["KA0242"],
        ),
        (plain(), unicast(100, "10.0.0.2", "10.0.0.1"), &["KA0244"]),
        (
            unicast(150, "10.0.0.1", "10.0.0.2"),
            unicast(100, "10.0.0.2", "10.0.0.1"),
            &[],
        ),
        (
            unicast(150, "10.0.0.1", "10.0.0.2"),
            unicast(100, "10.0.0.3", "10.0.0.1"),
            &["KA0245", "KA0246"],
        ),
        (
            conf(150, "    unicast_peer {\n    10.0.0.2\n    }\n"),
            conf(100, "    unicast_peer {\n    10.0.0.2\n    }\n"),
            &["KA0245"],
        ),
        (
            plain(),
            conf(100, "").replace("router_id 51", "router_id 52"),
            &["KA0248"],
        ),
        (conf(100, ""), conf(100, ""), &["KA0249"]),
        (conf(255, ""), conf(255, ""), &["KA0251"]),
        (
            conf(150, "    mcast_src_ip 10.0.0.1\n"),
            conf(100, "    mcast_src_ip 10.0.0.1\n"),
            &["KA0253"],
        ),
    ];
    for (one, two, expected) in cases {
        assert_eq!(codes(&pair(&one, &two)), expected, "{one}{two}");
    }
}

#[test]
fn an_instance_that_only_one_file_has_is_named() {
    let more = conf(90, "")
        .replace("VI_1", "VI_2")
        .replace("51", "52")
        .replace("100/24", "102/24");
    let desk = pair(&(conf(150, "") + &more), &conf(100, ""));
    assert_eq!(codes(&desk), ["KA0247"]);
    assert!(desk.check(&PAIR).1.contains("`VI_2` is in r1.conf only"));
}

#[test]
fn machines_may_name_their_interfaces_differently() {
    let desk = pair(
        &conf(150, ""),
        &conf(100, "").replace("interface lo", "interface ens3"),
    );
    let (status, said) = desk.check(&PAIR);
    assert_eq!((status, codes(&desk)), (0, vec![]), "{said}");
    assert!(said.contains("r1 takes it back"), "{said}");
}

#[test]
fn machines_may_even_exchange_the_names_of_their_interfaces() {
    let both = |outer: &str, inner: &str, priority| {
        let inner = conf(priority, "")
            .replace("VI_1", "VI_2")
            .replace("100/24", "102/24")
            .replace(" lo", inner);
        conf(priority, "").replace(" lo", outer) + &inner
    };
    let desk = pair(&both(" eth0", " eth1", 150), &both(" eth1", " eth0", 100));
    assert_eq!(codes(&desk), Vec::<String>::new());
    let document = desk.json(&PAIR);
    let routers = document["cluster"]["virtual_routers"].as_array().unwrap();
    let fates: Vec<(&Value, &Value)> = routers
        .iter()
        .map(|router| (&router["interface"], &router["on_return"]))
        .collect();
    let back = Value::from("takes-back");
    assert_eq!(fates, [(&"eth0".into(), &back), (&"eth1".into(), &back)]);
}

#[test]
fn crossed_priorities_in_a_sync_group_are_seen() {
    let both = |one, two| {
        let second = conf(two, "")
            .replace("VI_1", "VI_2")
            .replace("51", "52")
            .replace("100/24", "102/24");
        conf(one, "") + &second + "vrrp_sync_group VG {\n    group {\n        VI_1\n        VI_2\n    }\n}\n"
    };
    let desk = pair(&both(150, 100), &both(100, 150));
    assert_eq!(codes(&desk), ["KA0250"]);
    insta::assert_snapshot!(desk.check(&PAIR).1);
    assert_eq!(
        codes(&pair(&both(150, 150), &both(100, 100))),
        Vec::<String>::new()
    );
}

#[test]
fn files_that_have_nothing_in_common_are_not_held_against_each_other() {
    let other = conf(100, "")
        .replace("VI_1", "OTHER")
        .replace("51", "7")
        .replace("100/24", "7/24");
    let (status, said) = pair(&conf(150, ""), &other).check(&PAIR);
    assert_eq!(status, 0);
    assert!(said.contains("no two have a virtual router in common"), "{said}");
    let (status, said) = pair(&conf(150, ""), &conf(100, "    advert_int\n")).check(&PAIR);
    assert_eq!(status, 1);
    assert!(said.contains("until r2.conf is mended"), "{said}");
}

#[test]
fn three_files_are_a_cluster_too() {
    let desk = Desk::new(&[
        ("a.conf", &conf(120, "")),
        ("b.conf", &conf(200, "")),
        ("c.conf", &conf(150, "")),
    ]);
    let (status, said) = desk.check(&["a.conf", "b.conf", "c.conf"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(said);
}

#[test]
fn warnings_are_silenced_or_made_errors_by_name() {
    let desk = Desk::new(&[("k.conf", &conf(100, "    nopremt\n"))]);
    let status = |arguments: &[&str]| desk.check(&[&["--offline", "k.conf"], arguments].concat()).0;
    assert_eq!(status(&["--strict", "--allow", "unknown-keyword"]), 0);
    assert_eq!(status(&["--strict", "--allow", "KA0040"]), 0);
    assert_eq!(status(&["--strict", "--allow", "rounded"]), 1);
    assert_eq!(status(&["--deny", "unknown-keyword"]), 1);
    assert_eq!(status(&["--deny", "rounded"]), 0);
    let output = desk.kad(&["check", "--allow", "unknown-keywort", "k.conf"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unknown-keywort"), "{output:?}");
}

#[test]
fn what_is_found_in_two_files_is_silenced_too() {
    let desk = pair(&conf(100, ""), &conf(100, ""));
    let status = |arguments: &[&str]| desk.check(&[&PAIR, arguments].concat()).0;
    assert_eq!(status(&["--strict"]), 1);
    assert_eq!(status(&["--strict", "--allow", "priorities-tie"]), 0);
    assert_eq!(status(&["--deny", "priorities-tie"]), 1);
    let one = conf(100, "").replace("priority 100", "priority 100  # kad: allow priorities-tie");
    assert_eq!(
        pair(&one, &conf(100, ""))
            .check(&["--strict", "r1.conf", "r2.conf"])
            .0,
        0
    );
}

/// What `kad check` says on a machine with eth0 and 10.0.0.1/24.
fn on_a_machine(file: &str, arguments: &'static [&str]) -> Option<String> {
    if !can_run(&[Daemon::Kad]) {
        return None;
    }
    let lab = Lab::new(&[Daemon::Kad]);
    let desk = Desk::new(&[("k.conf", file)]);
    let path = desk.dir.path().to_owned();
    let output = lab.router(1).node.run(move || {
        let mut command = Command::new(support::KAD);
        command
            .arg("check")
            .args(arguments)
            .arg("k.conf")
            .current_dir(path);
        command.stdin(Stdio::null()).output()
    });
    Some(text(&output.unwrap().stdout))
}

#[test]
fn what_does_not_fit_the_machine_is_shown() {
    let file = conf(100, "    mcast_src_ip 10.0.0.7\n")
        .replace("interface lo", "interface eth0")
        .replace(
            "10.0.0.100/24",
            "10.0.0.100/24\n        10.1.0.100/24\n        10.0.0.101 dev eht0",
        );
    let Some(said) = on_a_machine(&file, &[]) else {
        return;
    };
    insta::assert_snapshot!(said);
    let said = on_a_machine(&file, &["--offline"]).unwrap();
    assert_eq!(said, "k.conf: fine\n");
}

#[test]
fn what_fits_the_machine_is_not() {
    let file = conf(100, "    mcast_src_ip 10.0.0.1\n    use_vmac vrrp.51\n")
        .replace("interface lo", "interface eth0")
        .replace("10.0.0.100/24", "10.0.0.100 dev vrrp.51");
    let Some(said) = on_a_machine(&file, &[]) else {
        return;
    };
    for code in ["KA0221", "KA0222", "KA0223"] {
        assert!(!said.contains(code), "{said}");
    }
    // Nor what the file has made under a name that it does not spell out.
    let file = conf(100, "    mcast_src_ip 10.0.0.1\n    use_vmac\n")
        .replace("interface lo", "interface eth0")
        .replace("10.0.0.100/24", "10.0.0.100 dev vm.51");
    let said = on_a_machine(&format!("global_defs {{\n    vmac_prefix vm\n}}\n{file}"), &[]).unwrap();
    assert!(!said.contains("KA0221"), "{said}");
}

#[test]
fn config_says_what_counts_and_where_it_comes_from() {
    let global = "global_defs {\n    vrrp_garp_master_delay 7\n    vrrp_version 3\n}\n";
    let password = "    authentication {\n        auth_type PASS\n        auth_pass geheim\n    }\n";
    let text_of = global.to_owned()
        + &conf(
            120,
            &format!("    version 2\n    garp_master_refresh 9\n{password}"),
        );
    let desk = Desk::new(&[("k.conf", &text_of)]);
    let output = desk.kad(&["config", "k.conf"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = text(&output.stdout);
    let line = |keyword: &str| -> Vec<String> {
        let instance = said.split_once("vrrp_instance VI_1 {").unwrap().1;
        let line = instance
            .lines()
            .find(|line| line.trim_start().starts_with(keyword));
        let words = line.unwrap().split_whitespace();
        words.map(str::to_owned).collect()
    };
    assert_eq!(line("priority"), ["priority", "120", "#", "k.conf:8"]);
    assert_eq!(line("advert_int"), ["advert_int", "1", "#", "default"]);
    assert_eq!(line("version"), ["version", "2", "#", "k.conf:9"]);
    assert_eq!(
        line("garp_master_delay"),
        [
            "garp_master_delay",
            "7",
            "#",
            "k.conf:2",
            "(vrrp_garp_master_delay)"
        ]
    );
    assert!(!said.contains("geheim"), "{said}");
    let shown = desk.kad(&["config", "--show-secrets", "k.conf"]);
    assert!(text(&shown.stdout).contains("geheim"));
}

#[test]
fn what_config_prints_is_a_configuration_of_the_same_effect() {
    let desk = Desk::new(&[("k.conf", &conf(120, "    nopreempt\n    preempt_delay 3\n"))]);
    let printed = text(&desk.kad(&["config", "--show-secrets", "k.conf"]).stdout);
    fs::write(desk.dir.path().join("again.conf"), &printed).unwrap();
    let again = desk.kad(&["config", "--show-secrets", "again.conf"]);
    let bare = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .map(|line| line.split(" #").next().unwrap().trim().to_owned());
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect()
    };
    assert_eq!(bare(&text(&again.stdout)), bare(&printed));
}

#[test]
fn config_for_machines() {
    let desk = Desk::new(&[
        ("k.conf", &conf(120, "")),
        ("wrong.conf", &conf(120, "    advert_int\n")),
    ]);
    let output = desk.kad(&["config", "--json", "k.conf"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let blocks = document["blocks"].as_array().unwrap();
    let instance = blocks
        .iter()
        .find(|block| block["header"] == "vrrp_instance VI_1")
        .unwrap();
    let setting = |keyword: &str| -> Value {
        let settings = instance["settings"].as_array().unwrap();
        settings
            .iter()
            .find(|setting| setting["keyword"] == keyword)
            .unwrap()
            .clone()
    };
    assert_eq!(setting("priority")["statement"], "priority 120");
    assert_eq!(setting("priority")["from"]["line"], 4);
    assert_eq!(setting("advert_int")["is_default"], true);
    assert!(setting("advert_int")["from"].is_null());
    assert!(setting("nopreempt")["statement"].is_null());
    assert_eq!(desk.kad(&["config", "wrong.conf"]).status.code(), Some(1));
    assert_eq!(desk.kad(&["config", "absent.conf"]).status.code(), Some(2));
}

#[test]
fn a_script_that_cannot_be_run_is_shown_where_it_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::new(&[("plain.sh", "#!/bin/sh\n"), ("open.sh", "#!/bin/sh\n")]);
    let dir = desk.dir.path().canonicalize().unwrap();
    fs::set_permissions(dir.join("open.sh"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(dir.join("plain.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    let dir = dir.to_str().unwrap();
    let notify = format!(
        "    notify_master \"{dir}/gone.sh up\"\n    notify_backup {dir}/plain.sh\n    notify {dir}/open.sh\n    \
         notify_fault /bin/sh\n    notify_stop no-such-program\n"
    );
    let global = "global_defs {\n    script_user root\n}\n";
    let server = format!(
        "virtual_server 10.0.0.100 80 {{\n    quorum_down {dir}/quorum.sh\n    real_server 10.0.0.5 80 {{\n        \
         MISC_CHECK {{\n            misc_path {dir}/misc.sh\n        }}\n    }}\n}}\n"
    );
    let whole = global.to_owned() + &conf(100, &notify) + &server;
    fs::write(desk.dir.path().join("k.conf"), whole).unwrap();
    let (status, said) = desk.check(&["k.conf"]);
    assert_eq!(status, 0);
    for expected in [
        format!("warning[KA0224]: {dir}/gone.sh does not exist\n --> k.conf:8:"),
        format!("warning[KA0225]: {dir}/plain.sh may be executed by nobody\n --> k.conf:9:"),
        format!("warning[KA0224]: {dir}/quorum.sh does not exist"),
        format!("warning[KA0224]: {dir}/misc.sh does not exist"),
        "warning[KA0224]: no directory of PATH has a program no-such-program".to_owned(),
    ] {
        assert!(said.contains(&expected), "{expected} in {said}");
    }
    assert!(
        said.contains(&format!("{dir}/open.sh can be changed by")),
        "{said}"
    );
    assert!(
        !said.contains("]: /bin/sh") && !said.contains("]: /usr"),
        "{said}"
    );
    assert!(
        !desk
            .check(&["--offline", "k.conf"])
            .1
            .contains("gone.sh does not")
    );
}

#[test]
fn a_code_is_explained_by_number_or_name() {
    let desk = Desk::new(&[]);
    let (status, said) = desk.check(&["--explain", "KA0241"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(said);
    assert_eq!(desk.check(&["--explain", "intervals-differ"]), (0, said));
    assert_eq!(desk.kad(&["check", "--explain", "KA9999"]).status.code(), Some(2));
}

#[test]
fn a_weight_that_cannot_change_who_is_master_is_named() {
    let file = |priority, weight: i32| {
        let script = format!(
            "global_defs {{\n    enable_script_security\n}}\nvrrp_script chk {{\n    script /bin/true\n    weight {weight}\n}}\n"
        );
        script + &conf(priority, "    track_script {\n        chk\n    }\n")
    };
    let with = |weight| codes(&pair(&file(150, weight), &file(100, weight)));
    assert_eq!(with(-20), ["KA0254"]);
    assert_eq!(with(-50), ["KA0254"], "a tie leaves the master master");
    assert_eq!(with(-51), [""; 0]);
    assert_eq!(with(20), ["KA0254"]);
    assert_eq!(with(51), [""; 0]);
    assert_eq!(with(0), [""; 0]);
}
