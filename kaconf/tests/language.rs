//! Variables, sequences, and what bounds them.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{errors, instance_text, lines, parsed, silent, warnings};
use kaconf::{Code, MemoryLoader, Options, Parsed, parse};
use proptest::prelude::*;

/// What `router_id` comes to, after some lines and with an expression for it.
fn router_id(before: &str, expression: &str) -> String {
    let parsed = parsed(format!("{before}\nglobal_defs {{\nrouter_id {expression}\n}}\n"));
    assert_eq!(lines(&parsed), [""; 0]);
    parsed.config.global.router_id.expect("a router id").value
}

fn addresses(parsed: &Parsed) -> Vec<String> {
    let all = parsed
        .config
        .instances
        .iter()
        .flat_map(|instance| &instance.virtual_ipaddress);
    all.map(|address| address.address.to_string()).collect()
}

/// The addresses of an instance with these lines for a list of them.
fn list(list: &str) -> Vec<String> {
    let parsed = parsed(instance_text("").replace("10.0.0.10/24", list));
    assert_eq!(lines(&parsed), [""; 0]);
    addresses(&parsed)
}

#[test]
fn variables() {
    assert_eq!(router_id("$A=x", "$A"), "x");
    assert_eq!(router_id("$A=x", "a${A}b"), "axb");
    assert_eq!(
        router_id("$A=${B}\n$B=1\n$B=2", "$A"),
        "2",
        "at use, not at definition"
    );
    assert_eq!(router_id("$A=", "x${A}"), "x");
    assert_eq!(router_id("$A=\"a b\"", "$A"), "a b");
    assert_eq!(router_id("$A=x", "\"is ${A}\""), "is x");
    assert_eq!(router_id("$A=x # comment", "$A"), "x");
    assert_eq!(router_id("$A=x\\#y", "$A"), "x#y");
    assert_eq!(router_id("", "$NONE"), "$NONE");
    assert_eq!(router_id("", "\"${NONE}\""), "${NONE}");
    assert_eq!(router_id("$A=x", "$AB"), "$AB");
}

#[test]
fn a_value_may_open_and_close_blocks() {
    let parsed = parsed("$O={\n$C=}\nglobal_defs $O\nrouter_id x\n$C\n");
    assert_eq!(lines(&parsed), [""; 0]);
    assert!(parsed.config.global.router_id.is_some());
}

#[test]
fn several_lines() {
    let instance = silent(
        "$SET= \\\n    priority 77 \\\n    advert_int 2 \\ # comment\n    nopreempt\n".to_owned()
            + &instance_text("    $SET"),
    );
    assert!(instance.priority == 77 && *instance.nopreempt);
    let instance = silent("$SET=77 \\\n nopreempt\n".to_owned() + &instance_text("priority ${SET}"));
    assert!(instance.priority == 77 && *instance.nopreempt);
}

#[test]
fn lines_of_a_variable_may_define_and_use_others() {
    let text = "$ONE= \\\nvrrp_instance V${N} { \\\ninterface eth0 \\\nvirtual_router_id ${N} \\\nvirtual_ipaddress { \\\n\
                $LAST=${N} \\\n~SEQ(i, 1, 2) 10.0.${LAST}.${i} \\\n} \\\n}\n~SEQ(N, 1, 2) $ONE\n";
    let parsed = parsed(text);
    assert_eq!(lines(&parsed), [""; 0]);
    assert_eq!(
        addresses(&parsed),
        ["10.0.1.1", "10.0.1.2", "10.0.2.1", "10.0.2.2"]
    );
}

