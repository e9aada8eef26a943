//! The keyword table against what the parser does.

mod common;

use common::{errors, lines, parsed, warnings};
use kaconf::{Block, Code, Keyword, Status, Takes};

/// A file in which a keyword stands in its block, with what it must have; `None` if kad reads no such block yet.
fn file(block: Block, statement: &str) -> Option<String> {
    Some(match block {
        Block::Root => format!("{statement}\n"),
        Block::GlobalDefs => format!("global_defs {{\n{statement}\n}}\n"),
        Block::VrrpInstance => common::instance_text(statement),
        Block::Authentication => common::instance_text(&format!("authentication {{\n{statement}\n}}")),
        _ => return None,
    })
}

fn statement(name: &str, keyword: &Keyword) -> String {
    let block = if keyword.block.is_some() { " {\n}" } else { "" };
    format!("{name}{}{block}", arguments(keyword))
}

/// Legal arguments, each after a blank.
fn arguments(keyword: &Keyword) -> String {
    let value = match keyword.takes {
        Takes::Nothing | Takes::Switch | Takes::OptionalNumber(..) | Takes::OptionalSeconds(..) => {
            return String::new();
        }
        Takes::Number(low, high) | Takes::Weight(low, high) => 3.clamp(low, high).to_string(),
        Takes::WholeSeconds(low, _) | Takes::Milliseconds(low, _) | Takes::Microseconds(low, _) => {
            low.max(1).to_string()
        }
        Takes::Seconds(..) => "1".to_owned(),
        Takes::OneOf(words) => (*words.first().expect("a choice")).to_owned(),
        _ => {
            let required = keyword.takes.required();
            let samples: Vec<_> = required.iter().map(|argument| sample(argument)).collect();
            samples.join(" ")
        }
    };
    format!(" {value}")
}

/// A legal value for an argument.
fn sample(argument: &str) -> &str {
    match argument {
        "IP" => "224.0.0.19",
        "IP6" => "ff02::1",
        "N" => "3",
        "SECONDS" => "1",
        "CPU" => "0",
        "MODE" => "077",
        _ => argument.split('|').next().expect("a first alternative"),
    }
}

fn keywords() -> impl Iterator<Item = (Block, &'static Keyword)> {
    Block::WITH_KEYWORDS
        .iter()
        .flat_map(|&block| block.keywords().iter().map(move |keyword| (block, keyword)))
}

#[test]
fn every_spelling_of_every_keyword_does_what_the_table_says() {
    let mut tried = 0;
    for (block, keyword) in keywords() {
        for name in std::iter::once(&keyword.name).chain(keyword.aliases) {
            let Some(text) = file(block, &statement(name, keyword)) else {
                continue;
            };
            let parsed = parsed(text.clone());
            let not_yet = parsed
                .diagnostics
                .iter()
                .filter(|found| found.code == Code::NotSupportedYet)
                .count();
            assert_eq!(
                not_yet,
                usize::from(matches!(keyword.status, Status::NotYet | Status::Parsed)),
                "{text}{:#?}",
                lines(&parsed)
            );
            let unknown = [
                Code::UnknownKeyword,
                Code::UnknownBlock,
                Code::MisplacedKeyword,
                Code::MissingArgument,
            ];
            assert!(
                !parsed
                    .diagnostics
                    .iter()
                    .any(|found| unknown.contains(&found.code)),
                "{text}"
            );
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} keywords were tried");
}

#[test]
fn every_argument_that_must_be_there_is_missed() {
    let mut tried = 0;
    for (block, keyword) in keywords().filter(|(_, keyword)| !keyword.takes.required().is_empty()) {
        let bare = if keyword.block.is_some() {
            format!("{} {{\n}}", keyword.name)
        } else {
            keyword.name.to_owned()
        };
        let Some(text) = file(block, &bare) else { continue };
        let parsed = parsed(text.clone());
        let missing = parsed
            .diagnostics
            .iter()
            .filter(|found| found.code == Code::MissingArgument)
            .count();
        assert_eq!(missing, 1, "{text}{:#?}", lines(&parsed));
        tried += 1;
    }
    assert!(tried > 100, "only {tried} keywords were tried");
}

#[test]
fn nothing_is_said_about_what_stands_in_a_block_that_is_left_out() {
    let parsed =
        parsed("virtual_server 10.0.0.1 80 {\nbogus\nx {\ny {\n}\n}\nreal_server\n}\nvrrp_script a {\n}}\n");
    assert_eq!(warnings(&parsed), ["1: KA0042", "9: KA0042"]);
    assert_eq!(errors(&parsed), ["10: KA0048"]);
}
