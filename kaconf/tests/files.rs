//! Includes, loaders and limits.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{errors, instance_text, lines, parsed, rendered, warnings};
use kaconf::{FsLoader, Limits, MemoryLoader, Options, Parsed, parse};

fn loaded(files: &[(&str, &str)]) -> Parsed {
    let mut loader = MemoryLoader::default();
    for &(path, text) in files {
        loader.add(path, text);
    }
    parse(&loader, Path::new("/etc/k/k.conf"), &Options::default())
}

fn limited(text: impl Into<Vec<u8>>, change: impl FnOnce(&mut Limits)) -> Parsed {
    let mut options = Options::default();
    change(&mut options.limits);
    parse(&MemoryLoader::with("k.conf", text), Path::new("k.conf"), &options)
}

fn names(parsed: &Parsed) -> Vec<&str> {
    parsed
        .config
        .instances
        .iter()
        .map(|instance| instance.name.as_str())
        .collect()
}

fn named(name: &str, id: u8) -> String {
    instance_text("")
        .replace("VI_1", name)
        .replace("51", &id.to_string())
}

#[test]
fn includes_stand_where_they_are_asked_for() {
    let parsed = loaded(&[
        (
            "/etc/k/k.conf",
            &format!(
                "include conf.d/*.conf\ninclude /other/{{x,y}}.conf # both\n{}",
                named("LAST", 9)
            ),
        ),
        ("/etc/k/conf.d/b.conf", &named("B", 2)),
        (
            "/etc/k/conf.d/a.conf",
            &format!("{}\ninclude ../c.inc", named("A", 1)),
        ),
        ("/etc/k/conf.d/.hidden.conf", "broken {"),
        ("/etc/k/conf.d/../c.inc", &named("C", 3)),
        ("/other/y.conf", &named("Y", 5)),
        ("/other/x.conf", &named("X", 4)),
    ]);
    assert_eq!(lines(&parsed), [""; 0]);
    assert_eq!(names(&parsed), ["A", "C", "B", "X", "Y", "LAST"]);
}

#[test]
fn includes_inside_blocks() {
    let text = instance_text(
        "    include common.inc\n    priority 5\n    authentication {\n    include auth.inc\n}",
    );
    let parsed = loaded(&[
        ("/etc/k/k.conf", &text),
        ("/etc/k/common.inc", "priority 7\nnopreempt"),
        ("/etc/k/auth.inc", "auth_type PASS\nauth_pass x"),
    ]);
    assert_eq!(lines(&parsed), [""; 0]);
    let instance = &parsed.config.instances[0];
    assert!(*instance.nopreempt && instance.priority == 5 && instance.authentication.is_some());
}

#[test]
fn a_problem_in_an_included_file_says_how_it_got_there() {
    let parsed = loaded(&[
        (
            "/etc/k/k.conf",
            "global_defs {\n    bogus 1\n}\ninclude a.conf\nvrrp_instance {\n}\n",
        ),
        ("/etc/k/a.conf", "\ninclude b.conf\nbogus 3\n"),
        ("/etc/k/b.conf", "bogus 2\n"),
    ]);
    insta::assert_snapshot!("included", rendered(&parsed));
}

#[test]
fn a_file_that_includes_itself() {
    let parsed = loaded(&[
        ("/etc/k/k.conf", "include a.conf"),
        ("/etc/k/a.conf", "include k.conf\ninclude a.conf"),
    ]);
    assert_eq!(errors(&parsed), ["1: KA0021", "2: KA0021"]);
}