#[test]
fn sequences() {
    let hosts = |text: &str| {
        let all = list(text);
        all.iter()
            .map(|address| address.trim_start_matches("10.0.0.").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(hosts("~SEQ(i, 3) 10.0.0.${i}"), "1 2 3");
    assert_eq!(list("~SEQ(i,0) 10.0.${i}.1"), ["10.0.1.1", "10.0.0.1"]);
    assert_eq!(hosts("~SEQ(i,1,3,8) 10.0.0.${i}"), "1 4 7");
    assert_eq!(hosts("~SEQ(i,3,1) 10.0.0.${i}"), "3 2 1");
    assert_eq!(hosts("~SEQ(i,0x10,-8,010) 10.0.0.${i}"), "16 8");
    assert_eq!(hosts("~LST(i, 5, 7) 10.0.0.${i}"), "5 7");
    assert_eq!(hosts("~LST({i, j}, {1,2}, {3, 4}) 10.0.0.${i}${j}"), "12 34");
    assert_eq!(hosts("~SEQ(i, 1, 2) ~SEQ(j, $i) 10.0.0.${i}${j}"), "11 21 22");
    assert_eq!(
        list("~SEQx(i, 8, 2, 12) fe80::${i}"),
        ["fe80::8", "fe80::a", "fe80::c"]
    );
}

fn with_options(text: &str, options: &Options) -> Parsed {
    let mut loader = MemoryLoader::with("/etc/k/k.conf", text);
    loader.set_variable("WHO", "me");
    loader.add("/etc/k/sub/a.conf", "global_defs {\nrouter_id ${_PWD}\n}\n");
    parse(&loader, Path::new("/etc/k/k.conf"), options)
}

#[test]
fn predefined_ones() {
    let options = Options {
        config_id: Some("id".to_owned()),
        ..Options::default()
    };
    let id = |text: &str| {
        let parsed = with_options(text, &options);
        assert_eq!(lines(&parsed), [""; 0]);
        parsed.config.global.router_id.expect("a router id").value
    };
    let of = |expression: &str| id(&format!("global_defs {{\nrouter_id {expression}\n}}"));
    assert_eq!(of("${_PWD}/x"), "/etc/k/x");
    assert_eq!(id("include sub/*.conf"), "/etc/k/sub");
    assert_eq!(of("a${_HASH}b${_BANG}c"), "a#b!c");
    assert_eq!(of("${_INSTANCE}"), "id");
    assert_eq!(of("${_ENV WHO}"), "me");
    assert_eq!(of("${_RANDOM 5 5}"), "5");
    let random: u32 = of("${_RANDOM 10 20}").parse().expect("a number");
    assert!((10..=20).contains(&random));
    let seeded = |seed: u32| {
        id(&format!(
            "random_seed {seed}\nglobal_defs {{\nrouter_id ${{_RANDOM}}\n}}"
        ))
    };
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
    assert_eq!(
        id("$IF=@id\n$NOT=@other\n$IF global_defs {\n$NOT bogus\nrouter_id x\n}\n"),
        "x"
    );
}

/// Each line uses the one before ten times.
fn laughs(line: &str, first: &str) -> String {
    let mut text = format!("$L0={first}\n");
    for level in 1..20 {
        let uses = line.replace('N', &(level - 1).to_string()).repeat(10);
        text += &format!("$L{level}={uses}\n");
    }
    text + "x $L19\n$L19\n"
}

#[test]
fn a_billion_laughs() {
    for text in [
        laughs("${LN}", "lol"),
        laughs("${LN}", ""),
        laughs("\\\n$LN ", "lol"),
        laughs("\\\n$LN ", ""),
        "$A=$A $A\nx $A\n".to_owned(),
        "$A=\\\n$A \\\n$A\n$A\n".to_owned(),
        "~SEQ(a,1,99999) ~SEQ(b,1,99999) ~SEQ(c,1,99999) $X=1\n".to_owned(),
        "~SEQ(a,-2147483648,2147483647) \n".to_owned(),
    ] {
        let start = Instant::now();
        let parsed = parsed(text.as_str());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?} for {text}");
        let refused = parsed
            .diagnostics
            .iter()
            .any(|one| matches!(one.code, Code::ExpansionTooLarge | Code::ExpansionTooDeep));
        assert!(refused && parsed.has_errors(), "{text}");
    }
}

#[test]
fn limits() {
    let mut options = Options::default();
    options.limits.expansions = 3;
    let parsed = with_options("~SEQ(i, 9) bogus $i\n", &options);
    assert_eq!(errors(&parsed), ["1: KA0027"]);
    options = Options::default();
    options.limits.expanded_size = 10;
    assert_eq!(
        errors(&with_options("$A=12345678\n${A}${A}\n", &options)),
        ["2: KA0027"]
    );
    options = Options::default();
    options.limits.expansion_depth = 1;
    assert_eq!(
        errors(&with_options("$A=1\n$B=$A\nx $B\n", &options)),
        ["2: KA0028"]
    );
}

#[test]
fn a_definition_that_the_file_ends() {
    let parsed = parsed("$A=bogus \\");
    assert_eq!(lines(&parsed), [""; 0]);
    let ended = common::parsed("$A= \\\nbogus \\\n\nouter\n$A");
    assert_eq!(
        warnings(&ended),
        ["4: KA0040", "2: KA0040"],
        "a blank line ends it"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_macros(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "$A=", "$B=", "$A", "${A}", "${B}", "$B", "\\\n", "\n", "\n", " ", "~SEQ(A,", "~SEQx(B,", "~LST(A,",
        "~LST({A,B},", "{1,2}", "1,", "-3", "9", ")", ") ", "@x ", "{", "}", "\"", "#", "\\#", "é", "${_RANDOM ", "}",
        "${_ENV A}", "include k.conf", "priority", "\u{a0}",
    ]), 0..60)) {
        let mut options = Options::default();
        options.limits.expansions = 1000;
        options.limits.files = 4;
        let parsed = with_options(&pieces.concat(), &options);
        for diagnostic in &parsed.diagnostics {
            kaconf::render(diagnostic, &parsed.sources, false);
        }
    }
}
