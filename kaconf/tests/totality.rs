//! No text makes the parser panic, and what it says points into the text.

mod common;

use common::{instance_text, parsed};
use kaconf::{one_line, render};
use proptest::prelude::*;

/// Bits of configuration, sound and broken, in any order.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static str> = vec![
        "global_defs",
        "vrrp_instance",
        "A",
        "B",
        "interface",
        "eth0",
        "virtual_router_id",
        "51",
        "state",
        "MASTER",
        "virtual_ipaddress",
        "10.0.0.1/24",
        "fe80::1",
        "dev",
        "authentication",
        "auth_type",
        "PASS",
        "auth_pass",
        "unicast_peer",
        "priority",
        "0",
        "advert_int",
        "0.5",
        "version",
        "3",
        "track_script",
        "bogus",
        "include",
        "k.conf",
        "*",
        "@x",
        "$a=b",
        "~SEQ(",
        "\"",
        "'",
        "\\",
        "#",
        "!",
        "{",
        "{",
        "}",
        "}",
        " ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\u{a0}",
        "\u{feff}",
        "é",
        "\0",
    ];
    let piece = prop_oneof![
        8 => proptest::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    let separator = proptest::sample::select(vec![" ", "\n", "", " {\n", "\n}\n"]);
    proptest::collection::vec((piece, separator), 0..60).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(piece, separator)| [piece, separator.as_bytes().to_vec()].concat())
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in texts()) {
        let parsed = parsed(text);
        for diagnostic in &parsed.diagnostics {
            render(diagnostic, &parsed.sources, true);
            prop_assert!(!one_line(diagnostic, &parsed.sources).is_empty());
            for label in &diagnostic.labels {
                let source = parsed.sources.source(label.span.source);
                let text = source.map(|source| source.text().get(label.span.start as usize..label.span.end as usize));
                prop_assert!(text.flatten().is_some(), "{diagnostic:?}");
            }
        }
    }

    #[test]
    fn a_sound_file_with_one_change(at in 0usize..200, cut in 0usize..6, insert in "[{}\"#!\\\\ a1\n]{0,3}") {
        let mut text = instance_text("    authentication {\n        auth_type PASS\n        auth_pass x\n    }");
        let start = at.min(text.len());
        text.replace_range(start..(start + cut).min(text.len()), &insert);
        let parsed = parsed(text);
        for diagnostic in &parsed.diagnostics {
            render(diagnostic, &parsed.sources, false);
        }
    }
}