#[test]
fn many_files_and_deep_ones() {
    let deep: Vec<_> = (0..50)
        .map(|n| (format!("{n}.conf"), format!("include {}.conf", n + 1)))
        .collect();
    let mut loader = MemoryLoader::default();
    for (path, text) in &deep {
        loader.add(path, text.as_str());
    }
    let parsed = parse(&loader, Path::new("0.conf"), &Options::default());
    assert_eq!(errors(&parsed), ["1: KA0021"]);

    let mut loader = MemoryLoader::default();
    loader.add("leaf.conf", "");
    for level in 0..20 {
        let next = if level == 19 {
            "leaf.conf".to_owned()
        } else {
            format!("{}.conf", level + 1)
        };
        loader.add(format!("{level}.conf"), format!("include {next}\n").repeat(10));
    }
    let start = Instant::now();
    let parsed = parse(&loader, Path::new("0.conf"), &Options::default());
    assert!(parsed.has_errors());
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "a bounded number of files is read"
    );
    assert!(
        parsed
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == kaconf::Code::TooManyFiles)
    );
}

#[test]
fn files_that_are_not_there_or_too_large() {
    let parsed = parse(
        &MemoryLoader::default(),
        Path::new("none.conf"),
        &Options::default(),
    );
    assert_eq!(
        lines(&parsed),
        ["error[KA0001]: cannot read none.conf: entity not found"]
    );
    let parsed = limited("global_defs {\n}\n", |limits| limits.file_size = 10);
    assert_eq!(
        lines(&parsed),
        ["error[KA0002]: k.conf has more than the 10 bytes allowed"]
    );
    let parsed = limited("global_defs {\n}\n", |limits| limits.total_size = 10);
    assert_eq!(errors(&parsed), ["0: KA0002"]);
}

#[test]
fn long_lines() {
    let long = format!("global_defs {{\n    router_id {}\n}}\n", "x".repeat(100_000));
    let router_id = parsed(long).config.global.router_id.expect("a router id");
    assert_eq!(router_id.len(), 100_000);
    let too_long = format!(
        "global_defs {{\n    router_id {}\n    router_id y\n}}\n",
        "x".repeat(300_000)
    );
    let parsed = parsed(too_long);
    assert_eq!(errors(&parsed), ["2: KA0008"]);
    assert_eq!(
        parsed.config.global.router_id.as_ref().map(|id| id.as_str()),
        Some("y")
    );
}

#[test]
fn nesting_and_the_number_of_problems_are_bounded() {
    let nested = format!(
        "{}\n{}\n",
        " vrrp_sync_group G {\n".repeat(200_000),
        "}\n".repeat(200_000)
    );
    assert_eq!(errors(&parsed(nested)), ["2: KA0041"]);
    let parsed = limited(
        instance_text("authentication {\nauth_type PASS\nauth_pass x\n}"),
        |limits| limits.nesting = 1,
    );
    assert_eq!(errors(&parsed), ["1: KA0102", "4: KA0050", "8: KA0050"]);

    let parsed = limited("bogus\n".repeat(5000), |limits| limits.diagnostics = 10);
    assert_eq!(parsed.diagnostics.len(), 11);
    assert_eq!(warnings(&parsed).last().map(String::as_str), Some("0: KA0051"));
    let parsed = limited("bogus\n".repeat(20) + "}", |limits| limits.diagnostics = 10);
    assert!(
        parsed.has_errors(),
        "an error that is not shown is still an error"
    );
}

#[test]
fn the_file_system() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir(at("conf.d")).expect("a directory");
    std::fs::write(at("k.conf"), "include conf.d/*.conf\n").expect("a file");
    std::fs::write(at("conf.d/b.conf"), named("B", 2)).expect("a file");
    std::fs::write(at("conf.d/a.conf"), named("A", 1)).expect("a file");
    std::fs::write(at("conf.d/a.conf~"), "broken {").expect("a file");
    let parsed = parse(&FsLoader, &at("k.conf"), &Options::default());
    assert_eq!(lines(&parsed), [""; 0]);
    assert_eq!(names(&parsed), ["A", "B"]);
    let missing = parse(&FsLoader, &at("none"), &Options::default());
    assert_eq!(errors(&missing), ["0: KA0001"]);
    let mut options = Options::default();
    options.limits.file_size = 5;
    assert_eq!(errors(&parse(&FsLoader, &at("k.conf"), &options)), ["0: KA0002"]);
}
